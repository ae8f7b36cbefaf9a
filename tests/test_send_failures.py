from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..tools import TripletexClient
from .common import BASE_URL, TripletexCase


@tagged("post_install", "-at_install")
class TestSendFailures(TripletexCase):
    """Refused hours need attention; temporary errors are retried automatically."""

    def many(self, count, **values):
        """Return ``count`` validated lines, each with its own place."""
        lines = self.env["account.analytic.line"].create(
            [
                {
                    "employee_id": self.employees[index % 3].id,
                    "project_id": self.projects[index // 3 % 3].id,
                    "date": fields.Date.add(
                        fields.Date.to_date("2026-03-01"), days=index // 9
                    ),
                    "unit_amount": 1,
                    "name": f"Work {index}",
                }
                | values
                for index in range(count)
            ]
        )
        lines.action_tripletex_validate()
        return lines

    def project_id(self, project):
        binding = self.env["tripletex.project"].search(
            [("project_id", "=", project.id)]
        )
        return int(binding.tripletex_id)

    # -- needs attention -----------------------------------------------------------

    def test_refused_hours_fail_with_message_and_request_id(self):
        line = self.validated(5)
        self.control.close_project(self.project_id(self.project))
        self.send()
        entry = self.entries_of(line)
        self.assertEqual((line.tripletex_state, self.held()), ("failed", []))
        self.assertTrue(entry.request_id)
        self.assertIn("Retry", entry.error_message)

    def test_line_shows_changed_entry_state_immediately(self):
        line = self.validated(5)
        self.assertEqual(
            (line.tripletex_status, line.tripletex_refusal), ("pending", False)
        )
        self.entries_of(line).write({"state": "failed", "error_message": "Closed."})
        self.assertEqual(
            (line.tripletex_status, line.tripletex_refusal), ("failed", "Closed.")
        )

    def test_retry_after_fixing_the_problem_sends_hours(self):
        line = self.validated(5)
        self.control.close_project(self.project_id(self.project))
        self.send()
        self.control.close_project(self.project_id(self.project), closed=False)
        self.entries_of(line).action_retry()
        self.send()
        self.assertEqual((line.tripletex_state, self.held()), ("sent", [5.0]))

    def test_retry_queues_failed_entries_only(self):
        sent = self.validated(4)
        self.send()
        self.control.close_project(self.project_id(self.project))
        failed, asked = (
            self.validated(5, date="2026-03-17"),
            self.validated(6, date="2026-03-18"),
        )
        self.send()
        self.entries_of(asked).write({"state": "conflict"})
        self.entries_of(sent + failed + asked).action_retry()
        states = [self.entries_of(line).state for line in (sent, failed, asked)]
        self.assertEqual(states, ["sent", "pending", "conflict"])
        self.assertTrue(self.entries_of(asked).error_message)

    def test_refused_row_does_not_block_others(self):
        lines = self.many(45)
        bad = self.validated(4, project_id=self.unlinked_start().id)
        self.control.clear_calls()
        self.send()
        self.assertEqual(len(self.held()), 45)
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})
        self.assertEqual(bad.tripletex_state, "failed")
        self.assertLessEqual(len(self.control.calls()), 20)

    def unlinked_start(self):
        """Return a project whose start in Tripletex is later than its link says."""
        project = self.link_projects(1, skip=3)
        self.control.change_project(self.project_id(project), startDate="2026-06-01")
        return project

    def test_locked_month_is_named_in_message(self):
        line = self.validated(5)
        self.control.lock_month("2026-03")
        self.send()
        entry = self.entries_of(line)
        self.assertEqual(line.tripletex_state, "failed")
        self.assertIn(self.employee.name, entry.error_message)
        self.assertIn("March 2026", entry.error_message)
        self.control.unlock_month("2026-03")
        entry.action_retry()
        self.send()
        self.assertEqual(line.tripletex_state, "sent")

    def test_invoiced_hours_are_named_in_message(self):
        line = self.validated(5)
        self.send()
        [entry] = self.control.entries()
        self.control.invoice_entry(entry["id"])
        self.correct(line, unit_amount=4)
        self.send()
        self.assertEqual((line.tripletex_state, self.held()), ("failed", [5.0]))
        self.assertIn("invoiced", self.entries_of(line).error_message)

    # -- temporary -----------------------------------------------------------------

    def assert_recovers(self, line, hours=5.0):
        self.assertEqual(line.tripletex_state, "pending")
        self.let_time_pass()
        self.send()
        self.assertEqual((line.tripletex_state, self.held()), ("sent", [hours]))

    def test_temporary_errors_are_retried(self):
        for kind in ("500_json", "500_html", "html_200", "429", "429_reset"):
            with self.subTest(kind):
                self.sandbox.reset()
                line = self.validated(5, name=kind)
                with self.fault(kind, method="POST", path="/timesheet/entry/list"):
                    self.send()
                self.assert_recovers(line)
                line.action_tripletex_invalidate()
                self.send()
                line.unlink()

    def test_entry_whose_answer_was_lost_is_adopted(self):
        for kind in ("drop_after", "500_json_after", "500_html_after", "truncated"):
            with self.subTest(kind):
                self.sandbox.reset()
                line = self.validated(5, name=kind)
                with self.fault(kind, method="POST", path="/timesheet/entry/list"):
                    self.send()
                self.assertEqual(self.held(), [5.0])
                self.assert_recovers(line)
                line.action_tripletex_invalidate()
                self.send()
                line.unlink()

    def test_connection_lost_before_write_is_retried(self):
        line = self.validated(5)
        with self.fault("drop_before", method="POST", path="/timesheet/entry/list"):
            self.send()
        self.assertEqual(self.held(), [])
        self.assert_recovers(line)

    def test_change_and_delete_without_answer_are_recognized(self):
        line = self.validated(5)
        self.send()
        self.correct(line, unit_amount=6)
        with self.fault("drop_after", method="PUT"):
            self.send()
        self.assertEqual(self.held(), [6.0])
        self.assert_recovers(line, 6.0)
        line.action_tripletex_invalidate()
        with self.fault("drop_after", method="DELETE"):
            self.send()
        self.assertEqual(self.held(), [])
        self.let_time_pass()
        self.send()
        self.assertFalse(self.env["tripletex.entry"].search([("state", "!=", "sent")]))

    def test_paycode_row_whose_answer_was_lost_is_adopted(self):
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        with self.fault(
            "drop_after", method="POST", path="/timesheet/salaryTypeSpecification"
        ):
            self.send()
        self.let_time_pass()
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))
        self.assertEqual(line.tripletex_state, "sent")

    def test_paycode_row_without_answer_is_searched_by_employee(self):
        first = self.validated(2, work_entry_type_id=self.overtime.id)
        with self.fault(
            "drop_after", method="POST", path="/timesheet/salaryTypeSpecification"
        ):
            self.send()
        self.validated(
            1, work_entry_type_id=self.overtime.id, employee_id=self.employees[1].id
        )
        self.let_time_pass()
        client = "odoo.addons.hr_timesheet_tripletex.tools.TripletexClient"
        search = TripletexClient.search_salary_rows

        def own_rows_only(client, date_from, date_to, employee_ids=()):
            # Tripletex may answer this way: the contrary is an ASSUMED fact.
            return (
                search(client, date_from, date_to, employee_ids) if employee_ids else []
            )

        with patch(f"{client}.search_salary_rows", own_rows_only):
            self.send()
        self.assertEqual(self.held_rows(), [1.0, 2.0])
        self.assertEqual(first.tripletex_state, "sent")
        posts = self.control.calls("POST", "/timesheet/salaryTypeSpecification")
        self.assertEqual(len(posts), 2, "the lost row was not sent again")

    def test_unreachable_tripletex_is_retried_later(self):
        line = self.validated(5)
        self.sandbox.stop()
        try:
            self.send()
        finally:
            type(self).sandbox = self.restart(self.sandbox)
        entry = self.entries_of(line)
        self.assertEqual(entry.state, "pending")
        self.assertGreater(entry.next_attempt_at, fields.Datetime.now())
        self.assertEqual(self.connection.state, "connected")
        self.assert_recovers(line)

    def restart(self, sandbox):
        from ..dev.sandbox import SandboxServer

        again = SandboxServer(
            port=sandbox.port, rate_limit=0, seed=7, oddities=False
        ).start()
        self.addClassCleanup(again.stop)
        return again

    def test_rate_limit_pauses_the_connection(self):
        line = self.validated(5)
        with self.fault("429_reset", method="GET", path="/timesheet/entry"):
            self.send()
        self.assertEqual(line.tripletex_state, "pending")
        self.assertTrue(self.connection.next_attempt_at)
        self.control.clear_calls()
        self.send()
        self.assertEqual(self.control.calls(), [], "no call before the pause is over")
        self.assert_recovers(line)

    def test_stale_version_is_read_again(self):
        line = self.validated(5)
        self.send()
        self.correct(line, unit_amount=6)
        with self.fault("409", method="PUT"):
            self.send()
        self.assert_recovers(line, 6.0)

    # -- session, key and rights ---------------------------------------------------

    def test_expired_session_is_renewed(self):
        line = self.validated(5)
        self.send()
        self.control.kill_sessions()
        self.correct(line, unit_amount=6)
        self.send()
        self.assertEqual((line.tripletex_state, self.held()), ("sent", [6.0]))

    def test_revoked_key_stops_sending_and_keeps_hours_waiting(self):
        line = self.validated(5)
        self.control.revoke_key()
        self.send()
        self.assertEqual(self.connection.state, "attention")
        self.assertEqual(line.tripletex_state, "pending")
        self.assertTrue(self.connection.activity_ids)
        self.control.revoke_key(revoked=False)
        self.connection.action_test()
        self.assertEqual(self.connection.state, "connected")
        self.send()
        self.assertEqual((line.tripletex_state, self.held()), ("sent", [5.0]))
        self.assertFalse(self.connection.activity_ids)

    def test_revoked_rights_stop_sending_and_keep_hours_waiting(self):
        for resource in ("*", "timesheet/entry:write"):
            with self.subTest(resource):
                self.sandbox.reset()
                line = self.validated(5, name=resource)
                self.control.revoke_rights(resource)
                self.send()
                self.assertEqual(self.connection.state, "attention")
                self.assertEqual(line.tripletex_state, "pending")
                self.control.revoke_rights()
                self.connection.action_test()
                self.send()
                self.assertEqual((line.tripletex_state, self.held()), ("sent", [5.0]))
                line.action_tripletex_invalidate()
                self.send()
                line.unlink()

    def test_forbidden_address_sets_attention(self):
        line = self.validated(5)
        parameters = self.env["ir.config_parameter"]
        good = parameters.get_param(BASE_URL)
        parameters.set_param(BASE_URL, "http://tripletex.no/v2")
        self.send()
        self.assertEqual(self.connection.attention_reason, "address")
        self.assertEqual(line.tripletex_state, "pending")
        parameters.set_param(BASE_URL, good)
        self.connection.action_test()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_copied_database_sends_nothing(self):
        self.validated(5)
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.control.clear_calls()
        self.send()
        self.assertEqual(self.control.calls(), [])
        self.assertEqual(self.connection.state, "attention")

    def test_copied_database_message_is_in_responsible_users_language(self):
        self.env["res.lang"]._activate_lang("nb_NO")
        self.connection.responsible_id.lang = "nb_NO"
        self.validated(5)
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.send()
        words = self.connection.with_context(lang="nb_NO").attention_message
        self.assertIn("Denne databasen er en kopi", words)
        notes = "".join(self.connection.message_ids.mapped("body"))
        self.assertIn("Denne databasen er en kopi", notes)

    # -- links made by hand ----------------------------------------------------------

    def test_number_without_id_is_looked_up_when_sending(self):
        binding = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        )
        known = binding.tripletex_id
        binding.tripletex_id = False
        line = self.validated(5)
        self.send()
        self.assertEqual((line.tripletex_state, binding.tripletex_id), ("sent", known))

    def test_unknown_number_fails_and_others_are_sent(self):
        binding = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        )
        binding.write({"tripletex_id": False, "number": "98765"})
        line, other = (
            self.validated(5),
            self.validated(2, employee_id=self.employees[1].id),
        )
        self.send()
        self.assertEqual(line.tripletex_state, "failed")
        self.assertIn("98765", self.entries_of(line).error_message)
        self.assertEqual(other.tripletex_state, "sent")

    # -- counts ----------------------------------------------------------------------

    def test_thousand_entries_take_few_calls(self):
        lines = self.many(1000)
        self.control.clear_calls()
        self.send()
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})
        self.assertEqual(len(self.held()), 1000)
        self.assertLessEqual(len(self.control.calls()), 25)

    def test_idle_cron_makes_no_call_and_few_queries(self):
        self.validated(5)
        self.send()
        self.control.clear_calls()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = self.env(cr=cr)
            with self.assertQueryCount(8):
                env["tripletex.entry"]._cron_send()
        self.assertEqual(self.control.calls(), [])
