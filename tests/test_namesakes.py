from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import new_test_user
from odoo.tools.safe_eval import safe_eval

from ..sending.namesakes import NAMESAKE_CONTEXT, full_name
from .common import TripletexCase


class TestNamesakes(TripletexCase):
    """Projects and employees of equal names, where hours are logged."""

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Nord AS"})
        for project in self.projects:
            project.name = "Fase 1"
        self.project.partner_id = self.partner
        self.numbers = (
            self.env["tripletex.project"]
            .search([("project_id", "in", self.projects.ids)], order="project_id")
            .mapped("number")
        )

    def names(self, records, user=None, **context):
        records = records.with_user(user or self.env.user).with_context(**context)
        return records.mapped("display_name")

    def logging_user(self, groups="hr_timesheet.group_hr_timesheet_user"):
        return new_test_user(
            self.env,
            f"{groups}@example.org",
            groups=groups,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def test_equal_projects_show_number_and_customer_where_hours_are_logged(self):
        user = self.logging_user()
        one, two, three = self.numbers
        shown = [f"Fase 1 ({one}, Nord AS)", f"Fase 1 ({two})", f"Fase 1 ({three})"]
        self.assertEqual(self.names(self.projects, user, is_timesheet=1), shown)
        offered = (
            self.env["project.project"]
            .with_user(user)
            .with_context(is_timesheet=1)
            .name_search("Fase 1")
        )
        self.assertEqual(sorted(name for _id, name in offered), sorted(shown))

    def test_timesheet_actions_ask_for_details(self):
        for name in (
            "hr_timesheet.act_hr_timesheet_line",
            "hr_timesheet.timesheet_action_all",
            "hr_timesheet_tripletex.account_analytic_line_action_to_validate",
        ):
            self.assertIn("is_timesheet", self.env.ref(name).context, name)
        arch = self.env["project.task"].get_view(view_type="form")["arch"]
        self.assertEqual(arch.count("'is_timesheet': 1"), 2)

    def test_equal_projects_show_their_name_alone_elsewhere(self):
        self.assertEqual(self.names(self.projects), ["Fase 1"] * 3)

    def test_project_with_a_name_of_its_own_shows_it_alone(self):
        self.project.name = "Taket"
        self.assertEqual(self.names(self.project, is_timesheet=1), ["Taket"])

    def test_people_outside_the_company_see_no_number(self):
        portal = self.logging_user("base.group_portal")
        projects = self.projects.with_user(portal).sudo()
        names = projects.with_context(is_timesheet=1).mapped("display_name")
        self.assertEqual(names, ["Fase 1"] * 3)

    def test_number_of_removed_connection_is_not_shown(self):
        self.connection._disconnect()
        self.assertEqual(
            self.names(self.projects[1:], is_timesheet=1), ["Fase 1", "Fase 1"]
        )

    def test_employees_of_one_name_show_number_where_hours_are_logged(self):
        one, two, three = self.employees
        one.name = two.name = "Ingrid Testvik"
        two.department_id = self.env["hr.department"].create({"name": "Salg"})
        links = self.env["tripletex.employee"].search(
            [("employee_id", "in", self.employees.ids)]
        )
        number = {link.employee_id: link.number for link in links}
        for user in (None, self.logging_user()):
            self.assertEqual(
                self.names(self.employees, user, is_timesheet=1),
                [
                    f"Ingrid Testvik ({number[one]})",
                    f"Ingrid Testvik ({number[two]}, Salg)",
                    three.name,
                ],
            )

    def test_screens_of_this_addon_ask_for_details(self):
        addon = "hr_timesheet_tripletex"
        for name in (
            "tripletex_entry_action",
            "tripletex_entry_action_attention",
            "tripletex_entry_action_waiting",
            "tripletex_month_action",
            "tripletex_employee_action",
            "tripletex_project_action",
        ):
            context = safe_eval(self.env.ref(f"{addon}.{name}").context)
            self.assertTrue(any(map(context.get, NAMESAKE_CONTEXT)), name)
        connection = self.connection
        for action in (
            connection.action_view_waiting(),
            connection.action_view_problems(),
            self.log().action_tripletex_entries(),
        ):
            self.assertTrue(action["context"]["is_timesheet"])

    def test_names_of_hours_and_months_tell_namesakes_apart(self):
        line = self.line_of_namesake()
        line.action_tripletex_validate()
        entry = self.env["tripletex.entry"].search(
            [("share_ids.line_id", "=", line.id)]
        )
        number = self.number_of(self.employee)
        self.assertIn(f"Ingrid Testvik ({number})", entry.display_name)
        self.assertIn(f"Fase 1 ({self.numbers[0]}, Nord AS)", entry.display_name)
        month = self.env["tripletex.month"].new(
            {"employee_id": self.employee.id, "month": line.date.replace(day=1)}
        )
        self.assertIn(f"Ingrid Testvik ({number})", month.display_name)

    def test_refusal_of_validation_tells_namesakes_apart(self):
        line = self.line_of_namesake()
        self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        ).is_closed = True
        with self.assertRaises(RedirectWarning) as caught:
            line.action_tripletex_validate()
        number = self.number_of(self.employee)
        self.assertIn(f"Ingrid Testvik ({number})", str(caught.exception))
        self.assertIn(f"Fase 1 ({self.numbers[0]}, Nord AS)", str(caught.exception))

    def test_lock_of_hours_tells_namesakes_apart(self):
        line = self.line_of_namesake()
        line.action_tripletex_validate()
        user = self.logging_user("hr_timesheet.group_hr_timesheet_approver")
        with self.assertRaises(UserError) as caught:
            line.with_user(user).unit_amount = 2
        number = self.number_of(self.employee)
        self.assertIn(f"Ingrid Testvik ({number})", str(caught.exception))

    def test_scheduled_job_tells_namesakes_apart(self):
        self.line_of_namesake()
        robot = self.env.ref("base.user_root")
        name = full_name(self.employee.with_user(robot))
        self.assertEqual(name, f"Ingrid Testvik ({self.number_of(self.employee)})")

    def line_of_namesake(self):
        """Return a line of one of two employees of one name, on an equal project."""
        (self.employee | self.employees[1]).name = "Ingrid Testvik"
        return self.log()

    def number_of(self, employee):
        Link = self.env["tripletex.employee"]
        return Link.search([("employee_id", "=", employee.id)]).number

    def test_page_of_equal_projects_takes_constant_queries(self):
        self.names(self.projects, is_timesheet=1)  # what every first query costs
        counts = []
        for copies in (5, 50):
            self.env["project.project"].create(
                [
                    {"name": "Fase 1", "partner_id": self.partner.id}
                    for _copy in range(copies)
                ]
            )
            projects = self.env["project.project"].search([("name", "=", "Fase 1")])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.names(projects, is_timesheet=1)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_copies_of_project_not_sent_are_not_marked(self):
        self.project.tripletex_excluded = True
        template = self.project.copy({"is_template": True})
        self.project.action_create_template_from_project()
        made = self.env["project.project"].search(
            [("is_template", "=", True), ("name", "=", "Fase 1")]
        )
        self.assertEqual(len(made), 2)
        made.tripletex_excluded = True
        copies = (
            self.project.copy()
            | made.copy()
            | template.action_create_from_template({"name": "From template"})
        )
        self.assertEqual(len(copies), 4)
        self.assertFalse(any(copies.mapped("tripletex_excluded")))
