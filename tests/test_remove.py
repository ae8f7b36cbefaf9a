from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..dev.sandbox import EMPLOYEE_TOKEN
from .setup_common import SetupCase


class TestRemove(SetupCase):
    """Removing the connection, and connecting again."""

    def setUp(self):
        super().setUp()
        setup = self.go_to("employees")
        self.tick(setup.project_line_ids, 1)
        self.tick(setup.paycode_line_ids, 1)
        self.tick(setup.employee_line_ids, 1)
        setup.action_complete()
        self.active = self.connection

    def dialog(self, **vals):
        """Return the removal dialog, opened as the button opens it."""
        self.env.invalidate_all()  # a request of its own
        action = self.active.with_env(self.env).action_remove()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        return wizard.create(vals)

    def line(self, hours=7.5, day=date(2026, 3, 16), paycode=False):
        root = self.env(su=True)
        line = root["account.analytic.line"].create(
            {
                "name": "Work",
                "employee_id": root["tripletex.employee"].search([]).employee_id.id,
                "project_id": root["tripletex.project"].search([]).project_id.id,
                "date": day,
                "unit_amount": hours,
                "work_entry_type_id": paycode and paycode.id,
            }
        )
        line.action_tripletex_validate()
        return line

    def entries(self):
        return self.env["tripletex.entry"].sudo().search([])

    def send(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("hr_timesheet_tripletex.ir_cron_send").sudo()
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def held(self):
        return sorted(entry["hours"] for entry in self.control.entries())

    def reconnect(self, **vals):
        setup = self.go_to("employees")
        setup.write(vals)
        setup.action_complete()
        return setup

    # -- removing ----------------------------------------------------------------

    def test_removed_connection_sends_nothing(self):
        line = self.line()
        self.dialog().action_remove()
        self.assertEqual(self.active.state, "disconnected")
        self.assertFalse(self.connection)
        self.send()
        self.assertEqual(self.held(), [])
        line.action_tripletex_invalidate()
        line.unit_amount = 3
        line.action_tripletex_validate()
        self.send()
        self.assertEqual(self.held(), [])

    def test_remove_deletes_every_copy_of_key(self):
        session = self.active.session_token
        self.start()  # an unfinished update holds a copy of the key
        self.assertTrue(self.places_of(EMPLOYEE_TOKEN))
        self.dialog().action_remove()
        self.assertEqual(self.places_of(EMPLOYEE_TOKEN, session), [])

    def test_remove_closes_session(self):
        self.assertEqual(self.control.state()["sessions"], 1)
        self.dialog().action_remove()
        self.assertEqual(self.control.state()["sessions"], 0)

    def test_remove_without_session_makes_no_call(self):
        self.active._set_attention(
            "key", {"code": "given", "text": "The key was refused."}
        )
        self.control.clear_calls()
        self.dialog().action_remove()
        self.assertEqual(self.active.state, "disconnected")
        self.assertEqual(self.control.calls(), [])

    def test_remove_while_tripletex_is_down_deletes_key(self):
        self.control.fault("drop_before", times=None)
        try:
            self.dialog().action_remove()
        finally:
            self.control.clear_faults()
        self.assertEqual(self.active.state, "disconnected")
        self.assertEqual(self.places_of(EMPLOYEE_TOKEN), [])

    def test_remove_with_revoked_key_disconnects(self):
        self.control.revoke_key()
        self.dialog().action_remove()
        self.assertEqual(self.active.state, "disconnected")

    def test_remove_keeps_links(self):
        self.dialog().action_remove()
        for model in ("tripletex.project", "tripletex.paycode", "tripletex.employee"):
            self.assertEqual(len(self.env[model].sudo().search([])), 1, model)

    def test_second_remove_is_refused(self):
        first, second = self.dialog(), self.dialog()
        first.action_remove()
        with self.assertRaises(UserError):
            second.action_remove()

    def test_remove_without_administrator_rights_is_refused(self):
        dialog = self.dialog()
        user = new_test_user(
            self.env(user=1),
            "nobody@example.org",
            groups="hr_timesheet.group_timesheet_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            dialog.with_user(user).action_remove()
        with self.assertRaises(AccessError):
            self.active.with_user(user).action_remove()
        self.assertEqual(self.active.state, "connected")

    def test_remove_by_administrator_of_another_company_is_refused(self):
        dialog = self.dialog()
        other = self.env(user=1)["res.company"].create({"name": "Nabobygg AS"})
        stranger = new_test_user(
            self.env(user=1),
            "stranger@example.org",
            groups="base.group_system",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        with self.assertRaises(AccessError):
            dialog.with_user(stranger).with_context(
                allowed_company_ids=other.ids
            ).action_remove()
        self.assertEqual(self.active.state, "connected")

    # -- what is not sent yet ----------------------------------------------------

    def test_dialog_shows_unsent_hours(self):
        self.assertEqual(self.dialog().unsent_count, 0)
        self.line(7.5)
        self.line(2.25, date(2026, 3, 17))
        dialog = self.dialog()
        self.assertEqual((dialog.unsent_count, dialog.unsent_hours), (2, 9.75))
        self.send()
        dialog.invalidate_recordset()
        self.assertEqual(dialog.unsent_count, 0)

    def test_dialog_shows_unsent_hours_with_problems(self):
        self.line(7.5)
        self.assertEqual(self.dialog().problem_hours, 0)
        self.line(2.25, date(2026, 3, 17))
        self.entries()[:1].state = "failed"
        dialog = self.dialog()
        self.assertEqual((dialog.unsent_hours, dialog.problem_hours), (9.75, 2.25))

    def test_dialog_settings_and_strip_count_the_same_hours(self):
        self.line(7.5)
        self.send()
        self.line(2.5, date(2026, 3, 17))
        # overtime: a row of hours and one on the paycode
        paycode = self.env["tripletex.paycode"].sudo().search([], limit=1)
        self.line(2, date(2026, 3, 18), paycode.work_entry_type_id)
        self.entries().filtered(lambda e: e.hours == 2.5).state = "failed"
        settings = self.env["res.config.settings"].new({})
        dialog = self.dialog()
        self.assertEqual(settings.tripletex_waiting_hours, 2)
        self.assertEqual(settings.tripletex_problem_hours, 2.5)
        self.assertEqual((dialog.unsent_hours, dialog.problem_hours), (4.5, 2.5))
        strip = " ".join(
            s["text"] for s in self.env["tripletex.entry"].sending_status()
        )
        self.assertIn("2.00 hours", strip)

    def test_choice_send_keeps_connection_until_sent(self):
        self.line()
        cron = self.env.ref("hr_timesheet_tripletex.ir_cron_send").sudo()
        triggers = self.env["ir.cron.trigger"].sudo()
        domain = [("cron_id", "=", cron.id)]
        triggers.search(domain).unlink()
        self.dialog(unsent="send").action_remove()
        self.assertEqual(self.active.state, "connected", "nothing is removed yet")
        self.assertTrue(triggers.search(domain))
        self.send()
        self.assertEqual(self.held(), [7.5])
        self.dialog(unsent="send").action_remove()
        self.assertEqual(self.active.state, "disconnected")

    def test_choice_leave_sends_hours_after_reconnecting(self):
        self.line()
        self.dialog(unsent="leave").action_remove()
        self.reconnect()
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_choice_handled_never_sends_those_hours(self):
        line = self.line()
        self.dialog(unsent="handled").action_remove()
        entry = self.entries()
        self.assertEqual(entry.state, "sent")
        self.assertIn(
            f"{line.unit_amount:.2f} hours are not", entry.message_ids[0].body
        )
        self.reconnect(send_from="2026-01-01")
        self.send()
        self.assertEqual(self.held(), [], "handled elsewhere: never sent")
        line.action_tripletex_invalidate()
        line.unit_amount = 3
        line.action_tripletex_validate()
        self.send()
        self.assertEqual(self.held(), [3], "validated anew: sent like any other")

    # -- connecting again --------------------------------------------------------

    def test_reconnecting_same_company_uses_same_connection(self):
        self.dialog().action_remove()
        before = self.env["tripletex.project"].sudo().search([])
        setup = self.go_to("projects")
        self.assertEqual(setup.connection_id.sudo(), self.active)
        self.assertFalse(setup.is_update)
        self.assertTrue(setup.project_line_ids.filtered("is_linked"))
        self.go_to("employees", setup).action_complete()
        self.assertEqual(self.connection, self.active)
        self.assertEqual(self.env["tripletex.project"].sudo().search([]), before)
        self.assertEqual(self.active.employee_token, EMPLOYEE_TOKEN)

    def test_reconnecting_sends_changes_without_duplicates(self):
        kept, changed, deleted = (
            self.line(day=date(2026, 3, day)) for day in (16, 17, 18)
        )
        self.send()
        self.assertEqual(self.held(), [7.5, 7.5, 7.5])
        self.dialog().action_remove()
        changed.action_tripletex_invalidate()
        changed.unit_amount = 4
        changed.action_tripletex_validate()
        deleted.action_tripletex_invalidate()
        deleted.unlink()
        new = self.line(2, date(2026, 3, 19))
        self.reconnect(send_from="2026-03-01")
        self.send()
        self.assertEqual(self.held(), [2.0, 4.0, 7.5])
        self.assertEqual(
            {line.tripletex_state for line in kept | changed | new}, {"sent"}
        )

    def test_connecting_another_company_creates_connection(self):
        self.active.tripletex_company_id = "4711"
        self.dialog().action_remove()
        self.complete(1, 1, 1)
        self.assertNotEqual(self.connection, self.active)
        self.assertEqual(self.active.state, "disconnected")
        projects = self.env["tripletex.project"].sudo()
        self.assertEqual(len(projects.search([])), 2, "both companies' links are kept")
