"""Reading what came back, believing none of it unseen."""

import json

from .errors import BrokenAnswer
from .shapes import WrongShape


class Answer:
    """A successful answer that still has to prove its shape."""

    def __init__(self, data, facts, unclear):
        self._data = data
        self._facts = facts
        self._unclear = unclear

    def value(self, shape):
        """The single object of the answer as a dict of this shape."""
        return self._checked(lambda: shape.parse(self._data["value"]))

    def rows(self, shape):
        """The objects of a list answer as dicts of this shape."""
        return self._checked(lambda: [shape.parse(v) for v in self._values()])

    def _values(self):
        values = self._data["values"]
        if not isinstance(values, list):
            raise WrongShape("values: not a list")
        return values

    def broken(self, reason):
        """The error to raise when this answer cannot be believed."""
        return BrokenAnswer(
            f"Unexpected answer ({reason})", unclear=self._unclear, **self._facts
        )

    def _checked(self, read):
        try:
            return read()
        except (KeyError, TypeError):
            reason = "no object where one was expected"
        except WrongShape as problem:
            reason = str(problem)
        raise self.broken(reason)


def json_object(content):
    """The answer's JSON object, or None when it is anything else."""
    try:
        data = json.loads(content or b"")
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def envelope(data, secrets, request_id):
    """The error attributes of Tripletex's error envelope (MEASURED)."""
    messages = data.get("validationMessages")
    fields = [
        (
            printable(item.get("field"), secrets, 200),
            printable(item.get("message"), secrets),
        )
        for item in (messages if isinstance(messages, list) else [])[:100]
        if isinstance(item, dict)
    ]
    return {
        "code": data["code"],
        "message": printable(data.get("message"), secrets),
        "developer_message": printable(data.get("developerMessage"), secrets),
        "fields": fields,
        "request_id": printable(data.get("requestId"), (), 100) or request_id,
    }


def printable(value, secrets, longest=2000):
    """One printable line of a foreign text, without any of ``secrets``."""
    if not isinstance(value, str):
        return ""
    for secret in secrets:
        if secret:
            value = value.replace(secret, "***")
    value = "".join(c if c.isprintable() else " " for c in value)
    return value[:longest].strip()
