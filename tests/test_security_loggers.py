from unittest import SkipTest

from odoo.tests import Form, tagged

from ..dev.sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN
from .common import CONSUMER
from .setup_common import SetupCase


@tagged("post_install", "-at_install")
class TestLoggers(SetupCase):
    """With a module that logs values, which dev/tests/addons imitates (auditlog)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "auditlog.log" not in cls.env:
            raise SkipTest("needs auditlog to be installed")

    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM auditlog_log")

    def models_that_saw(self, *secrets):
        """Return the models of whose calls the log holds one of the texts."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT DISTINCT model, method FROM auditlog_log WHERE "
            + " OR ".join(["content LIKE %s"] * len(secrets)),
            [f"%{secret}%" for secret in secrets],
        )
        return self.env.cr.fetchall()

    def type_key(self, setup=None):
        """Type the key in the form and save it, as a browser does."""
        vals = {"employee_token": EMPLOYEE_TOKEN}
        Setup = setup or self.env["tripletex.connection.setup"]
        if not setup:
            vals |= {"company_id": self.company.id, "environment": "test"}
        [answer] = Setup.web_save(vals, {"employee_token": {}})
        self.assertFalse(answer["employee_token"])
        return Setup.browse(answer["id"])

    def test_key_and_session_are_in_no_log_from_typing_to_removing(self):
        setup = self.type_key()
        sessions = []
        while setup.step != "employees":
            setup.action_next()
            sessions.append(setup.sudo().session_token)
        self.type_key(setup)
        setup.action_next()
        while setup.step != "employees":
            setup.action_next()
        sessions.append(setup.sudo().session_token)
        setup.action_complete()
        connection = self.env["tripletex.connection"].search([])
        self.assertEqual(connection.sudo().employee_token, EMPLOYEE_TOKEN)
        connection.action_test()
        self.env.cr.precommit.run()
        sessions.append(connection.sudo().session_token)
        self.assertTrue(all(sessions), sessions)
        connection.sudo()._gc_seal_keys()
        connection.sudo().read()
        connection.web_read({"display_name": {}})
        remove = self.env["tripletex.connection.remove"]
        remove.create({"connection_id": connection.id}).action_remove()
        self.assertEqual(connection.state, "disconnected")
        self.assertTrue(self.models_that_saw("tripletex_company_id"), "it logs")
        self.assertEqual(self.models_that_saw(EMPLOYEE_TOKEN, *sessions), [])

    def test_key_of_a_program_is_seen_by_no_module_that_extends_every_model(self):
        """Only one that extends the set-up itself sees what create is called with."""
        setup = self.env["tripletex.connection.setup"].create(
            {
                "company_id": self.company.id,
                "environment": "test",
                "employee_token": EMPLOYEE_TOKEN,
            }
        )
        setup.write({"employee_token": EMPLOYEE_TOKEN})
        setup.action_next()
        self.assertEqual(
            set(self.models_that_saw(EMPLOYEE_TOKEN)),
            {
                ("tripletex.connection.setup", "create as called"),
                ("tripletex.connection.setup", "write as called"),
            },
        )

    def test_consumer_token_is_in_no_log_of_the_settings(self):
        with Form(self.env["res.config.settings"]) as form:
            form.tripletex_consumer_token = "typed-consumer-token"
        form.record.execute()
        Connection = self.env["tripletex.connection"]
        self.assertEqual(Connection._consumer_token(), "typed-consumer-token")
        self.env["ir.config_parameter"].sudo().search([]).read()
        self.assertTrue(self.models_that_saw(CONSUMER), "it logs")
        self.assertEqual(self.models_that_saw("typed-consumer-token"), [])

    def test_system_parameter_of_consumer_token_is_stored_without_it(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param(CONSUMER, "entered-by-hand")
        self.assertEqual(
            self.env["tripletex.connection"]._consumer_token(), "entered-by-hand"
        )
        parameters.search([("key", "=", CONSUMER)]).read()
        seen = {method for _model, method in self.models_that_saw("entered-by-hand")}
        self.assertEqual(seen, {"write as called"})
        parameters.set_param(CONSUMER, CONSUMER_TOKEN)
