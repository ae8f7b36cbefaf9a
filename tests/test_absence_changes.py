from odoo.tests import tagged

from ..sending.queue import Queue
from .absence_common import AbsenceCase
from .common import MONDAY
from .ledger_common import MONTH, day


@tagged("post_install", "-at_install")
class TestAbsenceChanges(AbsenceCase):
    """Tripletex follows what becomes of time off, and nothing else."""

    def sent_leave(self, first=MONDAY, last=None, **values):
        """Approved time off that Tripletex holds."""
        leave = self.leave(first, last, **values)
        self.settle()
        self.assertTrue(self.away())
        return leave

    # -- requests ----------------------------------------------------------------

    def test_refused_leave_is_deleted(self):
        self.sent_leave(MONDAY, day(2)).action_refuse()
        self.settle()
        self.assertEqual(self.away(), [])
        self.assertFalse(self.env["tripletex.entry.share"].search([]))

    def test_refused_leave_that_waits_is_not_sent(self):
        self.leave(MONDAY).action_refuse()
        self.settle()
        self.assertEqual(self.writes(), [])

    def test_cancelled_leave_is_deleted(self):
        self.sent_leave()._action_user_cancel("Changed plans")
        self.settle()
        self.assertEqual(self.away(), [])

    def test_leave_back_to_approval_is_deleted(self):
        leave = self.sent_leave()
        leave.action_back_to_approval()
        self.settle()
        self.assertEqual(self.away(), [])
        leave.action_approve()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_changed_dates(self):
        leave = self.sent_leave(MONDAY, day(2))
        leave.action_back_to_approval()
        leave.write({"request_date_from": day(1), "request_date_to": day(3)})
        leave.action_approve()
        self.settle()
        self.assertEqual(self.away(), self.days(day(1), day(2), day(3)))

    def test_deleted_leave_leaves_nothing(self):
        leave = self.sent_leave(MONDAY, day(1))
        officer = self.env.user
        leave.with_user(officer).unlink()
        self.env.invalidate_all()
        self.settle()
        self.assertEqual(self.away(), [])

    def test_deleted_line_of_the_database_leaves_nothing(self):
        leave = self.sent_leave()
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM account_analytic_line WHERE holiday_id = %s", [leave.id]
        )
        self.env.invalidate_all()
        self.settle()
        self.assertEqual(self.away(), [])

    # -- calendars ---------------------------------------------------------------

    def test_removed_public_holiday_becomes_vacation(self):
        holiday = self.public_holiday(day(1))
        self.sent_leave(MONDAY, day(2))
        self.assertEqual(self.away(), self.days(MONDAY, day(2)))
        holiday.unlink()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY, day(1), day(2)))

    def test_public_holiday_entered_later_is_sent_as_odoo_has_it(self):
        # Odoo leaves the lines of approved time off as they are
        self.sent_leave(MONDAY, day(2))
        self.public_holiday(day(1))
        self.settle()
        self.assertEqual(self.away(), self.logged())

    def test_unchanged_days_cost_no_call_when_odoo_makes_their_lines_anew(self):
        holiday = self.public_holiday(day(1))
        leave = self.sent_leave(MONDAY, day(3))
        lines, count = self.lines_of(leave), len(self.writes())
        holiday.unlink()
        self.assertFalse(lines.exists())
        self.settle()
        new = self.writes()[count:]
        self.assertEqual([call["method"] for call in new], ["POST"])
        self.assertEqual(len(self.away()), 4)

    def test_changed_working_hours(self):
        leave = self.sent_leave(MONDAY)
        self.calendar.attendance_ids.filtered(
            lambda a: a.day_period == "afternoon"
        ).hour_to = 15.5
        leave._generate_timesheets()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY, hours=7.0))

    # -- links -------------------------------------------------------------------

    def other_activity(self):
        self.vacation_link.activity_id = self.activity("Avspasering")

    def test_sent_absence_stays_when_its_link_changes(self):
        leave = self.sent_leave(MONDAY, day(1))
        self.other_activity()
        self.leave(day(2))
        self.settle()
        expected = [*self.days(MONDAY, day(1)), (str(day(2)), "Avspasering", 7.5)]
        self.assertEqual(self.away(), expected)
        # also when Odoo makes its lines anew
        leave._generate_timesheets()
        self.settle()
        self.assertEqual(self.away(), expected)

    def test_waiting_absence_follows_its_link(self):
        self.leave(MONDAY)
        self.other_activity()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY, activity="Avspasering"))

    def test_emptied_link_sends_no_more_and_keeps_what_was_sent(self):
        self.sent_leave(MONDAY)
        self.vacation_link.action_empty_link()
        self.leave(day(1))
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_used_link_cannot_be_deleted(self):
        self.sent_leave(MONDAY)
        self.assertIn("used for hours", self.refusal(self.vacation_link.unlink))
        self.sickness_link.unlink()

    def move_vacation(self, date=MONDAY):
        """Move a day's sent vacation to the activity of its link, changed now."""
        self.other_activity()
        self.settle()
        self.env["tripletex.entry.move"].create(
            {
                "link": f"tripletex.absence,{self.vacation_link.id}",
                "date_from": date,
                "date_to": date,
            }
        ).action_move()

    def test_move_sent_hours_of_a_link(self):
        self.sent_leave(MONDAY, day(1))
        self.move_vacation(day(1))
        self.settle()
        self.assertEqual(
            self.away(), [*self.days(MONDAY), (str(day(1)), "Avspasering", 7.5)]
        )

    def test_move_goes_on_when_odoo_makes_the_lines_anew(self):
        leave = self.sent_leave(MONDAY)
        self.control.lock_month(MONTH)
        self.move_vacation()
        self.settle()
        leave._generate_timesheets()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def comments(self):
        return [row["comment"] for row in self.control.entries() if row["comment"]]

    def move_that_waits(self):
        """Sent vacation that is moved while its row is approved in Tripletex."""
        leave = self.sent_leave(MONDAY)
        [row] = self.control.entries()
        self.control.approve_entry(row["id"])
        self.move_vacation()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))
        return leave, row

    def move_that_is_refused(self):
        """Sent vacation that is back on its row: Tripletex refused the new one."""
        leave = self.sent_leave(MONDAY)
        with self.fault("403", times=1, method="POST", path="/timesheet/entry*"):
            self.move_vacation()
            self.send()
        self.settle()
        return leave

    def test_move_waits_for_its_old_row_when_odoo_makes_the_lines_anew(self):
        leave, _row = self.move_that_waits()
        for _time in range(2):
            leave._generate_timesheets()
            self.settle()
            self.assertEqual(self.away(), self.days(MONDAY))

    def test_move_of_two_halves_waits_when_odoo_makes_their_lines_anew(self):
        morning = self.half(MONDAY, "am")
        afternoon = self.half(MONDAY, "pm")
        self.settle()
        [row] = self.control.entries()
        self.control.approve_entry(row["id"])
        self.move_vacation()
        self.settle()
        for leaves in (morning, afternoon, afternoon | morning):
            leaves._generate_timesheets()
            self.settle()
            self.assertEqual(self.away(), self.days(MONDAY))

    def test_move_ends_after_odoo_made_the_lines_anew(self):
        leave, row = self.move_that_waits()
        leave._generate_timesheets()
        self.settle()
        self.control.approve_entry(row["id"], approved=False)
        self.retry()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY, activity="Avspasering"))
        self.assertEqual(self.comments(), [])

    def test_leave_refused_while_it_is_moved_is_deleted(self):
        leave, row = self.move_that_waits()
        leave.action_refuse()
        self.control.approve_entry(row["id"], approved=False)
        self.retry()
        self.settle()
        self.assertEqual(self.away(), [])

    def test_absence_whose_move_is_refused_has_no_text(self):
        self.move_that_is_refused()
        self.assertEqual(self.away(), self.days(MONDAY))
        self.assertEqual(self.comments(), [])

    def test_absence_whose_move_is_refused_stays_when_odoo_makes_the_lines_anew(self):
        leave = self.move_that_is_refused()
        for _time in range(2):
            leave._generate_timesheets()
            self.settle()
            self.assertEqual(self.away(), self.days(MONDAY))
        self.assertEqual(self.comments(), [])

    def test_leave_whose_move_is_refused_is_deleted_with_its_request(self):
        self.move_that_is_refused().action_refuse()
        self.settle()
        self.assertEqual(self.away(), [])

    # -- two halves of a day -----------------------------------------------------

    def test_halves_on_two_activities_stay_when_odoo_makes_their_lines_anew(self):
        morning = self.half(MONDAY, "am")
        self.settle()
        self.other_activity()
        afternoon = self.half(MONDAY, "pm")
        self.settle()
        before = self.away()
        self.assertEqual(len(before), 2)
        for leaves in (morning | afternoon, afternoon | morning):
            leaves._generate_timesheets()
            self.settle()
            self.assertEqual(self.away(), before)

    def test_half_that_waits_follows_its_link_while_the_other_is_withdrawn(self):
        for is_sent in (False, True):
            with self.subTest(is_sent):
                self.sandbox.reset()
                morning = self.half(day(is_sent), "am")
                if is_sent:
                    self.settle()
                self.half(day(is_sent), "pm")
                morning.action_refuse()
                name = "Permisjon uten lønn" if is_sent else "Avspasering"
                self.vacation_link.activity_id = self.activity(name)
                self.settle()
                self.assertEqual(sum(row[-1] for row in self.away()), 3.5)

    # -- decisions ---------------------------------------------------------------

    def test_figure_that_was_kept_stays_kept_when_lines_are_made_anew(self):
        holiday = self.public_holiday(day(1))
        leave = self.leave(MONDAY, day(1))
        self.control.person_creates_entry(
            employee=self.link(self.employee).tripletex_id,
            activity="Ferie",
            date=str(MONDAY),
            hours=4,
        )
        self.settle()
        entry = self.entries_of(self.lines_of(leave))
        self.assertEqual(entry.state, "conflict")
        entry.action_keep()
        holiday.unlink()
        self.settle()
        kept = self.entries_of(self.lines_of(leave)).filtered("is_kept")
        self.assertEqual((kept, kept.state), (entry, "sent"))
        self.assertEqual(self.away(), [(str(MONDAY), "Ferie", 4.0), *self.days(day(1))])

    def test_absence_handled_by_hand_stays_unsent_when_lines_are_made_anew(self):
        holiday = self.public_holiday(day(1))
        leave = self.leave(MONDAY, day(1))
        Queue(self.env).handle_by_hand(self.entries_of(self.lines_of(leave)).sudo())
        holiday.unlink()
        self.settle()
        self.assertEqual(self.away(), self.days(day(1)))
