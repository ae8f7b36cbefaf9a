from ast import literal_eval

from lxml import etree

from odoo.exceptions import UserError

from ..dev.sandbox import OTHER_EMPLOYEE_TOKEN
from .setup_common import SetupCase


class TestSetupPaycodes(SetupCase):
    """Which paycodes and activities are offered, and what chosen ones become."""

    sandbox_options = {"salary_types": 40, "activities": 9, "oddities": True}

    def bindings(self):
        return (
            self.env["tripletex.paycode"]
            .sudo()
            .search([("connection_id", "=", self.connection.id)])
        )

    def test_types_shown_in_timesheet_come_first(self):
        lines = self.go_to("paycodes").paycode_line_ids
        shown = lines.mapped("show_in_timesheet")
        self.assertIn(True, shown)
        self.assertIn(False, shown)
        self.assertEqual(shown, sorted(shown, reverse=True))

    def test_hidden_type_has_remark_until_shown(self):
        setup = self.go_to("paycodes")
        hidden = setup.paycode_line_ids.filtered(lambda r: not r.show_in_timesheet)
        self.assertIn("Vis i timeliste", hidden[0].reason)
        self.control.show_salary_type(hidden[0].number)
        setup.action_read_again()
        self.assertTrue(hidden[0].show_in_timesheet)
        self.assertFalse(hidden[0].reason)

    def test_ticked_hidden_type_is_linked_as_hidden(self):
        setup = self.go_to("employees")
        hidden = setup.paycode_line_ids.filtered(lambda r: not r.show_in_timesheet)
        hidden[0].selected = True
        setup.action_complete()
        self.assertFalse(self.bindings().show_in_timesheet)

    def test_ticked_row_creates_work_entry_type(self):
        setup = self.go_to("employees")
        line = self.tick(setup.paycode_line_ids, 1)
        line.transfer_as = "paycode"
        setup.action_complete()
        binding = self.bindings()
        kind = binding.work_entry_type_id
        self.assertEqual(kind.name, line.name)
        self.assertEqual(kind.external_code, line.number)
        self.assertEqual(kind.country_id, self.company.country_id)
        self.assertIn(line.number, kind.code)
        self.assertEqual(binding.transfer_as, "paycode")
        self.assertTrue(binding.show_in_timesheet)

    def test_work_entry_type_with_same_code_is_linked(self):
        number = self.go_to("paycodes").paycode_line_ids[0].number
        kind = (
            self.env["hr.work.entry.type"]
            .sudo()
            .create({"name": "Ours", "code": "OURS", "external_code": number})
        )
        setup = self.go_to("employees")
        line = setup.paycode_line_ids[0]
        self.assertEqual(line.work_entry_type_id, kind)
        line.selected = True
        setup.action_complete()
        self.assertEqual(self.bindings().work_entry_type_id, kind)

    def test_payroll_code_in_use_gets_suffix(self):
        """A type keeps its code when Tripletex gives its number to another one."""
        number = self.go_to("paycodes").paycode_line_ids[0].number
        kind = (
            self.env["hr.work.entry.type"]
            .sudo()
            .create({"name": "Ours", "code": f"TT{number}", "external_code": "OT"})
        )
        self.complete(paycodes=1)
        made = self.bindings().work_entry_type_id
        self.assertNotEqual(made, kind)
        self.assertEqual((made.code, made.external_code), (f"TT{number}-2", number))

    def test_second_company_links_same_work_entry_type(self):
        self.complete(paycodes=1)
        kind = self.bindings().work_entry_type_id
        root = self.env(user=1)
        other = root["res.company"].create(
            {"name": "Søsterbygg AS", "country_id": self.company.country_id.id}
        )
        self.admin.sudo().company_ids |= other
        setup = self.start(OTHER_EMPLOYEE_TOKEN, company_id=other.id)
        salary_types = self.sandbox.state.other.table("SalaryType")
        next(iter(salary_types.values()))["number"] = kind.external_code
        self.go_to("employees", setup)
        line = setup.paycode_line_ids.filtered(
            lambda row: row.number == kind.external_code
        )
        self.assertEqual(line.work_entry_type_id, kind)
        line.selected = True
        setup.action_complete()
        self.assertEqual(
            other.sudo().tripletex_connection_id.company_id, other, "connected as well"
        )

    def test_linked_paycodes_are_grey(self):
        self.complete(paycodes=2)
        lines = self.go_to("paycodes").paycode_line_ids.filtered("is_linked")
        self.assertEqual(
            sorted(lines.mapped("number")), sorted(self.bindings().mapped("number"))
        )
        self.assertFalse(any(lines.mapped("selectable")))

    def test_type_hidden_later_changes_link_only_where_ticked(self):
        self.complete(paycodes=1)
        binding = self.bindings()
        self.control.show_salary_type(binding.number, shown=False)
        setup = self.go_to("employees")
        line = setup.paycode_line_ids.filtered("is_linked")
        self.assertTrue(line.change)
        self.assertTrue(binding.show_in_timesheet, "not changed silently")
        line.accept_change = True
        setup.action_complete()
        self.assertFalse(binding.show_in_timesheet)

    def test_default_filter_shows_changed_paycodes(self):
        """Also a type that is hidden now, so that its change can be taken over."""
        self.complete(paycodes=1)
        number = self.bindings().number
        self.control.show_salary_type(number, shown=False)
        setup = self.go_to("paycodes")
        view = self.env["tripletex.setup.paycode"].get_view(view_type="search")
        [shown] = etree.fromstring(view["arch"]).xpath("//filter[@name='shown']")
        first = setup.paycode_line_ids.filtered_domain(
            literal_eval(shown.get("domain"))
        )
        self.assertIn(number, first.mapped("number"))
        self.assertLess(len(first), len(setup.paycode_line_ids), "still a filter")

    # -- activities --------------------------------------------------------------

    def activity(self, name):
        return self.env["tripletex.activity"].search([("name", "=", name)])

    def test_default_activity_of_tripletex_is_preset(self):
        self.control.set_default_activity("Prosjektadministrasjon")
        setup = self.go_to("paycodes")
        self.assertEqual(setup.default_activity_id.name, "Prosjektadministrasjon")
        self.assertFalse(setup.default_activity_id.connection_id)
        self.go_to("employees", setup).action_complete()
        default = self.connection.default_activity_id
        self.assertEqual(default.name, "Prosjektadministrasjon")
        self.assertEqual(default.connection_id, self.connection)
        self.assertFalse(default.setup_id)

    def test_several_fitting_activities_preset_none(self):
        self.control.set_default_activity(None)
        setup = self.go_to("employees")
        self.assertFalse(setup.default_activity_id)
        self.assertIn("No activity", setup.missing)
        setup.action_complete()
        self.assertFalse(self.connection.default_activity_id)

    def test_chosen_activity_becomes_default(self):
        setup = self.go_to("employees")
        chosen = self.env["tripletex.activity"].search(
            [
                ("setup_id", "=", setup.id),
                ("is_project_activity", "=", True),
                ("id", "!=", setup.default_activity_id.id),
            ],
            limit=1,
        )
        setup.default_activity_id = chosen
        setup.action_complete()
        self.assertEqual(self.connection.default_activity_id, chosen)

    def test_activity_that_is_not_offered_is_refused(self):
        """A program can write an activity of another set-up, or an internal one."""
        setup = self.go_to("employees")
        foreign = self.env["tripletex.activity"].sudo()
        foreign = foreign.create(
            {
                "setup_id": setup.id + 1,
                "company_id": self.company.id,
                "tripletex_id": "424242",
                "name": "Painting",
                "is_project_activity": True,
            }
        )
        internal = setup.activity_ids.filtered(lambda a: not a.is_project_activity)[0]
        for activity in (foreign, internal):
            setup.default_activity_id = activity
            with self.assertRaisesRegex(UserError, activity.name):
                setup.action_complete()
        setup.default_activity_id = False
        setup.action_complete()
        self.assertTrue(self.connection)

    def test_update_keeps_default_and_creates_no_duplicates(self):
        self.complete()
        activities = self.env["tripletex.activity"].search([])
        chosen = activities.filtered("is_project_activity")[-1]
        self.connection.default_activity_id = chosen
        setup = self.go_to("employees")
        self.assertEqual(setup.default_activity_id, chosen)
        setup.action_complete()
        self.assertEqual(self.connection.default_activity_id, chosen)
        self.assertEqual(self.env["tripletex.activity"].search([]), activities)

    def test_update_renames_activity(self):
        self.complete()
        activity = self.connection.default_activity_id
        self.control.change_activity(int(activity.tripletex_id), name="Nytt navn")
        self.complete(0, 0, 0)
        self.assertEqual(activity.name, "Nytt navn")

    def test_update_archives_disabled_activity(self):
        self.complete()
        activity = self.connection.default_activity_id
        self.control.change_activity(int(activity.tripletex_id), isDisabled=True)
        self.complete(0, 0, 0)
        self.assertFalse(activity.active)
        self.assertNotEqual(self.connection.default_activity_id, activity)

    def test_disabled_activity_is_not_offered(self):
        name = self.go_to("projects").default_activity_id.name
        self.control.change_activity(name, isDisabled=True)
        setup = self.go_to("projects")
        names = self.env["tripletex.activity"].search([("setup_id", "=", setup.id)])
        self.assertTrue(names)
        self.assertNotIn(name, names.mapped("name"))

    def test_activity_type_decides_where_use_is_unknown(self):
        for name in ("Administrasjon", "Reisetid", "Eldre aktivitet"):
            self.control.change_activity(name, isProjectActivity=None)
        self.go_to("projects")
        self.assertFalse(self.activity("Administrasjon").is_project_activity)
        self.assertTrue(self.activity("Reisetid").is_project_activity)
        self.assertTrue(
            self.activity("Eldre aktivitet").is_project_activity, "no type either"
        )

    def test_activity_of_set_up_belongs_to_company(self):
        setup = self.go_to("projects")
        activity = setup.default_activity_id
        self.assertEqual(activity.company_id, self.company)

    def test_work_entry_type_chosen_on_two_rows_is_refused(self):
        kind = (
            self.env["hr.work.entry.type"].sudo().create({"name": "Ours", "code": "O"})
        )
        setup = self.go_to("employees")
        self.tick(setup.paycode_line_ids, 2).work_entry_type_id = kind
        with self.assertRaises(UserError):
            setup.action_complete()
