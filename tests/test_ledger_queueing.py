from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from ..models.tripletex_lookup import SEPARATELY
from .common import MONDAY
from .ledger_common import LedgerCase, day


class QueueingCase(LedgerCase):
    """Ground: hours that were validated long ago and never sent."""

    def validated_long_ago(self, count=20, **values):
        """Validated lines of different days, as old as their dates."""
        lines = self.env["account.analytic.line"].browse()
        for index in range(count):
            lines += self.validated(7.5, date=day(-index), **values)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_analytic_line SET create_date = date, write_date = date "
            "WHERE id IN %s",
            [tuple(lines.ids)],
        )
        self.env.invalidate_all()
        return lines

    def minutes_later(self):
        """What the cron does at once, and ten minutes later."""
        self.settle()
        self.let_minutes_pass()
        self.settle()

    def connected_without_earlier_hours(self):
        self.remove()
        self.lines = self.validated_long_ago()
        self.complete()

    def assert_nothing_sent(self):
        self.minutes_later()
        self.assertEqual(self.held(), [])
        self.assertEqual(set(self.lines.mapped("tripletex_state")), {False})


@tagged("post_install", "-at_install")
class TestLedgerQueueing(QueueingCase):
    """Hours that were never sent are queued by an act that names a date, or not."""

    def test_login_given_by_complete_sends_no_earlier_hours(self):
        self.remove()
        self.lines = self.validated_long_ago()
        link = self.link(self.employee)
        tripletex_id = link.tripletex_id
        link.action_empty_link()
        setup = self.wizard()
        row = setup.employee_line_ids.filtered(
            lambda row: row.tripletex_id == tripletex_id
        )
        row.write(
            {"selected": True, "employee_id": self.employee.id, "user_type": "user"}
        )
        setup.action_complete()
        self.assertTrue(self.employee.user_id)
        self.assert_nothing_sent()

    def test_new_manager_after_complete_sends_no_earlier_hours(self):
        self.connected_without_earlier_hours()
        self.employee.parent_id = self.employees[1]
        self.assert_nothing_sent()

    def test_new_customer_after_complete_sends_no_earlier_hours(self):
        self.connected_without_earlier_hours()
        self.project.partner_id = self.env["res.partner"].create({"name": "Kunde"})
        self.assert_nothing_sent()

    def test_new_manager_after_update_sends_no_earlier_hours(self):
        self.connected_without_earlier_hours()
        self.minutes_later()
        self.complete()
        self.employee.parent_id = self.employees[1]
        self.assert_nothing_sent()

    def test_login_after_update_sends_no_earlier_hours(self):
        self.connected_without_earlier_hours()
        self.minutes_later()
        self.complete()
        self.employee.user_id = new_test_user(
            self.env,
            "ledger_login",
            groups="hr_timesheet.group_hr_timesheet_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.assert_nothing_sent()

    def test_new_manager_after_letting_another_project_in_sends_nothing(self):
        self.exclude(self.projects[1])
        self.connected_without_earlier_hours()
        self.minutes_later()
        self.projects[1].tripletex_excluded = False
        self.employee.parent_id = self.employees[1]
        self.assert_nothing_sent()

    def test_complete_with_a_date_sends_hours_from_that_date_once(self):
        self.remove()
        self.lines = self.validated_long_ago(5)
        self.complete(send_from=day(-2))
        self.minutes_later()
        self.complete(send_from=day(-2))
        self.minutes_later()
        self.assertEqual(
            self.held_as("date"), [(str(day(count)), 7.5) for count in (-2, -1, 0)]
        )

    def test_update_without_a_date_sends_no_earlier_hours(self):
        self.connected_without_earlier_hours()
        self.complete()
        self.assert_nothing_sent()

    def test_update_with_a_date_sends_earlier_hours_from_that_date(self):
        self.connected_without_earlier_hours()
        self.complete(send_from=day(0))
        self.minutes_later()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 7.5)])

    def test_hours_validated_after_complete_are_sent(self):
        self.connected_without_earlier_hours()
        self.validated(5, date=day(1))
        self.minutes_later()
        self.assertEqual(self.held(), [5.0])

    def test_new_link_sends_no_hours_validated_before_connecting(self):
        row = self.free_row(self.project)
        project = self.project.copy({"name": "Linked later"})
        self.remove()
        self.lines = self.validated_long_ago(3, project_id=project.id)
        self.complete()
        self.link_to(project, row)
        self.assert_nothing_sent()


@tagged("post_install", "-at_install")
class TestLedgerLettingIn(QueueingCase):
    """A project that was not sent is sent from a date; without one from today."""

    def setUp(self):
        super().setUp()
        self.exclude(self.project)

    def test_bare_mark_taken_away_sends_no_earlier_hours(self):
        self.lines = self.validated_long_ago()
        self.project.tripletex_excluded = False
        self.assert_nothing_sent()

    def test_bare_mark_taken_away_sends_no_hours_validated_before_connecting(self):
        self.connected_without_earlier_hours()
        self.project.tripletex_excluded = False
        self.assert_nothing_sent()

    def test_bare_mark_taken_away_sends_from_today(self):
        today = fields.Date.today()
        for count in (-1, 0):
            self.validated(3 + count, date=today + timedelta(days=count))
        self.project.tripletex_excluded = False
        self.minutes_later()
        self.assertEqual(self.held_as("date"), [(str(today), 3.0)])

    def test_project_let_in_from_a_date_sends_hours_from_that_date_once(self):
        self.validated_long_ago(5)
        self.project.tripletex_let_in(day(-2))
        self.minutes_later()
        self.project.tripletex_let_in(day(-2))
        self.minutes_later()
        self.assertFalse(self.project.tripletex_excluded)
        self.assertEqual(
            self.held_as("date"), [(str(day(count)), 7.5) for count in (-2, -1, 0)]
        )

    def test_project_let_in_sends_no_hours_of_other_projects(self):
        self.exclude(self.projects[1])
        self.lines = self.validated_long_ago(3, project_id=self.projects[1].id)
        self.project.tripletex_let_in(day(-60))
        self.assert_nothing_sent()

    def test_earlier_hours_validated_after_letting_in_are_sent(self):
        line = self.log(5, date=day(-30))
        self.project.tripletex_excluded = False
        line.action_tripletex_validate()
        self.minutes_later()
        self.assertEqual(self.held(), [5.0])

    def test_earlier_hours_corrected_after_letting_in_are_sent(self):
        line = self.validated(5, date=day(-30))
        self.project.tripletex_excluded = False
        self.correct(line, unit_amount=6)
        self.minutes_later()
        self.assertEqual(self.held(), [6.0])

    def test_new_manager_after_letting_in_sends_no_earlier_hours(self):
        self.lines = self.validated_long_ago()
        self.project.tripletex_excluded = False
        self.employee.parent_id = self.employees[1]
        self.assert_nothing_sent()


@tagged("post_install", "-at_install")
class TestLedgerNotAskedFor(QueueingCase):
    """Hours of before the date that a person named stay in Odoo, whatever is set."""

    def setUp(self):
        super().setUp()
        self.sent(1, project_id=self.projects[2].id)

    def withdrawn(self):
        """Hours that moved while their employee sent nothing; now all from later on."""
        self.lines = self.sent(3)
        link = self.link(self.employee)
        link.transfer = "none"
        self.settle()
        self.correct(self.lines, date=day(1))
        link.set_transfer("all", day(20))
        self.assert_not_sent()

    def withdrawn_from_excluded(self):
        """Hours that moved to an excluded project, which is let in from later on."""
        self.lines = self.sent(3)
        self.exclude(self.projects[1])
        self.correct(self.lines, project_id=self.projects[1].id)
        self.settle()
        self.projects[1].tripletex_let_in(day(20))
        self.assert_not_sent()

    def assert_not_sent(self):
        self.minutes_later()
        self.assertEqual(self.held(), [1.0])
        self.assertEqual(set(self.lines.mapped("tripletex_state")), {False})

    def test_another_default_activity_sends_no_hours_of_before_the_date(self):
        self.withdrawn()
        self.connection.default_activity_id = self.another_activity()
        self.assert_not_sent()

    def test_update_without_a_date_sends_no_hours_of_before_the_date(self):
        self.withdrawn()
        self.complete()
        self.assert_not_sent()

    def test_many_links_changed_one_by_one_send_no_hours_of_before_the_date(self):
        self.withdrawn()
        for _change in range(SEPARATELY + 1):
            self.paycode.transfer_as = "hours"
        self.assert_not_sent()

    def test_many_projects_excluded_at_once_send_no_hours_of_before_the_date(self):
        self.withdrawn()
        values = [{"name": str(number)} for number in range(SEPARATELY + 1)]
        self.exclude(self.env["project.project"].create(values))
        self.assert_not_sent()

    def test_another_activity_sends_no_hours_of_before_a_project_was_let_in(self):
        self.withdrawn_from_excluded()
        self.connection.default_activity_id = self.another_activity()
        self.assert_not_sent()

    def test_update_without_a_date_sends_no_hours_of_before_a_project_was_let_in(self):
        self.withdrawn_from_excluded()
        self.complete()
        self.assert_not_sent()

    def test_row_that_waited_when_excluded_is_sent_by_no_later_date(self):
        self.excluded_while_the_paycode_row_waits()
        self.project.tripletex_let_in(day(20))
        self.connection.default_activity_id = self.another_activity()
        self.minutes_later()
        self.assertEqual((sorted(self.held()), self.held_rows()), ([1.0, 3.0], []))

    def test_hours_moved_while_removed_are_sent_when_connected_again(self):
        """No date is needed for hours that were sent before."""
        line = self.sent(3)
        self.remove()
        self.correct(line, date=day(1))
        self.complete()
        self.minutes_later()
        self.assertIn((str(day(1)), 3.0), self.held_as("date"))


@tagged("post_install", "-at_install")
class TestLedgerPeople(QueueingCase):
    """One person with two employees, leavers, and logins that come later."""

    def test_second_employee_of_a_person_adds_to_the_persons_row(self):
        self.sent(3)
        link = self.link(self.employee)
        second = self.env["hr.employee"].create(
            {"name": self.employee.name, "company_id": self.company.id}
        )
        link.employee_id = second
        self.settle()
        self.sent(2, employee_id=second.id)
        self.assertEqual(self.held_as("employeeNumber"), [(link.number, 5.0)])

    def test_hours_of_a_leaver_validated_afterwards_are_sent(self):
        line = self.log(5)
        self.employee.action_archive()
        line.action_tripletex_validate()
        self.minutes_later()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_login_given_later_changes_no_sent_hours(self):
        self.sent(5)
        before = self.control.entries()
        self.employee.user_id = new_test_user(
            self.env,
            "ledger_later",
            groups="hr_timesheet.group_hr_timesheet_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.minutes_later()
        self.assertEqual(self.control.entries(), before)
