from collections import Counter
from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form

from ..dev.sandbox import OTHER_EMPLOYEE_TOKEN
from .setup_common import ProjectSetupCase


class TestSetupProjects(ProjectSetupCase):
    """Which projects are offered, and what ticked ones become."""

    def remote_projects(self, **wanted):
        """Return Tripletex's projects, as the client reads them."""
        setup = self.start().sudo()
        with setup._tripletex() as client:
            rows = client.list_projects()
        setup.unlink()
        return [row for row in rows if all(row[k] == v for k, v in wanted.items())]

    def test_only_open_projects_with_number_are_offered(self):
        rows = self.remote_projects()
        expected = {
            str(row["id"]) for row in rows if row["number"] and not row["isClosed"]
        }
        self.assertLess(len(expected), len(rows), "the stand-in has closed ones too")
        self.assertEqual(set(self.offered().mapped("tripletex_id")), expected)

    def test_two_ticked_projects_with_same_number_are_refused(self):
        first, second = self.offered()[:2]
        self.control.change_project(int(second.tripletex_id), number=first.number)
        setup = self.go_to("employees")
        both = setup.project_line_ids.filtered(
            lambda line: line.tripletex_id in (first.tripletex_id, second.tripletex_id)
        )
        both.selected = True
        with self.assertRaisesRegex(UserError, "same number") as caught:
            setup.action_complete()
        for line in both:
            self.assertIn(line.display_name, str(caught.exception))
        both[1].selected = False
        setup.action_complete()
        self.assertEqual(self.bindings().tripletex_id, both[0].tripletex_id)

    def test_ticked_projects_are_created_on_complete(self):
        Project = self.env["project.project"].sudo()
        before = Project.search([])
        setup = self.go_to("employees")
        lines = self.tick(setup.project_line_ids, 4)
        self.assertEqual(
            Project.search([]), before, "nothing is created before Complete"
        )
        setup.action_complete()
        made = Project.search([]) - before
        self.assertEqual(sorted(made.mapped("name")), sorted(lines.mapped("name")))
        binding = self.bindings()[0]
        line = lines.filtered(lambda line: line.number == binding.number)
        self.assertEqual(binding.tripletex_id, line.tripletex_id)
        self.assertEqual(binding.start_date, line.start_date)
        self.assertTrue(binding.project_id.account_id, "timesheets need an account")

    def test_created_project_has_both_dates_or_none(self):
        setup = self.go_to("employees")
        both, half = self.tick(setup.project_line_ids, 2)
        both.sudo().write({"start_date": "2026-01-05", "end_date": "2026-12-31"})
        half.sudo().write({"start_date": "2026-01-05", "end_date": False})
        setup.action_complete()
        for line, dates in ((both, ["2026-01-05", "2026-12-31"]), (half, [])):
            project = self.bindings().filtered(
                lambda link, line=line: link.number == line.number
            )
            self.assertEqual(str(project.start_date), "2026-01-05")
            project = project.project_id.sudo()
            found = filter(None, [project.date_start, project.date])
            self.assertEqual([str(day) for day in found], dates)
            with Form(project) as form:
                form.name = "Renamed"

    def test_same_name_with_other_number_creates_second_project(self):
        self.complete(projects=1)
        binding = self.bindings()
        setup = self.go_to("employees")
        line = setup.project_line_ids.filtered("selectable")[0]
        line.sudo().name = binding.name
        line.selected = True
        setup.action_complete()
        self.assertEqual(len(self.bindings().project_id), 2)

    def test_change_in_tripletex_after_complete_is_not_copied(self):
        self.complete(projects=2)
        row = self.remote_projects(number=self.bindings()[0].number)[0]
        self.control.change_project(row["id"], name="Renamed there", isClosed=True)
        with self.enter_registry_test_mode():
            cron = self.env.ref("hr_timesheet_tripletex.ir_cron_send").sudo()
            cron.method_direct_trigger()
        self.assertNotEqual(self.bindings()[0].name, "Renamed there")
        self.assertFalse(self.bindings()[0].is_closed)

    def test_reading_again_keeps_ticks(self):
        setup = self.go_to("projects")
        ticked = self.tick(setup.project_line_ids, 3)
        closed = ticked[0].tripletex_id
        setup.action_next()
        self.control.close_project(int(closed))
        setup.action_back()
        setup.action_read_again()
        lines = setup.project_line_ids
        self.assertFalse(ticked[0].exists(), "closed meanwhile")
        self.assertEqual(lines.filtered("selected"), ticked[1:])
        self.assertEqual(len(set(lines.mapped("tripletex_id"))), len(lines))

    def test_project_of_same_name_is_suggested(self):
        lines = self.offered()
        counts = Counter(lines.mapped("name"))
        unique = lines.filtered(lambda line: counts[line.name] == 1)[0]
        Project = self.env["project.project"].sudo()
        mine = Project.create({"name": f" {unique.name.upper()}", "company_id": False})
        setup = self.go_to("employees")
        line = setup.project_line_ids.filtered(lambda r: r.number == unique.number)
        self.assertEqual(line.project_id, mine)
        line.selected = True
        count = Project.search_count([])
        setup.action_complete()
        self.assertEqual(Project.search_count([]), count, "linked, not created")
        self.assertEqual(self.bindings().project_id, mine)

    def test_project_chosen_on_two_rows_is_refused(self):
        mine = self.env["project.project"].sudo().create({"name": "Mine"})
        setup = self.go_to("employees")
        self.tick(setup.project_line_ids, 2).project_id = mine
        with self.assertRaisesRegex(Exception, "Mine is linked to another row"):
            setup.action_complete()
        self.assertFalse(self.connection)

    def test_customer_with_unique_name_is_set(self):
        setup = self.go_to("employees")
        line = setup.project_line_ids.filtered("customer_name")[0]
        Partner = self.env["res.partner"].sudo()
        partner = Partner.create({"name": line.customer_name, "is_company": True})
        Partner.create({"name": line.customer_name, "is_company": False})
        line.selected = True
        setup.action_complete()
        self.assertEqual(self.bindings().project_id.partner_id, partner)

    def test_customer_with_ambiguous_name_is_not_set(self):
        setup = self.go_to("employees")
        line = setup.project_line_ids.filtered("customer_name")[0]
        for _time in range(2):
            self.env["res.partner"].sudo().create(
                {"name": line.customer_name, "is_company": True}
            )
        line.selected = True
        setup.action_complete()
        self.assertFalse(self.bindings().project_id.partner_id)

    def test_projects_are_sorted_by_numeric_value(self):
        numbers = [n for n in self.offered().mapped("number") if n.isdigit()]
        self.assertEqual(numbers, sorted(numbers, key=int))
        self.assertNotEqual(
            numbers, sorted(numbers), "the numbers have different lengths"
        )

    def test_tick_all_ticks_shown_rows_only(self):
        self.complete(projects=2)
        setup = self.go_to("projects")
        lines = setup.project_line_ids
        word = lines.filtered("selectable")[0].name.split()[0]
        domain = [("name", "ilike", word)]
        setup.action_tick("tripletex.setup.project", domain, True)
        ticked = lines.filtered("selected")
        self.assertTrue(ticked)
        self.assertEqual(
            ticked,
            lines.filtered(lambda r: r.selectable and word.lower() in r.name.lower()),
        )
        setup.action_tick("tripletex.setup.project", [], False)
        self.assertFalse(any(lines.mapped("selected")))

    def test_tick_all_leaves_other_set_up(self):
        first, second = self.go_to("projects"), self.go_to("projects")
        first.action_tick("tripletex.setup.project", [], True)
        self.assertFalse(any(second.project_line_ids.mapped("selected")))
        with self.assertRaisesRegex(Exception, "no such list"):
            first.action_tick("res.users", [], True)

    def test_project_with_end_before_start_gets_no_dates(self):
        setup = self.go_to("employees")
        line = self.tick(setup.project_line_ids, 1)
        line.sudo().write(
            {"start_date": date(2026, 5, 1), "end_date": date(2026, 4, 1)}
        )
        setup.action_complete()
        self.assertFalse(self.bindings().project_id.date)
        self.assertEqual(self.bindings().end_date, date(2026, 4, 1))

    def test_exclude_unlinked_marks_projects_without_link(self):
        Project = self.env["project.project"].sudo()
        mine = Project.create(
            {
                "name": "Without a number",
                "company_id": self.company.id,
                "allow_timesheets": True,
            }
        )
        setup = self.go_to("employees")
        self.tick(setup.project_line_ids, 2)
        self.assertGreaterEqual(setup.unlinked_count, 1)
        setup.exclude_unlinked = True
        setup.action_complete()
        self.assertTrue(mine.tripletex_excluded)
        self.assertFalse(any(self.bindings().project_id.mapped("tripletex_excluded")))

    def test_exclude_unlinked_leaves_project_sent_by_another_company(self):
        """The mark counts for every company and would stop the other one's hours."""
        other = self.env["res.company"].sudo().create({"name": "Søsterbygg AS"})
        self.admin.sudo().company_ids |= other
        shared = (
            self.env["project.project"]
            .sudo()
            .create({"name": "Shared", "company_id": False, "allow_timesheets": True})
        )
        setup = self.start(OTHER_EMPLOYEE_TOKEN, company_id=other.id)
        self.go_to("employees", setup)
        row = self.tick(setup.project_line_ids, 1)
        row.project_id = shared
        setup.action_complete()
        connection = other.sudo().tripletex_connection_id
        for is_sent in (True, False):
            with self.subTest(is_sent=is_sent):
                setup = self.go_to("employees")
                setup.exclude_unlinked = True
                setup.action_complete()
                self.assertEqual(shared.tripletex_excluded, not is_sent)
                connection._disconnect()
