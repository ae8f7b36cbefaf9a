import logging
from contextlib import contextmanager

from odoo.exceptions import UserError

from .setup_common import SetupCase


class TestSetupTrouble(SetupCase):
    """Tripletex fails, or a right is removed, in the middle of a set-up."""

    @contextmanager
    def not_closed(self):
        """Check that the log says that a session could not be closed."""
        # not the name: Odoo gives the name INFO to another level
        logger = "odoo.addons.hr_timesheet_tripletex"
        with self.assertLogs(logger, logging.INFO) as logs:
            yield
        self.assertIn("could not be closed", logs.output[-1])

    # -- sessions that cannot be closed ------------------------------------------

    def test_leaving_while_tripletex_is_down_deletes_set_up(self):
        setup = self.go_to("projects")
        with self.fault("drop_before", times=None), self.not_closed():
            setup.action_leave()
        self.assertFalse(setup.exists())

    def test_session_that_cannot_be_closed_keeps_first_error(self):
        setup = self.start()
        with (
            self.fault("500_json", times=None, method="GET,DELETE"),
            self.not_closed(),
            self.assertRaisesRegex(UserError, "Try again in a few minutes"),
        ):
            setup.action_next()

    def test_session_that_cannot_be_closed_keeps_update(self):
        self.complete()
        session = self.connection.session_token
        setup = self.go_to("employees", token=False)
        setup.action_complete()
        with self.fault("drop_before", times=None), self.not_closed():
            self.env.cr.postcommit.run()
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection.session_token, session)

    # -- refusals ----------------------------------------------------------------

    def test_unknown_refusal_shows_tripletexs_words(self):
        setup = self.go_to("projects")
        with (
            self.fault("409", times=None, path="/project"),
            self.assertRaisesRegex(UserError, "Tripletex answered: GET /project"),
        ):
            setup.action_read_again()

    def test_right_removed_between_steps_is_named(self):
        setup = self.go_to("projects")
        self.control.revoke_rights("project")
        with self.assertRaisesRegex(UserError, "Read projects.*Prosjektinformasjon"):
            setup.action_read_again()

    def test_right_to_paycodes_removed_empties_list(self):
        setup = self.go_to("paycodes")
        self.assertTrue(setup.paycode_line_ids)
        self.control.revoke_rights("salary/type")
        setup.action_read_again()
        self.assertFalse(setup.paycode_line_ids)
        setup.action_next()
        self.assertEqual(setup.step, "employees")

    def test_connecting_without_right_to_settings_is_allowed(self):
        self.control.require_comments()
        self.control.revoke_rights("timesheet/settings")
        setup = self.complete()
        self.assertTrue(setup.is_right_missing)
        self.assertEqual(self.connection.state, "connected")
        self.assertFalse(
            self.connection.require_comments, "the setting could not be read"
        )

    def test_unreadable_entitlements_show_no_missing_right(self):
        for hide in (False, True):
            with self.subTest(hide=hide):
                self.control.revoke_rights("employee/entitlement", hide=hide)
                setup = self.go_to("projects")
                calls = setup.right_ids.mapped("call")
                self.assertNotIn("POST /timesheet/entry/list", calls)
                self.assertFalse(setup.is_right_missing)
