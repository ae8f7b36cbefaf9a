from unittest import SkipTest

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import REFUSALS
from .people_common import PeopleCase


@tagged("post_install", "-at_install")
class TestBesideSheets(PeopleCase):
    """With OCA's ``hr_timesheet_sheet``, which dev/tests/addons imitates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "hr_timesheet.sheet" not in cls.env:
            raise SkipTest("needs hr_timesheet_sheet to be installed")

    def sheet(self, user=None):
        """Create the worker's sheet of the week, as the worker sees it."""
        sheet = self.env["hr_timesheet.sheet"].create(
            {
                "employee_id": self.employee.id,
                "date_start": MONDAY,
                "date_end": MONDAY,
            }
        )
        return self.seen_by(user or self.worker, sheet)

    def approve(self, sheet, user=None):
        sheet.action_timesheet_confirm()
        self.seen_by(user or self.approver, sheet).action_timesheet_done()

    def test_submitted_sheet_sends_its_hours_in(self):
        line = self.own()
        self.sheet().action_timesheet_confirm()
        self.assertEqual(line.tripletex_status, "sent_in")
        self.assertEqual(line.tripletex_sent_in_by, self.worker)

    def test_submitted_sheet_changes_nothing_where_nobody_sends_in(self):
        self.company.tripletex_send_in = False
        line = self.own()
        self.sheet().action_timesheet_confirm()
        self.assertEqual(line.tripletex_status, "draft")

    def test_approved_sheet_validates_and_sends_its_hours(self):
        line = self.own()
        self.approve(self.sheet())
        self.assertEqual(line.tripletex_validated_by, self.approver)
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_refused_sheet_rejects_its_hours_with_a_reason(self):
        line, sheet = self.own(), self.sheet()
        sheet.action_timesheet_confirm()
        self.seen_by(self.approver, sheet).action_timesheet_refuse()
        self.assertEqual(line.tripletex_status, "rejected")
        self.assertIn("sheet was refused", line.tripletex_rejected)

    def test_opened_sheet_takes_its_hours_out_of_tripletex(self):
        line, sheet = self.own(), self.sheet()
        self.approve(sheet)
        self.send()
        self.seen_by(self.approver, sheet).action_timesheet_draft()
        self.assertFalse(line.tripletex_validated)
        self.send()
        self.assertEqual(self.held(), [])

    def test_sheet_whose_hours_have_a_problem_is_not_approved(self):
        good = self.log()
        bad = self.log(project_id=self.unlinked_project().id)
        sheet = self.sheet()
        sheet.action_timesheet_confirm()
        with (
            self.assertRaisesRegex(REFUSALS, "not linked"),
            self.env.cr.savepoint(),
        ):
            self.seen_by(self.approver, sheet).action_timesheet_done()
        self.env.invalidate_all()
        self.assertEqual(sheet.state, "confirm")
        self.assertFalse((good | bad).filtered("tripletex_validated"))

    def test_only_who_may_validate_approves_a_sheet(self):
        line, sheet = self.own(), self.sheet()
        sheet.action_timesheet_confirm()
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            sheet.action_timesheet_done()
        self.env.invalidate_all()
        self.assertFalse(line.tripletex_validated)

    def test_lowered_cell_lowers_what_is_sent(self):
        self.log(7.5)
        sheet = self.sheet()
        correction = sheet.set_cell(self.project, MONDAY, 6)
        self.assertEqual(correction.unit_amount, -1.5)
        self.approve(sheet)
        self.send()
        self.assertEqual(self.held(), [6.0])

    def test_lowered_cell_of_sent_hours_is_corrected_after_validation(self):
        self.validated(7.5)
        self.send()
        sheet = self.sheet()
        sheet.set_cell(self.project, MONDAY, 6)
        self.approve(sheet)
        self.send()
        self.assertEqual(self.held(), [6.0])

    def test_lines_without_description_are_merged_and_sent_as_one(self):
        self.log(5, name="/")
        self.log(2, name="/")
        sheet = self.sheet()
        sheet.open_sheet()
        self.assertEqual(sheet.timesheet_ids.mapped("unit_amount"), [7.0])
        self.approve(sheet)
        self.send()
        self.assertEqual(self.held(), [7.0])

    def test_sheet_with_a_validated_line_opens_and_merges_the_open_ones(self):
        validated = self.validated(4, name="/")
        self.log(2, name="/")
        self.log(1, name="/")
        sheet = self.sheet()
        sheet.open_sheet()
        self.assertEqual(sorted(sheet.timesheet_ids.mapped("unit_amount")), [3, 4])
        sheet.set_cell(self.project, MONDAY, 8)
        self.assertEqual(sorted(sheet.timesheet_ids.mapped("unit_amount")), [4, 4])
        self.assertEqual(validated.unit_amount, 4)

    def test_changed_cell_of_a_validated_line_is_refused_by_name(self):
        self.validated(4, name="/")
        sheet = self.sheet()
        with self.assertRaisesRegex(UserError, "validated and locked"):
            sheet.set_cell(self.project, MONDAY, 8)

    def test_empty_lines_are_validated_sent_nowhere_and_deleted_on_saving(self):
        sheet = self.sheet()
        empty = sheet.add_line(self.project, MONDAY)
        self.assertFalse(empty.tripletex_problem)
        self.approve(sheet)
        self.assertTrue(empty.tripletex_validated)
        self.send()
        self.assertEqual(self.held(), [])

    def test_validated_empty_line_does_not_stop_the_sheet_from_being_saved(self):
        sheet = self.sheet()
        empty = sheet.add_line(self.project, MONDAY)
        self.seen_by(self.approver, empty).action_tripletex_validate()
        sheet.save_sheet()
        self.assertFalse(empty.exists())

    def test_lines_of_a_submitted_sheet_are_validated_one_by_one_as_well(self):
        line = self.own()
        self.sheet().action_timesheet_confirm()
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.send()
        self.assertEqual(self.held(), [7.5])
