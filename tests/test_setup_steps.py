from datetime import date

from ..dev.sandbox import ACCOUNTANT_TOKEN, EMPLOYEE_TOKEN
from .setup_common import SetupCase


class TestSetupSteps(SetupCase):
    """Going back and reading again keeps what was chosen."""

    def sessions(self):
        """Return how many sessions are open in Tripletex."""
        return self.control.state()["sessions"]

    def test_next_on_last_step_stays_there(self):
        setup = self.go_to("employees")
        action = setup.action_next()
        self.assertEqual((setup.step, action["res_id"]), ("employees", setup.id))

    def test_read_again_on_key_step_makes_no_call(self):
        setup = self.start()
        self.control.clear_calls()
        setup.action_read_again()
        self.assertEqual((setup.step, self.control.calls()), ("key", []))

    def test_leaving_after_complete_keeps_set_up(self):
        setup = self.complete()
        setup.action_leave()
        self.assertTrue(setup.exists().result)
        self.assertTrue(self.connection)

    # -- the key -----------------------------------------------------------------

    def test_same_key_pasted_again_keeps_session(self):
        setup = self.go_to("projects")
        session = setup.sudo().session_token
        setup.employee_token = EMPLOYEE_TOKEN
        self.assertEqual(setup.sudo().session_token, session)
        self.assertEqual(self.sessions(), 1)

    def test_environment_changed_and_restored_leaves_no_session(self):
        self.complete()
        session = self.connection.session_token
        setup = self.go_to("employees", token=False)
        self.assertEqual(self.sessions(), 2)
        setup.environment = "test"
        setup.environment = "production"
        self.assertEqual(self.sessions(), 1)
        self.go_to("employees", setup).action_complete()
        self.env.cr.postcommit.run()
        self.assertEqual(self.connection.session_token, session)
        self.assertEqual(self.sessions(), 1)

    def test_clients_are_shown_by_name_and_number(self):
        setup = self.start(ACCOUNTANT_TOKEN)
        setup.action_next()
        client = setup.client_ids[0].sudo()
        name, number = client.name, client.organisation_number
        self.assertEqual(client.display_name, f"{name} ({number})")
        client.organisation_number = False
        self.assertEqual(client.display_name, name)
        client.name = False
        self.assertEqual(client.display_name, client.tripletex_id)

    # -- what was chosen ---------------------------------------------------------

    def test_trying_key_again_keeps_chosen_activity(self):
        setup = self.go_to("projects")
        internal = setup.activity_ids.filtered(lambda a: not a.is_project_activity)
        chosen = setup.default_internal_activity_id = internal[-1]
        setup.action_back()
        setup.action_next()
        self.assertEqual(setup.default_internal_activity_id, chosen)

    def test_row_that_cannot_be_ticked_any_more_is_unticked(self):
        setup = self.go_to("employees")
        lines = self.tick(setup.employee_line_ids, 2)
        self.control.change_employee(int(lines[0].tripletex_id), employeeNumber="")
        setup.action_read_again()
        self.assertFalse(lines[0].selectable)
        self.assertEqual(lines.mapped("selected"), [False, True])

    def test_set_all_with_empty_values_keeps_rows(self):
        setup = self.go_to("employees")
        department = self.env["hr.department"].sudo().create({"name": "Drift"})
        lines = self.tick(setup.employee_line_ids, 2)
        lines.write({"department_id": department.id, "user_type": "approver"})
        setup.all_invite = True
        setup.action_set_all()
        self.assertEqual(lines.department_id, department)
        self.assertEqual(lines.mapped("user_type"), ["approver"] * 2)
        self.assertFalse(any(lines.mapped("invite")))

    def test_typed_date_for_earlier_hours_is_kept(self):
        setup = self.go_to("employees")
        setup.write({"send_earlier": True, "send_from": "2026-02-03"})
        setup._onchange_send_earlier()
        self.assertEqual(setup.send_from, date(2026, 2, 3))
