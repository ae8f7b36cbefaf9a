from ast import literal_eval
from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MONDAY
from .people_common import PeopleCase


@tagged("post_install", "-at_install")
class TestPeopleSendIn(PeopleCase):
    """Employees send in their hours; what changes afterwards is open again."""

    def test_employee_sends_in_own_hours(self):
        line = self.own()
        self.assertEqual(line.tripletex_status, "draft")
        line.action_tripletex_send_in()
        self.assertTrue(line.tripletex_sent_in)
        self.assertEqual(line.tripletex_sent_in_by, self.worker)
        self.assertEqual(line.tripletex_status, "sent_in")

    def test_employee_cannot_send_in_hours_of_others(self):
        line = self.log(employee_id=self.employees[1].id)
        with self.assertRaises(AccessError):
            self.seen_by(self.worker, line).action_tripletex_send_in()
        self.assertFalse(line.tripletex_sent_in)

    def test_approver_and_administrator_send_in_for_others(self):
        for user in (self.approver, self.manager):
            with self.subTest(user.login):
                line = self.log()
                self.seen_by(user, line).action_tripletex_send_in()
                self.assertEqual(line.tripletex_sent_in_by, user)

    def test_approver_of_another_team_cannot_send_in(self):
        self.company.tripletex_own_team_only = True
        line = self.log()
        with self.assertRaises(AccessError):
            self.seen_by(self.approver, line).action_tripletex_send_in()

    def test_own_team_only_lets_people_send_in_own_hours(self):
        self.company.tripletex_own_team_only = True
        self.assertEqual(self.sent_in().tripletex_status, "sent_in")

    def test_sending_in_is_refused_where_company_does_not_use_it(self):
        self.company.tripletex_send_in = False
        line = self.own()
        with self.assertRaisesRegex(UserError, self.company.name):
            line.action_tripletex_send_in()

    def test_status_knows_no_sending_in_where_company_does_not_use_it(self):
        line = self.sent_in()
        self.company.tripletex_send_in = False
        self.assertEqual(line.tripletex_status, "draft")

    def test_validated_hours_are_not_sent_in(self):
        line = self.seen_by(self.worker, self.validated())
        line.action_tripletex_send_in()
        self.assertFalse(line.tripletex_sent_in)

    def test_nobody_writes_the_marks_directly(self):
        for user in (self.worker, self.approver, self.manager):
            line = self.seen_by(user, self.log())
            line.write(
                {
                    "tripletex_sent_in": fields.Datetime.now(),
                    "tripletex_sent_in_by": user.id,
                    "tripletex_rejected": "No",
                }
            )
            self.assertFalse(line.tripletex_sent_in or line.tripletex_rejected)
            self.assertFalse(line.tripletex_sent_in_by)

    def test_context_marks_nothing_as_sent_in(self):
        lines = self.env["account.analytic.line"].with_context(
            default_tripletex_sent_in="2026-03-16 08:00:00",
            default_tripletex_rejected="No",
        )
        values = {"project_id": self.project.id, "date": MONDAY, "unit_amount": 1}
        line = self.seen_by(self.worker, lines).create(
            values | {"employee_id": self.employee.id}
        )
        self.assertFalse(line.tripletex_sent_in or line.tripletex_rejected)

    def test_copy_is_not_sent_in(self):
        copy = self.sent_in().copy()
        self.assertFalse(copy.tripletex_sent_in or copy.tripletex_sent_in_by)

    # -- changes -----------------------------------------------------------------

    def test_own_change_opens_hours_again(self):
        for values in (
            {"unit_amount": 6},
            {"date": MONDAY + timedelta(days=1)},
            {"project_id": self.projects[1].id},
            {"name": "Other work"},
            {"work_entry_type_id": self.overtime.id},
        ):
            with self.subTest(**values):
                line = self.sent_in()
                line.write(values)
                self.assertFalse(line.tripletex_sent_in or line.tripletex_sent_in_by)
                self.assertEqual(line.tripletex_status, "draft")

    def test_saving_without_change_keeps_hours_sent_in(self):
        line = self.sent_in()
        line.write({"unit_amount": 7.5, "name": "Work"})
        self.assertTrue(line.tripletex_sent_in)

    def test_change_by_approver_keeps_hours_sent_in(self):
        line = self.sent_in()
        self.seen_by(self.approver, line).write({"unit_amount": 6})
        self.assertEqual(line.tripletex_status, "sent_in")

    # -- validating --------------------------------------------------------------

    def test_approver_validates_hours_that_were_not_sent_in(self):
        line = self.log()
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_validated_hours_show_how_far_they_are(self):
        line = self.sent_in()
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.assertEqual(line.tripletex_status, "pending")
        self.send()
        self.assertEqual(line.tripletex_status, "sent")

    def test_hours_are_sent_in_after_validation_is_undone(self):
        line = self.sent_in()
        approver = self.seen_by(self.approver, line)
        approver.action_tripletex_validate()
        approver.action_tripletex_invalidate()
        self.assertEqual(line.tripletex_status, "sent_in")

    # -- the dialog --------------------------------------------------------------

    def test_dialog_sends_in_everything_up_to_date(self):
        lines = self.own() + self.own(date=MONDAY + timedelta(days=1))
        later = self.own(date=MONDAY + timedelta(days=2))
        other = self.log(employee_id=self.employees[1].id)
        dialog = self.seen_by(self.worker, self.env["tripletex.line.send.in"]).create(
            {"date_to": MONDAY + timedelta(days=1)}
        )
        self.assertEqual((dialog.line_count, dialog.hours), (2, 15.0))
        dialog.action_send_in()
        self.assertTrue(all(lines.mapped("tripletex_sent_in")))
        self.assertFalse(later.tripletex_sent_in or other.tripletex_sent_in)

    def test_dialog_proposes_today(self):
        dialog = self.seen_by(self.worker, self.env["tripletex.line.send.in"]).new()
        self.assertEqual(dialog.date_to, fields.Date.context_today(dialog))

    def test_dialog_leaves_out_companies_that_do_not_use_it(self):
        line = self.own()
        self.company.tripletex_send_in = False
        dialog = self.seen_by(self.worker, self.env["tripletex.line.send.in"]).create(
            {"date_to": MONDAY}
        )
        self.assertEqual(dialog.line_count, 0)
        with self.assertRaises(UserError):
            dialog.action_send_in()
        self.assertFalse(line.tripletex_sent_in)

    def test_button_sends_selected_lines_or_opens_the_dialog(self):
        line, other = self.own(), self.own()
        line.action_tripletex_open_send_in()
        self.assertEqual(
            (line + other).mapped("tripletex_status"), ["sent_in", "draft"]
        )
        action = line.browse().action_tripletex_open_send_in()
        self.assertEqual(action["res_model"], "tripletex.line.send.in")

    # -- screens -----------------------------------------------------------------

    def test_screens_offer_sending_in_where_a_company_uses_it(self):
        for used in (True, False):
            self.company.tripletex_send_in = used
            lines = self.seen_by(self.worker, self.env["account.analytic.line"])
            view = self.env.ref("hr_timesheet.hr_timesheet_line_tree")
            arch = lines.get_view(view.id, "list")["arch"]
            self.assertEqual("action_tripletex_open_send_in" in arch, used)
            search = "account_analytic_line_view_search_to_validate"
            view = self.env.ref(f"hr_timesheet_tripletex.{search}")
            arch = lines.get_view(view.id, "search")["arch"]
            self.assertEqual("tripletex_sent_in" in arch, used)

    def test_to_validate_shows_first_what_was_sent_in(self):
        line, other = self.sent_in(), self.own()
        action = self.env.ref(
            "hr_timesheet_tripletex.account_analytic_line_action_to_validate"
        )
        self.assertIn("search_default_tripletex_sent_in", action.context)
        self.assertEqual((line + other).filtered_domain(self.shown_first()), line)

    def test_hours_of_companies_without_sending_in_are_not_hidden(self):
        line = self.own()
        self.company.tripletex_send_in = False
        self.assertTrue(line.filtered_domain(self.shown_first()))

    def shown_first(self):
        """Domain of the filter with which hours to validate are opened."""
        name = "account_analytic_line_view_search_to_validate"
        view = self.env.ref(f"hr_timesheet_tripletex.{name}")
        arch = etree.fromstring(view.get_combined_arch())
        [found] = arch.xpath("//filter[@name='tripletex_sent_in']")
        return literal_eval(found.get("domain"))
