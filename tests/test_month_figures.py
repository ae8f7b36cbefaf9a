from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import day
from .month_common import APRIL, MARCH, MonthCase


@tagged("post_install", "-at_install")
class TestMonthFigures(MonthCase):
    """What a month says of both sides, and why they differ."""

    def test_sent_hours_are_equal_after_check(self):
        self.sent(7.5)
        self.sent(4, date=day(1))
        month = self.checked()
        self.assertEqual(month.hours_logged, 11.5)
        self.assertEqual(month.hours_validated, 11.5)
        self.assertEqual(month.hours_sent, 11.5)
        self.assertEqual(month.hours_there, 11.5)
        self.assertEqual((month.hours_other, month.difference), (0, 0))
        self.assertTrue(month.is_equal)
        self.assertFalse(month.cause)
        self.assertTrue(month.checked_at)
        self.assertEqual(month.state_there, "open")
        self.assertEqual(month.number, self.link(self.employee).number)

    def test_people_without_hours_are_rows(self):
        self.sent(7.5)
        self.check()
        for employee in self.employees:
            with self.subTest(employee=employee.name):
                month = self.month(employee)
                self.assertEqual(len(month), 1)
                self.assertTrue(month.is_equal)
        self.assertEqual(self.month(self.employees[1]).hours_validated, 0)

    def test_hours_that_are_not_validated_leave_month_equal(self):
        self.sent(7.5)
        self.log(4, date=day(1))
        month = self.checked()
        self.assertEqual((month.hours_logged, month.hours_open), (11.5, 4))
        self.assertEqual(month.hours_validated, 7.5)
        self.assertTrue(month.is_equal)
        self.assertEqual(month.cause, "not_validated")

    def test_hours_validated_after_check_show_at_once(self):
        self.sent(7.5)
        self.check()
        self.validated(4, date=day(1))
        month = self.month()
        month.invalidate_recordset()
        self.assertEqual((month.hours_validated, month.hours_there), (11.5, 7.5))
        self.assertEqual(month.difference, 4)
        self.assertFalse(month.is_equal)
        self.assertEqual(month.cause, "waiting")
        self.send()
        month.invalidate_recordset()
        self.assertEqual(month.cause, "sent_since")

    def test_refused_hours_need_attention(self):
        self.control.close_project(self.tripletex_id(self.project))
        self.validated(7.5)
        self.send()
        month = self.checked()
        self.assertEqual((month.hours_validated, month.hours_there), (7.5, 0))
        self.assertFalse(month.is_equal)
        self.assertEqual((month.cause, month.attention_count), ("attention", 1))

    def test_overtime_counts_once_in_each_measure(self):
        self.sent(7.5)
        self.sent(2, work_entry_type_id=self.overtime.id, date=day(1))
        month = self.checked()
        self.assertEqual((month.hours_validated, month.hours_there), (9.5, 9.5))
        self.assertEqual((month.paycode_validated, month.paycode_there), (2, 2))
        self.assertTrue(month.is_equal)

    def test_overtime_with_a_paycode_row_alone_is_no_difference(self):
        self.paycode.transfer_as = "paycode"
        self.sent(7.5)
        self.sent(2, work_entry_type_id=self.overtime.id, date=day(1))
        month = self.checked()
        self.assertEqual(month.hours_logged, 9.5)
        self.assertEqual((month.hours_validated, month.hours_there), (7.5, 7.5))
        self.assertEqual((month.paycode_validated, month.paycode_there), (2, 2))
        self.assertTrue(month.is_equal)

    def test_thirds_of_an_hour_are_named_rounding(self):
        for project in self.projects:
            self.validated(1 / 3, project_id=project.id)
        self.send()
        month = self.checked()
        self.assertEqual((month.hours_validated, month.hours_there), (1.0, 0.99))
        self.assertEqual((month.difference, month.rounding), (0.01, 0.01))
        self.assertTrue(month.is_equal)
        self.assertEqual(month.cause, "rounding")

    def test_hours_not_sent_from_odoo_stand_apart(self):
        self.sent(7.5)
        self.person_logs(3)
        month = self.checked()
        self.assertEqual((month.hours_there, month.hours_other), (7.5, 3))
        self.assertTrue(month.is_equal)

    def test_added_hours_of_a_person_are_theirs(self):
        self.person_logs(4, project=self.project)
        line = self.validated(7.5)
        self.send()
        self.entries_of(line).action_add()
        self.send()
        self.assertEqual(self.held(), [11.5])
        month = self.checked()
        self.assertEqual((month.hours_there, month.hours_other), (7.5, 4))
        self.assertTrue(month.is_equal)

    def test_kept_figure_is_named(self):
        line = self.sent(7.5)
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=8)
        self.check()
        self.entries_of(line).action_keep()
        month = self.checked()
        self.assertEqual((month.hours_validated, month.hours_there), (7.5, 8))
        self.assertFalse(month.is_equal)
        self.assertEqual(month.cause, "kept")

    def test_hours_validated_before_connecting_are_named(self):
        self.sent(7.5)
        self.remove()
        self.validated(4, date=day(1))
        self.complete()
        self.send()
        month = self.checked()
        self.assertEqual((month.hours_validated, month.hours_unqueued), (11.5, 4))
        self.assertFalse(month.is_equal)
        self.assertEqual(month.cause, "unqueued")

    def test_excluded_project_is_not_counted(self):
        self.sent(7.5)
        self.exclude(self.projects[2])
        self.validated(4, project_id=self.projects[2].id)
        month = self.checked()
        self.assertEqual((month.hours_logged, month.hours_validated), (7.5, 7.5))
        self.assertTrue(month.is_equal)

    def test_hours_of_people_who_send_overtime_alone_are_no_difference(self):
        self.link(self.employee).transfer = "overtime_absence"
        self.validated(7.5)
        self.validated(2, work_entry_type_id=self.overtime.id, date=day(1))
        self.send()
        month = self.checked()
        self.assertEqual((month.hours_logged, month.hours_left_out), (9.5, 7.5))
        self.assertEqual((month.hours_validated, month.hours_there), (0, 0))
        self.assertEqual((month.paycode_validated, month.paycode_there), (2, 2))
        self.assertTrue(month.is_equal)

    def test_corrections_and_withdrawn_hours_count_once(self):
        line = self.sent(7.5)
        other = self.sent(4, date=day(1))
        self.correct(line, unit_amount=6)
        other.action_tripletex_invalidate()
        self.send()
        month = self.checked()
        self.assertEqual((month.hours_logged, month.hours_open), (10, 4))
        self.assertEqual((month.hours_validated, month.hours_there), (6, 6))
        self.assertTrue(month.is_equal)

    def test_each_month_has_its_own_row(self):
        self.sent(7.5)
        self.sent(4, date=APRIL)
        self.check()
        self.assertEqual(self.month().hours_there, 7.5)
        self.assertEqual(self.month(month=APRIL).hours_there, 4)

    def test_figures_can_be_searched_summed_and_grouped(self):
        self.sent(7.5)
        self.sent(4, employee_id=self.employees[1].id)
        self.validated(2, employee_id=self.employees[2].id)
        self.check()
        # nobody has sent these
        self.env["tripletex.entry"].search([("state", "=", "pending")])
        Month = self.env["tripletex.month"]
        march = [("month", "=", MARCH), ("company_id", "=", self.company.id)]
        unequal = Month.search([*march, ("is_equal", "=", False)])
        self.assertEqual(unequal.employee_id, self.employees[2])
        self.assertEqual(Month.search([*march, ("cause", "=", "waiting")]), unequal)
        self.assertEqual(
            Month.search([*march, ("cause", "=", False)]).employee_id,
            self.employees[:2],
        )
        [total] = Month.formatted_read_group(
            march, [], ["hours_validated:sum", "hours_there:sum", "difference:sum"]
        )
        self.assertEqual(total["hours_validated:sum"], 13.5)
        self.assertEqual(total["hours_there:sum"], 11.5)
        self.assertEqual(total["difference:sum"], 2)
        groups = Month._read_group(march, ["cause"], ["hours_validated:sum"])
        self.assertEqual(sorted(groups, key=str), [("waiting", 2.0), (False, 11.5)])

    def test_days_stand_side_by_side(self):
        self.sent(7.5)
        self.log(2, date=day(1))
        self.person_logs(3, day=day(1))
        month = self.checked()
        first, second = month.days
        self.assertEqual(first["date"], str(MONDAY))
        self.assertEqual((first["validated"], first["there"]), (7.5, 7.5))
        self.assertEqual((second["logged"], second["validated"]), (2, 0))
        self.assertEqual((second["there"], second["other"]), (0, 3))

    def test_hours_of_lines_that_the_database_deleted_are_no_rounding(self):
        line = self.sent(7.5)
        self.check()
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM account_analytic_line WHERE id = %s", [line.id]
        )
        self.env.invalidate_all()
        month = self.month()
        self.assertFalse(month.is_equal)
        self.assertNotEqual(month.cause, "rounding")
        self.send()
        self.assertTrue(self.checked().is_equal)
