"""Read-only calls: projects, employees, salary types, activities and the like."""

from . import errors, names
from .company import last_day
from .query import (
    among,
    answer_list,
    answer_one,
    boolean,
    containing,
    date,
    equal,
    find_row,
    integers,
    need,
    optional_integer,
)
from .router import route
from .rules import activity_fits, project_is_open


def _rows(call, model):
    return list(call.company.table(model).values())


@route("GET", "/project", resource="project")
def list_projects(call):
    """Closed ones and offers are included unless filtered out (DOCUMENTED)."""
    query = call.query
    rows = among(
        _rows(call, "Project"),
        query,
        id="id",
        projectManagerId="projectManager",
        departmentId="department",
        customerId="customer",
    )
    rows = containing(rows, query, name="name")
    rows = equal(rows, query, "isOffer", "isClosed", "isFixedPrice")
    # "Equals" by its description, unlike the name.
    if query.get("number"):
        rows = [row for row in rows if row["number"] == query["number"]]
    for name, column in (("startDate", "startDate"), ("endDate", "endDate")):
        start, end = date(query, f"{name}From"), date(query, f"{name}To")
        rows = [
            row
            for row in rows
            if (not start or (row[column] or "") >= start)
            and (not end or (row[column] or "9999") < end)
        ]
    return answer_list(call, rows, "Project")


@route("GET", "/project/{id}", resource="project")
def get_project(call, id):
    """One project."""
    return answer_one(call, find_row(call, "Project", id), "Project")


@route("GET", "/project/>forTimeSheet", resource="project")
def list_projects_for_timesheet(call):
    """Projects the employee may book on that date (DOCUMENTED)."""
    employee, day = _employee_and_date(call)
    offers = boolean(call.query, "includeProjectOffers")
    rows = [
        row
        for row in _rows(call, "Project")
        if project_is_open(call.company, row, employee, day)
        and (offers or not row["isOffer"])
    ]
    return answer_list(call, rows, "Project", digest=False)


def _employee_and_date(call):
    # Both have defaults: the key's owner and today (DOCUMENTED).
    employee = optional_integer(call.query, "employeeId")
    day = date(call.query, "date") or call.state.clock.today().isoformat()
    return employee or call.company.owner["employee"], day


@route("GET", "/employee", resource="employee")
def list_employees(call):
    """Contacts are left out unless asked for (DOCUMENTED)."""
    query = call.query
    rows = among(_rows(call, "Employee"), query, id="id", departmentId="department")
    rows = containing(
        rows, query, firstName="firstName", lastName="lastName", email="email"
    )
    # "Equals" by its description, unlike the others.
    if query.get("employeeNumber"):
        number = query["employeeNumber"]
        rows = [row for row in rows if row["employeeNumber"] == number]
    rows = equal(rows, query, "allowInformationRegistration")
    if boolean(query, "onlyContacts"):
        rows = [row for row in rows if row["isContact"]]
    elif not boolean(query, "includeContacts"):
        rows = [row for row in rows if not row["isContact"]]
    return answer_list(call, rows, "Employee")


@route("GET", "/employee/{id}", resource="employee")
def get_employee(call, id):
    """One employee."""
    return answer_one(call, find_row(call, "Employee", id), "Employee")


@route("GET", "/employee/entitlement", resource="employee/entitlement")
def list_entitlements(call):
    """The rights of the key's hidden user; nobody else has any here (REPORTED)."""
    owner = call.key.company.owner
    employee = optional_integer(call.query, "employeeId")
    rows = []
    if employee in (None, owner["actual"]):
        rows = [
            {
                "id": 704_593_400 + names.RIGHTS[name],
                "version": 0,
                "employee": owner["actual"],
                "name": name,
                "entitlementId": names.RIGHTS[name],
                "customer": call.company.id,
            }
            for name in call.state.rights.names_left()
        ]
    return answer_list(call, rows, "Entitlement")


@route("GET", "/department", resource="department")
def list_departments(call):
    """Departments."""
    query = call.query
    rows = among(
        _rows(call, "Department"),
        query,
        id="id",
        departmentManagerId="departmentManager",
    )
    rows = containing(rows, query, name="name", departmentNumber="departmentNumber")
    return answer_list(call, equal(rows, query, "isInactive"), "Department")


@route("GET", "/salary/type", resource="salary/type")
def list_salary_types(call):
    """The number filter is "Containing"; there is no inactive flag (MEASURED)."""
    query = call.query
    rows = among(_rows(call, "SalaryType"), query, id="id")
    rows = containing(
        rows, query, number="number", name="name", description="description"
    )
    return answer_list(call, equal(rows, query, "showInTimesheet"), "SalaryType")


@route("GET", "/activity", resource="activity")
def list_activities(call):
    """All of the company; there is no projectId filter (MEASURED)."""
    query = call.query
    rows = among(_rows(call, "Activity"), query, id="id")
    rows = containing(
        rows, query, name="name", number="number", description="description"
    )
    rows = equal(
        rows, query, "isProjectActivity", "isGeneral", "isChargeable", "isTask"
    )
    inactive = boolean(query, "isInactive")
    if inactive is not None:
        rows = [row for row in rows if row["isDisabled"] is inactive]
    return answer_list(call, rows, "Activity")


@route("GET", "/activity/{id}", resource="activity")
def get_activity(call, id):
    """One activity; without the > of >forTimeSheet this refuses it (MEASURED)."""
    return answer_one(call, find_row(call, "Activity", id), "Activity")


@route("GET", "/activity/>forTimeSheet", resource="activity")
def list_activities_for_timesheet(call):
    """Activities usable on the project; those with hours that day are left out
    unless filterExistingHours=false (MEASURED, DOCUMENTED)."""
    query = call.query
    need(query, "projectId")
    project = call.company.table("Project").get(optional_integer(query, "projectId"))
    if project is None:
        raise errors.not_found()
    employee, day = _employee_and_date(call)
    rows = [
        row
        for row in _rows(call, "Activity")
        if activity_fits(call.company, row, project)
    ]
    if boolean(query, "filterExistingHours") is not False:
        entries = call.company.table("TimesheetEntry").values()
        booked = {
            entry["activity"]
            for entry in entries
            if (entry["employee"], entry["date"]) == (employee, day)
            and entry["project"] == project["id"]
        }
        rows = [row for row in rows if row["id"] not in booked]
    rows = containing(rows, query, query="name")
    return answer_list(call, rows, "Activity", digest=False)


@route("GET", "/timesheet/settings", resource="timesheet/settings")
def get_settings(call):
    """The company's timesheet settings."""
    return answer_one(call, call.company.settings, "TimesheetSettings")


@route("GET", "/timesheet/month/byMonthNumber", resource="timesheet/month")
def list_month_status(call):
    """One row per employee; fullResultSize and count are 0 all the same (MEASURED)."""
    need(call.query, "employeeIds", "monthYear")
    month = call.query["monthYear"]
    try:
        end = last_day(month)
    except ValueError:
        raise errors.out_of_range("monthYear", "wrong_type") from None
    wanted = sorted(integers(call.query, "employeeIds"))
    if not all(e in call.company.table("Employee") for e in wanted):
        raise errors.not_found()
    rows = [_month_row(call, employee, month, end) for employee in wanted]
    status, body = answer_list(call, rows, "MonthlyStatus")
    body.update(fullResultSize=0, count=0)
    return status, body


def _month_row(call, employee, month, end):
    company = call.company
    entries = [
        entry
        for entry in company.table("TimesheetEntry").values()
        if entry["employee"] == employee and entry["date"].startswith(month)
    ]
    hours = round(sum(entry["hours"] for entry in entries), 2)
    billed = round(sum(entry["chargeableHours"] for entry in entries), 2)
    approved = company.is_locked(employee, end)
    return {
        "id": employee * 10_000 + int(month[2:4]) * 100 + int(month[5:7]),
        "version": 0,
        "employee": employee,
        "timesheetEntries": [entry["id"] for entry in entries],
        "approvedDate": call.state.clock.today().isoformat() if approved else None,
        "completed": approved,
        "approvedBy": company.owner["employee"] if approved else None,
        "approved": approved,
        "approvedUntilDate": end if approved else None,
        "monthYear": month,
        "hoursPayout": 0,
        "vacationPayout": 0,
        "hourSummary": {
            "sumHours": hours,
            "hoursWithPay": hours,
            "hourlyWageHoursWithPay": 0,
            "standardTime": 162.5,
            "nonChargeableHours": round(hours - billed, 2),
            "chargeableHours": billed,
            "nonChargeableHoursWithPay": round(hours - billed, 2),
            "budgetChargeableHours": 0,
        },
        "flexSummary": {
            "incomingHourBalance": 0,
            "outgoingHourBalance": 0,
            "change": 0,
        },
        "vacationSummary": {
            "incomingVacationBalance": 25,
            "outgoingVacationBalance": 25,
            "vacationTakenInPeriod": 0,
            "vacationTakenThisYear": 0,
        },
    }
