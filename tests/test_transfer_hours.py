"""What an employee sends: everything, overtime and absence only, or nothing."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..sending.queue import Queue
from .common import MONDAY
from .ledger_common import LedgerCase, day


class TransferCase(LedgerCase):
    """Steps with the employee's link."""

    def setUp(self):
        super().setUp()
        self.employee_link = self.link(self.employee)

    def overtime_line(self, hours=2, **values):
        return self.validated(hours, work_entry_type_id=self.overtime.id, **values)

    def sum_in_tripletex(self):
        """Hours by day in Tripletex, and hours on paycodes by day."""
        return self.held_as("date"), self.held_rows_as("date")

    def begin_move(self):
        """Ask for a move of the week's hours that Tripletex does not answer yet."""
        new = self.relink(self.project)
        self.settle()
        with self.fault("500_json", method="PUT,POST,DELETE", path="/timesheet/entry*"):
            self.ask_move()
            self.send()
        return new

    def narrow(self, transfer):
        """Let the employee send less, and let the cron look it up."""
        self.employee_link.transfer = transfer
        self.settle()


@tagged("post_install", "-at_install")
class TestTransferOfNewHours(TransferCase):
    """Where hours go that are validated after the choice."""

    def test_new_link_sends_everything(self):
        self.assertEqual(self.employee_link.transfer, "all")

    def test_ordinary_hours_validate_and_stay_in_odoo(self):
        for transfer in ("overtime_absence", "none"):
            with self.subTest(transfer):
                self.employee_link.transfer = transfer
                line = self.log(7.5)
                self.assertFalse(line.tripletex_problem)
                line.action_tripletex_validate()
                self.settle()
                self.assertTrue(line.tripletex_validated)
                self.assertEqual(
                    (line.tripletex_state, line.tripletex_status), (False, "validated")
                )
                self.assertEqual(self.held(), [])

    def test_overtime_and_absence_only_sends_the_paycode_row_alone(self):
        self.employee_link.transfer = "overtime_absence"
        for transfer_as in ("hours_and_paycode", "paycode"):
            with self.subTest(transfer_as):
                self.paycode.transfer_as = transfer_as
                line = self.overtime_line()
                self.settle()
                self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))
                self.assertEqual(line.tripletex_state, "sent")
                line.action_tripletex_invalidate()
                self.settle()
                line.unlink()

    def test_paycode_without_a_row_is_sent_on_its_activity(self):
        # "Hours only": the activity is what pays the overtime
        self.employee_link.transfer = "overtime_absence"
        self.paycode.transfer_as = "hours"
        self.overtime_line()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))

    def test_nothing_sends_no_overtime(self):
        self.employee_link.transfer = "none"
        line = self.overtime_line()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], []))
        self.assertFalse(line.tripletex_state)

    def test_other_employees_send_everything(self):
        self.employee_link.transfer = "none"
        self.sent(3, employee_id=self.employees[1].id)
        self.assertEqual(self.held(), [3.0])

    def test_hours_that_are_not_sent_need_no_link_activity_or_description(self):
        project = self.project.copy({"name": "Without link"})
        self.connection.require_comments = True
        self.connection.default_activity_id = False
        for transfer in ("overtime_absence", "none"):
            with self.subTest(transfer):
                self.employee_link.transfer = transfer
                line = self.log(7.5, name="/", project_id=project.id)
                self.assertFalse(line.tripletex_problem)
                line.action_tripletex_validate()
                self.assertTrue(line.tripletex_validated)

    def test_paycode_row_alone_needs_no_activity_and_no_description(self):
        self.employee_link.transfer = "overtime_absence"
        self.connection.require_comments = True
        self.connection.default_activity_id = False
        self.sent(2, name="/", work_entry_type_id=self.overtime.id)
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))

    def test_overtime_of_an_unlinked_paycode_is_refused_with_its_reason(self):
        paycode = self.overtime.copy({"name": "Unlinked", "code": "TTX"})
        self.employee_link.transfer = "overtime_absence"
        line = self.log(2, work_entry_type_id=paycode.id)
        self.assertEqual(line.tripletex_problem, "Paycode not linked")
        self.employee_link.transfer = "none"
        line.invalidate_recordset()
        self.assertFalse(line.tripletex_problem)

    def test_connecting_with_a_date_sends_no_more_than_the_choice(self):
        self.employee_link.transfer = "none"
        self.overtime_line()
        self.validated(7.5)
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.sum_in_tripletex(), ([], []))

    def test_validating_costs_no_query_per_line(self):
        def queries(count):
            lines = self.env["account.analytic.line"]
            for index in range(count):
                lines |= self.log(1, date=day(index % 5), name=f"{count} {index}")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines.action_tripletex_validate()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.employee_link.transfer = "overtime_absence"
        self.settle()
        queries(2)
        self.assertLessEqual(abs(queries(40) - queries(4)), 3)


@tagged("post_install", "-at_install")
class TestTransferNarrowed(TransferCase):
    """The choice is for hours to come: what was sent stays sent."""

    def test_sent_hours_stay_and_waiting_ones_are_withdrawn(self):
        for transfer in ("overtime_absence", "none"):
            with self.subTest(transfer):
                self.sandbox.reset()
                self.employee_link.transfer = "all"
                sent = self.sent(5)
                waiting = self.validated(2, date=day(1))
                self.narrow(transfer)
                self.assertEqual(self.held(), [5.0])
                self.assertEqual(
                    (sent.tripletex_state, waiting.tripletex_state), ("sent", False)
                )
                (sent | waiting).action_tripletex_invalidate()
                self.settle()
                (sent | waiting).unlink()

    def test_waiting_overtime_keeps_its_paycode_row_alone(self):
        line = self.overtime_line()
        self.narrow("overtime_absence")
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))
        self.assertEqual(line.tripletex_state, "sent")

    def test_waiting_overtime_is_withdrawn_when_nothing_is_sent(self):
        line = self.overtime_line()
        self.narrow("none")
        self.assertEqual((self.held(), self.held_rows()), ([], []))
        self.assertFalse(line.tripletex_state)

    def test_hours_whose_answer_was_lost_stay(self):
        line = self.validated(5)
        with self.fault("drop_after", method="POST", path="/timesheet/entry*"):
            self.send()
        self.narrow("none")
        self.assertEqual(self.held(), [5.0])
        self.assertEqual(line.tripletex_state, "sent")

    def test_refused_hours_of_sent_overtime_are_withdrawn_until_widened(self):
        project = self.link(self.project)
        self.control.close_project(int(project.tripletex_id))
        line = self.overtime_line()
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))
        self.assertEqual(line.tripletex_state, "failed")
        self.narrow("overtime_absence")
        self.assertEqual(line.tripletex_state, "sent")
        self.correct(line, unit_amount=3)
        self.control.close_project(int(project.tripletex_id), closed=False)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], [3.0]))
        self.employee_link.set_transfer("all", MONDAY)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([3.0], [3.0]))

    def test_sent_overtime_keeps_both_rows(self):
        self.sent(2, work_entry_type_id=self.overtime.id)
        self.narrow("overtime_absence")
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))

    def test_corrected_hours_are_corrected_where_they_were_sent(self):
        for transfer in ("overtime_absence", "none"):
            with self.subTest(transfer):
                self.sandbox.reset()
                self.employee_link.transfer = "all"
                lines = self.sent(5) | self.sent(
                    2, work_entry_type_id=self.overtime.id, date=day(1)
                )
                self.narrow(transfer)
                for line in lines:
                    self.correct(line, unit_amount=line.unit_amount + 1)
                self.settle()
                self.assertEqual((self.held(), self.held_rows()), ([3.0, 6.0], [3.0]))
                lines.action_tripletex_invalidate()
                self.settle()
                self.assertEqual((self.held(), self.held_rows()), ([], []))
                lines.unlink()

    def test_negative_line_corrects_hours_that_were_sent(self):
        for transfer in ("overtime_absence", "none"):
            with self.subTest(transfer):
                self.sandbox.reset()
                self.employee_link.transfer = "all"
                lines = self.sent(5) | self.sent(
                    2, work_entry_type_id=self.overtime.id, date=day(1)
                )
                self.narrow(transfer)
                lines |= self.validated(-2)
                lines |= self.overtime_line(-1, date=day(1))
                self.settle()
                self.assertEqual((self.held(), self.held_rows()), ([1.0, 3.0], [1.0]))
                lines.action_tripletex_invalidate()
                self.settle()
                lines.unlink()

    def test_corrections_of_waiting_hours_are_withdrawn_with_them_until_widened(self):
        project = self.link(self.project)
        for transfer in ("overtime_absence", "none"):
            with self.subTest(transfer):
                self.sandbox.reset()
                self.employee_link.transfer = "all"
                self.control.close_project(int(project.tripletex_id))
                lines = self.overtime_line(2)
                self.send()
                lines |= self.overtime_line(-1)
                self.send()
                self.narrow(transfer)
                self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})
                self.control.close_project(int(project.tripletex_id), closed=False)
                self.settle()
                self.assertEqual((self.held(), self.held_rows()), ([], [1.0]))
                self.employee_link.set_transfer("all", MONDAY)
                self.settle()
                self.assertEqual((self.held(), self.held_rows()), ([1.0], [1.0]))
                lines.action_tripletex_invalidate()
                self.settle()
                lines.unlink()

    def test_sent_hours_stay_when_less_is_sent_before_their_move_is_done(self):
        self.sent(5)
        self.begin_move()
        self.narrow("none")
        self.assertEqual(self.held(), [5.0])

    def test_sent_hours_stay_when_their_project_is_excluded_before_their_move_is_done(
        self,
    ):
        lines = self.sent(5) | self.sent(
            2, work_entry_type_id=self.overtime.id, date=day(1)
        )
        self.begin_move()
        self.exclude(self.project)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0, 5.0], [2.0]))
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    def test_hours_of_a_move_that_a_removal_interrupts_are_on_one_row(self):
        line = self.sent(5)
        new = self.begin_move()
        self.remove()
        self.correct(line, unit_amount=6)
        self.complete()
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(new, 6.0)])

    def test_negative_line_on_hours_that_were_not_sent_goes_nowhere(self):
        self.employee_link.transfer = "none"
        lines = self.log(5) | self.log(-2)
        lines.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [])

    def test_line_validated_again_returns_to_its_row(self):
        line = self.sent(5)
        self.narrow("none")
        line.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held(), [])
        line.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_line_that_gets_another_date_leaves_tripletex(self):
        # as with a project that is not sent: it is a line of hours to come
        line = self.sent(5)
        self.narrow("overtime_absence")
        self.correct(line, date=day(1))
        self.settle()
        self.assertEqual(self.held(), [])
        self.assertFalse(line.tripletex_state)

    def test_overtime_line_that_gets_another_date_moves_its_row_alone(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        self.narrow("overtime_absence")
        self.correct(line, date=day(1))
        self.settle()
        self.assertEqual(self.sum_in_tripletex(), ([], [(str(day(1)), 2.0)]))

    def test_line_of_an_employee_who_sends_nothing_moves_to_one_who_does(self):
        self.employee_link.transfer = "none"
        line = self.validated(5)
        self.settle()
        self.correct(line, employee_id=self.employees[1].id)
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_sent_hours_move_with_the_action_all_the_same(self):
        for transfer in ("overtime_absence", "none"):
            with self.subTest(transfer):
                self.sandbox.reset()
                self.employee_link.transfer = "all"
                project = self.projects[transfer == "none"]
                line = self.sent(5, project_id=project.id)
                self.narrow(transfer)
                new = self.relink(project)
                self.env["tripletex.entry.move"].create(
                    {
                        "link": f"tripletex.project,{self.link(project).id}",
                        "date_from": MONDAY,
                        "date_to": MONDAY,
                    }
                ).action_move()
                self.settle()
                self.assertEqual(self.held_as("projectNumber"), [(new, 5.0)])
                line.action_tripletex_invalidate()
                self.settle()
                line.unlink()

    def test_moving_a_paycode_row_that_was_sent_alone_adds_no_hours(self):
        self.employee_link.transfer = "overtime_absence"
        self.sent(2, work_entry_type_id=self.overtime.id)
        new = self.relink(self.overtime)
        self.env["tripletex.entry.move"].create(
            {
                "link": f"tripletex.paycode,{self.link(self.overtime).id}",
                "date_from": MONDAY,
                "date_to": MONDAY,
            }
        ).action_move()
        self.settle()
        self.assertEqual(self.held(), [])
        self.assertEqual(self.held_rows_as("salaryTypeNumber"), [(new, 2.0)])


@tagged("post_install", "-at_install")
class TestTransferWidened(TransferCase):
    """Who sends more says from which date of work; nothing else looks back."""

    def dialog(self, links=None, **values):
        links = links or self.employee_link
        return (
            self.env["tripletex.employee.transfer"]
            .with_context(active_model="tripletex.employee", active_ids=links.ids)
            .create(values)
        )

    def widen(self, transfer="all", date=MONDAY, links=None):
        self.dialog(links, transfer=transfer, date=date).action_apply()
        self.settle()

    def test_dialog_sends_hours_from_its_date_on_once(self):
        self.employee_link.transfer = "none"
        for count in (-1, 0, 1):
            self.validated(2 + count, date=day(count))
        self.settle()
        self.widen(date=MONDAY)
        self.widen(date=MONDAY)
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 2.0), (str(day(1)), 3.0)])
        self.assertEqual(self.employee_link.transfer, "all")

    def test_dialog_suggests_today_and_counts_the_hours(self):
        self.employee_link.transfer = "none"
        self.validated(2)
        self.overtime_line(1)
        dialog = self.dialog(transfer="all")
        self.assertEqual(dialog.date, fields.Date.context_today(dialog))
        dialog.date = MONDAY
        self.assertEqual((dialog.line_count, dialog.hours), (2, 3.0))
        dialog.transfer = "overtime_absence"
        self.assertEqual((dialog.line_count, dialog.hours), (1, 1.0))
        dialog.transfer = "none"
        self.assertEqual((dialog.line_count, dialog.hours), (0, 0.0))

    def test_dialog_narrows_without_looking_back(self):
        self.sent(5)
        self.widen("none", date=MONDAY)
        self.assertEqual(self.employee_link.transfer, "none")
        self.assertEqual(self.held(), [5.0])

    def test_bare_write_means_today(self):
        today = fields.Date.context_today(self.env["tripletex.employee"])
        self.employee_link.transfer = "none"
        self.validated(1, date=today - timedelta(days=1))
        self.validated(2, date=today)
        self.settle()
        self.assertEqual(self.held(), [])
        self.employee_link.transfer = "all"
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(today), 2.0)])

    def test_nothing_to_overtime_sends_paycode_rows_alone(self):
        self.employee_link.transfer = "none"
        self.validated(5)
        self.overtime_line(2)
        self.settle()
        self.widen("overtime_absence")
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))

    def test_overtime_gets_its_hours_from_the_date_on(self):
        self.employee_link.transfer = "overtime_absence"
        self.overtime_line(1, date=day(-1))
        self.overtime_line(2)
        self.validated(5, date=day(1))
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], [1.0, 2.0]))
        self.widen(date=MONDAY)
        self.assertEqual((self.held(), self.held_rows()), ([2.0, 5.0], [1.0, 2.0]))

    def test_corrected_overtime_before_the_date_gets_no_hours(self):
        self.employee_link.transfer = "overtime_absence"
        line = self.overtime_line(1)
        self.settle()
        self.widen(date=day(1))
        self.correct(line, unit_amount=2)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))

    def test_corrected_overtime_gets_its_corrected_hours_from_the_date_on(self):
        self.employee_link.transfer = "overtime_absence"
        self.overtime_line(2)
        self.settle()
        self.overtime_line(-1)
        together = [
            self.log(hours, work_entry_type_id=self.overtime.id, date=day(1))
            for hours in (5, -2)
        ]
        (together[0] | together[1]).action_tripletex_validate()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], [1.0, 3.0]))
        self.exclude(self.project)
        self.project.tripletex_let_in(MONDAY)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([], [1.0, 3.0]))
        self.widen(date=MONDAY)
        self.assertEqual((self.held(), self.held_rows()), ([1.0, 3.0], [1.0, 3.0]))

    def test_overtime_handled_by_hand_gets_no_hours(self):
        self.employee_link.transfer = "overtime_absence"
        line = self.overtime_line(2)
        Queue(self.env).handle_by_hand(self.entries_of(line).sudo())
        self.widen(date=MONDAY)
        self.assertEqual((self.held(), self.held_rows()), ([], []))

    def test_overtime_gets_its_hours_also_after_its_project_was_let_in(self):
        self.employee_link.transfer = "overtime_absence"
        self.overtime_line(2)
        self.settle()
        self.employee_link.transfer = "none"
        self.exclude(self.project)
        self.settle()
        self.project.tripletex_let_in(MONDAY)
        self.settle()
        self.widen(date=MONDAY)
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))

    def test_paycode_that_came_to_send_more_adds_no_hours_to_sent_rows(self):
        self.paycode.transfer_as = "paycode"
        self.employee_link.transfer = "overtime_absence"
        self.overtime_line(2)
        self.settle()
        self.paycode.transfer_as = "hours_and_paycode"
        self.widen(date=MONDAY)
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))

    def test_widening_changes_no_sent_hours(self):
        line = self.sent(5)
        self.narrow("none")
        before = self.control.entries()
        self.connection.default_activity_id = self.another_activity()
        self.widen(date=MONDAY)
        self.assertEqual(self.control.entries(), before)
        self.assertEqual(line.tripletex_state, "sent")

    def test_hours_that_left_tripletex_come_back(self):
        line = self.sent(5)
        self.narrow("none")
        self.correct(line, date=day(1))
        self.settle()
        self.assertEqual(self.held(), [])
        self.widen(date=MONDAY)
        self.assertEqual(self.held_as("date"), [(str(day(1)), 5.0)])

    def test_hours_that_left_with_an_excluded_project_come_back(self):
        line = self.sent(5)
        self.exclude(self.project)
        self.correct(line, date=day(1))
        self.settle()
        self.assertEqual(self.held(), [])
        self.project.tripletex_let_in(MONDAY)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 5.0)])

    def test_another_change_of_the_link_queues_nothing(self):
        self.employee_link.transfer = "none"
        self.validated(5, date=fields.Date.context_today(self.env["hr.employee"]))
        self.employee_link.name = "Renamed"
        self.employee_link.transfer = "none"
        self.connection.responsible_id = self.env.user
        self.settle()
        self.assertEqual(self.held(), [])

    def test_several_employees_at_once(self):
        links = self.link(self.employees[0]) | self.link(self.employees[1])
        links.transfer = "none"
        for employee in self.employees[:2]:
            self.validated(3, employee_id=employee.id)
        self.settle()
        self.widen(links=links)
        self.assertEqual(self.held(), [3.0, 3.0])

    def test_link_given_to_another_employee_looks_back_for_nobody(self):
        today = fields.Date.context_today(self.env["hr.employee"])
        self.employee_link.transfer = "none"
        other = self.employee.create({"name": "X", "company_id": self.company.id})
        self.env["tripletex.employee"].create(
            {
                "connection_id": self.connection.id,
                "employee_id": other.id,
                "number": "4711",
                "transfer": "none",
            }
        )
        self.validated(2, employee_id=other.id, date=today)
        self.link(other).action_empty_link()
        self.employee_link.write({"employee_id": other.id, "transfer": "all"})
        self.settle()
        self.assertEqual(self.held(), [])
