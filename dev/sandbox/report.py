"""What the stand-in holds, in words a person can check against Odoo."""

from .company import ENTRY, MONTH, OPEN, ROW, SLIP

#: Of a row's sub-objects: the table, and the fields that name them.
NAMES = {
    "employee": ("Employee", "employeeNumber", "displayName"),
    "project": ("Project", "number", "name"),
    "activity": ("Activity", "number", "name"),
    "salaryType": ("SalaryType", "number", "name"),
}


def _listing(company, model):
    """Every row with names, newest first."""
    for row in sorted(company.table(model).values(), key=lambda row: -row["id"]):
        shown = {name: row[name] for name in ("id", "version", "date")}
        for column, (table, number, name) in NAMES.items():
            other = company.table(table).get(row.get(column))
            shown[column] = row.get(column)
            shown[f"{column}Number"] = other and other[number]
            shown[f"{column}Name"] = other and other[name]
        yield row, shown


def entries(company):
    """Every hour entry with names, newest first."""
    return [
        shown
        | {name: row[name] for name in ("hours", "comment")}
        | {
            "locked": company.row_is_locked(row),
            "approved": row["id"] in company.approved_entries,
            "invoiced": row["invoice"] is not None,
        }
        for row, shown in _listing(company, ENTRY)
    ]


def rows(company):
    """Every paycode row with names, newest first."""
    return [
        shown | {name: row[name] for name in ("count", "description")}
        for row, shown in _listing(company, ROW)
    ]


def months(company):
    """The months that are not just open, newest first, with names."""
    slips = company.table(SLIP).values()
    keys = {(f"{s['year']}-{s['month']:02}", s["employee"]) for s in slips}
    states = [row for row in company.table(MONTH).values() if row["completed"]]
    keys |= {(row["monthYear"], row["employee"]) for row in states}
    return [
        {
            "employee": employee,
            "employeeNumber": company.table("Employee")[employee]["employeeNumber"],
            "employeeName": company.table("Employee")[employee]["displayName"],
            "month": month,
            "paid": company.is_paid(employee, month),
            **{name: company.month(employee, month)[name] for name in OPEN},
        }
        for month, employee in sorted(keys, reverse=True)
    ]


def _sums(company):
    """Hours and paycode counts by employee, sorted by id."""
    sums = {}
    for model, column, kind in ((ENTRY, "hours", "hours"), (ROW, "count", "paycodes")):
        for row in company.table(model).values():
            line = sums.setdefault(row["employee"], {"hours": 0.0, "paycodes": 0.0})
            line[kind] = round(line[kind] + row[column], 2)
    employees = company.table("Employee")
    for employee, line in sums.items():
        line["employee"], row = employee, employees[employee]
        line["employeeNumber"] = row["employeeNumber"]
        line["employeeName"] = row["displayName"]
    return [line for _, line in sorted(sums.items())]


def held(state, limit=None):
    """Everything a person or a test wants to see; ``limit`` cuts the lists of rows."""
    company = state.company
    tables = {name: company.table(name).values() for name in (ENTRY, ROW)}
    employees = company.table("Employee").values()
    salary_types = company.table("SalaryType").values()
    number = company.organization_number
    return {
        "company": {
            "id": company.id,
            "name": company.name,
            "organizationNumber": number,
        },
        "counts": {
            "projects": len(company.table("Project")),
            "salaryTypes": sum(not row["_inactive"] for row in salary_types),
            "employees": sum(not row["isContact"] for row in employees),
            "activities": len(company.table("Activity")),
            "departments": len(company.table("Department")),
            "entries": len(tables[ENTRY]),
            "rows": len(tables[ROW]),
        },
        "sumHours": round(sum(row["hours"] for row in tables[ENTRY]), 2),
        "sumRows": round(sum(row["count"] for row in tables[ROW]), 2),
        "sums": _sums(company),
        "entries": entries(company)[:limit],
        "rows": rows(company)[:limit],
        "settings": dict(company.settings),
        "months": months(company)[:limit],
        "sessions": len(state.open_sessions()),
        "revokedKeys": sum(key.revoked for key in state.keys.values()),
        "rights": {"revoked": sorted(state.rights.revoked), "hide": state.rights.hide},
        "assumed": dict(state.assumed),
        "rate": {"limit": state.limiter.limit, "window": state.limiter.window},
        "calls": state.log.total,
        "clock": state.clock.utc().isoformat(timespec="seconds"),
        **state.faults.listing(),
    }
