from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from ..dev.sandbox import EMPLOYEE_TOKEN
from ..sending.queue import Queue
from .setup_common import SetupCase

#: Models of the records that Complete creates.
MADE = [
    "tripletex.connection",
    "tripletex.project",
    "tripletex.paycode",
    "tripletex.employee",
    "project.project",
    "hr.work.entry.type",
    "hr.employee",
    "res.users",
]


class TestSetupComplete(SetupCase):
    """What Complete creates, counts and queues."""

    def counts(self):
        return {
            model: self.env[model]
            .sudo()
            .with_context(active_test=False)
            .search_count([])
            for model in MADE
        }

    def bindings(self, model):
        return (
            self.env[model].sudo().search([("connection_id", "=", self.connection.id)])
        )

    # -- without trouble ---------------------------------------------------------

    def test_complete_connects_and_links_ticked_rows(self):
        setup = self.complete()
        connection = self.connection
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.environment, "production")
        self.assertEqual(connection.employee_token, EMPLOYEE_TOKEN)
        self.assertTrue(connection.session_token)
        self.assertEqual(connection.responsible_id, self.admin)
        self.assertTrue(connection.connected_at)
        self.assertEqual(connection.key_owner_name, setup.key_owner_name)
        self.assertFalse(connection._is_copy())
        for model, field, count in (
            ("tripletex.project", "project_id", 3),
            ("tripletex.paycode", "work_entry_type_id", 2),
            ("tripletex.employee", "employee_id", 3),
        ):
            self.assertEqual(len(self.bindings(model).filtered(field)), count, model)
        project = self.bindings("tripletex.project")[0].project_id
        self.assertTrue(project.allow_timesheets)
        self.assertEqual(project.privacy_visibility, "employees")
        self.assertEqual(project.company_id, self.company)
        for word in (connection.tripletex_company_name, "3 new", "2 new"):
            self.assertIn(word, setup.result)

    def test_next_and_back_follow_order_of_steps(self):
        setup = self.start()
        steps = [setup.step]
        for _time in range(3):
            setup.action_next()
            steps.append(setup.step)
        self.assertEqual(steps, ["key", "projects", "paycodes", "employees"])
        for step in ("paycodes", "projects", "key", "key"):
            action = setup.action_back()
            self.assertEqual(setup.step, step)
            self.assertEqual(action["res_id"], setup.id)

    def test_set_up_and_remove_write_only_sessions_to_tripletex(self):
        self.control.clear_calls()
        self.complete()
        self.connection.sudo()._disconnect()
        writes = [call for call in self.control.calls() if call["method"] != "GET"]
        self.assertEqual(
            {call["template"] for call in writes},
            {"/token/session/:create", "/token/session/{token}"},
            "nothing is created in Tripletex",
        )

    def test_complete_without_ticks_creates_connection_only(self):
        before = self.counts()
        setup = self.complete(0, 0, 0)
        self.assertEqual(self.connection.state, "connected")
        before["tripletex.connection"] += 1
        self.assertEqual(self.counts(), before)
        self.assertTrue(setup.is_done)

    def test_ticks_before_complete_create_nothing(self):
        before = self.counts()
        setup = self.go_to("employees")
        for lines in (
            setup.project_line_ids,
            setup.paycode_line_ids,
            setup.employee_line_ids,
        ):
            self.tick(lines)
        self.assertEqual(self.counts(), before)
        self.assertFalse(self.connection)

    def test_complete_before_last_step_is_refused(self):
        for step in ("key", "projects", "paycodes"):
            setup = self.go_to(step)
            with self.assertRaises(UserError):
                setup.action_complete()
        self.assertFalse(self.connection)

    def test_comments_required_in_tripletex(self):
        self.complete()
        self.assertFalse(self.connection.require_comments)
        self.control.require_comments()
        self.complete(0, 0, 0)
        self.assertTrue(self.connection.require_comments)

    def test_complete_removes_secrets_from_set_up(self):
        setup = self.complete().sudo()
        self.assertFalse(setup.pending_token)
        self.assertFalse(setup.session_token)
        self.assertEqual(
            self.places_of(EMPLOYEE_TOKEN),
            ["tripletex_connection.secret_employee_token"],
        )
        token = self.connection.session_token
        setup.unlink()
        self.assertTrue(token)
        self.assertEqual(self.control.state()["sessions"], 1, "it is in use")

    def test_audit_trail(self):
        setup = self.complete()
        messages = self.connection.message_ids
        self.assertIn(setup.tripletex_company_name, messages[0].body)
        self.assertEqual(messages[0].author_id, self.admin.partner_id)
        self.assertNotIn(EMPLOYEE_TOKEN, "".join(messages.mapped("body")))

    def test_administrator_without_other_groups_can_read_rows(self):
        """An administrator needs no rights in Project, Employees or Timesheets."""
        self.assertFalse(self.admin.has_group("hr.group_hr_user"))
        self.assertFalse(self.admin.has_group("project.group_project_user"))
        name = self.go_to("projects").project_line_ids[0].name
        self.env["project.project"].sudo().create({"name": name})
        email = self.go_to("employees").employee_line_ids[0].email
        self.env["hr.employee"].sudo().create(
            {"name": "Ada", "work_email": email, "company_id": self.company.id}
        )
        setup = self.go_to("employees")
        for model, link in (
            ("tripletex.setup.project", "project_id"),
            ("tripletex.setup.paycode", "work_entry_type_id"),
            ("tripletex.setup.employee", "employee_id"),
        ):
            with self.subTest(model):
                arch = etree.fromstring(
                    self.env[model].get_view(view_type="list")["arch"]
                )
                names = set(arch.xpath("//field/@name")) - {"company_id"}
                spec = {
                    name: {"fields": {"display_name": {}}}
                    if self.env[model]._fields[name].type == "many2one"
                    else {}
                    for name in names
                }
                rows = self.env[model].web_search_read(
                    [("setup_id", "=", setup.id)], spec
                )["records"]
                self.assertTrue(rows)
                if link != "work_entry_type_id":
                    self.assertTrue(any(row[link] for row in rows), link)

    # -- all or nothing ----------------------------------------------------------

    def test_failure_in_complete_undoes_everything(self):
        setup = self.go_to("employees")
        for lines in (
            setup.project_line_ids,
            setup.paycode_line_ids,
            setup.employee_line_ids,
        ):
            self.tick(lines, 2)
        before = self.counts()
        broken = patch.object(
            type(setup.employee_line_ids),
            "_create_records",
            side_effect=UserError("In the middle."),
        )
        with broken, self.assertRaises(UserError) as caught:
            setup.action_complete()
        self.assertIn("In the middle", str(caught.exception))
        self.assertEqual(self.counts(), before)
        self.assertFalse(setup.is_done)
        self.assertFalse(self.connection)
        setup.action_complete()
        self.assertEqual(len(self.bindings("tripletex.employee")), 2)

    def test_complete_pressed_twice_changes_nothing(self):
        setup = self.complete()
        before = self.counts()
        action = setup.action_complete()
        self.assertEqual(action["res_id"], setup.id)
        self.assertEqual(self.counts(), before)
        for button in ("action_next", "action_back", "action_read_again"):
            with self.assertRaises(UserError):
                getattr(setup, button)()

    def test_second_administrator_adds_to_first_connection(self):
        second = new_test_user(
            self.env(user=1),
            "second.admin@example.org",
            groups="base.group_system",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        first = self.go_to("employees")
        other = self.go_to("employees", self.start().with_user(second))
        self.tick(first.project_line_ids, 3)
        self.tick(other.project_line_ids, 5)
        self.tick(first.employee_line_ids, 2)
        self.tick(other.employee_line_ids, 3)
        first.action_complete()
        connection = self.connection
        other.action_complete()
        self.assertEqual(self.connection, connection)
        self.assertEqual(len(self.bindings("tripletex.project").project_id), 5)
        self.assertEqual(len(self.bindings("tripletex.employee").employee_id), 3)
        activities = self.env["tripletex.activity"].search([])
        self.assertEqual(
            len(activities),
            len(set(activities.mapped("tripletex_id"))),
            "no duplicates",
        )
        self.env.cr.postcommit.run()
        self.assertEqual(self.control.state()["sessions"], 1)

    # -- hours validated earlier -------------------------------------------------

    def validated_line(self, employee, project, day):
        line = (
            self.env["account.analytic.line"]
            .sudo()
            .create(
                {
                    "name": "Work",
                    "employee_id": employee.id,
                    "project_id": project.id,
                    "date": day,
                    "unit_amount": 6.5,
                    "company_id": self.company.id,
                }
            )
        )
        line.action_tripletex_validate()
        return line

    def earlier(self):
        """Return a set-up on its last step, and two lines validated before it."""
        project = (
            self.env["project.project"]
            .sudo()
            .create(
                {
                    "name": "Before",
                    "allow_timesheets": True,
                    "company_id": self.company.id,
                }
            )
        )
        employee = (
            self.env["hr.employee"]
            .sudo()
            .create({"name": "Ada", "company_id": self.company.id})
        )
        lines = [
            self.validated_line(employee, project, day)
            for day in (date(2026, 3, 2), date(2026, 4, 1))
        ]
        setup = self.go_to("employees")
        row = setup.project_line_ids.filtered("selectable")[0]
        row.write({"selected": True, "project_id": project.id})
        row = setup.employee_line_ids.filtered("selectable")[0]
        row.write({"selected": True, "employee_id": employee.id})
        return setup, lines

    def test_earlier_hours_without_date_are_not_queued(self):
        setup, _lines = self.earlier()
        setup.action_complete()
        self.assertFalse(self.env["tripletex.entry"].sudo().search([]))

    def test_earlier_hours_are_queued_from_given_date(self):
        setup, lines = self.earlier()
        setup.send_from = "2026-03-15"
        self.assertEqual(setup.earlier_hours, 6.5)
        setup.action_complete()
        for lookup in self.env["tripletex.lookup"].sudo().search([]):
            Queue(self.env).look_up(lookup)
        entries = self.env["tripletex.entry"].sudo().search([])
        self.assertEqual(entries.share_ids.line_id, lines[1])
        self.assertEqual(entries.hours, 6.5)
        self.assertEqual(self.connection.send_from, date(2026, 3, 15))

    def test_onchange_keeps_summary(self):
        setup = self.go_to("employees")
        self.tick(setup.employee_line_ids, 2)
        values = {"send_earlier": True}
        fields_spec = {"send_earlier": {}, "send_from": {}, "summary": {}}
        changed = setup.onchange(values, ["send_earlier"], fields_spec)["value"]
        self.assertTrue(changed["send_from"])
        summary = changed.get("summary", setup.summary)
        self.assertIn("Employees: 2 new", summary)

    def test_ticking_earlier_hours_suggests_first_of_month(self):
        setup = self.go_to("employees")
        setup.send_earlier = True
        setup._onchange_send_earlier()
        self.assertEqual(setup.send_from, fields.Date.today().replace(day=1))
        setup.send_earlier = False
        setup._onchange_send_earlier()
        self.assertFalse(setup.send_from)

    def test_summary_counts_ticked_rows_and_logins(self):
        setup = self.go_to("employees")
        self.tick(setup.project_line_ids, 4)
        lines = self.tick(setup.employee_line_ids, 3)
        lines[:2].write({"user_type": "user", "invite": True})
        lines[0].invite = False
        setup.invalidate_recordset()
        self.assertIn("Projects: 4 new, 0 linked", setup.summary)
        self.assertIn("Employees: 3 new, 0 linked", setup.summary)
        self.assertIn("Logins: 2 new, 1 invited", setup.summary)
