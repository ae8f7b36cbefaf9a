"""The log of requests: method, path, query, status; never a token or a body."""

import collections
import datetime
import threading

SECRET_PARAMETERS = ("consumerToken", "employeeToken")
KEPT = 20_000


class CallLog:
    """Keeps the last calls and counts all of them."""

    def __init__(self):
        self._lock = threading.Lock()
        self.clear()

    def clear(self):
        """Forget everything."""
        with self._lock:
            self.total = 0
            self._calls = collections.deque(maxlen=KEPT)

    def begin(self, method, path, template, query):
        """Note a call on arrival; its status follows when it is answered."""
        shown = {k: "***" if k in SECRET_PARAMETERS else v for k, v in query.items()}
        record = {
            "method": method,
            # The path of a session's removal holds its token.
            "path": template if template.startswith("/token/") else path,
            "template": template,
            "query": shown,
            "status": None,
            "fault": None,
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        }
        with self._lock:
            self.total += 1
            record["number"] = self.total
            self._calls.append(record)
        return record

    def listing(self, method=None, template=None):
        """The calls kept, oldest first, filtered by method and path template."""
        with self._lock:
            calls = [dict(call) for call in self._calls]
        if method:
            calls = [call for call in calls if call["method"] == method.upper()]
        if template:
            calls = [call for call in calls if call["template"] == template]
        return calls
