from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MONDAY
from .people_common import PeopleCase


@tagged("post_install", "-at_install")
class TestPeopleReject(PeopleCase):
    """An approver rejects hours with a reason; they are open until sent in again."""

    def test_rejected_hours_are_open_and_say_why(self):
        line = self.sent_in()
        self.reject(line, "Storgata, not Strandveien")
        self.assertFalse(line.tripletex_sent_in)
        self.assertEqual(line.tripletex_rejected, "Storgata, not Strandveien")
        self.assertEqual(line.tripletex_status, "rejected")
        self.assertFalse(line.readonly_timesheet)

    def test_reason_is_required(self):
        line = self.sent_in()
        for reason in ("", "  ", "\n"):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.reject(line, reason)
        self.assertEqual(line.tripletex_status, "sent_in")

    def test_correcting_and_sending_in_again_ends_the_rejection(self):
        line = self.sent_in()
        self.reject(line)
        line.write({"project_id": self.projects[1].id})
        self.assertEqual(line.tripletex_rejected, "Wrong project")
        line.action_tripletex_send_in()
        self.assertEqual(line.tripletex_status, "sent_in")
        self.assertFalse(line.tripletex_rejected)

    def test_validating_ends_the_rejection(self):
        line = self.sent_in()
        self.reject(line)
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.assertFalse(line.tripletex_rejected)

    def test_validated_hours_are_not_rejected(self):
        line = self.sent_in()
        self.seen_by(self.approver, line).action_tripletex_validate()
        with self.assertRaisesRegex(UserError, "Undo"):
            self.reject(line)
        self.assertFalse(line.tripletex_rejected)

    def test_approver_rejects_what_was_not_sent_in(self):
        line = self.own()
        self.reject(line)
        self.assertEqual(line.tripletex_status, "rejected")

    def test_rejecting_is_refused_where_company_does_not_use_it(self):
        line = self.own()
        self.company.tripletex_send_in = False
        with self.assertRaisesRegex(UserError, self.company.name):
            self.reject(line)

    # -- who ---------------------------------------------------------------------

    def test_employee_cannot_reject(self):
        with self.assertRaises(AccessError):
            self.reject(self.sent_in(), user=self.worker)

    def test_other_team_cannot_reject(self):
        line = self.sent_in()
        self.company.tripletex_own_team_only = True
        with self.assertRaisesRegex(AccessError, self.employee.name):
            self.reject(line)
        self.employee.parent_id = self.leading
        self.reject(line, user=self.leader)
        self.assertEqual(line.tripletex_status, "rejected")

    def test_nobody_rejects_own_hours_where_own_team_only_is_on(self):
        self.company.tripletex_own_team_only = True
        line = self.log(employee_id=self.leading.id)
        with self.assertRaises(AccessError):
            self.reject(line, user=self.leader)

    def test_approver_rejects_only_hours_of_projects_they_see(self):
        line = self.sent_in()
        self.project.privacy_visibility = "followers"
        with self.assertRaises(AccessError):
            self.reject(line)
        self.assertFalse(line.sudo().tripletex_rejected)

    def test_time_off_is_neither_sent_in_nor_rejected(self):
        task = self.env["project.task"].create(
            {"name": "Time off", "project_id": self.project.id}
        )
        companies = self.registry["res.company"]
        self.patch(companies, "_tripletex_time_off_tasks", lambda companies: task)
        line = self.sent_in(task_id=task.id)
        self.assertFalse(line.tripletex_sent_in)
        with self.assertRaisesRegex(UserError, "Time Off"):
            self.reject(line)

    # -- what the employee is told -----------------------------------------------

    def test_one_activity_a_person_and_week(self):
        week = [self.sent_in(date=MONDAY + timedelta(days=n)) for n in range(3)]
        self.reject(week[0] + week[1], "Wrong project")
        self.reject(week[2], "Too many hours")
        tasks = self.tasks_of(self.worker)
        self.assertEqual(len(tasks), 1)
        self.assertIn("Wrong project", tasks.note)
        self.assertIn("Too many hours", tasks.note)
        self.assertIn("/odoo/timesheets", tasks.note)
        self.reject(self.sent_in(date=MONDAY + timedelta(days=7)))
        self.assertEqual(len(self.tasks_of(self.worker)), 2)

    def test_each_person_is_told_about_own_hours(self):
        lines = self.log() + self.log(employee_id=self.employees[1].id)
        self.reject(lines)
        for user in (self.worker, self.colleague):
            self.assertEqual(len(self.tasks_of(user)), 1)

    def test_employee_reads_the_activity(self):
        self.reject(self.sent_in())
        task = self.seen_by(self.worker, self.tasks_of(self.worker))
        self.assertIn("Wrong project", task.note)
        self.assertIn(self.approver.name, task.note)

    def test_activity_is_in_the_language_of_the_employee(self):
        self.env["res.lang"]._activate_lang("nb_NO")
        self.worker.lang = "nb_NO"
        self.reject(self.sent_in())
        self.assertIn("er avvist", self.tasks_of(self.worker).summary)

    def test_reason_is_shown_as_text(self):
        self.reject(self.sent_in(), "<img src=x onerror=alert(1)>")
        self.assertNotIn("<img", self.tasks_of(self.worker).note)

    def test_activity_ends_when_nothing_of_the_week_is_rejected(self):
        line, other = self.sent_in(), self.sent_in()
        self.reject(line + other)
        line.action_tripletex_send_in()
        self.assertEqual(len(self.tasks_of(self.worker)), 1)
        other.action_tripletex_send_in()
        self.assertFalse(self.tasks_of(self.worker))

    def test_activity_ends_when_rejected_line_is_deleted_or_moved(self):
        line, other = self.sent_in(), self.sent_in()
        self.reject(line + other)
        line.unlink()
        self.assertEqual(len(self.tasks_of(self.worker)), 1)
        other.date = MONDAY + timedelta(days=7)
        other.action_tripletex_send_in()
        self.assertFalse(self.tasks_of(self.worker))

    def test_hours_of_people_without_user_are_rejected_too(self):
        self.employee.user_id = False
        line = self.log()
        self.reject(line)
        self.assertEqual(line.tripletex_status, "rejected")

    def test_nothing_is_rejected_where_no_hours_were_chosen(self):
        none = self.env["account.analytic.line"]
        with self.assertRaisesRegex(UserError, "Choose hours that are not validated"):
            self.reject(none)

    def test_calls_do_not_grow_with_lines(self):
        few = self.env["account.analytic.line"].union(*[self.sent_in() for _ in "12"])
        many = few.union(*[self.sent_in(1) for _ in range(12)])
        self.reject(few)  # warm
        counts = []
        for lines in (few, many):
            dialog = self.seen_by(self.approver, self.env["tripletex.line.reject"])
            dialog = dialog.create({"line_ids": lines.ids, "reason": "No"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            dialog.action_reject()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
