from datetime import timedelta
from itertools import product

from odoo.tests import tagged
from odoo.tools import SQL

from ..sending.preflight import Preflight
from ..sending.problems import Problems
from ..sending.words import PROBLEMS
from .common import MONDAY
from .validate_common import ValidateCase

#: Said of lines that are validated together, never of one that is listed.
TOGETHER = {"corrected_together"}


@tagged("post_install", "-at_install")
class TestProblemsSearch(ValidateCase):
    """The filter *Problems*, one query, finds what the pre-flight objects to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = cls.env["account.analytic.line"]

    def setUp(self):
        super().setUp()
        self.seen = set()

    def assert_agrees(self, lines, *readers):
        """Assert that search and pre-flight agree about lines."""
        for user in readers or [self.manager]:
            own = self.seen_by(user, lines)._filtered_access("read")
            problems = own._tripletex_problems()
            self.seen.update(*problems.values())
            found = own.search(
                [("id", "in", own.ids), ("tripletex_has_problem", "=", True)]
            )
            wanted = own.filtered(lambda line, all_=problems: line in all_)
            differing = (found - wanted) | (wanted - found)
            self.assertFalse([(line.id, problems.get(line)) for line in differing])

    def link_of(self, model, field, record):
        return self.env[f"tripletex.{model}"].search([(field, "=", record.id)])

    def new_link(self, model, field, record, values):
        """Link a record to a row of Tripletex with these values."""
        number = str(record.id)
        own = {"connection_id": self.connection.id, field: record.id}
        own |= {"number": number, "tripletex_id": number}
        self.env[f"tripletex.{model}"].create(own | values)

    def new_project(self, **values):
        """Return a project linked with these values."""
        project = self.unlinked_project()
        self.new_link("project", "project_id", project, values)
        return project

    def new_paycode(self, **values):
        """Return a paycode, linked where values are given."""
        paycode = self.env["hr.work.entry.type"].create(
            {"name": "P", "code": f"P{len(self.env['hr.work.entry.type'].search([]))}"}
        )
        if values:
            self.new_link("paycode", "work_entry_type_id", paycode, values)
        return paycode

    def people(self):
        stranger = self.env["hr.employee"].create(
            {"name": "Ny Ansatt", "company_id": self.company.id}
        )
        for employee, transfer in zip(
            self.employees, ("all", "overtime_absence", "none"), strict=True
        ):
            self.link_of("employee", "employee_id", employee).transfer = transfer
        return self.employees | stranger

    def projects_of_each_kind(self):
        after, before = MONDAY + timedelta(1), MONDAY - timedelta(1)
        activity = self.connection.default_activity_id
        excluded = self.unlinked_project(tripletex_excluded=True)
        return (
            self.project
            | self.unlinked_project()
            | excluded
            | self.new_project(is_closed=True)
            | self.new_project(start_date=after)
            | self.new_project(end_date=before)
            | self.new_project(start_date=MONDAY, end_date=MONDAY)
            | self.new_project(activity_id=activity.id)
            | self.new_project(is_internal=True, number=False, tripletex_id=False)
        )

    def paycodes_of_each_kind(self):
        activity = self.connection.default_activity_id
        kinds = ("hours_and_paycode", "paycode", "hours")
        return (
            self.env["hr.work.entry.type"].browse(),
            self.new_paycode(),
            *(self.new_paycode(transfer_as=kind) for kind in kinds),
            *(
                self.new_paycode(transfer_as=kind, show_in_timesheet=False)
                for kind in kinds
            ),
            self.new_paycode(transfer_as="hours", activity_id=activity.id),
        )

    def lines_of_every_route(self):
        """Return a line for every employee, project and paycode."""
        return self.lines.create(
            [
                {
                    "employee_id": employee.id,
                    "project_id": project.id,
                    "work_entry_type_id": paycode.id,
                    "date": MONDAY,
                    "unit_amount": 0.1,
                    "name": ("Work", "/", " \N{NO-BREAK SPACE}/ ", False)[index % 4],
                }
                for index, (employee, project, paycode) in enumerate(
                    product(
                        self.people(),
                        self.projects_of_each_kind(),
                        self.paycodes_of_each_kind(),
                    )
                )
            ]
        )

    def other_lines(self):
        """Return lines whose hours, day or approver is the problem."""
        day = {"date": MONDAY + timedelta(7)}
        own = {"employee_id": self.leading.id, "date": MONDAY + timedelta(9)}
        return (
            self.log(0)
            | self.log(0.004)
            | self.log(0.005)
            | self.log(-2)
            | self.log(24.5, date=MONDAY + timedelta(8))
            | self.log(20, **day)
            | self.validated(3, **day)
            | self.log(2, **day)
            | self.log(8, **own)
        )

    def test_search_and_pre_flight_agree_about_every_kind_of_line(self):
        routes, readers = self.lines_of_every_route(), (self.worker, self.approver)
        self.assert_agrees(routes | self.other_lines(), *readers, self.manager)
        self.connection.require_comments = True
        self.assert_agrees(routes)
        self.connection.default_activity_id = False
        self.assert_agrees(routes)
        self.connection.default_internal_activity_id = False
        self.assert_agrees(routes)
        self.company.tripletex_own_team_only = True
        self.employee.parent_id = self.leading
        self.assert_agrees(routes, *readers, self.leader)
        self.seen_lines_of_other_modules()
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE account_analytic_line SET unit_amount = 'NaN' WHERE id = %s "
                "RETURNING id",
                routes[0].id,
            )
        )
        self.env.invalidate_all()
        self.assert_agrees(routes)
        self.assertEqual(self.seen, PROBLEMS.keys() - TOGETHER - self.of_others())

    def of_others(self):
        """Return the problems for which a module is not there."""
        names = self.lines._fields
        needed = {"timer_runs": "is_timer_running", "time_off_deleted": "holiday_id"}
        return {code for code, name in needed.items() if name not in names}

    def seen_lines_of_other_modules(self):
        if "is_timer_running" in self.lines._fields:
            self.assert_agrees(self.log(0, date_time=f"{MONDAY} 08:00:00"))
        if "holiday_id" in self.lines._fields:
            project = self.company.internal_project_id or self.project
            task = self.env["project.task"].create(
                {"name": "Time Off", "project_id": project.id}
            )
            self.company.leave_timesheet_task_id = task
            self.assert_agrees(self.log(30, project_id=project.id, task_id=task.id))

    def test_search_and_pre_flight_agree_about_sent_hours(self):
        """Their place is known, whatever the links say by now."""
        sent = self.validated(5) | self.validated(3, employee_id=self.employees[1].id)
        self.send()
        sent.action_tripletex_invalidate()
        moved = sent[1]
        correction = self.log(-1)
        self.assert_agrees(sent | correction)
        self.project.tripletex_excluded = True
        self.assert_agrees(sent | correction)
        self.project.tripletex_excluded = False
        self.link_of("project", "project_id", self.project).project_id = False
        self.assert_agrees(sent | correction)
        moved.date = MONDAY + timedelta(1)
        self.assert_agrees(sent | correction)
        self.link_of("employee", "employee_id", self.employee).transfer = "none"
        self.assert_agrees(sent | correction)

    def test_correction_of_hours_in_tripletex_agrees(self):
        self.validated(5)
        self.send()
        correction = self.log(-1) | self.log(30)
        for links in ("transfer", "project", "excluded"):
            if links == "transfer":
                self.link_of("employee", "employee_id", self.employee).transfer = "none"
            elif links == "project":
                link = self.link_of("project", "project_id", self.project)
                link.project_id = False
            else:
                self.project.tripletex_excluded = True
            self.assert_agrees(correction)

    def test_days_are_counted_in_hours(self):
        day = self.env.ref("uom.product_uom_day")
        self.assert_agrees(
            self.log(4, product_uom_id=day.id) | self.log(2, product_uom_id=day.id)
        )

    def test_lines_of_other_companies_are_not_searched(self):
        other = self.env["res.company"].create({"name": "Ukoblet AS"})
        self.manager.company_ids |= other
        line = self.log(project_id=self.unlinked_project().id)
        both = self.seen_by(self.manager, line).with_context(
            allowed_company_ids=(self.company | other).ids
        )
        domain = [("id", "=", line.id), ("tripletex_has_problem", "=", True)]
        self.assertEqual(both.search(domain), both)
        elsewhere = both.with_context(allowed_company_ids=other.ids)
        self.assertFalse(elsewhere.search(domain))

    def test_pre_flight_is_asked_about_corrections_only(self):
        unlinked = self.unlinked_project()
        for hours in range(1, 4):
            self.log(hours, project_id=unlinked.id)
        correction = self.log(-1, project_id=unlinked.id)
        resolve, asked = Preflight.resolve, []

        def noting(preflight, lines, *args, **kwargs):
            asked.extend(lines.ids)
            return resolve(preflight, lines, *args, **kwargs)

        self.patch(Preflight, "resolve", noting)
        seen = self.seen_by(self.manager, self.lines)
        found = seen.search([("tripletex_has_problem", "=", True)])
        self.assertEqual(len(found), 4)
        self.assertEqual(asked, correction.ids)

    def test_list_asks_for_problems_once(self):
        self.log(project_id=self.unlinked_project().id)
        searched, domain = [], Problems.domain

        def noting(problems):
            searched.append(problems)
            return domain(problems)

        self.patch(Problems, "domain", noting)
        page = self.seen_by(self.manager, self.lines).web_search_read(
            [("tripletex_has_problem", "=", True)], {"name": {}}, limit=1
        )
        self.assertEqual((page["length"], len(searched)), (1, 1))

    def test_search_of_open_lines_uses_the_index(self):
        domain = [("project_id", "!=", False), ("tripletex_validated", "=", False)]
        query = self.lines._search(domain, order="date desc, id desc", limit=80)
        self.assertIn("tripletex_open_idx", self.plan(query))
        corrections = self.lines._search([*domain, ("unit_amount", "<", 0)])
        self.assertIn("tripletex_correction_idx", self.plan(corrections))
