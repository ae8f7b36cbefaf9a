"""Every call of the client with typical arguments, and an answer that suits it."""

from client_case import DAY, ENTRY, SALARY_ROW, SESSION, VALUES, envelope

ID = ENTRY["id"]
UPDATE = {**VALUES, "id": ID, "version": 3}
INTERNAL = {**VALUES, "project_id": None}
# An employee of a Tripletex that does not know byMonthNumberList.
OLDER = 13
WHO = {"employeeId": 5, "actualEmployeeId": 6, "companyId": 7}

# Method name, arguments, named arguments.
CALLS = [
    ("open_session", (), {}),
    ("who_am_i", (), {}),
    ("list_client_companies", (), {}),
    ("list_projects", (), {}),
    ("list_projects", (), {"closed": False}),
    ("find_project_by_number", ("1",), {}),
    ("list_salary_types", (), {}),
    ("find_salary_type_by_number", ("2005",), {}),
    ("list_employees", (), {}),
    ("find_employee_by_number", ("17",), {}),
    ("list_employments", (), {}),
    ("list_employment_details", ([51, 52],), {}),
    ("list_activities", (), {}),
    ("get_timesheet_settings", (), {}),
    ("get_standard_time", (DAY,), {}),
    ("get_employee_standard_time", (11, DAY), {}),
    ("list_month_status", ([11, 12], [DAY]), {}),
    ("list_month_status", ([OLDER], [DAY]), {}),
    ("complete_month", (11, DAY), {}),
    ("reopen_month", (11, DAY), {}),
    ("approve_month", (11, DAY, DAY), {}),
    ("list_payslips", ([11, 12], DAY, DAY), {}),
    ("list_entitlements", (6,), {}),
    ("search_entries", (DAY, DAY), {}),
    ("search_entries", (DAY, DAY, [11, 12], [ID, ID + 1]), {}),
    ("delete_entry", (ID,), {}),
    ("delete_entry", (ID, 3), {}),
    ("create_entries", ([VALUES],), {}),
    ("create_entries", ([INTERNAL],), {}),
    ("update_entries", ([UPDATE],), {}),
    ("update_entries", ([{**INTERNAL, "id": ID}],), {}),
    ("search_salary_rows", (DAY, DAY, [11]), {}),
    ("get_salary_row", (SALARY_ROW["id"],), {}),
    ("create_salary_row", (11, 44, DAY, 2, "Overtid"), {}),
    ("update_salary_row", (SALARY_ROW["id"], 1, 11, 44, DAY, 2, "Overtid"), {}),
    ("delete_salary_row", (SALARY_ROW["id"],), {}),
    ("close_session", (), {}),
]


def suitable(request):
    """The good answer to any of these calls."""
    path = request.path_url.partition("?")[0].removeprefix("/v2")
    if request.method == "DELETE":
        return 204, b""
    if path == "/token/session/:create":
        return 201, SESSION
    row = {"id": 1}
    if "List?" in request.path_url and f"employeeIds={OLDER}&" in request.path_url:
        return 404, envelope(404, 6000, "Object not found")
    if path.startswith("/timesheet/entry"):
        row = ENTRY
        if request.method == "POST" and b'"project"' not in request.body:
            row = {**ENTRY, "project": None}
    elif path.startswith("/timesheet/salaryType"):
        row = SALARY_ROW
    elif "whoAmI" in path:
        row = WHO
    elif path.endswith("/standardTime/byDate"):
        row = {"id": 1, "hoursPerDay": 7.5}
    elif path == "/employee/employment/details":
        row = {"id": 1, "employment": {"id": 51}}
    elif path.startswith(("/timesheet/month/", "/salary/payslip")):
        row = {"id": 1, "employee": {"id": 11}}
    return (201 if request.method == "POST" else 200), {"value": row, "values": [row]}
