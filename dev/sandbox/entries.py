"""Hour entries: what is kept and how it may change. No HTTP here."""

from . import errors
from .company import ENTRY, entry_key
from .rules import (
    activity_fits,
    check_employee,
    check_new,
    check_project,
    check_references,
    check_required,
    check_version,
    next_version,
)

REFERENCES = {"employee": "Employee", "activity": "Activity", "project": "Project"}
WRITABLE = (
    "employee",
    "project",
    "activity",
    "date",
    "hours",
    "comment",
    "projectChargeableHours",
)


class Entries:
    """The hour entries of one company; ``state`` gives the clock."""

    def __init__(self, state, company):
        self.state = state
        self.company = company

    def create(self, values, *, by=None):
        """Insert a mapped row; raises the refusal Tripletex would give.

        ``by`` is the employee id that the change is noted under.
        """
        check_new(values)
        row = {
            "id": None,
            "version": 0,
            "project": None,
            "hours": None,
            "comment": "",
            "timeClocks": [],
            "invoice": None,
            "hourlyRate": 0.0,
            "hourlyCost": 0.0,
            "hourlyCostPercentage": 0,
        }
        row.update({k: v for k, v in values.items() if k in WRITABLE})
        row["_billed"] = values.get("projectChargeableHours")
        self._check(row)
        if not row["hours"] or row["hours"] < 0:
            # What absent or zero hours do was never recorded: refused (ASSUMED).
            text = "not_positive" if row["hours"] is not None else "null"
            raise errors.invalid("hours", text, "null.hours")
        self._check_free(row)
        row["id"] = self.company.new_id(ENTRY)
        return self._store(row, "CREATE", by)

    def update(self, row_id, values, *, by=None):
        """Change the entry; columns that are absent stay, null or 0 empties them."""
        old = self.company.table(ENTRY).get(row_id)
        if old is None:
            raise errors.not_found()
        check_version(old, values.get("version"))
        row = dict(old)
        row.update({k: v for k, v in values.items() if k in WRITABLE})
        if "projectChargeableHours" in values:
            row["_billed"] = values["projectChargeableHours"]
        row["hours"] = row["hours"] or 0
        if self.company.entry_is_locked(old):
            raise errors.locked()
        self._check(row)
        if row["hours"] < 0:
            raise errors.invalid("hours", "negative", "null.hours")
        self._check_free(row)
        return self._store(row, "UPDATE", by, old)

    def delete(self, row_id, version=None):
        """Remove the entry; raises 404, 409/8000 or 409/10000."""
        old = self.company.table(ENTRY).get(row_id)
        if old is None:
            raise errors.not_found()
        check_version(old, version)
        if self.company.entry_is_locked(old):
            raise errors.locked()
        self.company.drop(ENTRY, row_id)
        self.company.approved_entries.discard(row_id)

    def _check(self, row):
        company = self.company
        # In the order in which a recorded answer names them (MEASURED).
        check_required(row, "activity", "date", "employee")
        billed = row["_billed"]
        if billed is not None and not 0 <= billed <= 24:
            text = "over_24" if billed > 24 else "negative"
            raise errors.invalid(
                "projectChargeableHours", text, "null.projectChargeableHours"
            )
        check_references(company, row, **REFERENCES)
        check_employee(company, row["employee"])
        project = company.table("Project").get(row["project"])
        if project is not None:
            check_project(company, project, row["employee"], row["date"])
        activity = company.table("Activity")[row["activity"]]
        if not activity_fits(company, activity, project):
            raise errors.invalid("activity.id", "activity_unusable")
        row["comment"] = row["comment"] or ""
        needed = company.settings["requireCommentsOnRegisteredHoursAllProjects"]
        if needed and project is not None and not row["comment"].strip():
            raise errors.invalid("comment", "comment_required")
        if company.is_locked(row["employee"], row["date"]):
            raise errors.locked()

    def _check_free(self, row):
        holder = self.company.id_of_key(ENTRY, entry_key(row))
        if holder not in (None, row["id"]):
            raise errors.exists("entry_exists")

    def _store(self, row, change, by, old=None):
        activity = self.company.table("Activity")[row["activity"]]
        row["hours"] = float(row["hours"])
        billed = row["_billed"]
        if row["project"] is None:
            billed = 0
        elif billed is None:
            billed = row["hours"]
        row["projectChargeableHours"] = row["chargeableHours"] = float(billed)
        row["chargeable"] = activity["isChargeable"] and row["project"] is not None
        if old is not None:
            row["version"] = next_version(old, row)
        note = {
            "employeeId": by or self.company.owner["actual"],
            "timestamp": self.state.clock.utc().isoformat(timespec="milliseconds"),
            "changeType": change,
        }
        row["_changes"] = [*row.get("_changes", []), note]
        return self.company.put(ENTRY, row)

    def shown(self, row):
        """The row with ``locked`` as it is now."""
        return {**row, "locked": self.company.entry_is_locked(row)}
