import ast
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning
from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import LedgerSteps, day
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestLedgerTeam(LedgerSteps, ValidateCase):
    """With Own Team Only nobody decides about their own hours."""

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

    def setUp(self):
        super().setUp()
        self.link_to(self.leading, self.free_row(self.leading))

    def own(self, hours=4, **values):
        """The leader's own line, as the leader handles it."""
        line = self.log(hours, employee_id=self.leading.id, **values)
        return self.seen_by(self.leader, line)

    def conflict(self, employee):
        """The sent hours of a line of 4 h, with a person's row of 3 h in the way."""
        self.control.person_creates_entry(
            int(self.link(employee).tripletex_id),
            str(MONDAY),
            3,
            int(self.connection.default_activity_id.tripletex_id),
            int(self.link(self.project).tripletex_id),
        )
        line = self.log(4, employee_id=employee.id)
        self.seen_by(self.manager, line).action_tripletex_validate()
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        return self.entries_of(line)

    def assert_refused(self, act):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            act()
        self.env.invalidate_all()

    # -- validating --------------------------------------------------------------

    def test_leader_cannot_validate_own_overtime(self):
        line = self.own(work_entry_type_id=self.overtime.id)
        self.assert_refused(line.action_tripletex_validate)
        self.assert_refused(lambda: line.write({"tripletex_validated": True}))
        self.assertFalse(line.tripletex_validated)

    def test_leader_validates_the_department(self):
        line = self.seen_by(self.leader, self.log())
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_leader_who_is_their_own_manager_cannot_validate_own_hours(self):
        self.department.manager_id = False
        self.leading.parent_id = self.leading
        self.assert_refused(self.own().action_tripletex_validate)

    def test_own_hours_in_a_group_are_refused_by_name(self):
        own = self.own()
        lines = own + self.seen_by(self.leader, self.log())
        with self.assertRaises(RedirectWarning) as refused:
            lines.action_tripletex_validate()
        self.assertIn("Somebody else must validate", refused.exception.args[0])
        self.assertIn(self.leading.name, refused.exception.args[0])
        self.press_button(refused.exception, self.leader)
        self.assertEqual(
            lines.mapped("tripletex_validated"), [line != own for line in lines]
        )

    def test_rest_of_a_selection_is_offered_beside_what_tripletex_refuses(self):
        bad = self.log(project_id=self.unlinked_project().id)
        own, good = self.own(), self.log(1, date=day(1))
        lines = self.seen_by(self.leader, own + bad + good)
        with self.assertRaises(RedirectWarning) as refused:
            lines.action_tripletex_validate()
        for name in (self.leading.name, "Unknown there"):
            self.assertIn(name, refused.exception.args[0])
        dialog = self.env["tripletex.line.validate"].with_user(self.leader)
        dialog = dialog.create({"line_ids": lines.ids})
        self.assertEqual(dialog.refused_ids, own + bad)
        self.assertEqual((dialog.refused_count, dialog.other_count), (2, 1))
        self.press_button(refused.exception, self.leader)
        self.assertEqual(
            lines.mapped("tripletex_validated"), [line == good for line in lines]
        )

    def test_outside_approver_is_refused_by_name_without_the_dialog(self):
        lines = self.seen_by(self.approver, self.log())
        with self.assertRaisesRegex(AccessError, self.employee.name):
            lines.action_tripletex_validate()

    # -- lists -------------------------------------------------------------------

    def listed(self, user, xmlid):
        """What an action's list shows to a user."""
        action = self.env.ref(f"hr_timesheet_tripletex.{xmlid}")
        domain = ast.literal_eval(action.domain)
        return self.seen_by(user, self.env[action.res_model]).search(domain)

    def test_list_to_validate_shows_what_the_person_may_validate(self):
        own, other = self.own(), self.log()
        xmlid = "account_analytic_line_action_to_validate"
        for user, expected in (
            (self.leader, other),
            (self.approver, other.browse()),
            (self.manager, own + other),
        ):
            with self.subTest(user=user.login):
                found = self.listed(user, xmlid)
                self.assertEqual(found & (own + other), expected)
                self.assertTrue(all(found.mapped("tripletex_may_act")))
        self.company.tripletex_own_team_only = False
        self.assertEqual(self.listed(self.approver, xmlid) & (own + other), own + other)

    def test_sent_hours_show_what_the_person_may_decide(self):
        line = self.own()
        self.seen_by(self.manager, line).action_tripletex_validate()
        other = self.log()
        self.seen_by(self.leader, other).action_tripletex_validate()
        own, team = self.entries_of(line), self.entries_of(other)
        for xmlid in ("tripletex_entry_action", "tripletex_entry_action_waiting"):
            for user, expected in (
                (self.leader, team),
                (self.approver, team.browse()),
                (self.manager, own + team),
            ):
                with self.subTest(user=user.login, xmlid=xmlid):
                    found = self.listed(user, xmlid)
                    self.assertEqual(found & (own + team), expected)
                    self.assertTrue(all(found.mapped("may_act")))

    def test_outside_approver_cannot_decide_or_retry(self):
        entry = self.seen_by(self.approver, self.conflict(self.employee))
        for act in (entry.action_add, entry.action_retry, entry.action_decide):
            self.assert_refused(act)
        self.assertEqual((self.held(), entry.state), ([3.0], "conflict"))

    # -- one's own hours ---------------------------------------------------------

    def test_timesheet_administrator_validates_the_leaders_hours(self):
        line = self.seen_by(self.manager, self.own())
        line.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [4.0])

    def test_timesheet_administrator_validates_own_hours(self):
        self.leading.user_id = self.manager
        line = self.seen_by(self.manager, self.own())
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_leader_validates_own_hours_where_the_rule_is_off(self):
        self.company.tripletex_own_team_only = False
        line = self.own()
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    # -- deciding ----------------------------------------------------------------

    def test_leader_cannot_decide_about_own_hours(self):
        entry = self.conflict(self.leading)
        own = self.seen_by(self.leader, entry)
        for decision in (own.action_keep, own.action_replace, own.action_add):
            self.assert_refused(decision)
        self.settle()
        self.assertEqual((self.held(), entry.state), ([3.0], "conflict"))

    def test_timesheet_administrator_decides_about_the_leaders_hours(self):
        entry = self.conflict(self.leading)
        self.seen_by(self.manager, entry).action_replace()
        self.settle()
        self.assertEqual(self.held(), [4.0])

    def test_leader_cannot_retry_own_hours(self):
        line = self.own()
        self.control.lock_month(f"{MONDAY:%Y-%m}")
        self.seen_by(self.manager, line).action_tripletex_validate()
        self.send()
        entry = self.entries_of(line)
        self.assertEqual(entry.state, "failed")
        self.control.unlock_month(f"{MONDAY:%Y-%m}")
        self.assert_refused(self.seen_by(self.leader, entry).action_retry)
        self.settle()
        self.assertEqual(self.held(), [])
        self.seen_by(self.manager, entry).action_retry()
        self.settle()
        self.assertEqual(self.held(), [4.0])

    def test_leader_decides_about_the_departments_hours(self):
        entry = self.conflict(self.employee)
        self.seen_by(self.leader, entry).action_replace()
        self.settle()
        self.assertEqual(self.held(), [4.0])


@tagged("post_install", "-at_install")
class TestLedgerWho(ValidateCase):
    """Who validated, and when, stands on the line."""

    def validated_by(self, user):
        line = self.log()
        self.seen_by(user, line).action_tripletex_validate()
        return line

    def test_line_says_who_validated_it_and_when(self):
        line = self.validated_by(self.approver)
        self.assertEqual(line.tripletex_validated_by, self.approver)
        ago = fields.Datetime.now() - line.tripletex_validated_at
        self.assertLess(abs(ago), timedelta(minutes=10))

    def test_line_says_who_validated_it_last(self):
        line = self.validated_by(self.approver)
        self.seen_by(self.manager, line).action_tripletex_invalidate()
        self.seen_by(self.manager, line).action_tripletex_validate()
        self.assertEqual(line.tripletex_validated_by, self.manager)

    def test_copy_of_a_line_says_nothing_about_validation(self):
        copy = self.validated_by(self.approver).copy()
        self.assertFalse(copy.tripletex_validated_by)
        self.assertFalse(copy.tripletex_validated_at)
