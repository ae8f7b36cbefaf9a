from datetime import datetime, timedelta

from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.tests import tagged

from .beside_common import BesideCase
from .common import MONDAY

LOCKED = "validated and locked"
START = datetime.combine(MONDAY, datetime.min.time()) + timedelta(hours=7)


@tagged("post_install", "-at_install")
class TestBesideTimeControl(BesideCase):
    """With OCA's timers: a line without hours while its timer runs."""

    needs = "hr_timesheet_time_control hr_timesheet_time_control_begin_end"

    def started(self):
        """Let the worker start a timer in the dialog of the project's button."""
        Switch = self.seen_by(self.worker, self.env["hr.timesheet.switch"])
        Switch = Switch.with_context(
            active_model="project.project",
            active_id=self.project.id,
            default_task_id=False,
        )
        values = {"name": "Timer", "project_id": self.project.id, "date_time": START}
        Switch.create(values).action_switch()
        return self.env["account.analytic.line"].search(
            [("employee_id", "=", self.employee.id), ("unit_amount", "=", 0)]
        )

    def stopped(self, hours=2):
        line = self.started()
        end = START + timedelta(hours=hours)
        self.seen_by(self.worker, line).with_context(stop_dt=end).button_end_work()
        return line

    def test_stopped_timer_is_validated_and_sent(self):
        line = self.approved(self.stopped())
        self.assertEqual(line.date, MONDAY)
        self.assertEqual(self.held(), [2.0])

    def test_running_timer_of_an_employee_is_not_validated_by_the_approver(self):
        line = self.started()
        seen = self.seen_by(self.approver, line)
        self.assertFalse(seen.show_time_control)
        refused = self.assertRaisesRegex(RedirectWarning, "still running")
        with refused, self.env.cr.savepoint():
            seen.action_tripletex_validate()
        self.assertFalse(line.tripletex_validated)

    def test_resumed_line_is_open_though_the_first_one_is_validated(self):
        first = self.approved(self.stopped())
        Switch = self.seen_by(self.worker, self.env["hr.timesheet.switch"])
        Switch = Switch.with_context(active_model=first._name, active_id=first.id)
        values = {"date_time": START + timedelta(hours=4), "name": "Again"}
        Switch.create(values).action_switch()
        second = self.env["account.analytic.line"].search(
            [("employee_id", "=", self.employee.id), ("id", "!=", first.id)]
        )
        self.assertFalse(second.tripletex_validated)
        self.assertEqual((second.project_id, second.unit_amount), (self.project, 0))
        end = START + timedelta(hours=5)
        second.with_context(stop_dt=end).button_end_work()
        self.approved(second)
        self.assertEqual(self.held(), [3.0])

    def test_times_of_a_validated_line_are_locked_with_its_hours(self):
        line = self.seen_by(self.worker, self.approved(self.stopped()))
        for name, value in (
            ("date_time", START + timedelta(hours=1)),
            ("date_time_end", START + timedelta(hours=9)),
            ("time_begin", 6.0),
            ("time_end", 20.0),
        ):
            with self.assertRaisesRegex(UserError, LOCKED), self.env.cr.savepoint():
                line[name] = value
                self.env.flush_all()
            self.env.invalidate_all()
        self.assertEqual(line.unit_amount, 2)

    def test_time_after_midnight_belongs_to_the_day_where_it_began(self):
        line = self.log(3, date_time=START + timedelta(hours=15))
        self.assertEqual(line.date, MONDAY)
        self.approved(line)
        self.assertEqual(self.held(), [3.0])


@tagged("post_install", "-at_install")
class TestBesideBeginEnd(BesideCase):
    """With OCA's begin and end of a line."""

    needs = "hr_timesheet_begin_end"

    def test_hours_with_begin_and_end_are_sent_and_locked(self):
        line = self.approved(self.log(2, time_start=8, time_stop=10))
        self.assertEqual(self.held(), [2.0])
        for name in ("time_start", "time_stop"):
            with self.assertRaisesRegex(UserError, LOCKED):
                line[name] = 9

    def test_hours_that_overlap_are_refused_before_anything_is_validated(self):
        self.log(2, time_start=8, time_stop=10)
        with self.assertRaises(ValidationError):
            self.log(2, time_start=9, time_stop=11)

    def test_two_times_of_one_day_are_one_row(self):
        lines = self.log(2, time_start=8, time_stop=10)
        lines |= self.log(3, time_start=11, time_stop=14)
        self.approved(lines)
        self.assertEqual(self.held(), [5.0])
