"""Reads back from Tripletex what it holds, without Odoo and without the addon's client.

So a fault in the addon's own client cannot hide here.
"""

import datetime
import itertools
from urllib.parse import quote

import requests

from ..setup.progress import SetupError

PAGE = 1000
#: Kind of row to its path and the fields that are read.
KINDS = {
    "hours": (
        "/timesheet/entry",
        "id,date,hours,employee(firstName,lastName),project(number,name),activity(name)",
    ),
    "paycode": (
        "/timesheet/salaryTypeSpecification",
        "id,date,count,employee(firstName,lastName),salaryType(number,name)",
    ),
}


class Reader:
    """A session of its own with Tripletex.

    :param str base_url: address including /v2
    :raise SetupError: Tripletex does not answer or refuses the tokens
    """

    def __init__(self, base_url, consumer_token, employee_token):
        self._base_url = base_url.rstrip("/")
        self._session = requests.Session()
        expires = datetime.date.today() + datetime.timedelta(days=2)
        body = {
            "consumerToken": consumer_token,
            "employeeToken": employee_token,
            "expirationDate": expires.isoformat(),
        }
        answer = self.call("POST", "/token/session/:create", json=body)
        self._token = answer["value"]["token"]
        self._session.auth = ("0", self._token)

    def call(self, method, path, **options):
        """Make one call and return its answer, or None where there is none."""
        try:
            answer = self._session.request(
                method, self._base_url + path, timeout=60, **options
            )
        except requests.RequestException as error:
            raise SetupError(
                f"{self._base_url} does not answer ({error}): check that it runs."
            ) from error
        if not answer.ok:
            raise SetupError(
                f"Tripletex refuses {method} {path} with {answer.status_code}: check "
                "the tokens and their rights."
            )
        return answer.json() if answer.content else None

    def rows(self, first, last):
        """Return every hour entry and paycode row of a period.

        :param date first: first day
        :param date last: last day, included (Tripletex excludes its `dateTo`)
        :return: dict of (kind, id) to (employee, date, project, activity or paycode,
            hours)
        """
        period = {
            "dateFrom": first.isoformat(),
            "dateTo": (last + datetime.timedelta(days=1)).isoformat(),
        }
        return {
            (kind, row["id"]): (
                _name(row["employee"]),
                row["date"],
                _name(row.get("project")),
                _name(row.get("activity") or row["salaryType"]),
                row["count" if kind == "paycode" else "hours"],
            )
            for kind, (path, fields) in KINDS.items()
            for row in self._pages(path, fields, period)
        }

    def _pages(self, path, fields, period):
        for start in itertools.count(0, PAGE):
            query = {**period, "from": start, "count": PAGE, "fields": fields}
            values = self.call("GET", path, params=query)["values"]
            yield from values
            # fullResultSize is no total (MEASURED): a short page is the last one.
            if len(values) < PAGE:
                return

    def close(self):
        """End the session in Tripletex."""
        self.call("DELETE", f"/token/session/{quote(self._token, safe='')}")
        self._session.close()


def _name(thing):
    """Return what a person, project, activity or paycode is called, or nothing."""
    fields = ("number", "firstName", "lastName", "name")
    words = [(thing or {}).get(field) for field in fields]
    return " ".join(str(word) for word in words if word)
