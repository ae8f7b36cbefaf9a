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
    """What random walks found, each as the shortest story that shows it."""

    def entry(self, line):
        return self.entries_of(line)

    def link_of(self, project):
        return self.env["tripletex.project"].search([("project_id", "=", project.id)])

    def row(self):
        return self.control.entries()[0]

    def send_later(self):
        self.let_time_pass()
        self.send()

    def test_our_row_changed_before_we_knew_it_is_not_left_behind(self):
        """The answer was lost, a person changed the row, the hours were withdrawn."""
        line = self.validated(5)
        with self.fault("drop_after", method="POST", path="/timesheet/entry/list"):
            self.send()
        self.control.person_edits_entry(self.row()["id"], hours=6.11)
        line.action_tripletex_invalidate()
        self.send_later()
        entry = self.env["tripletex.entry"].search([])
        self.assertEqual((entry.state, entry.remote_hours), ("conflict", 6.11))
        self.assertIn("may be ours", entry.error_message)
        entry.action_replace()
        self.send()
        self.assertEqual(self.held(), [])

    def test_the_question_whose_row_it_is_outlives_the_hours(self):
        """The same, but asked about before the hours were withdrawn."""
        line = self.validated(5)
        with self.fault("drop_after", method="POST", path="/timesheet/entry/list"):
            self.send()
        self.control.person_edits_entry(self.row()["id"], comment="Seen by Kari")
        self.send_later()
        self.assertEqual(line.tripletex_state, "conflict")
        line.action_tripletex_invalidate()
        entry = self.env["tripletex.entry"].search([])
        self.assertEqual((entry.state, entry.hours), ("conflict", 0.0))
        entry.action_replace()
        self.send()
        self.assertEqual(self.held(), [])

    def test_a_row_that_another_entry_took_over_is_left_to_it(self):
        """A person moves our row to where hours of ours come too."""
        monday = self.validated(2)
        self.send()
        self.control.person_edits_entry(self.row()["id"], date=TUESDAY)
        tuesday = self.validated(3, date=TUESDAY)
        self.send()
        self.assertEqual(tuesday.tripletex_state, "conflict")
        self.entry(tuesday).action_replace()
        self.send()
        self.assertEqual((self.held(), tuesday.tripletex_state), ([3.0], "sent"))
        self.assertEqual(monday.tripletex_state, "conflict", "its row was taken")
        self.entry(monday).action_replace()
        self.send()
        self.assertEqual(self.held(), [2.0, 3.0])

    def test_withdrawn_hours_do_not_delete_a_row_that_was_taken_over(self):
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

    def test_a_list_kept_without_an_answer_and_no_look_afterwards(self):
        """500 after the write, and reading back fails too: we know that we tried."""
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

    def test_a_page_instead_of_an_answer_deletes_nothing(self):
        line = self.validated(5)
        self.send()
        line.action_tripletex_invalidate()
        with self.fault("html_200", method="DELETE"):
            self.send()
        self.assertEqual(self.held(), [5.0])
        self.send_later()
        self.assertEqual(self.held(), [])

    def test_an_excluded_project_keeps_its_sent_hours_on_connecting_again(self):
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

    def test_so_does_one_whose_link_was_another_projects_before(self):
        """Both projects' hours meet in one row, made when the other was linked."""
        former, new = self.projects[:2]
        self.validated(1.5, project_id=former.id)
        self.send()
        link = self.link_of(former)
        self.link_of(new).project_id = False
        link.project_id = new
        line = self.validated(0.79, project_id=new.id)
        self.send()
        self.assertEqual(self.held(), [2.29])
        self.assertEqual(self.entry(line).project_id, new, "the link as it is now")
        self.leave_out_and_connect_again(new)
        self.assertEqual((self.held(), line.tripletex_state), ([2.29], "sent"))

    def test_so_does_internal_time_that_two_projects_share(self):
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

    def test_hours_are_shown_under_the_person_who_is_linked_now(self):
        former, new = self.employees[:2]
        self.validated(2)
        self.send()
        links = self.env["tripletex.employee"].search([])
        links.filtered(lambda link: link.employee_id == new).employee_id = False
        link = links.filtered(lambda link: link.employee_id == former)
        link.employee_id = False
        link.employee_id = new
        line = self.validated(3, employee_id=new.id)
        entry = self.entry(line)
        self.assertEqual((entry.employee_id, entry.hours), (new, 5.0))
        self.assertIn(new.name, entry.display_name)

    def test_hours_changed_without_connection_are_brought_up_to_date(self):
        """The link is empty and the hours changed: nobody may think all is well."""
        self.company.tripletex_strict = False
        line = self.validated(5)
        self.send()
        self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        ).employee_id = False
        self.connection.state = "disconnected"
        self.correct(line, unit_amount=6)
        self.connection.state = "connected"
        self.connection._queue_earlier()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], "failed"))

    def test_a_paycode_added_without_connection_is_not_forgotten(self):
        """The project is excluded meanwhile: the hours leave, rather than half stay."""
        line = self.validated(5)
        self.send()
        self.project.tripletex_excluded = True
        self.connection.state = "disconnected"
        self.correct(line, work_entry_type_id=self.overtime.id)
        self.connection.state = "connected"
        self.connection._queue_earlier()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], False))

    def test_two_attempts_in_a_row_without_an_answer(self):
        """The first was kept and the second was not: still nobody else's figure."""
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

    def test_two_new_rows_in_a_row_without_an_answer(self):
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

    def test_locked_after_an_attempt_without_an_answer(self):
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

    def test_a_row_that_cannot_come_back_because_its_place_is_taken(self):
        """Somebody moved our row and put their own there: we ask about theirs."""
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

    def test_a_row_moved_into_the_place_of_one_that_was_deleted(self):
        """When it goes from there again, nobody believes the other to be there."""
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

    def test_a_commit_that_fails_leaves_no_lock_behind(self):
        """The session goes back to the pool; with the lock nobody else could send."""
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
