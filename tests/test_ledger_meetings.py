from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import KINDS, MONTH, LedgerCase, day
from .month_common import MonthCase
from .send_common import ROWS


class MeetingMixin:
    """What the tests below do and ask."""

    def shares(self, lines):
        return self.env["tripletex.entry.share"].search([("line_id", "in", lines.ids)])

    def elsewhere(self):
        """Connect the company to another Tripletex company, as after a trial."""
        links = {
            record: self.link(record).tripletex_id
            for record in (self.employee, self.overtime)
        }
        self.connection.write(
            {"state": "disconnected", "tripletex_company_id": "another"}
        )
        self.env.flush_all()
        self.sandbox.reset()
        self.connection = self.connect()
        for record, there in links.items():
            rows = self.lists[KINDS[record._name][2]]
            self.link_to(record, next(r for r in rows if str(r["id"]) == there))
        self.link_to(self.projects[1], self.free_row(self.projects[1]))
        self.link_to(self.project, self.free_row(self.project))
        self.connection._queue_earlier(MONDAY)
        self.settle()


@tagged("post_install", "-at_install")
class TestLedgerMeetings(MeetingMixin, LedgerCase):
    """A move meets a decision, a correction or a removal: no hour is lost."""

    def hours_without_a_place(self):
        """Sent hours that are to go to a project without a link."""
        self.company.tripletex_strict = False
        line = self.sent(3)
        unlinked = self.project.copy({"name": "Without link"})
        self.correct(line, project_id=unlinked.id)
        self.settle()
        return line, unlinked

    def refused_hours(self):
        """Sent hours that are back on their row: Tripletex refused the new one."""
        line = self.sent(7.5)
        new = self.projects[1]
        self.control.close_project(int(self.link(new).tripletex_id))
        self.correct(line, project_id=new.id)
        self.settle()
        return line

    def assert_on_one_row(self, line, hours):
        found = [(s.hours, s.is_handled) for s in self.shares(line).filtered("hours")]
        self.assertEqual(found, [(hours, False)])

    def test_handled_hours_that_have_no_place_are_noted_on_their_old_row_alone(self):
        line, unlinked = self.hours_without_a_place()
        self.assertEqual(self.held(), [3.0])
        self.remove("handled")
        self.assert_on_one_row(line, 3.0)

    def test_handled_hours_that_were_refused_are_noted_on_their_old_row_alone(self):
        line = self.refused_hours()
        self.assertEqual(self.held(), [7.5])
        self.remove("handled")
        self.assert_on_one_row(line, 7.5)

    def test_handled_hours_that_were_refused_stand_when_connected_again(self):
        self.refused_hours()
        self.remove("handled")
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.held(), [7.5])

    def test_handled_hours_get_a_place_and_move_once(self):
        line, unlinked = self.hours_without_a_place()
        self.remove("handled")
        self.complete(send_from=MONDAY)
        self.settle()
        self.link_to(unlinked, self.free_row(unlinked))
        self.settle()
        self.move_all()
        self.assertEqual(self.held(), [3.0])

    def test_handled_paycode_row_that_was_refused_stays_where_it_was(self):
        line = self.sent(5, work_entry_type_id=self.overtime.id)
        with self.fault("403", times=1, method="POST", path=ROWS):
            self.correct(line, date=day(1))
            self.send()
        self.settle()
        self.assertEqual(
            (self.held_as("date"), self.held_rows_as("date")),
            ([(str(day(1)), 5.0)], [(str(MONDAY), 5.0)]),
        )
        self.remove("handled")
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(
            (self.held_as("date"), self.held_rows_as("date")),
            ([(str(day(1)), 5.0)], [(str(MONDAY), 5.0)]),
        )

    def test_row_handled_after_an_unclear_deletion_is_the_persons(self):
        line = self.sent(3)
        self.correct(line, date=day(1))
        self.control.fault("drop_after", method="DELETE")
        self.send()
        self.assertEqual(self.held(), [])
        self.remove("handled")
        wrong = [
            s
            for s in self.shares(line).filtered("hours")
            if not s.is_handled and not s.entry_id.is_kept
        ]
        self.assertEqual(wrong, [])

    def test_hours_that_wait_for_a_deletion_under_way_are_not_handled(self):
        """As where a worker died after its intent was committed."""
        line = self.sent(3)
        self.correct(line, date=day(1))
        old = self.entries_of(line).filtered(lambda e: e.date == MONDAY)
        old.write({"state": "sending", "is_unclear": True, "attempt_hours": 0})
        self.control.lock_month(MONTH)
        self.remove("handled")
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertFalse(self.held() and self.shares(line).filtered("is_handled"))

    def test_remove_sends_nothing_that_it_marks_as_handled(self):
        self.sent(1, date=day(3))
        line = self.sent(2, work_entry_type_id=self.overtime.id, date=day(2))
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=3)
        line.action_tripletex_invalidate()
        self.settle()
        line.date = day(3)
        line.action_tripletex_validate()
        self.settle()
        self.remove("handled")
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(
            self.held_as("date"),
            [(str(day(3)), 1.0)],
        )

    def test_two_conflicts_kept_at_once_ask_about_hours_that_join(self):
        other = self.sent(1, date=day(3))
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=7)
        self.correct(other, unit_amount=2)
        self.settle()
        line = self.sent(2, work_entry_type_id=self.overtime.id, date=day(2))
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=3)
        line.action_tripletex_invalidate()
        self.settle()
        line.date = day(3)
        line.action_tripletex_validate()
        self.settle()
        self.conflicts().action_keep()
        self.settle()
        self.assertTrue(self.conflicts())

    def hours_beside_handled_paycode_row(self):
        """Sent overtime whose paycode row is handled by hand and has no place."""
        self.handled_without_place()
        self.complete(send_from=MONDAY)
        self.settle()
        if not self.link(self.overtime):
            self.link_to(self.overtime, self.free_row(self.overtime))
            self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))

    def test_sent_hours_beside_a_paycode_row_handled_without_a_place_move(self):
        self.hours_beside_handled_paycode_row()
        self.relink(self.project)
        self.move_all()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))

    def test_sent_hours_beside_a_paycode_row_handled_without_a_place_are_corrected(
        self,
    ):
        self.hours_beside_handled_paycode_row()
        correction = self.validated(-1, work_entry_type_id=self.overtime.id)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([1.0], []))
        self.assertEqual(correction.tripletex_state, "sent")

    def test_hours_handled_at_a_trial_move_where_they_were_sent_since(self):
        self.control.lock_month(MONTH)
        self.validated(5)
        self.settle()
        self.remove("handled")
        self.elsewhere()
        self.assertEqual(self.held(), [5.0])
        new = self.relink(self.project)
        self.move_all()
        self.assertEqual(self.held_as("projectNumber"), [(new, 5.0)])

    def test_keeping_a_row_leaves_hours_that_have_left_it_on_their_way(self):
        line, other = self.validated(5), self.sent(2)
        self.assertEqual(self.held(), [7.0])
        self.control.fault("429", times=None, method="POST", path="/timesheet/*")
        self.correct(line, date=day(1))
        self.send()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 2.0)])
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=4)
        self.correct(other, unit_amount=3)
        self.connection.next_attempt_at = False
        self.send()
        self.conflicts().action_keep()
        self.control.clear_faults()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 4.0), (str(day(1)), 5.0)])

    def test_keeping_a_row_that_one_row_of_overtime_has_left_moves_the_other(self):
        line = self.sent(5, work_entry_type_id=self.overtime.id)
        other = self.sent(2)
        with self.fault("403", times=1, method="POST", path=ROWS):
            self.correct(line, date=day(1))
            self.send()
        self.settle()
        self.assertEqual(
            (self.held_as("date"), self.held_rows_as("date"), line.tripletex_state),
            ([(str(MONDAY), 2.0), (str(day(1)), 5.0)], [(str(MONDAY), 5.0)], "failed"),
        )
        [row] = [r for r in self.control.entries() if r["date"] == str(MONDAY)]
        self.control.person_edits_entry(row["id"], hours=4)
        self.correct(other, unit_amount=3)
        self.settle()
        self.conflicts().action_keep()
        self.settle()
        self.retry()
        self.settle()
        self.assertEqual(
            (self.held_as("date"), self.held_rows_as("date")),
            ([(str(MONDAY), 4.0), (str(day(1)), 5.0)], [(str(day(1)), 5.0)]),
        )

    def test_overtime_that_is_sent_as_paycode_only_meanwhile_moves_to_one_row(self):
        self.sent(2, work_entry_type_id=self.overtime.id)
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=3)
        number = self.relink(self.employee)
        self.move_all()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [3.0]))
        self.link(self.overtime).transfer_as = "paycode"
        self.settle()
        self.conflicts().action_replace()
        self.settle()
        self.assertEqual(self.held_rows_as("employeeNumber"), [(number, 2.0)])
        self.assertEqual(self.held(), [])

    def test_keeping_a_deleted_row_again_ends_the_move_from_it(self):
        line = self.sent(5)
        [row] = self.control.entries()
        self.control.person_deletes_entry(row["id"])
        self.correct(line, unit_amount=6)
        self.send()
        self.conflicts().action_keep()
        self.correct(line, date=day(1))
        self.settle()
        self.conflicts().action_keep()
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([], "sent"))

    def test_keeping_one_row_leaves_hours_without_a_place_waiting_for_one(self):
        self.company.tripletex_strict = False
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=3)
        line.action_tripletex_invalidate()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([3.0], []))
        unlinked = self.project.copy({"name": "Without link"})
        line.project_id = unlinked
        line.action_tripletex_validate()
        self.settle()
        self.conflicts().action_keep()
        self.settle()
        self.link_to(unlinked, self.free_row(unlinked))
        self.settle()
        self.retry()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([3.0], [2.0]))

    def test_keeping_hours_that_became_overtime_sends_their_paycode_row(self):
        self.link(self.overtime).activity_id = self.another_activity()
        self.env["tripletex.lookup"].search([]).unlink()
        line = self.sent(5)
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=6)
        self.correct(line, work_entry_type_id=self.overtime.id)
        self.settle()
        self.conflicts().action_keep()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([6.0], [5.0]))

    def test_correction_of_hours_on_their_way_goes_with_them(self):
        line = self.sent(8)
        self.correct(line, date=day(1))
        self.validated(-2, date=day(1))
        self.settle()
        for _time in range(2):
            self.retry()
            self.settle()
        self.assertEqual(
            self.held_as("date"),
            [(str(day(1)), 6.0)],
        )

    def test_correction_validated_with_hours_on_their_way_goes_with_them(self):
        line = self.sent(8)
        line.action_tripletex_invalidate()
        line.date = day(1)
        correction = self.log(-2, date=day(1))
        (line + correction).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 6.0)])

    def test_correction_of_hours_that_a_person_moves_goes_with_them(self):
        self.sent(8)
        new = self.relink(self.project)
        [row] = self.control.entries()
        self.control.invoice_entry(row["id"])
        self.move_all()
        self.validated(-2)
        self.settle()
        self.control.invoice_entry(row["id"], False)
        for _time in range(2):
            self.retry()
            self.settle()
        self.assertEqual(
            self.held_as("projectNumber"),
            [(new, 6.0)],
        )

    def test_correction_of_hours_that_come_back_waits_for_them(self):
        line = self.sent(8)
        self.correct(line, date=day(1))
        self.settle()
        [row] = self.control.entries()
        self.control.invoice_entry(row["id"])
        self.correct(line, date=MONDAY)
        self.settle()
        self.validated(-2)
        self.settle()
        self.control.invoice_entry(row["id"], False)
        for _time in range(2):
            self.retry()
            self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 6.0)])

    def test_correction_beside_a_handled_paycode_row_moves_with_its_hours(self):
        self.validated(2, work_entry_type_id=self.overtime.id)
        with self.fault("403", times=1, method="POST", path=ROWS):
            self.settle()
        self.remove("handled")
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))
        correction = self.validated(-1, work_entry_type_id=self.overtime.id)
        self.settle()
        self.assertEqual(
            (self.held(), self.held_rows(), correction.tripletex_state),
            ([1.0], [], "sent"),
        )
        self.relink(self.project)
        self.move_all()
        self.assertEqual(
            (self.held(), self.held_rows()),
            ([1.0], []),
        )

    def retry_here(self):
        self.env["tripletex.entry"].search(
            [("state", "=", "failed"), ("connection_id", "=", self.connection.id)]
        ).action_retry()

    def test_trouble_at_a_trial_does_not_stop_a_move(self):
        self.control.lock_month(MONTH)
        line = self.validated(5)
        self.settle()
        self.assertEqual(line.tripletex_state, "failed")
        self.elsewhere()
        self.assertEqual(self.held(), [5.0])
        new = self.relink(self.project)
        self.move_all()
        self.retry_here()
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(new, 5.0)])

    def test_correction_goes_to_the_connection_that_is_there(self):
        self.sent(8)
        self.elsewhere()
        self.assertEqual(self.held(), [8.0])
        self.validated(-2)
        self.settle()
        self.assertEqual(self.held(), [6.0])

    def test_move_leaves_what_stands_at_a_trial_alone(self):
        line = self.sent(5)
        trial = self.entries_of(line)
        before = [(s.hours, s.settlement, s.is_held) for s in trial.share_ids]
        self.elsewhere()
        self.relink(self.project)
        self.move_all()
        self.assertEqual(
            (
                [(s.hours, s.settlement, s.is_held) for s in trial.share_ids],
                trial.state,
            ),
            (before, "sent"),
        )

    def test_keeping_a_row_that_hours_come_to_ends(self):
        other, line = self.sent(3, date=day(1)), self.sent(5)
        [row] = [r for r in self.control.entries() if r["date"] == str(day(1))]
        self.control.person_edits_entry(row["id"], hours=4)
        self.correct(other, unit_amount=6)
        self.correct(line, date=day(1))
        self.settle()
        self.control.clear_calls()
        for _time in range(3):
            self.conflicts().action_keep()
            self.settle()
        self.assertFalse(self.conflicts(), str([c["method"] for c in self.writes()]))

    def branch_with_own_connection(self):
        branch = self.env["res.company"].create(
            {"name": "Nord", "parent_id": self.company.id}
        )
        self.env.user.company_ids |= branch
        companies = self.env.context["allowed_company_ids"] + branch.ids
        self.env = self.env(
            context=dict(self.env.context, allowed_company_ids=companies)
        )
        employee = self.env["hr.employee"].create(
            {"name": "Nora", "company_id": branch.id}
        )
        row = self.free_row(employee)
        self.link_to(employee, row)
        there = self.free_row(self.project)
        project = self.env["project.project"].create(
            {"name": "North", "company_id": branch.id, "allow_timesheets": True}
        )
        self.link_to(project, there)
        values = {"employee_id": employee.id, "project_id": project.id}
        line = self.sent(8, **values)
        self.assertEqual(line.company_id, branch)
        self.parent_connection = self.connection
        self.connection = self.connect(company=branch.with_env(self.env))
        self.connection.tripletex_company_id = "4711"
        self.link_to(employee, row)
        self.link_to(self.project, there)  # so that North gets another row
        self.link_to(project, self.free_row(project))
        self.settle()
        self.assertEqual(self.held(), [8.0])
        return line, values

    def test_hours_wait_for_no_row_of_a_removed_connection(self):
        line, values = self.branch_with_own_connection()
        [row] = self.control.entries()
        self.control.approve_entry(row["id"])
        self.correct(line, date=day(1))
        self.settle()
        own, self.connection = self.connection, self.parent_connection
        self.remove()
        self.connection = own
        for _time in range(2):
            self.retry()
            self.settle()
        self.assertFalse(self.shares(line).filtered("is_held"))


@tagged("post_install", "-at_install")
class TestLedgerMeetingsOfMonths(MeetingMixin, MonthCase):
    """Moves meet hours that were sent in a later month."""

    def test_correction_of_an_adjustment_stays_with_it_in_a_move(self):
        self.sent(7.5)
        self.control.run_pay("2026-03")
        self.env["tripletex.month"].search([]).action_check()
        self.check()
        line = self.validated(3, date=day(1), work_entry_type_id=self.overtime.id)
        self.send()
        self.entries_of(line).action_adjust()
        self.settle()
        self.assertEqual(self.held_rows_as("date"), [("2026-04-01", 3)])
        with self.fault("403", times=1, method="PUT", path="/timesheet/entry*"):
            self.validated(-1, date=day(1), work_entry_type_id=self.overtime.id)
            self.send()
        self.move_all()
        for _time in range(2):
            self.retry()
            self.settle()
        self.assertEqual(
            (self.held_as("date")[-1], self.held_rows_as("date")),
            (("2026-04-01", 2), [("2026-04-01", 2)]),
        )
