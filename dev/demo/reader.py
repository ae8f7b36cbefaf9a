"""Reads back from Tripletex what it holds, without Odoo and without the addon's client.

Standard library only, so that a fault in the addon's own client cannot hide here.
"""

import base64
import datetime
import json
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

from ..setup.progress import SetupError

PAGE = 1000
HOURS = {
    "path": "/timesheet/entry",
    "fields": "id,date,hours,employee(firstName,lastName),project(number,name),"
    "activity(name)",
}
PAYCODES = {
    "path": "/timesheet/salaryTypeSpecification",
    "fields": "id,date,count,employee(firstName,lastName),salaryType(number,name)",
}


class Reader:
    """A session of its own with Tripletex.

    :param str base_url: address including /v2
    :param str consumer_token: token of the application
    :param str employee_token: key of the API user
    :raise SetupError: Tripletex does not answer or refuses the tokens
    """

    def __init__(self, base_url, consumer_token, employee_token):
        self._base_url = base_url.rstrip("/")
        tomorrow = datetime.date.today() + datetime.timedelta(days=2)
        answer = self._call(
            "POST",
            "/token/session/:create",
            body={
                "consumerToken": consumer_token,
                "employeeToken": employee_token,
                "expirationDate": tomorrow.isoformat(),
            },
        )
        self._token = answer["value"]["token"]

    _token = None

    def _call(self, method, path, query=None, body=None):
        address = self._base_url + path + ("?" + urlencode(query) if query else "")
        request = urllib.request.Request(address, method=method)
        request.add_header("Accept", "application/json")
        if self._token:
            credentials = base64.b64encode(f"0:{self._token}".encode()).decode()
            request.add_header("Authorization", f"Basic {credentials}")
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json; charset=utf-8")
            data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise SetupError(
                f"Tripletex refuses {method} {path} with {error.code}: check the "
                "tokens and their rights."
            ) from error
        except OSError as error:
            raise SetupError(
                f"{self._base_url} does not answer ({error}): check that it runs."
            ) from error
        return json.loads(text) if text else None

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
        result = {}
        for row in self._pages(HOURS, period):
            project = row.get("project") or {}
            what = row["activity"]["name"]
            result["hours", row["id"]] = (
                *_who_and_when(row),
                " ".join(filter(None, [project.get("number"), project.get("name")])),
                what,
                row["hours"],
            )
        for row in self._pages(PAYCODES, period):
            paycode = row["salaryType"]
            what = f"{paycode['number']} {paycode['name']}"
            result["paycode", row["id"]] = (*_who_and_when(row), "", what, row["count"])
        return result

    def _pages(self, resource, period):
        start = 0
        while True:
            query = {
                **period,
                "from": start,
                "count": PAGE,
                "fields": resource["fields"],
            }
            values = self._call("GET", resource["path"], query)["values"]
            yield from values
            # fullResultSize is no total (MEASURED): a short page is the last one.
            if len(values) < PAGE:
                return
            start += PAGE

    def close(self):
        """End the session in Tripletex."""
        self._call("DELETE", f"/token/session/{quote(self._token, safe='')}")


def _who_and_when(row):
    employee = row["employee"]
    return f"{employee['firstName']} {employee['lastName']}", row["date"]
