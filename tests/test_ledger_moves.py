from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import format_date

from ..sending.attempts import Attempts
from .common import MONDAY
from .ledger_common import MONTH, MONTH_BEFORE, LedgerCase, day


@tagged("post_install", "-at_install")
class TestLedgerMoves(LedgerCase):
    """Hours that go from one row to another are never on both, and never on none."""

    # -- locks -------------------------------------------------------------------

    def lock_month(self):
        self.control.lock_month(MONTH)
        return lambda: self.control.unlock_month(MONTH)

    def invoice(self):
        [row] = self.control.entries()
        self.control.invoice_entry(row["id"])
        return lambda: self.control.invoice_entry(row["id"], False)

    def approve(self):
        [row] = self.control.entries()
        self.control.approve_entry(row["id"])
        return lambda: self.control.approve_entry(row["id"], False)

    # -- proofs ------------------------------------------------------------------

    def held_shares(self, line):
        shares = self.env["tripletex.entry.share"].search([("line_id", "=", line.id)])
        return shares.filtered("is_held")

    def assert_waits(self, line, before, places):
        """The old row is as before, nothing else is there, and the line says so."""
        self.settle()
        self.assertEqual((self.control.entries(), self.control.rows()), before)
        self.assertEqual(line.tripletex_state, "failed")
        self.assertTrue(self.held_shares(line))
        told = self.told(line)
        for place in places:
            self.assertIn(place, told)

    def assert_move_waits_for(self, lock, places, hours=7.5, first=None, **change):
        """A sent line of a locked row is changed: the move waits for the lock."""
        line = self.sent(hours, **(first or {}))
        unlock = lock()
        before = self.control.entries(), self.control.rows()
        self.correct(line, **change)
        self.assert_waits(line, before, places)
        unlock()
        self.retry()
        self.settle()
        self.assertFalse(self.held_shares(line))
        self.assertEqual((line.tripletex_state, self.told(line)), ("sent", ""))
        return line

    def leaving_shares(self, line):
        shares = self.env["tripletex.entry.share"].search([("line_id", "=", line.id)])
        return shares.filtered("is_leaving")

    # -- what moves, and what holds it -------------------------------------------

    def test_another_date_waits_for_a_locked_month_and_goes_there_after_retry(self):
        dates = [format_date(self.env, date) for date in (MONDAY, MONTH_BEFORE)]
        self.assert_move_waits_for(self.lock_month, dates, date=MONTH_BEFORE)
        self.assertEqual(self.held_as("date"), [(str(MONTH_BEFORE), 7.5)])

    def test_another_date_waits_for_an_approved_row(self):
        dates = [format_date(self.env, date) for date in (MONDAY, day(1))]
        self.assert_move_waits_for(self.approve, dates, date=day(1))
        self.assertEqual(self.held_as("date"), [(str(day(1)), 7.5)])

    def test_another_project_waits_for_an_invoiced_row(self):
        old, new = self.projects[:2]
        self.assert_move_waits_for(
            self.invoice, [old.name, new.name], project_id=new.id
        )
        self.assertEqual(self.held_as("projectNumber"), [(self.link(new).number, 7.5)])

    def test_another_project_waits_for_a_locked_month(self):
        old, new = self.projects[:2]
        self.assert_move_waits_for(
            self.lock_month, [old.name, new.name], project_id=new.id
        )
        self.assertEqual(self.held_as("projectNumber"), [(self.link(new).number, 7.5)])

    def test_another_employee_waits_for_an_approved_row(self):
        old, new = self.employees[:2]
        self.assert_move_waits_for(
            self.approve, [old.name, new.name], employee_id=new.id
        )
        self.assertEqual(self.held_as("employeeNumber"), [(self.link(new).number, 7.5)])

    def test_another_paycode_waits_for_a_locked_month(self):
        self.paycode.transfer_as = "paycode"
        new = self.another_paycode(transfer_as="paycode")
        self.assert_move_waits_for(
            self.lock_month,
            [self.overtime.name, new.name],
            hours=2,
            first={"work_entry_type_id": self.overtime.id},
            work_entry_type_id=new.id,
        )
        self.assertEqual(
            self.held_rows_as("salaryTypeNumber"), [(self.link(new).number, 2.0)]
        )

    def test_hours_and_date_change_together_while_the_row_is_locked(self):
        self.assert_move_waits_for(
            self.invoice, [format_date(self.env, MONDAY)], date=day(1), unit_amount=4
        )
        self.assertEqual(self.held_as("date"), [(str(day(1)), 4.0)])

    def test_move_without_a_lock_needs_nobody(self):
        line = self.sent(7.5)
        self.correct(line, date=day(1))
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 7.5)])
        self.assertEqual(line.tripletex_state, "sent")
        self.assertFalse(self.held_shares(line))

    def test_new_row_is_written_only_after_the_old_row_is_gone(self):
        line = self.sent(7.5)
        self.correct(line, date=day(1))
        self.control.clear_calls()
        self.settle()
        self.assertEqual([call["method"] for call in self.writes()], ["DELETE", "POST"])

    # -- overtime with two rows --------------------------------------------------

    def test_overtime_moves_whole_when_its_row_of_hours_is_invoiced(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        unlock = self.invoice()
        self.correct(line, date=day(1))
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 2.0)])
        self.assertNotIn((str(day(1)), 2.0), self.held_rows_as("date"))
        self.assertEqual(line.tripletex_state, "failed")
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(day(1)), 2.0)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_overtime_moves_whole_from_a_locked_month(self):
        self.assert_move_waits_for(
            self.lock_month,
            [format_date(self.env, date) for date in (MONDAY, MONTH_BEFORE)],
            hours=2,
            first={"work_entry_type_id": self.overtime.id},
            date=MONTH_BEFORE,
        )
        self.assertEqual(self.held_as("date"), [(str(MONTH_BEFORE), 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(MONTH_BEFORE), 2.0)])

    def test_lines_that_come_to_nothing_together_move_without_a_row(self):
        self.sent(8)
        lines = self.sent(1) | self.sent(-1)
        self.validated(0.5)  # on its way: the moving hours wait for the old row
        self.correct(lines, project_id=self.projects[1].id)
        self.settle()
        self.assertEqual(self.held(), [8.5])
        leaving = self.env["tripletex.entry.share"].search([("is_leaving", "=", True)])
        self.assertFalse(leaving)
        self.exclude(self.projects[1])
        self.settle()
        self.assertEqual(lines.mapped("tripletex_state"), ["sent", "sent"])

    def test_overtime_that_becomes_ordinary_loses_its_row_only(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        self.correct(line, work_entry_type_id=False)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))

    def test_overtime_that_was_ordinary_meanwhile_is_whole_on_a_project_not_sent(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        self.correct(line, work_entry_type_id=False)
        self.settle()
        self.exclude(self.project)
        self.correct(line, work_entry_type_id=self.overtime.id)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))

    def test_overtime_that_was_ordinary_meanwhile_goes_where_the_links_lead(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        self.correct(line, work_entry_type_id=False)
        self.settle()
        number = self.relink(self.project)
        self.settle()
        self.correct(line, work_entry_type_id=self.overtime.id)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(number, 2.0)])
        self.assertEqual(self.held_rows(), [2.0])
        kinds = self.entries_of(line).share_ids.filtered("hours").mapped("kinds")
        self.assertEqual(set(kinds), {"hours,paycode"})

    def overtime_whose_hours_wait(self):
        """Overtime of a line that was ordinary once, with the person of before.

        Its paycode row is sent, its hours are refused as the project is closed.

        :return: the line, the number of the person by now, and what opens the project
        """
        line = self.sent(2)
        line.action_tripletex_invalidate()
        self.settle()
        number = self.relink(self.employee)
        self.settle()
        there = int(self.link(self.project).tripletex_id)
        self.control.close_project(there)
        line.work_entry_type_id = self.overtime
        line.action_tripletex_validate()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))
        return line, number, lambda: self.control.close_project(there, False)

    def assert_overtime_is_whole(self, number):
        self.assertEqual(self.held_as("employeeNumber"), [(number, 2.0)])
        self.assertEqual(self.held_rows_as("employeeNumber"), [(number, 2.0)])

    def test_overtime_whose_hours_wait_goes_to_one_person_after_removing(self):
        _line, number, reopen = self.overtime_whose_hours_wait()
        self.relink(self.project)
        self.remove()
        self.settle()
        reopen()
        self.complete(send_from=MONDAY)
        self.settle()
        self.assert_overtime_is_whole(number)

    def test_overtime_corrected_while_removed_goes_to_one_person(self):
        line, number, reopen = self.overtime_whose_hours_wait()
        self.remove()
        self.correct(line, name="Snow")
        reopen()
        self.complete(send_from=MONDAY)
        self.settle()
        self.assert_overtime_is_whole(number)

    def test_hours_that_wait_on_a_project_excluded_now_return_to_no_row_of_before(self):
        _line, number, reopen = self.overtime_whose_hours_wait()
        reopen()
        self.exclude(self.project)
        self.settle()
        self.assertEqual(self.held(), [])
        self.assertEqual(self.held_rows_as("employeeNumber"), [(number, 2.0)])

    def test_overtime_that_returns_to_an_earlier_day_is_on_one_row_while_one_is_edited(
        self,
    ):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        self.correct(line, date=day(1))
        self.settle()
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=3)
        self.correct(line, date=MONDAY)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 2.0)])
        self.conflicts().action_replace()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(MONDAY), 2.0)])

    def test_overtime_that_becomes_nothing_while_its_hours_move_waits_for_nothing(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        self.connection.default_activity_id = self.another_activity()
        release = self.invoice()
        self.ask_move()
        self.settle()
        self.correct(line, unit_amount=0)
        self.correct(line, name="Nothing")
        release()
        self.retry()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], []))
        self.assertFalse(line.tripletex_state)

    def test_correction_that_becomes_hours_leaves_nothing_below_zero(self):
        values = {"work_entry_type_id": self.overtime.id}
        corrected, line = self.sent(2, **values), self.sent(-0.5, **values)
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=1.25)
        (corrected | line).action_tripletex_invalidate()
        line.write({"unit_amount": 1, "date": day(2)})
        line.action_tripletex_validate()
        self.settle()
        self.conflicts().action_replace()
        self.settle()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertEqual(self.held_as("date"), [(str(day(2)), 1.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(day(2)), 1.0)])

    # -- the new place refuses ---------------------------------------------------

    def test_project_closed_there_leaves_the_hours_on_their_old_row(self):
        old, new = self.projects[:2]
        line = self.sent(7.5)
        self.control.close_project(int(self.link(new).tripletex_id))
        self.correct(line, project_id=new.id)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(self.link(old).number, 7.5)])
        self.assertEqual(line.tripletex_state, "failed")
        told = self.told(line)
        self.assertIn(old.name, told)
        self.assertIn(new.name, told)

    def test_refused_hours_and_their_correction_return_together(self):
        old, new = self.projects[:2]
        lines = self.sent(8) | self.sent(-2)
        self.control.close_project(int(self.link(new).tripletex_id))
        self.correct(lines, project_id=new.id)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(self.link(old).number, 6.0)])

    def test_project_opened_there_gets_the_hours_after_retry(self):
        new = self.projects[1]
        line = self.sent(7.5)
        there = int(self.link(new).tripletex_id)
        self.control.close_project(there)
        self.correct(line, project_id=new.id)
        self.settle()
        self.control.close_project(there, False)
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(self.link(new).number, 7.5)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_locked_month_of_the_new_date_leaves_the_hours_on_their_old_row(self):
        line = self.sent(7.5)
        self.control.lock_month(f"{MONTH_BEFORE:%Y-%m}")
        self.correct(line, date=MONTH_BEFORE)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 7.5)])
        self.assertEqual(line.tripletex_state, "failed")

    # -- the line changes again while it waits -----------------------------------

    def test_line_that_moves_back_while_it_waits_is_as_before(self):
        line = self.sent(7.5)
        self.invoice()
        before = self.control.entries()
        self.correct(line, date=day(1))
        self.settle()
        self.correct(line, date=MONDAY)
        self.settle()
        self.assertEqual(self.control.entries(), before)
        self.assertEqual((line.tripletex_state, self.told(line)), ("sent", ""))

    def test_line_that_moves_twice_while_it_waits_goes_to_the_last_place(self):
        line = self.sent(7.5)
        unlock = self.invoice()
        for count in (1, 2):
            self.correct(line, date=day(count))
            self.settle()
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(2)), 7.5)])

    def test_retry_without_a_connection_leaves_hours_on_their_old_row(self):
        self.company.tripletex_strict = False
        line = self.sent(7.5)
        self.correct(line, project_id=self.project.copy({"name": "Without link"}).id)
        self.settle()
        self.remove()
        self.retry()
        self.complete()
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([7.5], "failed"))

    def test_line_invalidated_while_it_waits_is_in_no_place_after_unlocking(self):
        line = self.sent(7.5)
        unlock = self.invoice()
        self.correct(line, date=day(1))
        self.settle()
        line.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 7.5)])
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(self.held(), [])

    def test_line_deleted_while_it_waits_is_in_no_place_after_unlocking(self):
        line = self.sent(7.5)
        unlock = self.invoice()
        self.correct(line, date=day(1))
        self.settle()
        line.action_tripletex_invalidate()
        line.unlink()
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(self.held(), [])

    # -- rows that several lines share -------------------------------------------

    def test_one_of_two_lines_moves_and_the_other_stays(self):
        moving = self.validated(2)
        self.sent(3)
        self.assertEqual(self.held(), [5.0])
        self.correct(moving, date=day(1))
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 3.0), (str(day(1)), 2.0)])

    def test_one_of_two_lines_of_a_locked_row_waits(self):
        moving = self.validated(2)
        self.sent(3)
        unlock = self.invoice()
        self.correct(moving, date=day(1))
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 5.0)])
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 3.0), (str(day(1)), 2.0)])

    def test_held_hours_are_not_added_to_a_row_that_other_lines_have(self):
        line = self.sent(7.5)
        unlock = self.invoice()
        other = self.sent(3, date=day(1))
        self.correct(line, date=day(1))
        self.settle()
        self.correct(other, unit_amount=4)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 7.5), (str(day(1)), 4.0)])
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 11.5)])

    def test_line_that_moves_back_returns_to_its_row_although_the_link_is_another(self):
        old = self.link(self.project).number
        line = self.sent(7.5)
        self.correct(line, project_id=self.projects[1].id)
        self.settle()
        self.relink(self.project)
        self.settle()
        self.correct(line, project_id=self.project.id)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(old, 7.5)])

    def overtime_moved_to_another_person(self):
        """Overtime on another project, sent after its employee was linked anew.

        :return: the line, and the number of the person who had it before
        """
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        number = self.link(self.employee).number
        self.relink(self.employee)
        self.settle()
        self.correct(line, project_id=self.projects[1].id)
        self.settle()
        return line, number

    def test_overtime_that_moves_back_is_whole_although_the_person_is_linked_anew(self):
        """The row of its paycode says no project: there it has got another person's."""
        line, number = self.overtime_moved_to_another_person()
        self.correct(line, project_id=self.project.id)
        self.settle()
        self.assertEqual(self.held_as("employeeNumber"), [(number, 2.0)])
        self.assertEqual(self.held_rows_as("employeeNumber"), [(number, 2.0)])

    def test_overtime_that_moves_back_from_a_row_that_cannot_go_is_whole(self):
        line, number = self.overtime_moved_to_another_person()
        unlock = self.invoice()
        self.correct(line, date=day(1))
        self.settle()
        self.correct(line, project_id=self.project.id, date=MONDAY)
        self.settle()
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("employeeNumber"), [(number, 2.0)])
        self.assertEqual(self.held_rows_as("employeeNumber"), [(number, 2.0)])

    def test_line_handled_as_it_became_overtime_is_sent_whole_when_validated_again(
        self,
    ):
        line = self.sent(7.5)
        unlock = self.invoice()
        self.correct(
            line, project_id=self.projects[1].id, work_entry_type_id=self.overtime.id
        )
        self.settle()
        self.remove(unsent="handled")
        self.complete()
        self.settle()
        self.assertEqual(self.held_rows(), [])
        unlock()
        self.correct(line, name="Checked")
        self.settle()
        self.assertEqual(
            self.held_as("projectNumber"), [(self.link(self.project).number, 7.5)]
        )
        self.assertEqual(self.held_rows_as("date"), [(str(MONDAY), 7.5)])

    def test_overtime_stays_whole_while_a_correction_on_its_row_waits_for_hours(self):
        """Those hours cannot leave their row, so the correction has none beside it."""
        values = {"work_entry_type_id": self.overtime.id}
        self.sent(5, **values)
        unlock = self.invoice()
        number = self.renumber(self.project)
        line = self.sent(2, **values)
        self.move_all()
        self.sent(-1, **values)
        self.correct(line, date=day(1))
        self.settle()
        self.assertIn((number, 1.0), self.held_as("projectNumber"))
        self.assertEqual(self.held_rows_as("date"), [(str(MONDAY), 6.0)])
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 4.0), (str(day(1)), 2.0)])
        self.assertEqual(
            self.held_rows_as("date"), [(str(MONDAY), 4.0), (str(day(1)), 2.0)]
        )

    def test_overtime_whose_move_is_off_keeps_the_row_that_its_paycode_lacks_by_now(
        self,
    ):
        self.sent(2, work_entry_type_id=self.overtime.id)
        number = self.link(self.project).number
        self.relink(self.project)
        self.control.close_project(int(self.link(self.project).tripletex_id))
        self.link(self.overtime).transfer_as = "hours"
        self.move_all()
        self.exclude(self.project)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(number, 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(MONDAY), 2.0)])

    def test_line_that_moves_back_to_a_project_not_sent_waits_for_a_row_that_stays(
        self,
    ):
        number = self.link(self.projects[1]).number
        line = self.sent(7.5)
        self.correct(line, project_id=self.projects[1].id)
        self.settle()
        self.exclude(self.project)
        unlock = self.invoice()
        self.correct(line, project_id=self.project.id)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(number, 7.5)])
        self.assertEqual(line.tripletex_state, "failed")
        unlock()
        self.retry()
        self.settle()
        self.assertEqual(
            self.held_as("projectNumber"), [(self.link(self.project).number, 7.5)]
        )
        self.assertEqual(line.tripletex_state, "sent")

    def test_overtime_that_moves_back_to_a_project_not_sent_is_whole(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        self.correct(line, project_id=self.projects[1].id, date=day(1))
        self.settle()
        self.exclude(self.project)
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=3)
        self.correct(line, project_id=self.project.id, date=MONDAY)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(day(1)), 3.0)])
        self.conflicts().action_replace()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(MONDAY), 2.0)])

    def test_refused_hours_return_although_a_link_changed_while_an_answer_lacked(self):
        """Overtime has left its rows; whether the new one was written is not known."""
        old, new = self.projects[:2]
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        self.correct(line, project_id=new.id, date=day(1))
        self.control.fault("drop_before", method="POST")
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([], []))
        self.control.close_project(int(self.link(new).tripletex_id))
        self.renumber(line.employee_id)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(self.link(old).number, 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(day(1)), 2.0)])

    def test_refused_hours_do_not_return_to_a_row_that_they_left_before(self):
        line, other = self.sent(5), self.sent(2)
        line.action_tripletex_invalidate()
        self.settle()
        line.date = day(1)
        line.action_tripletex_validate()
        self.settle()
        self.correct(other, unit_amount=3)
        new = self.projects[1]
        self.control.close_project(int(self.link(new).tripletex_id))
        self.correct(line, project_id=new.id)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 3), (str(day(1)), 5)])

    def test_refused_overtime_does_not_return_to_a_row_of_the_move_before(self):
        """One row of that move is a conflict, so it is not complete."""
        values = {"work_entry_type_id": self.overtime.id}
        line, other = self.sent(5, **values), self.sent(2, **values)
        self.control.person_creates_entry(
            int(self.link(self.employee).tripletex_id),
            str(day(1)),
            1,
            int(self.connection.default_activity_id.tripletex_id),
            int(self.link(self.project).tripletex_id),
        )
        self.correct(line, date=day(1))
        self.settle()
        self.assertEqual(
            self.held_rows_as("date"), [(str(MONDAY), 2), (str(day(1)), 5)]
        )
        self.correct(other, unit_amount=3)
        new = self.projects[1]
        self.control.close_project(int(self.link(new).tripletex_id))
        self.correct(line, project_id=new.id, date=day(2))
        self.settle()
        self.assertEqual(
            self.held_rows_as("date"), [(str(MONDAY), 3), (str(day(1)), 5)]
        )

    def test_move_ends_when_a_person_handles_the_row_that_may_have_been_written(self):
        line = self.sent(7.5)
        self.correct(line, date=day(1))
        self.control.fault("drop_after", method="POST")
        self.send()
        self.assertTrue(self.leaving_shares(line))
        self.remove(unsent="handled")
        self.assertFalse(self.leaving_shares(line))

    def test_move_ends_when_the_answer_comes_after_removing(self):
        line = self.sent(7.5)
        self.correct(line, date=day(1))
        store = Attempts.store

        def remove_before(attempts, outcomes):
            written = [e for e in outcomes if outcomes[e]["outcome"] == "done"]
            if day(1) in [entry.date for entry in written]:
                self.remove()
            store(attempts, outcomes)

        with patch.object(Attempts, "store", remove_before):
            self.settle()
        self.assertEqual(self.connection.state, "disconnected")
        self.assertEqual(self.held_as("date"), [(str(day(1)), 7.5)])
        self.assertFalse(self.leaving_shares(line))
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 7.5)])


@tagged("post_install", "-at_install")
class TestLedgerMovesAndPeople(LedgerCase):
    """A person edited the old row: a person decides, and the new row waits for it."""

    def setUp(self):
        super().setUp()
        self.line = self.sent(7.5)
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=8)
        self.correct(self.line, date=day(1))
        self.settle()

    def test_edited_old_row_holds_the_new_one(self):
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0)])
        self.assertEqual(self.conflicts().date, MONDAY)
        told = self.told(self.line)
        for date in (MONDAY, day(1)):
            self.assertIn(format_date(self.env, date), told)

    def test_keeping_the_old_row_drops_the_new_one_and_the_line_says_so(self):
        self.conflicts().action_keep()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0)])
        self.assertTrue(self.told(self.line))
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0)])

    def decide_while_removed(self, decide):
        self.remove()
        decide()
        self.complete(send_from=MONDAY)
        self.settle()

    def test_keeping_the_old_row_while_removed_drops_the_new_one(self):
        self.decide_while_removed(self.conflicts().action_keep)
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0)])

    def test_replacing_the_old_row_while_removed_completes_the_move(self):
        self.decide_while_removed(self.conflicts().action_replace)
        self.assertEqual(self.held_as("date"), [(str(day(1)), 7.5)])

    def test_keeping_one_row_of_overtime_sends_the_other_whose_old_row_is_gone(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id, date=day(2))
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=3)
        line.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0)])
        line.date = day(3)
        line.action_tripletex_validate()
        self.settle()
        self.conflicts().filtered(lambda e: e.kind == "paycode").action_keep()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0), (str(day(3)), 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(day(2)), 3.0)])

    def overtime_that_becomes_ordinary_on_another_day(self):
        """Somebody edited its old row of hours, which is a conflict.

        :return: the line
        """
        line = self.sent(2, work_entry_type_id=self.overtime.id, date=day(2))
        [row] = [row for row in self.control.entries() if row["hours"] == 2]
        self.control.person_edits_entry(row["id"], hours=3)
        self.correct(line, work_entry_type_id=False, date=day(3))
        self.settle()
        return line

    def test_keeping_hours_that_are_no_overtime_any_more_keeps_no_overtime(self):
        line = self.overtime_that_becomes_ordinary_on_another_day()
        self.conflicts(line).action_keep()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0), (str(day(2)), 3.0)])
        self.assertEqual(self.held_rows(), [])

    def test_keeping_overtime_itself_moves_no_hours_and_the_line_says_so(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id, date=day(2))
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=3)
        self.correct(line, work_entry_type_id=False, date=day(3))
        self.settle()
        self.conflicts().filtered(lambda e: e.kind == "paycode").action_keep()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0), (str(day(2)), 2.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(day(2)), 3.0)])
        self.assertIn(format_date(self.env, day(2)), self.told(line))

    def test_kept_hours_that_are_no_overtime_any_more_lack_no_row_of_it(self):
        self.company.tripletex_strict = False
        line = self.overtime_that_becomes_ordinary_on_another_day()
        self.conflicts(line).action_keep()
        self.settle()
        self.link(line.employee_id).employee_id = False
        self.correct(line, name="Checked")
        self.settle()
        self.assertEqual(line.tripletex_state, "conflict")  # not: nobody is linked

    def test_overtime_that_waits_beside_kept_hours_is_sent_when_connected_again(self):
        line = self.sent(2, date=day(2))
        [row] = [row for row in self.control.entries() if row["hours"] == 2]
        self.control.person_edits_entry(row["id"], hours=3)
        self.control.revoke_rights("timesheet/salaryTypeSpecification")
        self.correct(line, work_entry_type_id=self.overtime.id, date=day(3))
        self.settle()
        self.conflicts(line).action_keep()
        self.settle()
        self.remove()
        self.control.revoke_rights()
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 8.0), (str(day(2)), 3.0)])
        self.assertEqual(self.held_rows_as("date"), [(str(day(3)), 2.0)])

    def test_kept_overtime_whose_hours_are_sent_by_now_moves_whole(self):
        """Its employee sent overtime only, when it got the row that is kept."""
        link = self.link(self.employee)
        link.transfer = "overtime_absence"
        line = self.sent(2, work_entry_type_id=self.overtime.id, date=day(2))
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=3)
        link.transfer = "all"
        self.settle()
        self.correct(line, date=day(3))
        self.settle()
        self.conflicts(line).action_keep()
        self.settle()
        number = self.renumber(self.project)
        self.move_all()
        self.conflicts(line).action_replace()
        self.settle()
        self.assertIn((number, 2.0), self.held_as("projectNumber"))
        self.assertEqual(self.held_rows_as("date"), [(str(day(3)), 2.0)])

    def test_handling_hours_that_are_no_overtime_any_more_changes_no_row(self):
        self.overtime_that_becomes_ordinary_on_another_day()
        before = self.control.rows()
        self.remove(unsent="handled")
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.control.rows(), before)

    def test_replacing_the_old_row_completes_the_move(self):
        self.conflicts().action_replace()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 7.5)])
        self.assertEqual(
            (self.line.tripletex_state, self.told(self.line)), ("sent", "")
        )
