from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..sending.amounts import round_hours, same_hours
from ..sending.exchange import Exchange
from ..sending.kinds import HourEntries
from ..sending.run import OWN_FAULT_DELAY, Run, batch_size
from ..tools import TripletexClient
from .send_common import ENTRIES, ROWS, TroubleCase


@tagged("post_install", "-at_install")
class TestSendTrouble(TroubleCase):
    """Repeated errors, and changes between reading and writing."""

    # -- errors of Tripletex -------------------------------------------------------

    def pause(self, line):
        wait = self.entries_of(line).next_attempt_at - fields.Datetime.now()
        return wait.total_seconds()

    def test_pause_grows_with_each_failure(self):
        """About one, two, four minutes, and at most a few hours."""
        line = self.validated(5)
        with self.fault("500_json", times=None, method="POST", path=ENTRIES):
            for shortest, longest in ((40, 75), (90, 150), (180, 300)):
                self.let_time_pass()
                self.send()
                self.assertGreater(self.pause(line), shortest)
                self.assertLess(self.pause(line), longest)
            self.entries_of(line).attempts = 50
            self.let_time_pass()
            self.send()
        self.assertGreater(self.pause(line), 3 * 3600)
        self.assertLess(self.pause(line), 5 * 3600)

    def test_rate_limit_without_duration_pauses_longer_each_run(self):
        """Some seconds, then one and two minutes, counted across runs."""
        line = self.validated(5)
        with self.fault("429", times=None, method="GET", path="/timesheet/entry"):
            for shortest, longest in ((3, 30), (40, 75), (90, 150)):
                self.let_time_pass()
                self.send()
                wait = self.connection.next_attempt_at - fields.Datetime.now()
                self.assertGreater(wait.total_seconds(), shortest)
                self.assertLess(wait.total_seconds(), longest)
        self.assertFalse(self.entries_of(line).is_unclear)
        self.let_time_pass()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_pause_grows_while_tripletex_is_unreachable(self):
        lines = self.validated(5)
        with self.fault("drop_before", times=None, path="/timesheet/entry"):
            for shortest, longest in ((40, 75), (90, 150), (180, 300)):
                self.let_time_pass()
                self.send()
                self.assertGreater(self.pause(lines), shortest)
                self.assertLess(self.pause(lines), longest)
        self.let_time_pass()
        self.send()
        self.assertEqual((self.held(), self.connection.outages), ([5.0], 0))

    def test_ten_server_errors_in_a_row_end_the_run(self):
        lines = self.overtime_only(12)
        with self.fault("500_json", times=None, method="POST", path=ROWS):
            self.send()
        self.assertEqual(self.posts(ROWS), 10)
        entries = self.entries_of(lines)
        self.assertEqual(set(entries.mapped("state")), {"pending"})
        self.assertEqual(sum(entries.mapped("is_unclear")), 10)
        self.assertEqual(self.connection.outages, 1)
        self.assertTrue(all(entries.mapped("error_message")), "the unsent, too")
        self.let_time_pass()
        self.send()
        self.assertEqual(len(self.held_rows()), 12)
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    def test_scattered_server_errors_do_not_end_the_run(self):
        lines = self.overtime_only(24)
        self.control.mix({"500_json": 0.6}, seed=3, method="POST", path=ROWS)
        self.send()
        self.control.mix({})
        self.assertEqual(self.posts(ROWS), 24)
        self.let_time_pass()
        self.send()
        self.assertEqual(len(self.held_rows()), 24)
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    def test_refused_list_that_cannot_be_read_back_stays_unclear(self):
        """Rows of the refused list may have been stored."""
        bad = self.link_projects(1, skip=3)
        lines = self.validated(2) + self.validated(3, project_id=bad.id)
        self.control.close_project(int(self.binding(bad).tripletex_id))
        read_back = Exchange._read_back

        def without_look(exchange, *args):
            path = "/timesheet/entry"
            self.control.fault("drop_before", times=3, method="GET", path=path)
            return read_back(exchange, *args)

        with patch.object(Exchange, "_read_back", without_look):
            self.send()
        self.control.clear_faults()
        entries = self.entries_of(lines)
        self.assertEqual(entries.mapped("is_unclear"), [True, True])
        self.assertEqual(set(entries.mapped("state")), {"pending"})
        self.let_time_pass()
        self.send()
        self.assertEqual(self.held(), [2.0])
        self.assertEqual(lines.mapped("tripletex_state"), ["sent", "failed"])

    def test_rows_without_answer_are_searched_per_employee(self):
        """Holds even if a search without employee returns nothing."""
        lines = self.overtime_only(2)
        for _line in lines:
            with self.fault("drop_after", method="POST", path=ROWS):
                self.send()
            self.let_time_pass()
        self.assertEqual(self.entries_of(lines).mapped("is_unclear"), [True, True])
        search = TripletexClient.search_salary_rows

        def own_rows_only(client, date_from, date_to, employee_ids=()):
            found = search(client, date_from, date_to, employee_ids)
            return found if employee_ids else []

        with patch.object(TripletexClient, "search_salary_rows", own_rows_only):
            self.send()
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})
        self.assertEqual(self.posts(ROWS), 2, "the lost rows were not sent again")

    def test_different_stored_hours_fail_with_both_figures(self):
        line = self.validated(5)
        create = TripletexClient.create_entries

        def create_less(client, values):
            rows = create(client, values)
            for row in rows:
                self.control.person_edits_entry(row["id"], hours=4)
            return [row | {"hours": 4.0} for row in rows]

        with patch.object(TripletexClient, "create_entries", create_less):
            self.send()
        entry = self.entries_of(line)
        self.assertEqual((entry.state, entry.sent_hours), ("failed", 4.0))
        self.assertIn("4.00 hours instead of 5.00", entry.error_message)
        entry.action_retry()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    # -- rights --------------------------------------------------------------------

    def test_missing_right_for_one_row_fails_that_row_only(self):
        lines = self.overtime_only(3)
        with self.fault("403", method="POST", path=ROWS):
            self.send()
        self.assertEqual(lines.mapped("tripletex_state"), ["failed", "sent", "sent"])
        denied = self.entries_of(lines[0])
        self.assertIn("may not register", denied.error_message)
        self.assertTrue(denied.request_id)
        self.assertFalse(denied.is_unclear)
        self.assertEqual(self.connection.state, "connected")
        denied.action_retry()
        self.send()
        self.assertEqual(len(self.held_rows()), 3)

    def test_missing_right_for_all_rows_stops_after_few_calls(self):
        for make, resource, template, calls in (
            (self.many, "timesheet/entry:write", ENTRIES, 4),
            (
                self.overtime_only,
                "timesheet/salaryTypeSpecification:write",
                ROWS,
                2,
            ),
        ):
            with self.subTest(resource):
                self.sandbox.reset()
                lines = make(9)
                self.control.revoke_rights(resource)
                self.send()
                self.assertEqual(self.posts(template), calls)
                entries = self.entries_of(lines)
                self.assertEqual(set(entries.mapped("state")), {"pending"})
                self.assertEqual(self.connection.state, "attention")
                self.control.revoke_rights()
                self.connection.action_test()
                self.send()
                self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})
                lines.action_tripletex_invalidate()
                self.send()

    def test_stale_version_message_asks_for_no_action(self):
        line = self.validated(5)
        self.send()
        self.correct(line, unit_amount=6)
        with self.fault("409", method="PUT"):
            self.send()
        entry = self.entries_of(line)
        self.assertIn("there is nothing to do", entry.error_message)
        self.assertTrue(entry.request_id)
        self.assertFalse(entry.is_unclear)

    # -- changes between reading and writing ---------------------------------------

    def test_entry_deleted_before_our_delete_is_settled(self):
        line = self.validated(5)
        self.send()
        [row] = self.control.entries()
        line.action_tripletex_invalidate()
        with self.before(
            "delete_entry", lambda: self.control.person_deletes_entry(row["id"])
        ):
            self.send()
        entry = self.env["tripletex.entry"].search([])
        self.assertEqual((self.held(), entry.state), ([], "sent"))
        self.assertFalse(entry.tripletex_id)

    def test_entry_deleted_before_our_change_becomes_conflict(self):
        line = self.validated(5)
        self.send()
        [row] = self.control.entries()
        self.correct(line, unit_amount=6)
        with self.before(
            "update_entries", lambda: self.control.person_deletes_entry(row["id"])
        ):
            self.send()
        entry = self.entries_of(line)
        self.assertEqual((entry.state, self.held()), ("conflict", []))
        self.assertIn("deleted", entry.error_message)
        entry.action_replace()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([6.0], "sent"))

    def test_entry_created_before_our_creation_becomes_conflict(self):
        line = self.validated(5)
        with self.before("create_entries", lambda: self.person_registers(3)):
            self.send()
        entry = self.entries_of(line)
        self.assertEqual((entry.state, entry.remote_hours), ("conflict", 3.0))
        self.assertEqual(self.held(), [3.0])

    def test_hours_withdrawn_before_conflict_leave_no_entry(self):
        """Without hours to send there is nothing to decide."""
        line = self.validated(5)

        def withdraw():
            if self.held():
                with self.registry.cursor() as cr:
                    line.with_env(self.env(cr=cr)).action_tripletex_invalidate()

        with (
            self.before("create_entries", lambda: self.person_registers(3)),
            self.before("search_entries", withdraw),
        ):
            self.send()
        self.assertFalse(self.env["tripletex.entry"].search([]))
        self.assertEqual(self.held(), [3.0])

    def test_hours_corrected_during_refusal_are_sent(self):
        """The refusal concerns hours that are outdated."""
        line = self.validated(5)
        calls = []

        def correct():
            calls.append(len(calls))
            self.control.lock_month("2026-03", locked=calls == [0])
            if calls == [0]:
                with self.registry.cursor() as cr:
                    self.correct(line.with_env(self.env(cr=cr)), unit_amount=6)

        with self.before("create_entries", correct):
            self.run_cron()
            self.run_cron()
        self.assertEqual(calls, [0, 1])
        self.assertEqual((self.held(), line.tripletex_state), ([6.0], "sent"))

    def test_withdrawn_hours_keep_the_row_that_replaced_them(self):
        line = self.validated(5)
        self.send()
        [row] = self.control.entries()
        self.control.person_deletes_entry(row["id"])
        self.person_registers(3)
        entry = self.entries_of(line)
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual((self.held(), entry.state), ([3.0], "sent"))

    # -- internal errors -------------------------------------------------------------

    def test_internal_error_before_first_batch_pauses_connection(self):
        line = self.validated(5)
        with patch.object(Run, "_drop_orphans", side_effect=TypeError("ours")):
            self.run_cron()
        wait = self.connection.next_attempt_at - fields.Datetime.now()
        self.assertAlmostEqual(wait.total_seconds(), OWN_FAULT_DELAY, delta=60)
        self.assertEqual((self.held(), line.tripletex_state), ([], "pending"))
        self.let_time_pass()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_repeated_internal_error_of_batch_pauses_longer(self):
        line = self.validated(5)
        with patch.object(HourEntries, "look", side_effect=TypeError("ours")):
            for attempts, shortest in ((1, 800), (2, 800), (7, 3000)):
                self.entries_of(line).attempts = attempts - 1
                self.let_time_pass()
                self.run_cron()
                self.assertEqual(self.entries_of(line).attempts, attempts)
                self.assertGreater(self.pause(line), shortest)
        self.let_time_pass()
        self.send()
        self.assertEqual(self.held(), [5.0])

    def test_rest_is_sent_next_run_when_cron_time_is_over(self):
        self.env["ir.config_parameter"].set_param(
            "hr_timesheet_tripletex.batch_size", 2
        )
        lines = self.many(5)
        cron = type(self.env["ir.cron"])
        commit, processed_rows = cron._commit_progress, []

        def out_of_time(cron, processed=0, **kwargs):
            commit(cron, processed, **kwargs)
            processed_rows.append(processed)
            return 0 if any(processed_rows) else 60

        with patch.object(cron, "_commit_progress", out_of_time):
            self.run_cron()
        self.assertEqual(len(self.held()), 2)
        self.assertTrue(self.connection.last_sent_at, "the run ended normally")
        self.send()
        self.assertEqual(len(self.held()), 5)
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    def test_batch_size_parameter_is_limited_to_1_to_1000(self):
        for text, size in (
            ("many", 100),
            ("0", 1),
            ("7", 7),
            ("5000", 1000),
        ):
            self.env["ir.config_parameter"].set_param(
                "hr_timesheet_tripletex.batch_size", text
            )
            self.assertEqual(batch_size(self.env), size, text)

    def test_not_a_number_and_infinity_round_to_zero(self):
        for hours in ("nan", "inf", "-inf"):
            self.assertEqual(round_hours(float(hours)), 0)

    def test_very_large_hours_are_rounded_without_error(self):
        self.assertEqual(round_hours(1e300), Decimal(1e300))

    def test_hours_equal_to_the_hundredth_are_the_same(self):
        self.assertTrue(same_hours(7.333, 7.33))
        self.assertFalse(same_hours(7.34, 7.33))

    def test_entry_stores_the_validating_user(self):
        line = self.validated(5)
        entry = self.entries_of(line)
        self.assertEqual(entry.create_uid, self.env.user)
        self.assertTrue(entry.create_date)
