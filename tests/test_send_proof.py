from contextlib import suppress
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import SQL

from ..sending.exchange import Exchange
from ..sending.run import LOCK_SPACE, unlock
from .common import MONDAY, TripletexCase

TUESDAY = "2026-03-17"


@tagged("post_install", "-at_install")
class TestSendProof(TripletexCase):
    """Errors once found by random walks, each reduced to its shortest case."""

    def entry(self, line):
        return self.entries_of(line)

    def link_of(self, project):
        return self.env["tripletex.project"].search([("project_id", "=", project.id)])

    def row(self):
        return self.control.entries()[0]

    def send_later(self):
        self.let_time_pass()
        self.send()

    def test_entry_edited_before_its_answer_conflicts_after_withdrawal(self):
        """The answer is lost, a person edits the row, the line is invalidated."""
        line = self.validated(5)
        with self.fault("drop_after", method="POST", path="/timesheet/entry/list"):
            self.send()
        self.control.person_edits_entry(self.row()["id"], hours=6.11)
        line.action_tripletex_invalidate()
        self.send_later()
        entry = self.env["tripletex.entry"].search([])
        self.assertEqual((entry.state, entry.remote_hours), ("conflict", 6.11))
        self.assertIn("perhaps sent from Odoo", entry.error_message)
        entry.action_replace()
        self.send()
        self.assertEqual(self.held(), [])

    def test_open_conflict_survives_withdrawal_of_hours(self):
        """As above, but the conflict exists before the line is invalidated."""
        line = self.validated(5)
        with self.fault("drop_after", method="POST", path="/timesheet/entry/list"):
            self.send()
        self.control.person_edits_entry(self.row()["id"], hours=6.11)
        self.send_later()
        self.assertEqual(line.tripletex_state, "conflict")
        line.action_tripletex_invalidate()
        entry = self.env["tripletex.entry"].search([])
        self.assertEqual((entry.state, entry.hours), ("conflict", 0.0))
        entry.action_replace()
        self.send()
        self.assertEqual(self.held(), [])

    def test_moved_row_taken_by_another_entry_is_created_again(self):
        """A person moves a sent row to a place where other hours are sent."""
        monday = self.validated(2)
        self.send()
        self.control.person_edits_entry(self.row()["id"], date=TUESDAY)
        tuesday = self.validated(3, date=TUESDAY)
        self.send()
        self.assertEqual(tuesday.tripletex_state, "conflict")
        self.entry(tuesday).action_replace()
        self.send()
        self.assertEqual((self.held(), tuesday.tripletex_state), ([3.0], "sent"))
        self.assertEqual(monday.tripletex_state, "conflict", "row taken")
        self.entry(monday).action_replace()
        self.send()
        self.assertEqual(self.held(), [2.0, 3.0])

    def test_withdrawn_hours_do_not_delete_row_of_another_entry(self):
        monday = self.validated(2)
        self.send()
        self.control.person_edits_entry(self.row()["id"], date=TUESDAY)
        moved = self.entry(monday)
        monday.action_tripletex_invalidate()
        tuesday = self.validated(3, date=TUESDAY)
        self.send()
        self.assertEqual(
            (moved | self.entry(tuesday)).mapped("state"), ["conflict"] * 2
        )
        self.entry(tuesday).action_replace()
        moved.action_replace()
        self.send()
        self.assertEqual((self.held(), tuesday.tripletex_state), ([3.0], "sent"))

    def test_list_stored_without_answer_is_found_and_deleted(self):
        """Answer 500 after the write, and reading back fails too."""
        lines = self.validated(2) + self.validated(3, date=TUESDAY)
        self.control.fault(
            "500_json_after", method="POST", path="/timesheet/entry/list"
        )
        looks = {"method": "GET", "path": "/timesheet/entry"}
        # the first look is answered, the one after the failure is not
        read_back = Exchange._read_back

        def without_look(exchange, *args):
            self.control.fault("drop_before", times=3, **looks)
            return read_back(exchange, *args)

        self.patch(Exchange, "_read_back", without_look)
        self.send()
        self.control.clear_faults()
        self.assertEqual(self.held(), [2.0, 3.0])
        self.assertEqual(self.entries_of(lines).mapped("is_unclear"), [True, True])
        lines.action_tripletex_invalidate()
        self.send_later()
        self.assertEqual(self.held(), [])

    def test_html_answer_to_delete_is_retried(self):
        line = self.validated(5)
        self.send()
        line.action_tripletex_invalidate()
        with self.fault("html_200", method="DELETE"):
            self.send()
        self.assertEqual(self.held(), [5.0])
        self.send_later()
        self.assertEqual(self.held(), [])

    def test_excluded_project_keeps_sent_hours(self):
        line = self.validated(5)
        self.send()
        self.project.tripletex_excluded = True
        self.connection._queue_earlier("2026-01-01")
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def leave_out_and_connect_again(self, project):
        project.tripletex_excluded = True
        self.connection.state = "disconnected"
        self.connection.state = "connected"
        self.connection._queue_earlier("2026-01-01")
        self.send()

    def test_excluded_relinked_project_keeps_sent_hours(self):
        """Hours of both projects share one row, created under the former link."""
        former, new = self.projects[:2]
        self.validated(1.5, project_id=former.id)
        self.send()
        link = self.link_of(former)
        self.link_of(new).project_id = False
        link.project_id = new
        line = self.validated(0.79, project_id=new.id)
        self.send()
        self.assertEqual(self.held(), [2.29])
        self.leave_out_and_connect_again(new)
        self.assertEqual((self.held(), line.tripletex_state), ([2.29], "sent"))

    def test_excluded_internal_project_keeps_shared_sent_hours(self):
        lines = self.env["account.analytic.line"]
        internal = {"is_internal": True, "tripletex_id": False, "number": False}
        for project in self.projects[:2]:
            self.link_of(project).write(internal)
            lines += self.validated(2, project_id=project.id)
        self.send()
        self.assertEqual(self.held(), [4.0])
        self.leave_out_and_connect_again(self.projects[1])
        self.assertEqual(self.held(), [4.0])
        self.assertEqual(lines.mapped("tripletex_state"), ["sent", "sent"])

    def test_hours_corrected_while_disconnected_return_to_their_place(self):
        """What decides the place is unchanged, whatever the links say."""
        self.company.tripletex_strict = False
        line = self.validated(5)
        self.send()
        self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        ).employee_id = False
        self.connection.state = "disconnected"
        self.correct(line, unit_amount=6)
        self.connection.state = "connected"
        self.connection._queue_earlier(is_reconnected=True)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([6.0], "sent"))

    def test_paycode_added_while_disconnected_withdraws_excluded_hours(self):
        """A changed line of an excluded project is withdrawn from both rows."""
        line = self.validated(5)
        self.send()
        self.project.tripletex_excluded = True
        self.connection.state = "disconnected"
        self.correct(line, work_entry_type_id=self.overtime.id)
        self.connection.state = "connected"
        self.connection._queue_earlier(is_reconnected=True)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], False))

    def test_two_changes_without_answer_are_no_conflict(self):
        """The first change is stored, the second is not: both figures are known."""
        line = self.validated(2)
        self.send()
        self.correct(line, unit_amount=3)
        with self.fault("drop_after", method="PUT"):
            self.send()
        self.correct(line, unit_amount=4)
        self.let_time_pass()
        with self.fault("drop_before", method="PUT"):
            self.send()
        self.assertEqual(self.held(), [3.0])
        self.send_later()
        self.assertEqual((self.held(), line.tripletex_state), ([4.0], "sent"))

    def test_creation_and_change_without_answer_are_no_conflict(self):
        line = self.validated(2)
        with self.fault("drop_after", method="POST", path="/timesheet/entry/list"):
            self.send()
        self.correct(line, unit_amount=3)
        self.let_time_pass()
        with self.fault("drop_before", method="PUT"):
            self.send()
        self.correct(line, unit_amount=4)
        self.send_later()
        self.assertEqual((self.held(), line.tripletex_state), ([4.0], "sent"))

    def test_lock_after_change_without_answer_fails_until_unlocked(self):
        line = self.validated(2)
        self.send()
        self.correct(line, unit_amount=3)
        with self.fault("drop_after", method="PUT"):
            self.send()
        self.correct(line, unit_amount=4)
        self.control.lock_month("2026-03")
        self.send_later()
        self.assertEqual(line.tripletex_state, "failed")
        self.control.unlock_month("2026-03")
        self.entry(line).action_retry()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([4.0], "sent"))

    def test_replace_of_moved_entry_conflicts_when_place_is_taken(self):
        """A person moves the sent row and registers other hours in its place."""
        line = self.validated(2)
        self.send()
        row = self.row()
        self.control.person_edits_entry(row["id"], date=TUESDAY)
        self.correct(line, unit_amount=3)
        self.send()
        self.entry(line).action_replace()
        self.control.person_creates_entry(
            row["employee"], row["date"], 4.11, row["activity"], row["project"]
        )
        self.send()
        self.send_later()
        entry = self.entry(line)
        self.assertEqual((entry.state, entry.remote_hours), ("conflict", 4.11))
        self.assertEqual(self.held(), [4.11])
        entry.action_add()
        self.send()
        self.assertEqual(self.held(), [7.11])

    def test_entry_moved_to_place_of_deleted_one_is_not_mistaken_for_it(self):
        """After it moves back, the deleted entry must not count as present."""
        monday, tuesday = self.validated(2), self.validated(3, date=TUESDAY)
        self.send()
        rows = {entry["date"]: entry["id"] for entry in self.control.entries()}
        self.control.person_deletes_entry(rows[TUESDAY])
        self.control.person_edits_entry(rows[str(MONDAY)], date=TUESDAY)
        self.correct(monday, unit_amount=2.5)
        self.send()
        self.assertEqual(monday.tripletex_state, "conflict")
        self.entry(monday).action_replace()
        self.send()
        self.assertEqual((monday.tripletex_state, self.held()), ("sent", [2.5]))
        self.assertEqual(tuesday.tripletex_state, "conflict")
        self.assertIn("deleted", self.entry(tuesday).error_message)
        self.entry(tuesday).action_replace()
        self.send()
        self.assertEqual(self.held(), [2.5, 3.0])

    def test_failed_commit_releases_the_lock(self):
        """The database session returns to the pool and would keep the lock."""
        key = SQL("%s, %s", LOCK_SPACE, self.connection.id)
        failure = patch.object(
            type(self.env["ir.cron"]),
            "_commit_progress",
            side_effect=psycopg2.errors.SerializationFailure,
        )
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            cr.execute(SQL("SELECT pg_try_advisory_lock(%s)", key))
            with failure, suppress(psycopg2.errors.SerializationFailure):
                unlock(self.env(cr=cr), key)
            cr.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                "AND pid = pg_backend_pid() AND objid = %s",
                [self.connection.id],
            )
            self.assertEqual(cr.fetchone(), (0,))
