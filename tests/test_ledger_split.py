from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import MONTH, day
from .month_common import APRIL, MonthCase

LOCKED = "validated and locked"
#: What a line says about who sent it in and validated it.
NOTES = [
    "tripletex_validated",
    "tripletex_validated_by",
    "tripletex_validated_at",
    "tripletex_sent_in",
    "tripletex_sent_in_by",
]


@tagged("post_install", "-at_install")
class TestLedgerSplit(MonthCase):
    """Splitting the analytic distribution of validated lines changes no hours.

    Odoo reduces the line to its part and creates the other parts as copies.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env["account.analytic.plan"].search([], limit=1)
        cls.accounts = cls.env["account.analytic.account"].create(
            [
                {"name": name, "plan_id": plan.id, "company_id": cls.company.id}
                for name in "ABC"
            ]
        )

    def distribution(self, *percents):
        accounts = self.accounts[: len(percents)]
        return {
            str(account.id): percent
            for account, percent in zip(accounts, percents, strict=True)
        }

    def split(self, line, *percents):
        """Split a line, and return its parts, its own first."""
        before = self.line_ids()
        line.analytic_distribution = self.distribution(*percents or (50, 50))
        self.env.flush_all()
        copies = line.browse(sorted(self.line_ids() - before))
        self.env.invalidate_all()
        self.control.clear_calls()
        return line + copies

    def line_ids(self):
        lines = self.env["account.analytic.line"]
        return set(lines.search([("company_id", "=", self.company.id)]).ids)

    def shares(self, lines):
        return self.env["tripletex.entry.share"].search([("line_id", "in", lines.ids)])

    def pay(self):
        self.control.run_pay(MONTH)
        self.check()

    def assert_nothing_changes(self, held):
        """Tripletex holds these hours, and nobody wrote there since the split."""
        self.settle()
        self.assertEqual((self.held(), self.writes()), (held, []))

    # -- the hours stay the same -------------------------------------------------

    def test_sent_hours_stay_as_they_are(self):
        line = self.sent(8)
        parts = self.split(line)
        self.assertEqual(parts.mapped("unit_amount"), [4, 4])
        self.assertEqual(set(parts.mapped("tripletex_state")), {"sent"})
        entry = self.entries_of(parts)
        self.assertEqual((entry.hours, entry.state), (8, "sent"))
        self.assert_nothing_changes([8.0])

    def test_parts_are_validated_by_whom_and_when_the_line_was(self):
        self.company.tripletex_send_in = True
        line = self.log(8)
        line.action_tripletex_send_in()
        line.action_tripletex_validate()
        self.let_minutes_pass()
        [before] = line.read(NOTES)
        parts = self.split(line)
        for noted in parts.read(NOTES):
            self.assertEqual(noted | {"id": line.id}, before)
        self.assertTrue(before["tripletex_validated"])
        self.assertTrue(before["tripletex_sent_in"])

    def test_shares_add_up_to_the_hours_whatever_the_rounding(self):
        for hours, percents in (
            (8, (33.33, 33.33, 33.34)),
            (0.125, (33.33, 33.33, 33.34)),
            (0.125, (100 / 3, 100 / 3, 100 / 3)),
            (1 / 3, (50, 50)),
            (7.25, (66.67, 33.33)),
        ):
            with self.subTest(hours=hours, percents=percents):
                line = self.sent(hours, date=day(self.days_used()))
                held = self.held()
                before = self.shares(line).hours
                parts = self.split(line, *percents)
                self.assertEqual(len(parts), len(percents))
                total = sum(self.shares(parts).mapped("hours"))
                self.assertAlmostEqual(total, before, 9)
                self.assert_nothing_changes(held)

    def days_used(self):
        return len(self.env["tripletex.entry"].search([]))

    def test_days_are_split_like_hours(self):
        uom = self.env.ref("uom.product_uom_day")
        line = self.sent(1, product_uom_id=uom.id)
        held = self.held()
        self.split(line, 33.33, 33.33, 33.34)
        self.assert_nothing_changes(held)

    def test_parts_are_split_again(self):
        line = self.sent(8)
        [_own, copy] = self.split(line)
        self.split(copy, 25, 75)
        self.assertEqual(sorted(self.shares(line | copy).mapped("hours")), [1, 4])
        self.assert_nothing_changes([8.0])

    def test_overtime_keeps_both_rows(self):
        line = self.sent(4, work_entry_type_id=self.overtime.id)
        before = self.held_rows()
        parts = self.split(line)
        self.assertEqual(len(self.shares(parts)), 4)
        self.assert_nothing_changes([4.0])
        self.assertEqual(self.held_rows(), before)

    def test_correction_is_split_like_the_hours_it_corrects(self):
        self.sent(8)
        line = self.sent(-2)
        parts = self.split(line)
        self.assertEqual(parts.mapped("unit_amount"), [-1, -1])
        self.assert_nothing_changes([6.0])

    def test_several_lines_are_split_at_once(self):
        lines = self.sent(8) | self.sent(2) | self.log(4)
        lines.analytic_distribution = self.distribution(50, 50)
        self.env.flush_all()
        self.control.clear_calls()
        self.assertEqual(len(self.line_ids()), 6)
        self.assert_nothing_changes([10.0])
        self.assertEqual(sum(self.shares(lines).mapped("hours")), 5)

    # -- nothing is routed anew --------------------------------------------------

    def test_sent_hours_stay_on_their_row_after_the_link_was_changed(self):
        line = self.sent(8)
        self.relink(self.project)
        self.settle()
        before = self.held_as("projectNumber")
        self.split(line)
        self.assert_nothing_changes([8.0])
        self.assertEqual(self.held_as("projectNumber"), before)

    def test_invoiced_hours_stay_after_the_link_was_changed(self):
        line = self.sent(8)
        self.relink(self.project)
        self.settle()
        for row in self.control.entries():
            self.control.invoice_entry(row["id"], True)
        parts = self.split(line)
        self.assert_nothing_changes([8.0])
        self.assertEqual(set(parts.mapped("tripletex_state")), {"sent"})

    def test_sent_hours_of_an_excluded_project_stay(self):
        line = self.sent(8)
        self.exclude(self.project)
        self.settle()
        self.split(line)
        self.assert_nothing_changes([8.0])

    def test_sent_hours_of_an_employee_who_sends_nothing_now_stay(self):
        line = self.sent(8)
        self.link(self.employee).transfer = "none"
        self.settle()
        self.split(line)
        self.assert_nothing_changes([8.0])

    def test_hours_that_were_not_asked_for_are_not_sent(self):
        self.link(self.employee).transfer = "none"
        self.settle()
        line = self.validated(4)
        self.link(self.employee).set_transfer("all", day(20))
        self.settle()
        self.split(line)
        self.assert_nothing_changes([])

    def test_hours_handled_by_hand_are_not_sent(self):
        self.control.close_project(self.tripletex_id(self.project))
        line = self.validated(4)
        self.settle()
        self.remove("handled")
        self.complete(send_from=MONDAY)
        self.control.close_project(self.tripletex_id(self.project), False)
        self.settle()
        parts = self.split(line)
        self.assertTrue(all(self.shares(parts).mapped("is_handled")))
        self.assert_nothing_changes([])

    def test_adjusted_hours_stay_in_the_later_month(self):
        self.sent(1)
        self.pay()
        line = self.validated(4, date=day(1))
        self.settle()
        self.entries_of(line).action_adjust()
        self.settle()
        before = self.held_as("date")
        self.assertIn((str(APRIL), 4.0), before)
        parts = self.split(line)
        self.assert_nothing_changes([1.0, 4.0])
        self.assertEqual(self.held_as("date"), before)
        self.assertEqual(
            self.shares(parts).mapped("belongs_to"), [MONDAY.replace(day=1)] * 2
        )

    def test_figure_that_was_kept_stays(self):
        line = self.sent(8)
        self.control.person_edits_entry(self.control.entries()[0]["id"], hours=5)
        self.correct(line, unit_amount=6)
        self.settle()
        self.entries_of(line).action_keep()
        self.settle()
        self.split(line)
        self.assert_nothing_changes([5.0])

    def test_refused_hours_are_not_tried_again(self):
        self.sent(1)
        self.pay()
        line = self.validated(4, date=day(1))
        self.settle()
        before = self.told(line)
        parts = self.split(line)
        self.assertEqual(set(parts.mapped("tripletex_state")), {"failed"})
        for part in parts:
            self.assertEqual(self.told(part), before)
        self.assert_nothing_changes([1.0])

    # -- hours on their way ------------------------------------------------------

    def test_hours_that_wait_are_sent_once(self):
        line = self.validated(8)
        self.split(line)
        self.settle()
        self.assertEqual((self.held(), len(self.writes())), ([8.0], 1))

    def test_hours_that_wait_follow_the_link_in_all_parts(self):
        line = self.validated(8)
        self.split(line)
        number = self.relink(self.project)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(number, 8.0)])

    def test_hours_whose_answer_was_lost_are_sent_once(self):
        line = self.validated(8)
        with self.fault("drop_after", times=1, method="POST", path="/timesheet/entry*"):
            self.send()
        parts = self.split(line)
        self.assert_nothing_changes([8.0])
        self.assertEqual(set(parts.mapped("tripletex_state")), {"sent"})

    def test_hours_that_move_arrive_in_all_parts(self):
        line = self.sent(8)
        self.correct(line, date=day(1))
        parts = self.split(line, 25, 75)
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 8.0)])
        self.assertEqual(set(parts.mapped("tripletex_state")), {"sent"})

    def test_hours_that_cannot_leave_their_row_stay_there_in_all_parts(self):
        line = self.sent(8)
        for row in self.control.entries():
            self.control.invoice_entry(row["id"], True)
        self.correct(line, date=day(1))
        self.settle()
        self.split(line)
        self.assert_nothing_changes([8.0])
        for row in self.control.entries():
            self.control.invoice_entry(row["id"], False)
        self.retry()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 8.0)])

    def test_hours_without_a_place_find_one_in_all_parts(self):
        self.company.tripletex_strict = False
        row = self.free_row(self.project)
        self.link(self.project).action_empty_link()
        parts = self.split(self.validated(8))
        self.settle()
        self.assertEqual(set(parts.mapped("tripletex_state")), {"failed"})
        self.link_to(self.project, row)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(row["number"], 8.0)])

    def test_number_that_leads_nowhere_is_told_on_all_parts(self):
        link = self.link(self.project)
        link.write({"tripletex_id": False, "number": "nowhere"})
        parts = self.split(self.validated(8))
        self.settle()
        for part in parts:
            self.assertIn("nowhere", self.told(part))

    # -- parts are lines like any other ------------------------------------------

    def test_part_is_corrected_on_the_row_of_all(self):
        line = self.sent(8)
        self.relink(self.project)
        before = self.held_as("projectNumber")[0][0]
        [_own, copy] = self.split(line)
        self.correct(copy, unit_amount=3)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(before, 7.0)])

    def test_part_is_opened_and_returns_to_its_row(self):
        line = self.sent(8)
        self.relink(self.project)
        before = self.held_as("projectNumber")[0][0]
        [_own, copy] = self.split(line)
        copy.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(before, 4.0)])
        copy.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(before, 8.0)])

    def test_part_moves_to_another_day_alone(self):
        [_own, copy] = self.split(self.sent(8))
        self.correct(copy, date=day(1))
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 4.0), (str(day(1)), 4.0)])

    def test_parts_that_are_deleted_leave_nothing(self):
        parts = self.split(self.sent(8))
        parts.action_tripletex_invalidate()
        parts.unlink()
        self.settle()
        self.assertEqual(self.held(), [])

    def test_part_can_be_adjusted_with_the_others(self):
        self.sent(1)
        self.pay()
        parts = self.split(self.validated(4, date=day(1)))
        self.settle()
        self.entries_of(parts).action_adjust()
        self.settle()
        self.assertIn((str(APRIL), 4.0), self.held_as("date"))

    def test_hours_are_changed_validated_and_split_in_one_step(self):
        line = self.log(5)
        line.write(
            {
                "unit_amount": 8,
                "tripletex_validated": True,
                "analytic_distribution": self.distribution(50, 50),
            }
        )
        self.settle()
        self.assertEqual((line.unit_amount, self.held()), (4, [8.0]))

    def test_line_is_created_validated_and_split_in_one_step(self):
        values = {"tripletex_validated": True}
        values["analytic_distribution"] = self.distribution(50, 50)
        line = self.log(8, **values)
        self.settle()
        self.assertEqual((line.unit_amount, self.held()), (4, [8.0]))

    def test_split_that_changes_the_hours_is_refused(self):
        line = self.sent(8)
        for percents in (
            (50,),
            (200,),
            (100, 100),
            (100, 0),
            (200, -100),
            (33.33, 33.33, 33.33),
        ):
            with self.subTest(percents=percents):
                message = self.refusal(lambda p=percents: self.split(line, *p))
                self.assertIn(LOCKED, message)
        self.assertEqual(self.line_ids(), set(line.ids))
        self.control.clear_calls()
        self.assert_nothing_changes([8.0])

    def test_split_of_hours_that_are_not_validated_is_odoos_business(self):
        line = self.log(8)
        self.split(line, 200)
        self.assertEqual(line.unit_amount, 16)
        line.action_tripletex_validate()
        with self.assertRaisesRegex(UserError, LOCKED):
            self.split(line, 50)

    def queries_to_split(self, count):
        """Return the number of queries that splitting ``count`` sent lines takes."""
        lines = self.env["account.analytic.line"].union(
            *(self.log(1, date=day(n % 5)) for n in range(count))
        )
        lines.action_tripletex_validate()
        self.send()
        before = self.env.cr.sql_log_count
        lines.analytic_distribution = self.distribution(50, 50)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_lines_split(self):
        self.queries_to_split(5)  # fills the caches
        self.assertEqual(self.queries_to_split(5), self.queries_to_split(50))
