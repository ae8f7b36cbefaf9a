"""The two kinds of row that Tripletex holds: hour entries and paycode rows.

A kind knows how its rows are looked up, read, written and named. It decides nothing.
"""

from contextlib import suppress
from datetime import date

from odoo import fields

from ..tools import NotFound
from .decide import Remote

#: Dates between which a moved entry is looked for by its id.
FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2099, 12, 31)


def place_text(kind, employee_id, day, *ids):
    """Return the one text that identifies a row of Tripletex.

    :param kind: ``hours``, followed by project and activity id, or ``paycode``,
        followed by salary type id; the ids are Tripletex's own, 0 for no project
    :param employee_id: Tripletex's id of the person
    :param day: date, or its ISO text
    """
    return "|".join(map(str, (kind, employee_id, day, *ids)))


def place_ids(place):
    """Return Tripletex's ids in a place: employee, then the others; no date."""
    _kind, employee_id, _day, *rest = place.split("|")
    return [int(employee_id), *map(int, rest)]


class HourEntries:
    """Hour entries: lists for new and changed ones, one call per deletion.

    In all methods ``client`` is the ``TripletexClient``, whose errors they raise,
    ``entries`` are ``tripletex.entry`` records, ``ids`` Tripletex's ids of rows and
    ``steps`` a list of ``decide.Step``.
    """

    name = "hours"

    def look(self, client, entries):
        """Return the rows at the entries' places, and those known by their ids."""
        dates = entries.mapped("date")
        employees = {place_ids(entry.place)[0] for entry in entries}
        rows = client.search_entries(
            min(dates), max(dates), employee_ids=sorted(employees)
        )
        # what we sent and do not see any more was moved or deleted
        missing = {int(e.tripletex_id) for e in entries if e.tripletex_id}
        missing -= {row["id"] for row in rows}
        found = [self.remote(row) for row in rows]
        return found + (self.by_ids(client, missing) if missing else [])

    def by_ids(self, client, ids):
        """Return the rows with these ids; those that are gone are left out."""
        rows = client.search_entries(FIRST_DATE, LAST_DATE, ids=sorted(ids))
        return [self.remote(row) for row in rows]

    def remote(self, row):
        """Return the ``Remote`` of a row of the client's ``search_entries``."""
        project = row["project"]
        return Remote(
            id=row["id"],
            version=row["version"],
            hours=row["hours"],
            comment=row["comment"],
            place=place_text(
                self.name,
                row["employee"]["id"],
                row["date"],
                project["id"] if project else 0,
                row["activity"]["id"],
            ),
            date=fields.Date.to_date(row["date"]),
            is_locked=bool(row["locked"] or row["invoice"]),
            is_invoiced=bool(row["invoice"]),
        )

    def sort_key(self, step):
        """Return the key that sorts rows of one employee and project side by side.

        One bad row fails a whole list (MEASURED) and what Tripletex refuses is mostly
        of one employee: side by side, such rows are found in few halvings.
        """
        return place_ids(step.place)

    def create_rows(self, client, steps):
        """Create the rows of ``steps`` in one call; return one ``Remote`` each."""
        rows = client.create_entries([self._values(step) for step in steps])
        return [self.remote(row) for row in rows]

    def update_rows(self, client, steps):
        """Change the rows of ``steps`` in one call; return one ``Remote`` each."""
        rows = client.update_entries(
            [
                self._values(step)
                | {"id": step.remote.id, "version": step.remote.version}
                for step in steps
            ]
        )
        return [self.remote(row) for row in rows]

    def delete_rows(self, client, steps):
        """Delete the row of the only step."""
        [step] = steps
        client.delete_entry(step.remote.id, step.remote.version)
        return [None]

    def _values(self, step):
        employee_id, project_id, activity_id = place_ids(step.place)
        return {
            "employee_id": employee_id,
            "project_id": project_id or None,
            "activity_id": activity_id,
            "date": step.entry.date,
            "hours": step.hours,
            "comment": step.comment,
        }


class PaycodeRows:
    """Hours on paycodes: one call each, because no list call exists (DOCUMENTED).

    Arguments as of ``HourEntries``.
    """

    name = "paycode"

    def look(self, client, entries):
        """Return the rows at the entries' places, and those known by their ids."""
        first, last = min(entries.mapped("date")), max(entries.mapped("date"))
        employees = {place_ids(entry.place)[0] for entry in entries}
        # The filter takes one employee. ASSUMED: without it, rows of all come. If
        # not, a row we do not see is refused as existing and looked up by itself.
        asked = [employees] if len(employees) == 1 else [()]
        # Where an answer was lost, the assumption is not relied on.
        if len(employees) > 1:
            unclear = entries.filtered("is_unclear")
            lost = {place_ids(entry.place)[0] for entry in unclear}
            asked += [[employee_id] for employee_id in sorted(lost)]
        rows = []
        for employee_ids in asked:
            rows += client.search_salary_rows(first, last, employee_ids)
        # Rows that we sent and do not see: somebody moved or deleted them, or the list
        # does not contain everybody.
        unseen = {int(e.tripletex_id) for e in entries if e.tripletex_id}
        unseen -= {row["id"] for row in rows}
        return [self.remote(row) for row in rows] + self.by_ids(client, unseen)

    def by_ids(self, client, ids):
        """Return the rows with these ids; those that are gone are left out.

        One call each, as the list cannot be asked for ids (DOCUMENTED); these are few.
        """
        found = []
        for row_id in sorted(ids):
            with suppress(NotFound):
                found.append(self.remote(client.get_salary_row(row_id)))
        return found

    def remote(self, row):
        """Return the ``Remote`` of a row of the client's ``search_salary_rows``."""
        return Remote(
            id=row["id"],
            version=row["version"],
            hours=row["count"],
            comment=row["description"],
            place=place_text(
                self.name, row["employee"]["id"], row["date"], row["salaryType"]["id"]
            ),
            date=fields.Date.to_date(row["date"]),
        )

    def create_rows(self, client, steps):
        """Create the row of the only step; return its ``Remote``."""
        [step] = steps
        return [self.remote(client.create_salary_row(*self._values(step)))]

    def update_rows(self, client, steps):
        """Change the row of the only step; return its ``Remote``."""
        [step] = steps
        row = client.update_salary_row(
            step.remote.id, step.remote.version, *self._values(step)
        )
        return [self.remote(row)]

    def delete_rows(self, client, steps):
        """Delete the row of the only step."""
        [step] = steps
        client.delete_salary_row(step.remote.id)
        return [None]

    def _values(self, step):
        employee_id, salary_type_id = place_ids(step.place)
        date, comment = step.entry.date, step.comment or ""
        return employee_id, salary_type_id, date, step.hours, comment


KINDS = {kind.name: kind for kind in (HourEntries(), PaycodeRows())}


def stands_for(shares):
    """Return the kinds of rows in whose place these settled shares are.

    Hours without a place are settled where a person handles them: then no row of the
    line is sent, of either kind.
    """
    entries = [share.entry_id for share in shares]
    if any(entry.is_placeless for entry in entries):
        return set(KINDS)
    return {entry.kind for entry in entries}
