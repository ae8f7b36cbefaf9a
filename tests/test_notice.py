import ast
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common import MONDAY, TripletexCase
from .ledger_common import LedgerSteps

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
        self.assertIn("98765", activity.note)
        self.assertIn("finnes ikke i Tripletex", activity.note)

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


class NoticeCase(LedgerSteps, TripletexCase):
    """People of the company, some of whom can act, and what they were told."""

    def setUp(self):
        super().setUp()
        self.responsible = self.person("responsible", f"base.group_system,{WAGES}")
        self.deputy = self.person("deputy", "base.group_system")
        self.connection.responsible_id = self.responsible

    def person(self, login, groups):
        return new_test_user(
            self.env,
            f"tripletex_{login}",
            groups=groups,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def refused(self, **values):
        """A row that Tripletex refuses."""
        self.link(self.employee).write({"tripletex_id": False, "number": "98765"})
        line = self.validated(5, **values)
        self.send()
        self.assertEqual(line.tripletex_state, "failed")
        return line

    def told(self):
        """Who has an activity about the connection."""
        return self.connection.activity_ids.user_id

    def mails(self, user):
        """E-mails about the connection to a person, oldest first."""
        return self.env["mail.message"].search(
            [
                ("model", "=", "tripletex.connection"),
                ("res_id", "=", self.connection.id),
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", user.partner_id.ids),
            ],
            order="id",
        )


@tagged("post_install", "-at_install")
class TestNoticePeople(NoticeCase):
    """Somebody who can act is told, and can be reached."""

    def test_responsible_person_is_told_first(self):
        self.refused()
        self.assertEqual(self.told(), self.responsible)
        self.assertEqual(len(self.mails(self.responsible)), 1)

    def test_person_without_rights_is_replaced(self):
        self.responsible.group_ids = self.env.ref("base.group_user")
        self.refused()
        self.assertEqual(self.told(), self.deputy)

    def test_person_without_the_company_is_replaced(self):
        other = self.env["res.company"].create({"name": "Nabobygg AS"})
        self.responsible.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id}
        )
        self.refused()
        self.assertEqual(self.told(), self.deputy)

    def test_person_without_email_is_replaced(self):
        self.responsible.email = False
        self.refused()
        self.assertEqual(self.told(), self.deputy)

    def test_archived_person_is_replaced(self):
        self.responsible.active = False
        self.refused()
        self.assertEqual(self.told(), self.deputy)

    def test_nobody_responsible(self):
        self.connection.responsible_id = False
        self.refused()
        self.assertEqual(len(self.told() & (self.responsible | self.deputy)), 1)

    def test_owner_of_the_key_is_told_before_others(self):
        owner = self.person("owner", "base.group_system")
        self.employees[1].user_id = owner
        self.connection.key_owner_id = self.link(self.employees[1]).tripletex_id
        self.responsible.active = False
        self.refused()
        self.assertEqual(self.told(), owner)

    def test_nobody_of_the_company_can_be_reached_by_email(self):
        (self.responsible | self.deputy).email = False
        self.refused()
        self.assertEqual(self.told(), self.responsible)

    def test_somebody_else_is_told_when_rights_go_afterwards(self):
        self.refused()
        self.responsible.group_ids = self.env.ref("base.group_user")
        self.send()
        self.assertEqual(self.told(), self.deputy)
        self.assertEqual(len(self.mails(self.deputy)), 1)

    def test_wage_officer_and_administrator_are_told_of_a_refused_key(self):
        officer = self.person("wages", WAGES)
        self.connection.responsible_id = officer
        self.control.revoke_key()
        self.validated(5)
        self.send()
        self.assertIn(officer, self.told())
        self.assertTrue(
            self.told().filtered(lambda u: u.has_group("base.group_system"))
        )

    def test_administrator_of_another_company_reads_no_names(self):
        (self.responsible | self.deputy).active = False
        self.refused()
        self.assertEqual(self.told(), self.env.ref("base.user_admin"))
        self.assertNotIn(self.employee.name, self.connection.activity_ids.note)


@tagged("post_install", "-at_install")
class TestNoticeRenewal(NoticeCase):
    """A worse trouble is told again; the same one is not."""

    def test_revoked_key_after_failed_row_is_told_again(self):
        self.refused()
        [first] = self.connection.activity_ids
        self.control.revoke_key()
        self.control.kill_sessions()
        self.validated(2, employee_id=self.employees[1].id)
        self.send()
        self.assertEqual(self.connection.state, "attention")
        [second] = self.connection.activity_ids
        self.assertNotEqual(first, second)
        self.assertIn("refuses the API user key", second.note)
        self.assertEqual(len(self.mails(self.responsible)), 2)

    def test_same_trouble_is_told_once(self):
        self.refused()
        for index in range(3):
            self.validated(1, date=MONDAY + timedelta(days=index + 1))
            self.send()
        self.assertEqual(len(self.connection.activity_ids), 1)
        self.assertEqual(len(self.mails(self.responsible)), 1)

    def test_activity_that_was_done_does_not_return(self):
        self.refused()
        self.connection.activity_ids.action_feedback()
        self.send()
        self.assertFalse(self.connection.activity_ids)

    def test_milder_trouble_that_was_told_is_not_told_again(self):
        line = self.refused()
        self.connection._set_attention("key", {"code": "key"})
        self.assertEqual(len(self.mails(self.responsible)), 2)
        self.connection._set_connected()
        self.assertEqual(len(self.mails(self.responsible)), 2)
        self.assertIn("98765", self.connection.activity_ids.note)
        self.connection._set_attention("key", {"code": "key"})
        self.assertEqual(len(self.mails(self.responsible)), 3)
        self.connection._set_connected()
        line.action_tripletex_invalidate()
        self.assertFalse(self.connection.activity_ids)
        self.refused(date=MONDAY + timedelta(days=1))
        self.assertEqual(len(self.mails(self.responsible)), 4)

    def waiting(self, minutes):
        """A row that waits because Tripletex cannot be reached."""
        line = self.validated(5)
        with self.fault("drop_before", times=None):
            self.send()
        self.assertEqual(line.tripletex_state, "pending")
        self.let_minutes_pass(minutes)
        with self.fault("drop_before", times=None):
            self.send()
        return line

    def test_hours_that_wait_longer_than_the_patience_are_told(self):
        self.waiting(3 * 60)
        self.assertFalse(self.connection.activity_ids)
        self.let_minutes_pass(61)
        with self.fault("drop_before", times=None):
            self.send()
        [activity] = self.connection.activity_ids
        self.assertIn("1 rows with 5.00 hours", activity.note)
        self.assertIn(self.employee.name, activity.note)
        self.assertIn("/odoo/tripletex-waiting", activity.note)
        with self.fault("drop_before", times=None):
            self.send()
        self.assertEqual(len(self.mails(self.responsible)), 1)
        self.let_time_pass()
        self.send()
        self.assertFalse(self.connection.activity_ids)

    def test_patience_is_the_companys(self):
        self.company.tripletex_patience = 1
        self.waiting(61)
        self.assertEqual(len(self.connection.activity_ids), 1)

    def test_corrected_hours_wait_from_their_correction_on(self):
        line = self.sent()
        self.let_minutes_pass(60 * 24)
        with self.fault("drop_before", times=None):
            self.correct(line, unit_amount=3)
            self.send()
        self.assertFalse(self.connection.activity_ids)
        waits = fields.Datetime.now() - self.entries_of(line).waiting_since
        self.assertLess(waits, timedelta(hours=1))


@tagged("post_install", "-at_install")
class TestNoticeWords(NoticeCase):
    """The e-mail names cause, people and count, and leads to the rows."""

    def test_email_names_cause_people_count_and_leads_to_the_rows(self):
        self.refused()
        mail = self.mails(self.responsible)
        for text in (
            self.employee.name,
            "98765",
            "(1 rows)",
            f"{self.connection.get_base_url()}/odoo/tripletex-needs-attention",
        ):
            self.assertIn(text, mail.body)
        self.assertIn(self.company.name, mail.subject)

    def test_link_leads_to_the_rows(self):
        line = self.refused()
        action = self.env.ref("hr_timesheet_tripletex.tripletex_entry_action_attention")
        self.assertEqual(action.path, "tripletex-needs-attention")
        domain = ast.literal_eval(action.domain)
        self.assertIn(self.entries_of(line), self.env["tripletex.entry"].search(domain))

    def test_markup_in_a_cause_is_text(self):
        line = self.refused()
        self.connection.told = False
        self.connection.activity_ids.unlink()
        self.entries_of(line).refusal = {
            "code": "refused",
            "said": "<img src=x onerror=alert(1)>{{7*7}}",
        }
        self.connection._notify_responsible()
        note = self.connection.activity_ids.note
        self.assertIn("&lt;img src=x onerror=alert(1)&gt;{{7*7}}", note)
        self.assertNotIn("<img", self.mails(self.responsible)[-1].body)


@tagged("post_install", "-at_install")
class TestNoticeTimeOff(NoticeCase):
    """Somebody on leave is not told (with Time Off)."""

    def test_person_on_leave_is_replaced(self):
        if "hr.leave" not in self.env:
            self.skipTest("needs project_timesheet_holidays to be installed")
        employee = self.env["hr.employee"].create(
            {
                "name": "Away",
                "user_id": self.responsible.id,
                "company_id": self.company.id,
            }
        )
        kind = self.env["hr.leave.type"].create(
            {
                "name": "Ferie",
                "requires_allocation": False,
                "leave_validation_type": "hr",
                "company_id": self.company.id,
            }
        )
        today = fields.Date.today()
        leave = self.env["hr.leave"].create(
            {
                "name": "Ferie",
                "employee_id": employee.id,
                "holiday_status_id": kind.id,
                "request_date_from": today - timedelta(days=4),
                "request_date_to": today + timedelta(days=4),
            }
        )
        leave.action_approve()
        self.refused()
        self.assertEqual(self.told(), self.deputy)
