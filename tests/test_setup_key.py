from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..dev.sandbox import EMPLOYEE_TOKEN, OTHER_EMPLOYEE_TOKEN
from ..wizards.tripletex_setup_words import is_test_key
from .common import BASE_URL, CONSUMER
from .setup_common import SetupCase

#: Address where nothing listens: the discard port of this machine.
NOBODY = "http://127.0.0.1:9/v2"


class TestSetupKey(SetupCase):
    """Who may enter a key, where it is stored, and what is said about a wrong one."""

    def set_parameter(self, key, value):
        self.env["ir.config_parameter"].sudo().set_param(key, value)

    # -- access rights -----------------------------------------------------------

    def test_set_up_without_administrator_rights_is_refused(self):
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

    def test_refused_write_keeps_session_open(self):
        """A call to Tripletex could not be rolled back with the refusal."""
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

    def test_creating_connection_directly_is_refused(self):
        with self.assertRaises(AccessError):
            self.env["tripletex.connection"].create(
                {"company_id": self.company.id, "tripletex_company_id": "1"}
            )

    # -- the key -----------------------------------------------------------------

    def test_application_name_comes_from_parameter_or_default(self):
        self.assertEqual(self.start().application_name, "GrønnJobb")
        self.set_parameter("hr_timesheet_tripletex.application_name", "Vår App")
        self.assertEqual(self.start().application_name, "Vår App")
        self.set_parameter("hr_timesheet_tripletex.application_name", False)
        self.assertEqual(self.start().application_name, "GrønnJobb", "when emptied")

    def test_key_cannot_be_read_back(self):
        setup = self.start()
        self.assertFalse(setup.employee_token)
        self.assertTrue(setup.sudo().pending_token)
        for name in ("pending_token", "session_token"):
            with self.subTest(name), self.assertRaises(ValueError):
                setup.read([name])
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(setup, name)
        setup.action_next()
        self.assertNotIn(EMPLOYEE_TOKEN, str(setup.read()))
        self.assertFalse(setup.employee_token)
        self.assertEqual(setup.step, "projects")

    def test_white_space_around_key_is_ignored(self):
        setup = self.start(f" {EMPLOYEE_TOKEN}\n")
        setup.action_next()
        self.assertEqual(setup.step, "projects")

    def test_next_without_key_asks_for_it(self):
        setup = self.start(False)
        self.assertIn("Enter the API user key", self.refusal(setup))

    def test_wrong_key_is_refused_and_can_be_replaced(self):
        setup = self.start("a-wrong-key")
        self.assertIn("does not accept this API user key", self.refusal(setup))
        self.assertEqual(setup.step, "key")
        setup.employee_token = EMPLOYEE_TOKEN
        setup.action_next()
        self.assertEqual(setup.step, "projects")

    def test_key_of_other_environment_is_named_in_refusal(self):
        # Base64 of {"tokenId":1,"token":"test-..."}, as Tripletex wraps its keys
        test_key = "eyJ0b2tlbklkIjoxLCJ0b2tlbiI6InRlc3QtMTIzIn0="
        real_key = "eyJ0b2tlbklkIjoxLCJ0b2tlbiI6IjEyMyJ9"
        self.assertTrue(is_test_key(test_key))
        self.assertIs(is_test_key(real_key), False)
        self.assertIsNone(is_test_key("neither"))
        self.assertIn("key of Tripletex's test", self.refusal(self.start(test_key)))
        setup = self.start(real_key, environment="test")
        self.assertIn("a real Tripletex company", self.refusal(setup))

    def test_missing_consumer_token_is_refused_without_call(self):
        self.set_parameter(CONSUMER, False)
        self.control.clear_calls()
        text = self.refusal(self.start())
        self.assertIn("no consumer token yet", text)
        self.assertIn("Settings, General Settings, Tripletex", text)
        self.assertFalse(self.control.calls())

    def test_refused_consumer_token_is_named(self):
        self.set_parameter(CONSUMER, "another")
        self.assertIn("refuses the consumer token", self.refusal(self.start()))

    def test_leaving_deletes_key_session_and_activities(self):
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

    def test_vacuum_deletes_old_set_up_with_key_and_session(self):
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

    def test_vacuum_keeps_rows_of_existing_set_up(self):
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

    def test_vacuum_deletes_activities_of_deleted_set_up(self):
        setup = self.go_to("projects")
        self.env.cr.execute(
            "DELETE FROM tripletex_connection_setup WHERE id = %s", [setup.id]
        )
        self.env.invalidate_all()
        Activity = self.env["tripletex.activity"].sudo()
        self.assertTrue(Activity.search([]))
        Activity._gc_left_setups()
        self.assertFalse(Activity.search([]))

    def test_second_key_closes_session_of_first_key(self):
        setup = self.go_to("projects")
        setup.action_back()
        setup.employee_token = OTHER_EMPLOYEE_TOKEN
        self.assertFalse(self.open_sessions())
        setup.action_next()
        self.assertEqual(self.open_sessions(), 1)

    def test_all_steps_use_one_session(self):
        setup = self.go_to("employees")
        setup.action_back()
        setup.action_next()
        self.assertEqual(self.open_sessions(), 1)

    # -- trouble -----------------------------------------------------------------

    def test_unreachable_address_is_explained(self):
        self.set_parameter(BASE_URL, NOBODY)
        self.assertIn("could not be reached", self.refusal(self.start()))

    def test_unprotected_address_is_refused(self):
        self.set_parameter(BASE_URL, "http://tripletex.example/v2")
        self.assertIn("cannot be used", self.refusal(self.start()))

    def test_broken_answers_ask_to_try_later(self):
        for kind in ("500_json", "500_html", "html_200", "truncated"):
            with self.subTest(kind):
                self.control.clear_faults()
                self.control.fault(kind, times=None, method="GET")
                text = self.refusal(self.start())
                self.assertIn("Try again in a few minutes", text)
        self.control.clear_faults()

    def test_rate_limit_asks_to_wait(self):
        self.control.fault("429", times=None, path="/project")
        try:
            self.assertIn("asks for a pause", self.refusal(self.start()))
        finally:
            self.control.clear_faults()

    def test_session_ended_between_steps_is_renewed(self):
        setup = self.go_to("projects")
        setup.action_back()
        self.control.kill_sessions()
        setup.action_next()
        self.assertEqual(setup.step, "projects")

    def test_expired_session_is_renewed(self):
        setup = self.go_to("projects")
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            setup.action_read_again()
        self.assertEqual(setup.step, "projects")

    # -- rights ------------------------------------------------------------------

    def test_missing_required_right_is_named(self):
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

    def test_empty_employee_list_counts_as_missing_right(self):
        self.control.revoke_rights("employee", hide=True)
        self.assertIn("Ansattinformasjon", self.refusal(self.start()))

    def test_check_shows_granted_and_missing_rights(self):
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

    def test_connecting_without_paycode_rights_is_allowed(self):
        self.control.revoke_rights("salary/type", "timesheet/salaryTypeSpecification")
        setup = self.complete(paycodes=0)
        self.assertTrue(setup.is_right_missing)
        self.assertFalse(setup.paycode_line_ids)
        self.assertEqual(self.connection.state, "connected")

    def test_key_without_any_right_is_refused(self):
        self.control.revoke_rights("*")
        self.refusal(self.start())
