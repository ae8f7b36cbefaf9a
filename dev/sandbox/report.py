"""What the stand-in holds, in words a person can check against Odoo."""

from .company import ENTRY, PROJECT_ROW, ROW


def _named(company, row):
    employee = company.table("Employee")[row["employee"]]
    project = company.table("Project").get(row.get("project"))
    activity = company.table("Activity").get(row.get("activity"))
    salary_type = company.table("SalaryType").get(row.get("salaryType"))
    return {
        "id": row["id"],
        "version": row["version"],
        "date": row["date"],
        "employee": row["employee"],
        "employeeNumber": employee["employeeNumber"],
        "employeeName": employee["displayName"],
        "project": row.get("project"),
        "projectNumber": project and project["number"],
        "projectName": project and project["name"],
        "activity": row.get("activity"),
        "activityName": activity and activity["name"],
        "salaryType": row.get("salaryType"),
        "salaryTypeNumber": salary_type and salary_type["number"],
        "salaryTypeName": salary_type and salary_type["name"],
    }


def entry_report(company, row):
    """One hour entry with names."""
    return {
        **_named(company, row),
        "hours": row["hours"],
        "comment": row["comment"],
        "locked": company.entry_is_locked(row),
        "approved": row["id"] in company.approved_entries,
        "invoiced": row["invoice"] is not None,
    }


def row_report(company, row):
    """One paycode row with names."""
    return {
        **_named(company, row),
        "count": row["count"],
        "description": row["description"],
    }


def sums_per_employee(company):
    """Hours and paycode counts by employee, sorted by number."""
    sums = {}
    for model, column in ((ENTRY, "hours"), (ROW, "count"), (PROJECT_ROW, "count")):
        kind = "hours" if model == ENTRY else "paycodes"
        for row in company.table(model).values():
            line = sums.setdefault(row["employee"], {"hours": 0.0, "paycodes": 0.0})
            line[kind] = round(line[kind] + row[column], 2)
    employees = company.table("Employee")
    return [
        {
            "employee": employee,
            "employeeNumber": employees[employee]["employeeNumber"],
            "employeeName": employees[employee]["displayName"],
            **line,
        }
        for employee, line in sorted(sums.items())
    ]


def _newest(company, model, limit):
    rows = sorted(company.table(model).values(), key=lambda row: -row["id"])
    return rows if limit is None else rows[:limit]


def held(sandbox, company, limit=None):
    """Everything a person or a test wants to see, newest rows first."""
    state = sandbox.state
    entries = company.table(ENTRY).values()
    rows = [r for m in (ROW, PROJECT_ROW) for r in company.table(m).values()]
    months = sorted(company.locked_months, key=lambda lock: (lock[1], lock[0] or 0))
    return {
        "company": {
            "id": company.id,
            "name": company.name,
            "organizationNumber": company.organization_number,
        },
        "companies": [{"id": c.id, "name": c.name} for c in state.companies.values()],
        "counts": {
            "projects": len(company.table("Project")),
            "salaryTypes": len(company.table("SalaryType")),
            "employees": sum(
                not row["isContact"] for row in company.table("Employee").values()
            ),
            "activities": len(company.table("Activity")),
            "departments": len(company.table("Department")),
            "entries": len(entries),
            "rows": len(rows),
        },
        "sumHours": round(sum(entry["hours"] for entry in entries), 2),
        "sumRows": round(sum(row["count"] for row in rows), 2),
        "sums": sums_per_employee(company),
        "entries": [
            entry_report(company, row) for row in _newest(company, ENTRY, limit)
        ],
        "rows": [row_report(company, row) for row in _newest(company, ROW, limit)],
        "projectRows": [
            row_report(company, row) for row in _newest(company, PROJECT_ROW, limit)
        ],
        "settings": dict(company.settings),
        "lockedMonths": [{"employee": e, "month": m} for e, m in months],
        "sessions": len(state.open_sessions()),
        "revokedKeys": sum(key.revoked for key in state.keys.values()),
        "rights": {
            "revoked": sorted(state.rights.revoked),
            "hide": state.rights.hide,
        },
        "rate": {"limit": sandbox.limiter.limit, "window": sandbox.limiter.window},
        "calls": sandbox.log.total,
        "clock": state.clock.utc().isoformat(timespec="seconds"),
        **sandbox.faults.listing(),
    }
