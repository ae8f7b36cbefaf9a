from odoo.tests import new_test_user, tagged

from .common import TripletexCase

WAGES = "hr_timesheet.group_timesheet_manager"


@tagged("post_install", "-at_install")
class TestNotice(TripletexCase):
    """The responsible user gets one activity while something needs attention."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("nb_NO")
        # Without settings rights the officer cannot open the connection.
        self.officer = self.person("wage_officer", lang="nb_NO")
        self.connection.responsible_id = self.officer

    def person(self, login, **values):
        """Create a timesheet administrator without further rights."""
        return new_test_user(
            self.env,
            login,
            groups=WAGES,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
            **values,
        )

    def refused(self):
        """Send a line that Tripletex refuses; return it."""
        link = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        )
        link.write({"tripletex_id": False, "number": "98765"})
        line = self.validated(5)
        self.send()
        self.assertEqual(line.tripletex_state, "failed")
        return line

    def activities(self):
        """Return the responsible user's activities, read with their rights."""
        Activity = self.env["mail.activity"].with_user(self.officer)
        return Activity.search([("user_id", "=", self.officer.id)])

    def test_failed_hours_create_activity_in_responsible_users_language(self):
        self.refused()
        activity = self.activities()
        self.assertEqual(len(activity), 1)
        self.assertIn("Timer", activity.summary)
        self.assertIn("Må følges opp", activity.note)

    def test_several_problems_create_one_activity(self):
        self.refused()
        self.validated(2, employee_id=self.employees[1].id)
        self.control.revoke_key()
        self.send()
        self.assertEqual(self.connection.state, "attention")
        self.assertEqual(len(self.activities()), 1)

    def test_activity_is_closed_when_nothing_needs_attention(self):
        line = self.refused()
        line.action_tripletex_invalidate()
        self.send()
        self.assertFalse(self.activities())

    def test_without_strict_check_failed_hours_create_activity(self):
        self.company.tripletex_strict = False
        line = self.log(5, project_id=self.unlinked_project().id)
        line.with_user(self.person("approver")).action_tripletex_validate()
        self.assertEqual(line.tripletex_state, "failed")
        self.assertIn("Timer", self.activities().summary)
        line.action_tripletex_invalidate()
        self.assertFalse(self.activities())

    def unlinked_project(self):
        return self.env["project.project"].create(
            {"name": "Only here", "company_id": self.company.id}
        )

    def test_archived_responsible_user_is_replaced_by_administrator(self):
        self.officer.active = False
        self.refused()
        self.assertEqual(
            self.connection.activity_ids.user_id, self.env.ref("base.user_admin")
        )
