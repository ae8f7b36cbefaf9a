"""What the client's tests share: addresses, answers, and a wire that needs no net."""

import datetime
import io
import json

import pytest
from contract_checks import watch
from requests.adapters import BaseAdapter
from requests.models import Response
from urllib3 import HTTPResponse

from tools import TripletexClient, TripletexError

BASE = "https://api-test.tripletex.tech/v2"
ENTRIES_URL = f"{BASE}/timesheet/entry/list"
ROW_URL = f"{BASE}/timesheet/salaryTypeSpecification"
HTML = "<html><body>Vi er straks tilbake</body></html>"
CONSUMER_TOKEN = "consumer-token-of-the-tests"
EMPLOYEE_TOKEN = "employee-token-of-the-tests"
SESSION_TOKEN = "c2Vzc2lvbi10b2tlbi1vZi10aGUtdGVzdHM="
DAY = datetime.date(2026, 3, 20)
FAR = datetime.date(2999, 1, 1)
VALUES = {
    "employee_id": 11,
    "project_id": 22,
    "activity_id": 33,
    "date": DAY,
    "hours": 7.5,
    "comment": "Montering",
}
ENTRY = {
    "id": 2**41 + 7,
    "version": 3,
    "date": "2026-03-20",
    "hours": 7.5,
    "comment": "Montering",
    "locked": False,
    "employee": {"id": 11, "url": "tripletex.no/v2/employee/11"},
    "project": {"id": 22, "url": "tripletex.no/v2/project/22"},
    "activity": {"id": 33, "url": "tripletex.no/v2/activity/33"},
    "invoice": None,
}
SALARY_ROW = {
    "id": 2**41 + 9,
    "version": 1,
    "date": "2026-03-20",
    "count": 2.0,
    "description": "Overtid",
    "employee": {"id": 11},
    "salaryType": {"id": 44},
}
SESSION = {"value": {"token": SESSION_TOKEN, "expirationDate": "2999-01-01"}}


def listed(*values):
    """A list answer; its fullResultSize is as wrong as the real one can be."""
    return {"fullResultSize": 0, "from": 0, "count": len(values), "values": values}


def envelope(status, code, message="Validering feilet.", fields=None, **more):
    """An error body in Tripletex's shape."""
    return {
        "status": status,
        "code": code,
        "message": message,
        "link": "https://tripletex.no/v2-docs/",
        "developerMessage": None,
        "validationMessages": fields
        and [
            {"field": field, "message": text, "path": None, "rootId": None}
            for field, text in fields
        ],
        "requestId": "11111111-2222-4333-8444-555555555555",
        **more,
    }


def client(base_url=BASE, *, session=True, **kwargs):
    """A client, by default with a session that is still good; requests are checked."""
    if session:
        kwargs.setdefault("session_token", SESSION_TOKEN)
        kwargs.setdefault("session_expires", FAR)
    return watch(TripletexClient(base_url, CONSUMER_TOKEN, EMPLOYEE_TOKEN, **kwargs))


class Wire(BaseAdapter):
    """Stands in for the network of one client.

    ``answer``: called with each prepared request, returns ``(status, body)`` or
    ``(status, body, headers)``; a body is bytes or something to be written as JSON.
    ``sent``: the requests, in order.
    """

    def __init__(self, answer, *clients):
        super().__init__()
        self.answer = answer
        self.sent = []
        for one in clients:
            for pool in (one._transport._reads, one._transport._writes):
                pool.mount("https://", self)

    def send(self, request, **kwargs):
        self.sent.append(request)
        status, body, *headers = self.answer(request)
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        response = Response()
        response.status_code = status
        response.headers.update(headers[0] if headers else {})
        response.raw = HTTPResponse(
            io.BytesIO(body), status=status, preload_content=False
        )
        response.request, response.url = request, request.url
        return response

    def close(self):
        pass


def wired(answer, **kwargs):
    """A client whose calls are answered by ``answer``, and its wire."""
    one = client(**kwargs)
    return one, Wire(answer, one)


def refusal_of(call):
    """The error of ours that ``call`` ends with."""
    with pytest.raises(TripletexError) as caught:
        call()
    return caught.value


def refused_creation(**kwargs):
    """The error that creating an entry ends with."""
    return refusal_of(lambda: client(**kwargs).create_entries([VALUES]))
