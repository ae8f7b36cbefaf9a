from datetime import date

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import LedgerSteps, day
from .month_common import APRIL, MARCH, MonthCase, MonthSteps
from .validate_common import ValidateCase

BOARD = "hr_timesheet_tripletex.tripletex_month_action"


@tagged("post_install", "-at_install")
class TestMonthBoard(MonthCase):
    """What the board of months shows, sums and exports."""

    def lines_of(self, action):
        return self.env[action["res_model"]].search(action["domain"])

    def test_board_shows_last_month_until_the_cut_off_day_then_this_month(self):
        self.company.tripletex_cut_off_day = 5
        self.sent(7.5)
        self.check()
        months = self.month()
        for today, is_shown in (
            ("2026-03-31", True),
            ("2026-04-05", True),
            ("2026-04-06", False),
            ("2026-03-05", False),
        ):
            with self.subTest(today=today), freeze_time(f"{today} 10:00:00"):
                self.env.invalidate_all()
                self.assertIs(months.is_to_close, is_shown)
                found = months.search(
                    [("id", "in", months.ids), ("is_to_close", "=", True)]
                )
                self.assertEqual(bool(found), is_shown)

    def test_without_cut_off_day_last_month_is_shown_until_the_tenth(self):
        for today, month in (("2026-04-10", MARCH), ("2026-04-11", APRIL)):
            with self.subTest(today=today), freeze_time(f"{today} 10:00:00"):
                self.assertEqual(self.company._tripletex_month_to_close(), month)

    def test_board_opens_on_the_month_to_close(self):
        action = self.env.ref(BOARD)
        self.assertIn("search_default_to_close", action.context)
        self.assertEqual(action.path, "tripletex-months")

    def test_totals_and_groups_sum_both_sides(self):
        self.sent(7.5)
        self.sent(2, employee_id=self.employees[1].id)
        self.check()
        domain = [("month", "=", MARCH)]
        names = ["hours_logged", "hours_validated", "hours_there", "difference"]
        months = self.env["tripletex.month"]
        for groupby in ([], ["month:month"], ["state_there"]):
            with self.subTest(groupby=groupby):
                [row] = months.formatted_read_group(
                    domain, groupby, [f"{name}:sum" for name in names]
                )
                self.assertEqual(
                    [row[f"{name}:sum"] for name in names], [9.5, 9.5, 9.5, 0]
                )

    def test_figures_are_measures_of_pivot_and_export(self):
        self.sent(7.5)
        month = self.checked()
        info = month.fields_get(["hours_validated", "hours_there", "difference"])
        self.assertEqual({field["aggregator"] for field in info.values()}, {"sum"})
        names = ["employee_id", "month", "hours_validated", "result", "next_step"]
        [row] = month.export_data(names)["datas"]
        self.assertEqual(row[1:4], [MARCH, 7.5, "Equal"])

    def test_sent_in_is_shown_where_employees_send_in(self):
        def is_hidden():
            arch = self.env["tripletex.month"].get_view(view_type="list")["arch"]
            return 'name="hours_sent_in" optional="show" sum="Sent In"' in arch and (
                'column_invisible="1"' in arch.split('name="hours_sent_in"')[1][:120]
            )

        self.company.tripletex_send_in = False
        self.assertTrue(is_hidden())
        self.company.tripletex_send_in = True
        self.assertFalse(is_hidden())

    # -- what to do next ---------------------------------------------------------

    def test_equal_month_says_to_finish_it(self):
        self.sent(7.5)
        month = self.checked()
        self.assertEqual(month.result, "equal")
        self.assertIn("Press Finish Month", month.next_step)

    def test_hours_not_validated_are_counted_and_opened(self):
        self.sent(7.5)
        line = self.log(3, date=day(1))
        self.exclude(self.projects[1])
        self.log(2, date=day(1), project_id=self.projects[1].id)
        month = self.checked()
        self.assertIn("3.00 hours are not validated", month.next_step)
        self.assertEqual(self.lines_of(month.action_view_lines()), line)

    def test_hours_that_need_attention_are_counted_and_opened(self):
        self.control.close_project(self.tripletex_id(self.project))
        line = self.validated(7.5)
        self.send()
        month = self.checked()
        self.assertIn("need attention: 1", month.next_step)
        self.assertEqual(
            self.lines_of(month.action_view_entries()), self.entries_of(line)
        )

    def test_finished_month_says_who_approves(self):
        self.sent(7.5)
        self.check()
        self.finish(self.month())
        self.assertIn("Ask the person who approves", self.month().next_step)
        self.company.tripletex_may_approve = True
        self.env.invalidate_all()
        self.assertIn("Press Approve", self.month().next_step)
        self.assertTrue(self.month().may_approve)
        self.assertTrue(self.month().may_reopen)

    def test_every_language_reads_its_own_words(self):
        self.sent(7.5)
        month = self.checked()
        self.assertIn("Ferdigstill", month.with_context(lang="nb_NO").next_step)

    def test_hours_validated_after_the_cut_off_day_come_with_next_pay(self):
        self.company.tripletex_cut_off_day = 5
        with freeze_time("2026-04-05 20:00:00"):
            self.validated(7.5)
        with freeze_time("2026-04-06 09:00:00"):
            self.validated(2, date=day(1))
        self.send()
        month = self.checked()
        self.assertEqual(month.hours_late, 2)
        self.assertIn("2.00 hours were validated after the cut-off", month.next_step)
        self.assertIn("next month's pay", month.next_step)
        self.company.tripletex_cut_off_day = 0
        self.env.invalidate_all()
        self.assertEqual(month.hours_late, 0)

    # -- check now ---------------------------------------------------------------

    def test_check_without_chosen_rows_asks_for_all_that_are_not_closed(self):
        with freeze_time(f"{MONDAY} 10:00:00"):
            self.sent(7.5)
            self.check()
            months = self.env["tripletex.month"]
            self.assertEqual(months.action_check()["tag"], "display_notification")
            self.assertTrue(self.month().is_asked)
            self.check()
            self.assertFalse(self.month().is_asked)

    # -- sent hours --------------------------------------------------------------

    def test_sent_hours_and_hours_on_paycodes_are_two_measures(self):
        self.sent(7.5)
        self.sent(2, work_entry_type_id=self.overtime.id, date=day(1))
        entry = self.env["tripletex.entry"]
        names = ("work_hours", "paycode_hours", "work_hours_there")
        sums = [f"{name}:sum" for name in (*names, "paycode_hours_there")]
        [row] = entry.formatted_read_group([], [], sums)
        self.assertEqual([row[name] for name in sums], [9.5, 2, 9.5, 2])
        groups = entry.formatted_read_group([], ["employee_id"], sums)
        self.assertEqual([groups[0][name] for name in sums], [9.5, 2, 9.5, 2])
        info = entry.fields_get(["hours", "sent_hours", "work_hours"])
        self.assertFalse(info["hours"].get("aggregator"))
        self.assertFalse(info["sent_hours"].get("aggregator"))
        self.assertEqual(info["work_hours"]["aggregator"], "sum")

    def test_sent_hours_open_on_attention_and_this_month(self):
        with freeze_time("2026-05-10 10:00:00"):
            action = self.env.ref("hr_timesheet_tripletex.tripletex_entry_action")
            self.assertIn("search_default_current", action.context)

    # -- settings ----------------------------------------------------------------

    def test_month_module_is_read_at_complete_and_by_check_now(self):
        self.control.switch_month_module(False)
        self.complete()
        self.assertEqual(self.connection.month_module, "off")
        self.control.switch_month_module(True)
        self.check()
        self.assertEqual(self.connection.month_module, "off", "no call every night")
        self.month(month=fields.Date.today().replace(day=1)).action_check()
        self.check()
        self.assertEqual(self.connection.month_module, "on")

    def test_settings_allow_approving(self):
        settings = self.env["res.config.settings"].create({})
        settings.tripletex_may_approve = True
        settings.execute()
        self.assertTrue(settings.company_id.tripletex_may_approve)


@tagged("post_install", "-at_install")
class TestMonthEvidence(MonthSteps, LedgerSteps, ValidateCase):
    """The paper about a month: rows, ids, who validated, both sums, checks."""

    def paper(self, user, month, lang="en_US"):
        report = self.env["ir.actions.report"].with_user(user)
        report = report.with_context(lang=lang, allowed_company_ids=self.company.ids)
        html, _kind = report._render_qweb_html(
            "hr_timesheet_tripletex.tripletex_month_report_evidence", month.ids
        )
        return html.decode()

    def test_paper_names_rows_ids_validators_and_checks(self):
        line = self.log(7.5)
        line.with_user(self.manager).action_tripletex_validate()
        self.send()
        month = self.checked()
        [entry] = self.entries_of(line)
        paper = self.paper(self.manager, month)
        for text in (
            self.employee.name,
            entry.tripletex_id,
            self.manager.name,
            "March 2026",
            "Checked on",
            "7.50",
        ):
            with self.subTest(text=text):
                self.assertIn(text, paper)

    def test_paper_is_in_the_language_of_the_reader(self):
        self.sent(7.5)
        month = self.checked()
        self.manager.lang = "nb_NO"
        paper = self.paper(self.manager, month, lang="nb_NO")
        self.assertIn("mars 2026", paper)
        self.assertIn("Kontrollert", paper)

    def test_rows_of_private_projects_are_counted_and_not_named(self):
        self.sent(7.5)
        self.sent(3, project_id=self.projects[1].id)
        self.projects[1].privacy_visibility = "followers"
        month = self.checked()
        paper = self.paper(self.approver, month)
        self.assertNotIn(self.projects[1].name, paper)
        self.assertIn("you may not read", paper)

    def test_paper_costs_the_same_for_more_rows(self):
        def cost():
            self.env.invalidate_all()
            month = self.month()
            before = self.env.cr.sql_log_count
            self.paper(self.manager, month)
            return self.env.cr.sql_log_count - before

        self.sent(7.5)
        self.check()
        cost()
        few = cost()
        for number in range(1, 8):
            self.sent(1, date=date(2026, 3, 16 + number))
        self.check()
        self.assertLessEqual(cost(), few + 2)

    def test_employee_may_not_print_it(self):
        self.sent(7.5)
        month = self.checked()
        with self.assertRaises(AccessError):
            self.paper(self.worker, month)
