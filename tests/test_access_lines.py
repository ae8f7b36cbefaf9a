from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..sending.refusals import refusal
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestAccess(ValidateCase):
    """Check which group reads entries, links and screens."""

    def test_approver_reads_sent_hours_and_cannot_change_them(self):
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

    def test_employee_reads_state_of_own_line_and_no_entries(self):
        line = self.validated()
        with self.assertRaises(AccessError):
            self.seen_by(self.worker, self.entries_of(line)).read(["hours"])
        # The state of their own line is allowed.
        self.assertEqual(self.seen_by(self.worker, line).tripletex_status, "pending")

    def test_employee_reads_reason_of_failed_and_conflicting_line(self):
        line = self.validated()
        entry = self.entries_of(line)
        entry.error_message = "The project is closed."
        self.assertFalse(self.seen_by(self.worker, line).tripletex_refusal)
        for state in ("failed", "conflict"):
            entry.state = state
            self.env.invalidate_all()
            seen = self.seen_by(self.worker, line)
            self.assertEqual(seen.tripletex_refusal, "The project is closed.")

    def test_reason_is_worded_for_the_reader(self):
        line = self.validated()
        stored = refusal("refused", said="Prosjektet er lukket")
        self.entries_of(line).write({"state": "failed", "refusal": stored})
        self.env.invalidate_all()
        approver = self.seen_by(self.approver, line).tripletex_refusal
        worker = self.seen_by(self.worker, line).tripletex_refusal
        for text in (approver, worker):
            self.assertIn("Prosjektet er lukket", text)
        self.assertIn("Retry", approver)
        self.assertNotIn("Retry", worker)
        self.assertIn("Your approver or administrator", worker)

    def test_reason_is_in_lists_cards_and_tasks(self):
        for model, name in (
            ("account.analytic.line", "hr_timesheet.hr_timesheet_line_tree"),
            ("account.analytic.line", "hr_timesheet.view_kanban_account_analytic_line"),
            (
                "account.analytic.line",
                "hr_timesheet.view_calendar_account_analytic_line",
            ),
            ("project.task", "hr_timesheet.view_task_form2_inherited"),
        ):
            view = self.env.ref(name)
            arch = self.seen_by(self.worker, self.env[model]).get_view(
                view.id, view.type
            )["arch"]
            self.assertIn("tripletex_notice", arch, name)

    def test_line_opens_its_entries_for_approver(self):
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

    def test_approver_posts_message_on_entry_and_employee_cannot(self):
        entry = self.entries_of(self.validated())
        seen = self.seen_by(self.approver, entry)
        seen.message_post(body="Kari mends it in Tripletex.")
        self.assertIn("Kari mends it", entry.message_ids[0].body)
        with self.assertRaises(AccessError):
            self.seen_by(self.worker, entry).message_post(body="Mine?")

    def test_private_project_hides_entries_from_who_does_not_follow_it(self):
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

    def test_other_company_hides_entries(self):
        self.validated()
        other = self.env["res.company"].create({"name": "Ukoblet AS"})
        user = self.person("other", "hr_timesheet.group_timesheet_manager")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        Entry = self.env["tripletex.entry"].with_user(user)
        self.assertFalse(Entry.with_context(allowed_company_ids=other.ids).search([]))

    def test_approver_reads_links_and_cannot_change_them(self):
        for model in ("project", "employee", "paycode", "activity"):
            record = self.env[f"tripletex.{model}"].search([], limit=1)
            self.seen_by(self.approver, record).read(["number"])
            with self.assertRaises(AccessError):
                self.seen_by(self.approver, record).write({"number": "99999"})
            with self.assertRaises(AccessError):
                self.seen_by(self.worker, record).read(["number"])
        with self.assertRaises(AccessError):
            self.seen_by(self.approver, self.env["tripletex.connection"]).search([])

    def test_only_administrator_reads_email_of_link(self):
        record = self.env["tripletex.employee"].search([], limit=1)
        with self.assertRaises(AccessError):
            self.seen_by(self.approver, record).read(["email"])
        self.seen_by(self.system, record).read(["email"])

    def test_ordinary_users_read_employees(self):
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

    def test_screens_of_lines_load_for_every_group(self):
        Line = self.env["account.analytic.line"]
        views = [(False, "list"), (False, "form"), (False, "kanban"), (False, "search")]
        for user in (self.worker, self.approver, self.manager):
            result = self.seen_by(user, Line).get_views(views, {"toolbar": True})
            self.assertTrue(result["views"])

    def test_timesheet_analysis_opens_without_fields_of_addon(self):
        # Its search view extends the one of the lines but belongs to another model.
        Report = self.env["timesheets.analysis.report"]
        view = self.env.ref("hr_timesheet.hr_timesheet_report_search")
        arch = Report.get_view(view.id, "search")["arch"]
        self.assertNotIn("tripletex", arch)
        self.assertNotIn("work_entry_type_id", arch)
        view._check_xml()

    def test_portal_screens_show_no_fields_of_addon(self):
        portal = self.person("portal", "base.group_portal")
        Line = self.seen_by(portal, self.env["account.analytic.line"]).sudo()
        for name, kind in (
            ("hr_timesheet_line_portal_tree", "list"),
            ("timesheet_view_form_portal_user", "form"),
            ("view_kanban_account_analytic_line_portal_user", "kanban"),
        ):
            view = self.env.ref(f"hr_timesheet.{name}")
            arch = Line.get_view(view.id, kind)["arch"]
            self.assertNotIn("tripletex", arch)
            self.assertNotIn("work_entry_type_id", arch)

    def test_paycode_is_shown_only_while_connected(self):
        Line = self.seen_by(self.worker, self.env["account.analytic.line"])
        view = self.env.ref("hr_timesheet.hr_timesheet_line_tree")
        self.assertIn("work_entry_type_id", Line.get_view(view.id, "list")["arch"])
        self.connection.state = "disconnected"
        arch = Line.get_view(view.id, "list")["arch"]
        self.assertNotIn("work_entry_type_id", arch)
        [warning] = etree.fromstring(arch).xpath("//field[@name='tripletex_notice']")
        self.assertEqual(warning.get("optional"), "hide")

    def test_only_approver_sees_validate_button(self):
        view = self.env.ref("hr_timesheet.hr_timesheet_line_tree")
        Line = self.env["account.analytic.line"]
        arch = self.seen_by(self.worker, Line).get_view(view.id, "list")["arch"]
        self.assertNotIn("action_tripletex_validate", arch)
        arch = self.seen_by(self.approver, Line).get_view(view.id, "list")["arch"]
        self.assertIn("action_tripletex_validate", arch)
