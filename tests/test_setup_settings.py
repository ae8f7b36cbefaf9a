from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from ..dev.sandbox import CONSUMER_TOKEN
from .common import CONSUMER
from .setup_common import SetupCase


class TestSetupSettings(SetupCase):
    def settings(self):
        return self.env["res.config.settings"].create({})

    def parameter(self):
        return self.env["tripletex.connection"]._consumer_token()

    def test_tripletex_is_last_block_of_general_settings(self):
        view = self.env["res.config.settings"].get_view(view_type="form")
        arch = etree.fromstring(view["arch"])
        blocks = arch.xpath("//app[@name='general_settings']//block")
        self.assertEqual(blocks[-1].get("name"), "tripletex")
        for button in blocks[-1].xpath(".//button"):
            self.assertEqual(button.get("noSaveDialog"), "true", button.get("name"))

    def test_connect_opens_set_up_of_company(self):
        action = self.settings().action_tripletex_connect()
        self.assertEqual(action["res_model"], "tripletex.connection.setup")
        self.assertEqual(action["target"], "new")
        self.assertIn("Connect", action["name"])
        setup = self.env[action["res_model"]].with_context(**action["context"])
        self.assertEqual(setup.create({}).company_id, self.company)

    def test_connected_company_offers_update_and_remove(self):
        self.complete()
        settings = self.settings()
        self.assertEqual(settings.tripletex_connection_id.sudo(), self.connection)
        self.assertIn("Update", settings.action_tripletex_connect()["name"])
        self.assertEqual(
            settings.action_tripletex_remove()["res_model"],
            "tripletex.connection.remove",
        )
        self.assertEqual(settings.action_tripletex_test()["params"]["type"], "success")

    def test_settings_show_state_of_connection(self):
        settings = self.settings()
        self.assertFalse(settings.tripletex_state)
        self.complete()
        settings = self.settings()
        self.assertEqual(settings.tripletex_state, "connected")
        self.assertIn(self.connection.key_owner_name, settings.tripletex_history)
        self.assertIn("Nothing sent yet", settings.tripletex_history)
        self.connection._set_attention(
            "key", {"code": "given", "text": "The key was refused."}
        )
        self.company.invalidate_recordset()  # another request
        settings = self.settings()
        self.assertEqual(settings.tripletex_state, "attention")
        self.assertEqual(settings.tripletex_attention_message, "The key was refused.")
        self.assertEqual(self.company.tripletex_state, "attention")

    def test_figures_open_their_entries(self):
        self.complete()
        entries = {
            state: self.env(su=True)["tripletex.entry"].create(
                {
                    "connection_id": self.connection.id,
                    "kind": "hours",
                    "place": state,
                    "date": "2026-03-16",
                    "state": state,
                }
            )
            for state in ("pending", "sending", "sent", "failed", "conflict")
        }
        settings = self.settings()
        for action, states in (
            (settings.action_tripletex_waiting(), {"pending", "sending"}),
            (settings.action_tripletex_problems(), {"failed", "conflict"}),
        ):
            self.assertEqual(action["res_model"], "tripletex.entry")
            found = self.env(su=True)["tripletex.entry"].search(action["domain"])
            self.assertEqual({entries[state] for state in states}, set(found))

    def test_consumer_token_cannot_be_read_back(self):
        settings = self.settings()
        self.assertTrue(settings.tripletex_has_consumer_token)
        settings.set_values()
        self.assertEqual(self.parameter(), CONSUMER_TOKEN, "empty: unchanged")
        with Form(self.env["res.config.settings"]) as form:
            form.tripletex_consumer_token = " new-token\n"
        settings = form.record
        settings.execute()
        self.assertEqual(self.parameter(), "new-token")
        settings.invalidate_recordset()
        self.assertNotIn("new-token", str(settings.read()))
        self.assertEqual(
            self.places_of("new-token"), ["ir_config_parameter.secret_consumer_token"]
        )

    def test_missing_consumer_token_is_shown(self):
        self.env["ir.config_parameter"].sudo().set_param(CONSUMER, False)
        self.assertFalse(self.settings().tripletex_has_consumer_token)

    def test_options_are_stored_on_company(self):
        settings = self.settings()
        settings.tripletex_strict = False
        settings.tripletex_own_team_only = True
        settings.execute()
        self.assertFalse(self.company.tripletex_strict)
        self.assertTrue(self.company.tripletex_own_team_only)

    def test_company_list_shows_state(self):
        other = self.env["res.company"].create({"name": "Not yet"})
        self.complete()
        view = self.env.ref("base.view_company_tree")
        arch = self.env["res.company"].get_view(view.id, "list")["arch"]
        self.assertIn('name="tripletex_state"', arch)
        self.assertEqual(
            (self.company | other).mapped("tripletex_state"), ["connected", False]
        )

    def test_timesheet_manager_cannot_read_connection(self):
        self.complete()
        user = new_test_user(
            self.env(user=1),
            "nobody@example.org",
            groups="hr_timesheet.group_timesheet_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.company.with_user(user).read(["tripletex_connection_id"])
        with self.assertRaises(AccessError):
            self.connection.with_user(user).read(["tripletex_company_name"])

    def test_hr_employee_has_no_stored_tripletex_field(self):
        fields = self.env["hr.employee"]._fields
        self.assertFalse(
            [name for name in fields if "tripletex" in name and fields[name].store]
        )
