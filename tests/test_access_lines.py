from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestAccess(ValidateCase):
    """Who reads what of Tripletex's side."""

    def test_approvers_read_sent_hours_but_change_none(self):
        line = self.validated()
        entry = self.seen_by(self.approver, self.entries_of(line))
        self.assertEqual(entry.hours, 7.5)
        self.assertIn(self.employee.name, entry.display_name)
        entry.share_ids.mapped("description")
        for road in (
            lambda: entry.write({"hours": 1}),
            entry.unlink,
            lambda: entry.create({"kind": "hours", "key": "x", "date": "2026-01-01"}),
            lambda: entry.share_ids.write({"hours": 1}),
            lambda: entry.share_ids.unlink(),
        ):
            with self.assertRaises(AccessError):
                road()

    def test_employees_read_no_entries(self):
        line = self.validated()
        with self.assertRaises(AccessError):
            self.seen_by(self.worker, self.entries_of(line)).read(["hours"])
        # but the state of their own line
        self.assertEqual(self.seen_by(self.worker, line).tripletex_status, "pending")

    def test_everybody_reads_why_their_hours_need_a_person(self):
        line = self.validated()
        entry = self.entries_of(line)
        entry.error_message = "The project is closed."
        self.assertFalse(self.seen_by(self.worker, line).tripletex_refusal)
        for state in ("failed", "conflict"):
            entry.state = state
            self.env.invalidate_all()
            seen = self.seen_by(self.worker, line)
            self.assertEqual(seen.tripletex_refusal, "The project is closed.")

    def test_approvers_go_from_a_line_to_what_is_sent_of_it(self):
        line = self.validated(work_entry_type_id=self.overtime.id)
        self.validated()
        action = self.seen_by(self.approver, line).action_tripletex_entries()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(len(found), 2)
        self.assertEqual(found, self.entries_of(line))
        hours = self.validated(3, project_id=self.projects[1].id)
        action = self.seen_by(self.approver, hours).action_tripletex_entries()
        self.assertEqual(action["res_id"], self.entries_of(hours).id)
        self.assertEqual(action["views"], [(False, "form")])

    def test_approvers_discuss_sent_hours_they_may_not_change(self):
        entry = self.entries_of(self.validated())
        seen = self.seen_by(self.approver, entry)
        seen.message_post(body="Kari mends it in Tripletex.")
        self.assertIn("Kari mends it", entry.message_ids[0].body)
        with self.assertRaises(AccessError):
            self.seen_by(self.worker, entry).message_post(body="Mine?")

    def test_hours_of_private_projects_are_for_who_sees_the_project(self):
        self.project.privacy_visibility = "followers"
        lines = self.validated() + self.validated(
            2, work_entry_type_id=self.overtime.id
        )
        entries = self.entries_of(lines)
        self.assertEqual(set(entries.mapped("kind")), {"hours", "paycode"})
        Entry = self.seen_by(self.approver, self.env["tripletex.entry"])
        Share = self.seen_by(self.approver, self.env["tripletex.entry.share"])
        self.assertFalse(Entry.search([]))
        self.assertFalse(Share.search([]))
        self.project.message_subscribe(self.approver.partner_id.ids)
        self.assertEqual(len(Entry.search([])), len(entries))
        self.assertEqual(
            len(self.seen_by(self.manager, self.env["tripletex.entry"]).search([])),
            len(entries),
        )

    def test_entries_of_other_companies_are_not_seen(self):
        self.validated()
        other = self.env["res.company"].create({"name": "Ukoblet AS"})
        user = self.person("other", "hr_timesheet.group_timesheet_manager")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        Entry = self.env["tripletex.entry"].with_user(user)
        self.assertFalse(Entry.with_context(allowed_company_ids=other.ids).search([]))

    def test_links_are_changed_by_administrators_alone(self):
        for model in ("project", "employee", "paycode", "activity"):
            record = self.env[f"tripletex.{model}"].search([], limit=1)
            self.seen_by(self.approver, record).read(["number"])
            with self.assertRaises(AccessError):
                self.seen_by(self.approver, record).write({"number": "99999"})
            with self.assertRaises(AccessError):
                self.seen_by(self.worker, record).read(["number"])
        with self.assertRaises(AccessError):
            self.seen_by(self.approver, self.env["tripletex.connection"]).search([])

    def test_the_address_in_tripletex_is_for_administrators(self):
        record = self.env["tripletex.employee"].search([], limit=1)
        with self.assertRaises(AccessError):
            self.seen_by(self.approver, record).read(["email"])
        self.seen_by(self.system, record).read(["email"])

    def test_ordinary_users_still_read_employees(self):
        plain = self.person("plain", "base.group_user")
        for user in (plain, self.worker, self.approver, self.system):
            with self.subTest(user=user.login):
                employee = self.seen_by(user, self.employee)
                self.assertTrue(employee.name)
                self.assertTrue(
                    self.seen_by(user, self.env["hr.employee.public"])
                    .browse(self.employee.id)
                    .name
                )

    def test_the_screens_load_for_everybody(self):
        Line = self.env["account.analytic.line"]
        views = [(False, "list"), (False, "form"), (False, "kanban"), (False, "search")]
        for user in (self.worker, self.approver, self.manager):
            result = self.seen_by(user, Line).get_views(views, {"toolbar": True})
            self.assertTrue(result["views"])

    def test_the_analysis_of_timesheets_still_opens(self):
        # its search is built on that of the lines, and is of another model
        Report = self.env["timesheets.analysis.report"]
        view = self.env.ref("hr_timesheet.hr_timesheet_report_search")
        arch = Report.get_view(view.id, "search")["arch"]
        self.assertNotIn("tripletex", arch)
        self.assertNotIn("work_entry_type_id", arch)
        view._check_xml()

    def test_portal_screens_show_nothing_of_ours(self):
        Line = self.env["account.analytic.line"]
        for name, kind in (
            ("hr_timesheet_line_portal_tree", "list"),
            ("timesheet_view_form_portal_user", "form"),
            ("view_kanban_account_analytic_line_portal_user", "kanban"),
        ):
            view = self.env.ref(f"hr_timesheet.{name}")
            arch = Line.get_view(view.id, kind)["arch"]
            self.assertNotIn("tripletex", arch)
            self.assertNotIn("work_entry_type_id", arch)

    def test_paycodes_show_where_a_connection_is(self):
        Line = self.seen_by(self.worker, self.env["account.analytic.line"])
        view = self.env.ref("hr_timesheet.hr_timesheet_line_tree")
        self.assertIn("work_entry_type_id", Line.get_view(view.id, "list")["arch"])
        self.connection.state = "disconnected"
        arch = Line.get_view(view.id, "list")["arch"]
        self.assertNotIn("work_entry_type_id", arch)
        [warning] = etree.fromstring(arch).xpath("//field[@name='tripletex_problem']")
        self.assertEqual(warning.get("optional"), "hide")

    def test_only_approvers_get_the_buttons(self):
        view = self.env.ref("hr_timesheet.hr_timesheet_line_tree")
        Line = self.env["account.analytic.line"]
        arch = self.seen_by(self.worker, Line).get_view(view.id, "list")["arch"]
        self.assertNotIn("action_tripletex_validate", arch)
        arch = self.seen_by(self.approver, Line).get_view(view.id, "list")["arch"]
        self.assertIn("action_tripletex_validate", arch)
