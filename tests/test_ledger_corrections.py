from odoo.exceptions import RedirectWarning
from odoo.tests import tagged

from .ledger_common import LedgerCase, day
from .send_common import ENTRIES


@tagged("post_install", "-at_install")
class TestLedgerCorrections(LedgerCase):
    """Negative lines correct what was validated; nothing goes below zero."""

    def negative(self, hours, **values):
        """A line that takes ``hours`` back, as a sheet module makes it."""
        return self.log(-hours, name="/", **values)

    def assert_below_zero(self, act, *figures):
        """Refused with the day's arithmetic."""
        message = self.refusal(act)
        self.assertIn("below zero", message)
        for figure in figures:
            self.assertIn(figure, message)

    # -- one row -----------------------------------------------------------------

    def test_negative_line_lowers_the_sent_row_with_one_put(self):
        self.sent(8)
        self.control.clear_calls()
        line = self.negative(2)
        line.action_tripletex_validate()
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([6.0], "sent"))
        self.assertEqual(
            [(call["method"], call["template"]) for call in self.writes()],
            [("PUT", ENTRIES)],
        )

    def test_negative_line_down_to_zero_deletes_the_row(self):
        self.sent(8)
        (self.negative(2) + self.negative(6)).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [])

    def test_row_is_written_again_when_it_is_above_zero_again(self):
        self.sent(8)
        self.negative(8).action_tripletex_validate()
        self.settle()
        self.sent(3)
        self.assertEqual(self.held(), [3.0])

    def test_negative_line_below_zero_is_refused_with_the_figures_of_the_day(self):
        self.sent(8)
        (self.negative(2) + self.negative(6)).action_tripletex_validate()
        self.settle()
        last = self.negative(1)
        self.assert_below_zero(
            last.action_tripletex_validate, "8.00", "2.00", "6.00", "1.00"
        )
        self.assertFalse(last.tripletex_validated)

    def test_negative_line_without_anything_to_correct_is_refused(self):
        line = self.negative(2)
        self.assert_below_zero(line.action_tripletex_validate, "2.00")

    def test_negative_line_does_not_correct_another_project(self):
        self.sent(8)
        line = self.negative(2, project_id=self.projects[1].id)
        self.assert_below_zero(line.action_tripletex_validate, "2.00")

    def test_negative_line_does_not_correct_another_day(self):
        self.sent(8)
        line = self.negative(2, date=day(1))
        self.assert_below_zero(line.action_tripletex_validate, "2.00")

    def test_negative_line_corrects_hours_that_wait(self):
        self.validated(8)
        self.negative(2).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [6.0])

    def test_correction_reaches_hours_sent_before_their_project_was_excluded(self):
        self.sent(8)
        self.projects[0].tripletex_excluded = True
        self.negative(2).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [6.0])

    def test_day_of_24_hours_counts_corrections(self):
        self.sent(20)
        self.negative(2).action_tripletex_validate()
        self.validated(6, project_id=self.projects[1].id)
        self.settle()
        self.assertEqual(self.held(), [6.0, 18.0])

    # -- together or not at all --------------------------------------------------

    def test_lines_that_cancel_each_other_are_validated_together(self):
        lines = self.log(1) + self.log(2) + self.log(3) + self.negative(5)
        lines.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [1.0])
        self.assertEqual(lines.mapped("tripletex_validated"), [True] * 4)

    def test_order_of_the_lines_does_not_matter(self):
        lines = self.negative(5) + self.log(1) + self.log(2) + self.log(3)
        lines.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [1.0])

    def test_lines_that_cancel_each_other_out_are_sent_nowhere(self):
        (self.log(5) + self.negative(5)).action_tripletex_validate()
        self.settle()
        self.assertEqual((self.held(), self.writes()), ([], []))

    def validate_the_others(self, lines):
        """Press Validate, and the button of the message."""
        with self.assertRaises(RedirectWarning) as caught, self.env.cr.savepoint():
            lines.action_tripletex_validate()
        self.press_button(caught.exception)
        self.settle()

    def unlinked_line(self):
        project = self.project.copy({"name": "Without link"})
        return self.log(4, project_id=project.id)

    def test_validate_the_others_validates_corrections_with_what_they_correct(self):
        lines = self.log(1) + self.log(2) + self.log(3) + self.negative(5)
        refused = self.unlinked_line()
        self.validate_the_others(lines + refused)
        self.assertEqual(self.held(), [1.0])
        self.assertFalse(refused.tripletex_validated)

    def test_validate_the_others_leaves_a_correction_with_its_refused_line(self):
        self.connection.require_comments = True
        refused = self.log(3, name="/")
        group = self.log(1) + self.log(2) + self.log(-5, name="Correction")
        other = self.log(4, date=day(1))
        self.validate_the_others(refused + group + other)
        self.assertEqual(self.held(), [4.0])
        self.assertEqual((refused + group).mapped("tripletex_validated"), [False] * 4)

    def test_opening_what_a_negative_line_corrects_is_refused(self):
        line = self.sent(8)
        self.negative(2).action_tripletex_validate()
        self.assert_below_zero(line.action_tripletex_invalidate, "2.00")
        self.assertTrue(line.tripletex_validated)
        self.settle()
        self.assertEqual(self.held(), [6.0])

    def test_opening_a_line_together_with_its_correction_is_allowed(self):
        lines = self.sent(8) + self.negative(2)
        lines.action_tripletex_validate()
        self.settle()
        lines.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held(), [])

    def test_opening_the_correction_alone_is_allowed(self):
        self.sent(8)
        line = self.negative(2)
        line.action_tripletex_validate()
        self.settle()
        line.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held(), [8.0])

    # -- paycodes ----------------------------------------------------------------

    def test_negative_overtime_lowers_both_of_its_rows(self):
        self.sent(3, work_entry_type_id=self.overtime.id)
        self.negative(
            1, work_entry_type_id=self.overtime.id
        ).action_tripletex_validate()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))

    def test_negative_overtime_down_to_zero_deletes_both_of_its_rows(self):
        self.sent(3, work_entry_type_id=self.overtime.id)
        self.negative(
            3, work_entry_type_id=self.overtime.id
        ).action_tripletex_validate()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], []))

    def test_negative_overtime_below_zero_is_refused_although_the_day_is_not(self):
        self.sent(3, work_entry_type_id=self.overtime.id)
        self.sent(5)
        line = self.negative(4, work_entry_type_id=self.overtime.id)
        self.assert_below_zero(line.action_tripletex_validate, "3.00", "4.00")

    def test_negative_overtime_follows_the_row_of_its_line_that_waits(self):
        """The hours are sent to one person, the paycode row waits for another."""
        old = self.link(self.employee).number
        self.control.revoke_rights("timesheet/salaryTypeSpecification")
        self.validated(3, work_entry_type_id=self.overtime.id)
        self.settle()
        self.negative(
            1, work_entry_type_id=self.overtime.id
        ).action_tripletex_validate()
        new = self.renumber(self.employee)
        self.control.revoke_rights()
        self.connection.action_test()
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("employeeNumber"), [(old, 2.0)])
        self.assertEqual(self.held_rows_as("employeeNumber"), [(new, 2.0)])

    def test_negative_overtime_of_an_excluded_project_waits_through_a_move(self):
        self.sent(3, work_entry_type_id=self.overtime.id)
        self.control.revoke_rights("timesheet/salaryTypeSpecification")
        self.negative(
            1, work_entry_type_id=self.overtime.id
        ).action_tripletex_validate()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [3.0]))
        self.exclude(self.project)
        self.move_all()
        self.control.revoke_rights()
        self.connection.action_test()
        self.retry()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))

    def test_negative_line_does_not_correct_hours_that_leave_their_row(self):
        old = self.link(self.project).number
        moved = self.sent(8)
        new = self.relink(self.project)
        self.company.tripletex_strict = False
        unlinked = self.project.copy({"name": "Without link"})
        self.correct(moved, project_id=unlinked.id)
        self.validated(3)
        self.negative(1).action_tripletex_validate()
        self.settle()
        self.assertEqual(
            self.held_as("projectNumber"), sorted([(old, 8.0), (new, 2.0)])
        )

    def test_negative_line_corrects_what_is_there_beside_hours_of_a_deleted_line(self):
        self.sent(8)
        deleted = self.sent(3)
        self.env.cr.execute(
            "DELETE FROM account_analytic_line WHERE id = %s", [deleted.id]
        )
        self.env.invalidate_all()
        self.negative(2).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [6.0])

    def test_correction_of_one_of_two_equal_lines_stays_with_it(self):
        """The other one's row of hours waits, and follows another link."""
        project = int(self.link(self.project).tripletex_id)
        self.sent(1.5, work_entry_type_id=self.overtime.id)
        self.control.close_project(project)
        self.validated(-0.5, work_entry_type_id=self.overtime.id)
        self.settle()
        self.relink(self.overtime)
        self.validated(0.25, work_entry_type_id=self.overtime.id)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([1.5], [0.25, 1.0]))
        self.renumber(self.project)
        self.settle()
        self.control.close_project(project, False)
        self.retry()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([0.25, 1.0], [0.25, 1.0]))

    def test_negative_line_sent_as_paycode_only_lowers_its_row(self):
        self.paycode.transfer_as = "paycode"
        self.sent(3, work_entry_type_id=self.overtime.id)
        self.negative(
            1, work_entry_type_id=self.overtime.id
        ).action_tripletex_validate()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))

    # -- lines of 0 hours --------------------------------------------------------

    def test_line_of_no_hours_validates_and_is_sent_nowhere(self):
        line = self.log(0)
        line.action_tripletex_validate()
        self.settle()
        self.assertTrue(line.tripletex_validated)
        self.assertFalse(line.tripletex_state)
        self.assertEqual((self.held(), self.writes()), ([], []))

    def test_line_of_no_hours_does_not_stop_a_group_of_others(self):
        lines = self.log(0, name="/") + self.log(5) + self.log(2, date=day(1))
        lines.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [2.0, 5.0])

    def test_line_of_no_hours_can_be_opened_and_filled_in(self):
        line = self.validated(0)
        self.correct(line, unit_amount=4)
        self.settle()
        self.assertEqual(self.held(), [4.0])

    def test_sent_line_that_becomes_empty_leaves_tripletex(self):
        line = self.sent(5)
        self.correct(line, unit_amount=0)
        self.settle()
        self.assertEqual(self.held(), [])
        self.assertTrue(line.tripletex_validated)

    # -- thirds of an hour -------------------------------------------------------

    def test_thirds_of_an_hour_are_rounded_once_for_each_row(self):
        for _line in range(4):
            self.validated(1 / 3)
        for project in self.projects[1:]:
            self.validated(1 / 3, project_id=project.id)
        self.settle()
        self.assertEqual(self.held(), [0.33, 0.33, 1.33])

    # -- together with the hours that return ---------------------------------------

    def gone(self, hours):
        """Hours that were sent and whose validation was undone."""
        line = self.sent(hours)
        line.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held(), [])
        return line

    def test_hours_of_an_excluded_project_return_with_their_correction(self):
        line = self.gone(3)
        self.exclude(self.project)
        (line + self.negative(1)).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [2.0])

    def test_hours_that_return_are_not_corrected_below_zero(self):
        line = self.gone(3)
        self.exclude(self.project)
        lines = line + self.negative(4)
        self.assert_below_zero(lines.action_tripletex_validate, "3.00", "4.00")
        self.assertEqual(lines.mapped("tripletex_validated"), [False, False])

    def test_hours_return_with_their_correction_after_another_link(self):
        line = self.gone(3)
        there = self.tripletex_project(self.project)
        self.relink(self.project)
        (line + self.negative(1)).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held_as("project"), [(there, 2.0)])

    def tripletex_project(self, project):
        return int(self.link(project).tripletex_id)
