"""A plain HTTP caller for the tests of the stand-in: no client of ours in between."""

import requests
from contract_checks import check_response

from dev.sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN
from dev.sandbox.company import ENTRY
from dev.sandbox.errors import ApiError
from dev.sandbox.hours import Entries
from dev.sandbox.query import to_row

ENTRIES = "/timesheet/entry"
LIST = "/timesheet/entry/list"
EVER = {"dateFrom": "1900-01-01", "dateTo": "2100-01-01"}


class Api:
    """Calls a SandboxServer over real HTTP; opens a session on first use.

    Answers to calls that the contract knows are held against it.
    """

    def __init__(self, sandbox, token=EMPLOYEE_TOKEN, user_name="0"):
        self.sandbox = sandbox
        self.http = requests.Session()
        self.http.trust_env = False
        self.token = token
        self.user_name = user_name

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.http.close()

    def create_session(self, expires="2099-01-01", **body):
        """POST session create; returns the response."""
        values = {
            "consumerToken": CONSUMER_TOKEN,
            "employeeToken": self.token,
            "expirationDate": expires,
            **body,
        }
        values = {k: v for k, v in values.items() if v is not None}
        address = f"{self.sandbox.base_url}/token/session/:create"
        return self.http.post(address, json=values, timeout=30)

    def call(self, method, path, body=None, **query):
        """One call; returns the response."""
        if self.http.auth is None:
            token = self.create_session().json()["value"]["token"]
            self.http.auth = (self.user_name, token)
        answer = self.http.request(
            method,
            self.sandbox.base_url + path,
            json=body,
            params={name.rstrip("_"): value for name, value in query.items()},
            timeout=30,
        )
        check_response(answer)
        return answer

    def get(self, path, **query):
        """GET; returns the response."""
        return self.call("GET", path, **query)

    def values(self, path, **query):
        """The values of a list."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["values"]

    def value(self, path, **query):
        """The value of one object."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    def post(self, path, body):
        """POST; returns the response."""
        return self.call("POST", path, body)

    def put(self, path, body):
        """PUT; returns the response."""
        return self.call("PUT", path, body)

    def delete(self, path, **query):
        """DELETE; returns the response."""
        return self.call("DELETE", path, **query)

    # -- known rows ----------------------------------------------------------------

    def employee(self, number="1"):
        """The id of the employee with that number."""
        return self._id("/employee", "employeeNumber", number)

    def project(self, number="1"):
        """The id of the project with that number."""
        return self._id("/project", "number", number)

    def activity(self, name="Fakturerbart arbeid"):
        """The id of the activity with that name."""
        return self._id("/activity", "name", name)

    def salary_type(self, number="2007"):
        """The id of the salary type with that number."""
        return self._id("/salary/type", "number", number)

    def _id(self, path, column, wanted):
        rows = self.values(path, fields=f"id,{column}")
        return next(row["id"] for row in rows if row[column] == wanted)

    def entry(self, date="2026-03-02", hours=7.5, employee="1", project="1", **body):
        """The body of an hour entry; people and projects by number or as given."""
        if isinstance(employee, str):
            employee = {"id": self.employee(employee)}
        if isinstance(project, str):
            project = {"id": self.project(project)}
        values = {
            "employee": employee,
            "project": project,
            "activity": {"id": self.activity()},
            "date": date,
            "hours": hours,
            "comment": "Montering",
        }
        return {**values, **body}

    def create(self, body):
        """POST one hour entry; returns the response."""
        return self.post(LIST, [body])

    def post_entry(self, *args, **kwargs):
        """POST an hour entry; returns its value."""
        answer = self.create(self.entry(*args, **kwargs))
        assert answer.status_code == 201, answer.text
        return answer.json()["values"][0]

    def update(self, row_id, **values):
        """PUT one hour entry; returns the response."""
        return self.put(LIST, [{"id": row_id, **values}])

    def updated(self, row_id, **values):
        """The hour entry after a PUT."""
        answer = self.update(row_id, **values)
        assert answer.status_code == 200, answer.text
        return answer.json()["values"][0]

    def remove(self, row_id, **query):
        """DELETE one hour entry; returns the response."""
        return self.delete(f"{ENTRIES}/{row_id}", **query)

    def held(self, row_id, **query):
        """The hour entry as a search shows it; None when there is none."""
        rows = self.values(ENTRIES, id=row_id, **EVER, **query)
        return rows[0] if rows else None

    def refused(self, body, status, code):
        """The refusal of an hour entry, as it was before the list hid its place."""
        refusal(self.create(body), status, code)
        return self.refusal_inside(lambda rows: rows.create(to_row(body, ENTRY)))

    def refusal_inside(self, write):
        """The envelope that a write of entries ends with."""
        state = self.sandbox.state
        try:
            write(Entries(state, state.company))
        except ApiError as problem:
            return problem.body(state.language)
        raise AssertionError("not refused")


def refusal(answer, status, code):
    """The error envelope of ``answer``, checked for status, code and shape."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert list(body) == [
        "status",
        "code",
        "message",
        "link",
        "developerMessage",
        "validationMessages",
        "requestId",
    ]
    assert (body["status"], body["code"]) == (status, code), answer.text
    assert body["requestId"] == answer.headers["x-tlx-request-id"]
    return body


def problems(body):
    """(field, message, path) of each validation message."""
    for item in body["validationMessages"]:
        assert list(item) == ["field", "message", "path", "rootId"]
    return [(m["field"], m["message"], m["path"]) for m in body["validationMessages"]]
