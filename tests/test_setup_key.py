from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..dev.sandbox import EMPLOYEE_TOKEN, OTHER_EMPLOYEE_TOKEN
from ..wizards.tripletex_setup_session import is_test_key
from .common import BASE_URL, CONSUMER
from .setup_common import SetupCase

#: Nothing listens here (the discard port, on this machine only).
NOBODY = "http://127.0.0.1:9/v2"


class TestSetupKey(SetupCase):
    """Who may enter a key, what becomes of it, and what is said about a bad one."""

    def set_parameter(self, key, value):
        self.env["ir.config_parameter"].sudo().set_param(key, value)

    # -- who ---------------------------------------------------------------------

    def test_fact_2_administrators_only(self):
        setup = self.start()
        user = new_test_user(
            self.env(su=True),
            "nobody@example.org",
            groups="hr_timesheet.group_timesheet_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        theirs = setup.with_user(user)
        buttons = ["next", "back", "check", "read_again", "complete", "set_all"]
        for name in [f"action_{button}" for button in buttons] + ["action_leave"]:
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(theirs, name)()
        with self.assertRaises(AccessError):
            theirs.action_tick("tripletex.setup.project", [], True)
        with self.assertRaises(AccessError):
            self.env["tripletex.connection.setup"].with_user(user)._action_open(
                self.company
            )
        with self.assertRaises(AccessError):
            theirs.create({"company_id": self.company.id})

    def test_refused_people_end_no_session(self):
        """What Tripletex was asked cannot be rolled back with the refusal."""
        setup = self.go_to("projects")
        user = new_test_user(self.env(su=True), "nobody@example.org")
        for change in (
            lambda theirs: theirs.write({"employee_token": "mine"}),
            lambda theirs: theirs.write({"environment": "test"}),
            lambda theirs: theirs.unlink(),
        ):
            with self.assertRaises(AccessError):
                change(setup.with_user(user))
            self.assertEqual(self.open_sessions(), 1)

    def test_nobody_creates_connections_directly(self):
        with self.assertRaises(AccessError):
            self.env["tripletex.connection"].create(
                {"company_id": self.company.id, "tripletex_company_id": "1"}
            )

    # -- the key -----------------------------------------------------------------

    def test_fact_9_application_name(self):
        self.assertEqual(self.start().application_name, "GrønnJobb")
        self.set_parameter("hr_timesheet_tripletex.application_name", "Vår App")
        self.assertEqual(self.start().application_name, "Vår App")
        self.set_parameter("hr_timesheet_tripletex.application_name", False)
        self.assertEqual(self.start().application_name, "GrønnJobb", "when emptied")

    def test_key_is_never_handed_out(self):
        setup = self.start()
        self.assertFalse(setup.employee_token)
        self.assertTrue(setup.has_key)
        for name in ("pending_token", "session_token"):
            with self.subTest(name), self.assertRaises(AccessError):
                setup.read([name])
        setup.action_next()
        self.assertNotIn(EMPLOYEE_TOKEN, str(setup.read()))
        self.assertFalse(setup.employee_token)
        self.assertEqual(setup.step, "projects")

    def test_white_space_from_pasting(self):
        setup = self.start(f" {EMPLOYEE_TOKEN}\n")
        setup.action_next()
        self.assertEqual(setup.step, "projects")

    def test_no_key(self):
        setup = self.start(False)
        self.assertIn("Enter the API user key", self.refusal(setup))

    def test_fact_10_wrong_key(self):
        setup = self.start("a-wrong-key")
        self.assertIn("does not accept this API user key", self.refusal(setup))
        self.assertEqual(setup.step, "key")
        setup.employee_token = EMPLOYEE_TOKEN
        setup.action_next()
        self.assertEqual(setup.step, "projects")

    def test_key_of_the_other_environment(self):
        # Base64 of {"tokenId":1,"token":"test-..."}, as Tripletex wraps its keys
        test_key = "eyJ0b2tlbklkIjoxLCJ0b2tlbiI6InRlc3QtMTIzIn0="
        real_key = "eyJ0b2tlbklkIjoxLCJ0b2tlbiI6IjEyMyJ9"
        self.assertTrue(is_test_key(test_key))
        self.assertIs(is_test_key(real_key), False)
        self.assertIsNone(is_test_key("neither"))
        self.assertIn("key of Tripletex's test", self.refusal(self.start(test_key)))
        setup = self.start(real_key, environment="test")
        self.assertIn("a real Tripletex company", self.refusal(setup))

    def test_consumer_token_missing(self):
        self.set_parameter(CONSUMER, False)
        self.control.clear_calls()
        text = self.refusal(self.start())
        self.assertIn("no consumer token yet", text)
        self.assertIn("Settings, General Settings, Tripletex", text)
        self.assertFalse(self.control.calls())

    def test_consumer_token_refused(self):
        self.set_parameter(CONSUMER, "another")
        self.assertIn("refuses the consumer token", self.refusal(self.start()))

    def test_fact_7_nothing_typed_is_kept_after_leaving(self):
        setup = self.start()
        setup.action_next()
        session = setup.sudo().session_token
        self.assertTrue(self.open_sessions())
        self.assertTrue(self.places_of(EMPLOYEE_TOKEN))
        setup.action_leave()
        self.assertFalse(setup.exists())
        self.assertFalse(self.places_of(EMPLOYEE_TOKEN, session))
        self.assertFalse(self.open_sessions())
        self.assertFalse(self.env["tripletex.activity"].search([]))

    def test_vacuum_takes_a_left_set_up(self):
        setup = self.go_to("paycodes")
        setup.flush_recordset()
        self.env.cr.execute(
            "UPDATE tripletex_connection_setup SET write_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=5), setup.id],
        )
        setup.invalidate_recordset()
        self.env["tripletex.connection.setup"].sudo()._transient_vacuum()
        self.assertFalse(setup.exists())
        self.assertFalse(self.places_of(EMPLOYEE_TOKEN))
        self.assertFalse(self.open_sessions())

    def test_rows_stay_as_long_as_their_set_up(self):
        setup = self.go_to("projects")
        lines = setup.project_line_ids
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE tripletex_setup_project SET write_date = %s WHERE setup_id = %s",
            [fields.Datetime.now() - timedelta(hours=5), setup.id],
        )
        self.env.invalidate_all()
        self.env["tripletex.setup.project"].sudo()._transient_vacuum()
        self.assertEqual(lines.exists(), lines)

    def test_activities_of_vanished_set_ups_go(self):
        setup = self.go_to("projects")
        self.env.cr.execute(
            "DELETE FROM tripletex_connection_setup WHERE id = %s", [setup.id]
        )
        self.env.invalidate_all()
        Activity = self.env["tripletex.activity"].sudo()
        self.assertTrue(Activity.search([]))
        Activity._gc_left_setups()
        self.assertFalse(Activity.search([]))

    def test_another_key_closes_the_session_of_the_first(self):
        setup = self.go_to("projects")
        setup.action_back()
        setup.employee_token = OTHER_EMPLOYEE_TOKEN
        self.assertFalse(self.open_sessions())
        setup.action_next()
        self.assertEqual(self.open_sessions(), 1)

    def test_the_same_session_serves_every_step(self):
        setup = self.go_to("employees")
        setup.action_back()
        setup.action_next()
        self.assertEqual(self.open_sessions(), 1)

    # -- bad days ----------------------------------------------------------------

    def test_no_network(self):
        self.set_parameter(BASE_URL, NOBODY)
        self.assertIn("could not be reached", self.refusal(self.start()))

    def test_address_that_would_leak(self):
        self.set_parameter(BASE_URL, "http://tripletex.example/v2")
        self.assertIn("cannot be used", self.refusal(self.start()))

    def test_tripletex_in_trouble(self):
        for kind in ("500_json", "500_html", "html_200", "truncated"):
            with self.subTest(kind):
                self.control.clear_faults()
                self.control.fault(kind, times=None, method="GET")
                text = self.refusal(self.start())
                self.assertIn("Try again in a few minutes", text)
        self.control.clear_faults()

    def test_rate_limit(self):
        self.control.fault("429", times=None, path="/project")
        try:
            self.assertIn("asks us to wait", self.refusal(self.start()))
        finally:
            self.control.clear_faults()

    def test_session_that_died_between_steps(self):
        setup = self.go_to("projects")
        setup.action_back()
        self.control.kill_sessions()
        setup.action_next()
        self.assertEqual(setup.step, "projects")

    def test_session_ends_while_the_dialog_is_open(self):
        setup = self.go_to("projects")
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            setup.action_read_again()
        self.assertEqual(setup.step, "projects")

    # -- rights ------------------------------------------------------------------

    def test_needed_right_missing(self):
        for resource, right in (
            ("project", "Prosjektinformasjon"),
            ("employee", "Ansattinformasjon"),
            ("timesheet/entry", "Timelister"),
        ):
            with self.subTest(resource):
                self.control.revoke_rights(resource)
                text = self.refusal(self.start())
                self.assertIn(right, text)
                self.assertIn("✗", text)

    def test_right_hidden_instead_of_refused(self):
        self.control.revoke_rights("employee", hide=True)
        self.assertIn("Ansattinformasjon", self.refusal(self.start()))

    def test_every_right_shown_with_tick_or_cross(self):
        self.control.revoke_rights("project", "salary/type")
        setup = self.start()
        setup.action_check()
        self.assertEqual(setup.step, "key")
        self.assertTrue(setup.is_right_missing)
        missing = setup.right_ids.filtered(lambda right: not right.is_granted)
        self.assertEqual(
            set(missing.mapped("call")) - {"POST /timesheet/entry/list"},
            {"GET /project", "GET /salary/type"},
        )
        self.assertTrue(all(missing.mapped("missing_name")))
        self.assertGreater(len(setup.right_ids), len(missing))
        self.control.revoke_rights()
        setup.action_check()
        self.assertFalse(setup.is_right_missing)

    def test_connecting_makes_sense_without_paycodes(self):
        self.control.revoke_rights("salary/type", "timesheet/salaryTypeSpecification")
        setup = self.complete(paycodes=0)
        self.assertTrue(setup.is_right_missing)
        self.assertFalse(setup.paycode_line_ids)
        self.assertEqual(self.connection.state, "connected")

    def test_everything_forbidden(self):
        self.control.revoke_rights("*")
        self.refusal(self.start())
