import os
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..dev.sandbox import EMPLOYEE_TOKEN
from ..tools.vault import MARK, Vault
from .common import TripletexCase

LOGGER = "odoo.addons.hr_timesheet_tripletex.tools.vault"


class TestVault(BaseCase):
    """The vault without the database."""

    def test_without_secret_text_is_stored_unsealed(self):
        self.assertEqual(Vault("").seal("key"), "key")
        self.assertTrue(Vault("").is_current("key"))

    def test_sealed_text_is_unsealed_unchanged(self):
        sealed = Vault("one").seal("key æøå")
        self.assertTrue(sealed.startswith(MARK))
        self.assertNotIn("key", sealed)
        self.assertEqual(Vault("one").unseal(sealed), "key æøå")
        self.assertEqual(Vault("one").seal(sealed), sealed)

    def test_new_secret_seals_and_old_secret_still_opens(self):
        sealed = Vault("old").seal("key")
        both = Vault("new, old")
        self.assertEqual(both.unseal(sealed), "key")
        self.assertFalse(both.is_current(sealed))
        self.assertTrue(both.is_current(both.seal("key")))
        self.assertEqual(Vault("new").unseal(both.seal("key")), "key")

    def test_wrong_secret_returns_false_and_logs_a_warning(self):
        sealed = Vault("one").seal("key")
        for secrets in ("two", ""):
            with self.assertLogs(
                "odoo.addons.hr_timesheet_tripletex", "WARNING"
            ) as logs:
                self.assertIs(Vault(secrets).unseal(sealed), False)
            self.assertNotIn(sealed, "".join(logs.output))

    def test_changed_sealed_text_returns_false(self):
        sealed = Vault("one").seal("key")
        with self.assertLogs(LOGGER, "WARNING"):
            self.assertIs(Vault("one").unseal(sealed[:-6] + "AAAAAA"), False)

    def test_unsealed_text_is_returned_unchanged(self):
        self.assertEqual(Vault("one").unseal("key"), "key")
        self.assertFalse(Vault("one").is_current("key"))


@tagged("post_install", "-at_install")
class TestSealedKeys(TripletexCase):
    """Keys stored in the database of a server that has a secret."""

    def secret(self, value):
        return patch.dict(os.environ, {"TRIPLETEX_SECRET": value})

    def stored(self, name="employee_token"):
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT secret_{name} FROM tripletex_connection WHERE id = %s",
            [self.connection.id],
        )
        return self.env.cr.fetchone()[0]

    def key(self):
        self.env.flush_all()
        self.connection.invalidate_recordset()
        return self.connection.sudo().employee_token

    def test_written_key_is_sealed_and_hours_are_sent(self):
        with self.secret("of the server"):
            self.connection.employee_token = EMPLOYEE_TOKEN
            self.assertTrue(self.stored().startswith(MARK))
            self.assertEqual(self.key(), EMPLOYEE_TOKEN)
            self.assertTrue(self.connection.is_key_sealed)
            line = self.validated(5)
            self.send()
            self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))
            self.assertTrue(self.stored("session_token").startswith(MARK))

    def test_created_key_is_sealed(self):
        company = self.env["res.company"].create({"name": "Sealed AS"})
        with self.secret("of the server"):
            self.connection = self.connect(company)
            self.assertTrue(self.stored().startswith(MARK))
            self.assertEqual(self.key(), EMPLOYEE_TOKEN)

    def test_daily_job_seals_existing_keys(self):
        self.assertEqual(self.stored(), EMPLOYEE_TOKEN)
        self.assertFalse(self.connection.is_key_sealed)
        with self.secret("of the server"):
            self.env["tripletex.connection"]._gc_seal_keys()
            self.assertTrue(self.stored().startswith(MARK))
            self.assertEqual(self.key(), EMPLOYEE_TOKEN)

    def test_daily_job_keeps_sealed_keys(self):
        with self.secret("of the server"):
            self.connection.employee_token = EMPLOYEE_TOKEN
            sealed = self.stored()
            self.env["tripletex.connection"]._gc_seal_keys()
            self.assertEqual(self.stored(), sealed)

    def test_daily_job_reseals_keys_with_new_secret(self):
        with self.secret("old"):
            self.connection.employee_token = EMPLOYEE_TOKEN
            self.env.flush_all()
        with self.secret("new,old"):
            self.connection.invalidate_recordset(["is_key_sealed"])
            self.assertFalse(self.connection.is_key_sealed, "sealed with the old one")
            self.env["tripletex.connection"]._gc_seal_keys()
            self.env.flush_all()
        with self.secret("new"):
            self.assertEqual(self.key(), EMPLOYEE_TOKEN)

    def test_missing_secret_stops_sending_and_names_the_option(self):
        with self.secret("of the server"):
            self.connection.employee_token = EMPLOYEE_TOKEN
            line = self.validated(5)
            self.env.flush_all()
        self.connection.invalidate_recordset()
        with self.assertLogs(LOGGER, "WARNING"):
            self.send()
        self.assertEqual(self.connection.state, "attention")
        self.assertIn("tripletex_secret", self.connection.attention_message)
        self.assertEqual(line.tripletex_state, "pending")
        with self.secret("of the server"):
            self.connection.invalidate_recordset()
            self.connection.action_test()
            self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))
