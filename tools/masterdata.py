"""What a set-up reads: who the key is, and the company's lists."""

import datetime

from . import shapes
from .errors import ResultTooLarge

# Dates between which every project is taken to start, for companies with so many
# projects that they have to be read in parts.
PROJECT_STARTS = (datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))


class MasterDataCalls:
    """Reading calls of the client. ``progress``: called with rows read so far."""

    def who_am_i(self):
        """``employeeId``, ``actualEmployeeId`` (the key's own user), ``companyId``.

        The ids' meaning: MEASURED body, REPORTED meaning.
        """
        return self._get("/token/session/>whoAmI", shapes.WHO_AM_I)

    def list_client_companies(self, progress=None):
        """Companies an accountant's key may enter: id, name, organizationNumber.

        An ``id`` here is what the client takes as ``company_id`` (DOCUMENTED).
        """
        return self._list("/company/>withLoginAccess", shapes.CLIENT_COMPANY, progress)

    def list_projects(self, closed=True, progress=None):
        """Projects that are not offers; without closed ones if ``closed`` is False.

        Fields: see ``shapes.PROJECT``; ``number`` is a text, ``endDate`` and
        ``mainProject`` may be None (MEASURED).
        """
        query = {"isOffer": "false"}
        if not closed:
            query["isClosed"] = "false"
        return self._projects(query, progress)

    def find_project_by_number(self, number):
        """Projects with exactly this number, closed ones too; usually one or none."""
        found = self._projects({"isOffer": "false", "number": number}, None)
        return _numbered(found, "number", number)

    def _projects(self, query, progress):
        try:
            rows = self._list("/project", shapes.PROJECT, progress, **query)
        except ResultTooLarge:
            rows = self._narrowed(
                lambda first, end, told: self._list(
                    "/project",
                    shapes.PROJECT,
                    told,
                    startDateFrom=first.isoformat(),
                    startDateTo=end.isoformat(),
                    **query,
                ),
                *PROJECT_STARTS,
                progress,
            )
        return [row for row in rows if not row["isOffer"]]

    def list_salary_types(self, progress=None):
        """Salary types in use: id, number, name, description, showInTimesheet.

        A type that is not shown in time sheets takes no hours (DOCUMENTED).
        """
        return self._salary_types(progress)

    def find_salary_type_by_number(self, number):
        """Salary types in use with exactly this number (the filter: containing)."""
        return _numbered(self._salary_types(number=number), "number", number)

    def _salary_types(self, progress=None, **query):
        # A row does not say whether it is inactive (MEASURED), so the filter
        # (DOCUMENTED) leaves such types out.
        query["isInactive"] = "false"
        return self._list("/salary/type", shapes.SALARY_TYPE, progress, **query)

    def list_employees(self, progress=None):
        """Employees without contacts; see ``shapes.EMPLOYEE``.

        ``allowInformationRegistration``: hours may be registered on the person. An
        empty list may also mean missing rights (DOCUMENTED).
        """
        return self._list("/employee", shapes.EMPLOYEE, progress)

    def find_employee_by_number(self, number):
        """Employees with exactly this employee number."""
        found = self._list("/employee", shapes.EMPLOYEE, employeeNumber=number)
        return _numbered(found, "employeeNumber", number)

    def list_activities(self, progress=None):
        """All activities, internal ones too; ``activityType`` may be ``""``."""
        return self._list("/activity", shapes.ACTIVITY, progress)

    def get_timesheet_settings(self):
        """The company's time sheet settings; ``defaultProjectActivity`` or None."""
        return self._get("/timesheet/settings", shapes.SETTINGS)

    def list_month_status(self, employee_ids, month):
        """Approval per employee for the month that contains the date ``month``.

        ``approvedUntilDate``: hours up to it are locked (DOCUMENTED). No employees:
        no call.
        """
        if not employee_ids:
            return []
        return self._list_for_ids(
            "/timesheet/month/byMonthNumber",
            shapes.MONTH_STATUS,
            {"employeeIds": employee_ids},
            monthYear=f"{month:%Y-%m}",
        )

    def list_entitlements(self, employee_id):
        """Rights of a user, by ``name`` such as AUTH_HOURS_COMPANY.

        For the key itself pass ``actualEmployeeId`` of :meth:`who_am_i` (REPORTED).
        """
        return self._list(
            "/employee/entitlement", shapes.ENTITLEMENT, employeeId=int(employee_id)
        )


def _numbered(rows, field, number):
    """Rows with exactly this number: filters may mean "containing" (DOCUMENTED)."""
    wanted = str(number).strip()
    return [row for row in rows if wanted and row[field].strip() == wanted]
