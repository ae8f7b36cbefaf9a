from odoo.exceptions import AccessError
from odoo.tests import tagged

from .ledger_common import LedgerSteps
from .month_common import MonthSteps
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestMonthAccess(MonthSteps, LedgerSteps, ValidateCase):
    """Who sees which months, and who may act on them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tripletex_own_team_only = True
        cls.department = cls.env["hr.department"].create(
            {
                "name": "Bygg",
                "company_id": cls.company.id,
                "manager_id": cls.leading.id,
            }
        )
        (cls.leading + cls.employee).department_id = cls.department
        cls.leading.department_id = cls.department

    def setUp(self):
        super().setUp()
        self.link_to(self.leading, self.free_row(self.leading))
        self.sent(7.5)
        self.check()

    def seen(self, user):
        """People whose months the user sees."""
        months = self.seen_by(user, self.env["tripletex.month"]).search([])
        return months.sudo().employee_id

    def assert_refused(self, act):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            act()
        self.env.invalidate_all()

    def test_administrators_see_everybody_of_their_company(self):
        everybody = self.employees | self.leading
        self.assertEqual(self.seen(self.manager), everybody)
        self.assertEqual(self.seen(self.system), everybody)

    def test_leader_sees_team_and_others_nobody(self):
        self.assertIn(self.employee, self.seen(self.leader))
        self.assertNotIn(self.employees[1], self.seen(self.leader))
        self.assertFalse(self.seen(self.approver))

    def test_without_team_rule_approvers_see_everybody(self):
        self.company.tripletex_own_team_only = False
        self.assertEqual(self.seen(self.approver), self.employees | self.leading)

    def test_employees_see_no_months(self):
        for user in (self.worker, self.env.ref("base.public_user")):
            with self.subTest(user=user.login):
                self.assert_refused(
                    lambda user=user: self.seen_by(user, self.month()).read(["month"])
                )

    def test_records_of_checks_follow_the_months(self):
        Check = self.env["tripletex.month.check"]
        found = self.seen_by(self.leader, Check).search([])
        self.assertEqual(found.sudo().month_id.employee_id, self.seen(self.leader))
        self.assert_refused(lambda: self.seen_by(self.worker, Check).search_count([]))

    def test_nobody_writes_creates_or_deletes_months(self):
        for user in (self.approver, self.manager, self.system):
            month = self.seen_by(user, self.month())
            for act in (
                lambda month=month: month.write({"hours_read": 1}),
                lambda month=month: month.unlink(),
                lambda month=month: month.copy(),
                lambda month=month: month.message_post(body="note"),
            )[:3]:
                with self.subTest(user=user.login):
                    self.assert_refused(act)

    def test_figures_are_read_with_the_rights_of_approvers(self):
        [row] = self.seen_by(self.leader, self.month()).read(
            ["hours_validated", "is_equal", "cause", "message", "days", "display_name"]
        )
        self.assertEqual((row["hours_validated"], row["is_equal"]), (7.5, True))
        found = self.seen_by(self.leader, self.env["tripletex.month"])._read_group(
            [("is_equal", "=", True)], [], ["hours_validated:sum"]
        )
        self.assertEqual(found, [(7.5,)])

    def test_leader_finishes_team_but_not_own_or_other_months(self):
        month = self.seen_by(self.leader, self.month())
        self.assertNotEqual(month.action_finish(), None)
        for employee in (self.leading, self.employees[1]):
            with self.subTest(employee=employee.name):
                other = self.seen_by(self.leader, self.month(employee))
                self.assert_refused(other.action_finish)
                self.assert_refused(other.action_reopen)
                self.assert_refused(other.action_approve)

    def test_administrator_finishes_everybody(self):
        self.assertNotEqual(
            self.seen_by(self.manager, self.month()).action_finish(), None
        )

    def test_system_administrator_without_timesheets_does_not_act(self):
        self.assert_refused(self.seen_by(self.system, self.month()).action_finish)

    def test_dialog_belongs_to_who_may_act(self):
        dialog = self.seen_by(self.leader, self.month()).action_finish()
        self.assertEqual(dialog["res_model"], "tripletex.month.finish")
        self.assert_refused(
            lambda: (
                self.seen_by(self.approver, self.env["tripletex.month.finish"])
                .create({"month_ids": self.month().ids})
                .action_confirm()
            )
        )

    def test_other_company_sees_nothing(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere AS"})
        self.manager.company_ids |= elsewhere
        months = self.env["tripletex.month"].with_user(self.manager)
        months = months.with_context(allowed_company_ids=elsewhere.ids)
        self.assertFalse(months.search([]))
