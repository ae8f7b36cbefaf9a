from odoo.tests import new_test_user, tagged

from .common import TripletexCase

WAGES = "hr_timesheet.group_timesheet_manager"


@tagged("post_install", "-at_install")
class TestNotice(TripletexCase):
    """Whoever is responsible is told once, in words of their own, and not for ever."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("nb_NO")
        # no administrator of the system: may not even open the connection
        self.officer = self.person("wage_officer", lang="nb_NO")
        self.connection.responsible_id = self.officer

    def person(self, login, **values):
        """Somebody who administers timesheets, and nothing else."""
        return new_test_user(
            self.env,
            login,
            groups=WAGES,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
            **values,
        )

    def refused(self):
        """A line that Tripletex refuses, sent."""
        link = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        )
        link.write({"tripletex_id": False, "number": "98765"})
        line = self.validated(5)
        self.send()
        self.assertEqual(line.tripletex_state, "failed")
        return line

    def activities(self):
        """What the responsible person has to do, as they see it."""
        Activity = self.env["mail.activity"].with_user(self.officer)
        return Activity.search([("user_id", "=", self.officer.id)])

    def test_a_wage_officer_is_told_in_their_language(self):
        self.refused()
        activity = self.activities()
        self.assertEqual(len(activity), 1)
        self.assertIn("Timer", activity.summary)
        self.assertIn("Må følges opp", activity.note)

    def test_once_however_much_goes_wrong(self):
        self.refused()
        self.validated(2, employee_id=self.employees[1].id)
        self.control.revoke_key()
        self.send()
        self.assertEqual(self.connection.state, "attention")
        self.assertEqual(len(self.activities()), 1)

    def test_until_all_is_well_again(self):
        line = self.refused()
        line.action_tripletex_invalidate()
        self.send()
        self.assertFalse(self.activities())

    def test_also_where_the_check_before_validating_is_off(self):
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

    def test_somebody_is_told_when_the_responsible_person_has_left(self):
        self.officer.active = False
        self.refused()
        self.assertEqual(
            self.connection.activity_ids.user_id, self.env.ref("base.user_admin")
        )
