from datetime import date

from odoo import api, fields, models

from ..tools import RightsMissing
from .tripletex_sender_decision import Found, Remote

#: Dates between which a moved entry is looked for by its id.
FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2099, 12, 31)


class TripletexSenderHours(models.AbstractModel):
    """Sends hour entries: lists for new and changed ones, one call per deletion."""

    _name = "tripletex.sender.hours"
    _description = "Tripletex Sending of Hours"
    _inherit = ["tripletex.sender.kind"]

    _binding_finders = {
        "tripletex_employee_id": "find_employee_by_number",
        "tripletex_project_id": "find_project_by_number",
    }

    @api.model
    def _look(self, run, entries):
        dates = entries.mapped("date")
        rows = run.client.search_entries(
            min(dates),
            max(dates),
            employee_ids=sorted(
                {int(e.tripletex_id) for e in entries.tripletex_employee_id}
            ),
        )
        # what we sent and do not see any more was moved or deleted
        missing = {int(e.tripletex_id) for e in entries if e.tripletex_id}
        missing -= {row["id"] for row in rows}
        if missing:
            rows += run.client.search_entries(
                FIRST_DATE, LAST_DATE, ids=sorted(missing)
            )
        return Found([self._remote(row) for row in rows])

    @api.model
    def _remote(self, row):
        project = row["project"]
        return Remote(
            id=row["id"],
            version=row["version"],
            hours=row["hours"],
            comment=row["comment"],
            key=(
                row["employee"]["id"],
                row["date"],
                project["id"] if project else None,
                row["activity"]["id"],
            ),
            date=fields.Date.to_date(row["date"]),
            is_locked=bool(row["locked"] or row["invoice"]),
            is_invoiced=bool(row["invoice"]),
        )

    @api.model
    def _key(self, entry):
        project = entry.tripletex_project_id.tripletex_id
        return (
            int(entry.tripletex_employee_id.tripletex_id),
            fields.Date.to_string(entry.date),
            int(project) if project else None,
            int(entry.activity_id.tripletex_id),
        )

    @api.model
    def _values(self, entry, comment):
        employee_id, _date, project_id, activity_id = self._key(entry)
        return {
            "employee_id": employee_id,
            "project_id": project_id,
            "activity_id": activity_id,
            "date": entry.date,
            "hours": self._wanted(entry),
            "comment": comment,
        }

    @api.model
    def _change(self, run, steps):
        self._write_list(
            run,
            [step for step in steps if step.action == "create"],
            lambda steps: run.client.create_entries([s.values for s in steps]),
        )
        self._write_list(
            run,
            [step for step in steps if step.action == "update"],
            lambda steps: run.client.update_entries(
                [
                    s.values | {"id": s.remote.id, "version": s.remote.version}
                    for s in steps
                ]
            ),
        )
        for step in steps:
            if step.action == "delete" and not self._is_hopeless(run):
                self._delete(run, step)

    def _delete(self, run, step):
        def call(_steps):
            run.client.delete_entry(step.remote.id, step.remote.version)
            return [None]

        error = self._attempt(run, [step], call)
        if error:
            self._fail(run, step, error)

    @api.model
    def _write_list(self, run, steps, call):
        """Send ``steps`` in one list call; halve it until the guilty stand alone.

        One bad row fails the whole call and Tripletex does not say which (MEASURED).
        What it refuses is mostly of one employee: side by side, such rows take
        few halvings.
        """

        def remotes(steps):
            return [self._remote(row) for row in call(steps)]

        steps = sorted(
            steps, key=lambda s: (s.values["employee_id"], s.values["project_id"] or 0)
        )
        groups = [steps] if steps else []
        while groups and not self._is_hopeless(run):
            group = groups.pop()
            error = self._attempt(run, group, remotes)
            if not error:
                continue
            if len(group) == 1:
                self._fail(run, group[0], error)
                continue
            group = self._read_back(run, group, error)
            if isinstance(error, RightsMissing) and not run.has_written:
                # Most likely the key lost a right: one row is enough to find out.
                half = 1
            else:
                half = (len(group) + 1) // 2
            groups += [g for g in (group[half:], group[:half]) if g]

    @api.model
    def _read_back(self, run, group, error):
        """Look what a failed list call left behind; return the steps still to do.

        That nothing of a refused list is kept is MEASURED in one case only, so the
        first refusal of a run is checked; once seen to be true it is relied on, and a
        row that was kept all the same shows itself as existing already. An error that
        says nothing about the list (``unclear``) is always followed by a look.
        """
        is_refusal = not getattr(error, "unclear", False)
        if is_refusal and run.lists_are_atomic:
            return group
        entries = self.env["tripletex.entry"].union(*(step.entry for step in group))
        found = self._ask(run, self._look, entries)
        again = {e: self._decide(run, e, found) for e in entries}
        outcomes = {e: step.outcome for e, step in again.items() if step.outcome}
        self._persist(run, outcomes)
        if is_refusal:
            run.lists_are_atomic = not outcomes
        left = [
            again[step.entry]
            for step in group
            if again[step.entry].action == step.action
        ]
        run.intended.update(dict.fromkeys((step.entry for step in left), False))
        return left
