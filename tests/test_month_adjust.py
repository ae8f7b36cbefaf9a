from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .ledger_common import day
from .month_common import APRIL, MARCH, MonthCase


@tagged("post_install", "-at_install")
class TestMonthAdjust(MonthCase):
    """After pay: hours of a locked month are sent in the next, if a person says so."""

    def late(self, hours=2, **values):
        """Hours validated after the month was paid: Tripletex refuses them."""
        line = self.validated(hours, **{"date": day(1), **values})
        self.send()
        self.assertEqual(line.tripletex_state, "failed")
        return line

    def pay(self):
        self.control.run_pay("2026-03")
        self.env["tripletex.month"].search([]).action_check()
        self.check()

    def waits_in_april(self, hours=2, **values):
        """Hours of a paid month that wait in the month after."""
        self.sent(7.5)
        self.pay()
        line = self.late(hours, **values)
        self.entries_of(line).action_adjust()
        return line

    def test_late_hours_are_sent_on_first_day_of_next_month(self):
        line = self.waits_in_april()
        self.send()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertEqual(self.held_as("date"), [("2026-03-16", 7.5), ("2026-04-01", 2)])
        self.assertEqual(line.date, day(1), "the line keeps its date")
        [row] = [r for r in self.control.entries() if r["date"] == "2026-04-01"]
        self.assertIn("2026-03", row["comment"])

    def test_board_counts_them_in_the_month_they_belong_to(self):
        self.sent(7.5)
        self.sent(4, date=APRIL)
        self.pay()
        line = self.late()
        self.entries_of(line).action_adjust()
        march = self.month()
        march.invalidate_recordset()
        self.assertEqual(march.cause, "waiting")
        self.send()
        self.check()
        april = self.month(month=APRIL)
        self.assertEqual((march.hours_validated, march.hours_there), (9.5, 9.5))
        self.assertEqual((april.hours_validated, april.hours_there), (4, 4))
        self.assertTrue(march.is_equal and april.is_equal)

    def test_entry_and_line_say_which_month_they_belong_to(self):
        line = self.waits_in_april()
        entry = self.entries_of(line)
        self.assertEqual(entry.date, APRIL)
        self.assertIn("2.00 hours belong to March 2026", entry.adjustment)
        self.assertEqual(str(entry.share_ids.belongs_to), "2026-03-01")
        self.assertIn("March 2026", self.told(line))

    def test_hours_on_a_day_with_sent_hours_leave_those_alone(self):
        line = self.waits_in_april(date=day(0))
        self.settle()
        self.assertEqual(self.held_as("date"), [("2026-03-16", 7.5), ("2026-04-01", 2)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_both_rows_of_overtime_go(self):
        self.sent(7.5)
        self.pay()
        line = self.late(work_entry_type_id=self.overtime.id)
        entries = self.entries_of(line)
        entries.filtered(lambda entry: entry.kind == "hours").action_adjust()
        self.settle()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertEqual(self.held_rows_as("date"), [("2026-04-01", 2)])
        self.assertEqual(self.held_as("date")[-1], ("2026-04-01", 2))

    def test_corrections_of_adjusted_hours_follow_them(self):
        line = self.waits_in_april()
        self.send()
        self.correct(line, unit_amount=3)
        self.send()
        self.assertEqual(self.held_as("date")[-1], ("2026-04-01", 3))
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(self.held(), [7.5])
        line.action_tripletex_validate()
        self.send()
        self.assertEqual(self.held_as("date")[-1], ("2026-04-01", 3))

    def test_links_and_moves_do_not_take_them_back(self):
        self.waits_in_april()
        self.send()
        self.relink(self.project)
        self.settle()
        self.env["tripletex.entry.move"].create(
            {
                "link": f"tripletex.employee,{self.link(self.employee).id}",
                "date_from": "2026-03-01",
                "date_to": "2026-04-30",
            }
        ).action_move()
        self.settle()
        self.assertEqual(self.held_as("date")[-1], ("2026-04-01", 2))

    def test_hours_that_still_wait_go_to_the_person_of_a_corrected_number(self):
        number = self.link(self.employee).number
        line = self.waits_in_april()
        corrected = self.renumber(self.employee)
        self.settle()
        self.assertEqual(
            self.held_as("employeeNumber", "date"),
            sorted([(number, "2026-03-16", 7.5), (corrected, "2026-04-01", 2.0)]),
        )
        self.assertEqual(line.tripletex_state, "sent")
        shares = self.entries_of(line).share_ids.filtered("hours")
        self.assertEqual(shares.mapped("belongs_to"), [MARCH])

    def test_both_waiting_rows_of_overtime_go_to_another_person(self):
        line = self.waits_in_april(work_entry_type_id=self.overtime.id)
        linked = self.relink(self.employee)
        self.settle()
        self.assertIn(
            (linked, "2026-04-01", 2.0), self.held_as("employeeNumber", "date")
        )
        self.assertEqual(
            self.held_rows_as("employeeNumber", "date"),
            [(linked, "2026-04-01", 2.0)],
        )
        self.assertEqual(line.tripletex_state, "sent")

    def test_waiting_hours_of_a_project_that_is_not_sent_any_more_are_not_sent(self):
        line = self.waits_in_april()
        self.exclude(self.project)
        self.settle()
        self.assertEqual(self.held_as("date"), [("2026-03-16", 7.5)])
        self.assertFalse(line.tripletex_state)

    def test_waiting_hours_go_to_their_month_after_the_link_was_missing(self):
        line = self.waits_in_april(work_entry_type_id=self.overtime.id)
        row = self.free_row(self.employee)
        self.link(self.employee).action_empty_link()
        self.settle()
        self.assertEqual(self.held_as("date"), [("2026-03-16", 7.5)])
        link = self.link_to(self.employee, row)
        self.settle()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertIn(
            (link.number, "2026-04-01", 2.0), self.held_as("employeeNumber", "date")
        )
        self.assertEqual(
            self.held_rows_as("employeeNumber", "date"),
            [(link.number, "2026-04-01", 2.0)],
        )
        shares = self.entries_of(line).share_ids.filtered("hours")
        self.assertEqual(shares.mapped("belongs_to"), [MARCH, MARCH])

    def test_paycode_row_follows_its_link_beside_hours_that_were_sent_before_pay(self):
        self.control.revoke_rights("timesheet/salaryTypeSpecification")
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.settle()
        self.control.revoke_rights()
        self.connection.action_test()
        self.pay()
        self.settle()
        self.entries_of(line).filtered(lambda e: e.kind == "paycode").action_adjust()
        number = self.relink(self.overtime)
        self.settle()
        self.assertEqual(self.held_as("date"), [("2026-03-16", 2.0)])
        self.assertEqual(
            self.held_rows_as("salaryTypeNumber", "date"), [(number, "2026-04-01", 2.0)]
        )

    def test_first_open_day_is_after_what_is_locked_next_month(self):
        self.sent(7.5)
        self.sent(4, date=date(2026, 4, 8))
        self.pay()
        self.control.lock_month("2026-04", until="2026-04-10")
        self.check()
        line = self.late()
        self.entries_of(line).action_adjust()
        self.send()
        self.assertIn(("2026-04-11", 2), self.held_as("date"))

    def test_conflict_is_decided_before_it_is_adjusted(self):
        self.person_logs(3, project=self.project)
        line = self.validated(2)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        self.pay()
        refusal = self.refusal(self.entries_of(line).action_adjust)
        self.assertIn("resolve the conflict first", refusal)
        self.assertEqual(line.tripletex_state, "conflict")

    def test_open_month_is_not_adjusted(self):
        self.control.close_project(self.tripletex_id(self.project))
        line = self.validated(2)
        self.send()
        self.check()
        refusal = self.refusal(self.entries_of(line).action_adjust)
        self.assertIn("not locked", refusal)

    def test_correction_of_sent_hours_is_not_adjusted(self):
        """The row of the locked month stands: what would go is a difference."""
        line = self.sent(7.5)
        self.pay()
        self.correct(line, unit_amount=9)
        self.send()
        refusal = self.refusal(self.entries_of(line).action_adjust)
        self.assertIn("were sent", refusal)
        self.settle()
        self.assertEqual(self.held(), [7.5])

    def test_negative_hours_that_nothing_stands_against_are_refused(self):
        self.sent(7.5)
        self.pay()
        line = self.late(-2, date=day(0))
        self.assertIn("below zero", self.refusal(self.entries_of(line).action_adjust))

    def test_negative_line_on_adjusted_hours_counts_in_their_month(self):
        self.waits_in_april(3)
        self.send()
        self.validated(-1, date=day(1))
        self.settle()
        self.check()
        self.assertEqual(self.held_as("date")[-1], ("2026-04-01", 2))
        march, april = self.month(), self.month(month=APRIL)
        self.assertEqual((march.hours_validated, march.hours_there), (9.5, 9.5))
        self.assertEqual((april.hours_validated, april.hours_there), (0, 0))
        self.assertTrue(march.is_equal)

    def test_negative_line_corrects_the_one_of_two_equal_lines_that_has_its_hours(
        self,
    ):
        self.waits_in_april(date=day(0))
        self.settle()
        self.control.run_pay("2026-03", None, False)
        self.validated(-3)
        self.settle()
        self.assertEqual(self.held_as("date"), [("2026-03-16", 4.5), ("2026-04-01", 2)])

    def test_line_that_gets_the_day_of_its_adjustment_belongs_there(self):
        line = self.waits_in_april()
        self.send()
        self.correct(line, date=APRIL)
        self.settle()
        [row] = [r for r in self.control.entries() if r["date"] == "2026-04-01"]
        self.assertEqual((row["hours"], row["comment"]), (2, "Work"))
        self.assertFalse(self.entries_of(line).share_ids.belongs_to)

    def test_hours_that_lack_a_link_are_refused_until_it_is_there(self):
        self.sent(7.5)
        self.pay()
        self.company.tripletex_strict = False
        project = self.project.copy({"name": "Without link"})
        line = self.late(project_id=project.id)
        refusal = self.refusal(self.entries_of(line).action_adjust)
        self.assertIn("not linked yet", refusal)

    def test_only_who_may_decide_adjusts(self):
        self.sent(7.5)
        self.pay()
        line = self.late()
        worker = self.env["res.users"].create(
            {
                "name": "Worker",
                "login": "adjust_worker",
                "group_ids": [
                    (6, 0, self.env.ref("hr_timesheet.group_hr_timesheet_user").ids)
                ],
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.entries_of(line).with_user(worker).action_adjust()

    def test_adjustment_without_a_description_names_its_month(self):
        self.waits_in_april(name="/")
        self.send()
        self.assertEqual(self.held_as("date")[-1], ("2026-04-01", 2))
        [row] = [r for r in self.control.entries() if r["date"] == "2026-04-01"]
        self.assertEqual(row["comment"], "(2026-03)")

    def test_hours_that_wait_for_a_move_are_not_adjusted(self):
        line = self.sent(7.5)
        self.pay()
        self.correct(line, date=day(2))
        self.settle()
        self.assertIn("when they are removed there", self.told(line))
        for entry in self.entries_of(line):
            with self.subTest(entry=entry.display_name):
                self.refusal(entry.action_adjust)
        self.assertEqual(self.held(), [7.5])

    def test_pressed_twice_it_is_done_once(self):
        self.sent(7.5)
        self.pay()
        line = self.late()
        entries = self.entries_of(line)
        entries.action_adjust()
        if entries.exists():
            self.refusal(entries.exists().action_adjust)
        self.send()
        self.assertEqual(self.held(), [2, 7.5])

    def test_hours_that_leave_the_later_month_return_there_when_it_is_chosen_again(
        self,
    ):
        line = self.waits_in_april(date=day(1))
        self.settle()
        self.control.run_pay("2026-03", None, False)
        with self.fault("429", times=9, method="POST", path="/timesheet/entry*"):
            self.correct(line, date=day(2))
            self.send()
        self.assertEqual(self.held(), [7.5])
        self.pay()
        waits = self.entries_of(line).filtered(lambda entry: entry.state == "pending")
        waits.action_adjust()
        self.settle()
        self.assertEqual(self.held_as("date")[1:], [("2026-04-01", 2)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_later_month_that_is_paid_as_well_is_left_for_the_one_after(self):
        self.sent(7.5)
        self.pay()
        line = self.late()
        self.control.run_pay("2026-04")
        self.entries_of(line).action_adjust()
        self.send()
        self.assertEqual(line.tripletex_state, "failed")
        self.env["tripletex.month"].search([]).action_check()
        self.check()
        self.entries_of(line).filtered("hours").action_adjust()
        self.send()
        self.assertEqual(self.held_as("date")[1:], [("2026-05-01", 2)])
        [share] = self.entries_of(line).share_ids.filtered("hours")
        self.assertEqual(share.belongs_to, day(1).replace(day=1))
