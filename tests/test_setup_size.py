from .setup_common import SetupCase


class TestSetupSize(SetupCase):
    """Calls and queries with 5,000 projects, 300 salary types and 1,000 employees."""

    sandbox_options = {"projects": 5000, "salary_types": 300, "employees": 1000}

    #: Queries that Odoo itself makes for 5,000 rows, in batches of INSERT and prefetch.
    BATCHES = 70

    def test_steps_stay_within_call_and_query_limits(self):
        setup = self.start()
        self.control.clear_calls()
        queries = {}
        for step in ("key", "projects", "paycodes"):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            setup.action_next()
            self.env.flush_all()
            queries[step] = self.env.cr.sql_log_count - before
        self.assertEqual(len(setup.project_line_ids), 5000)
        self.assertEqual(len(setup.paycode_line_ids), 300)
        self.assertEqual(len(setup.employee_line_ids), 1000)
        self.assertLessEqual(len(self.control.calls()), 14)
        self.assertLess(queries["key"], 6300 / 100 + 2 * self.BATCHES, queries)
        self.assertLess(queries["projects"], 30, queries)
        self.assertLess(queries["paycodes"], 30, queries)

    def test_reading_again_stays_within_query_limit(self):
        setup = self.go_to("projects")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        setup.action_read_again()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, self.BATCHES)

    def test_ticking_all_stays_within_query_limit(self):
        setup = self.go_to("projects")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        setup.action_tick("tripletex.setup.project", [], True)
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, self.BATCHES)
        self.assertEqual(len(setup.project_line_ids.filtered("selected")), 5000)

    def test_complete_adds_no_query_per_project_to_odoos_own(self):
        """Measured as the difference between 20 and 120 projects."""
        costs = []
        for count in (20, 120):
            setup = self.go_to("employees")
            self.tick(setup.project_line_ids, count)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            setup.action_complete()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        project = self.env["project.project"].sudo()
        vals = {"allow_timesheets": True, "company_id": self.company.id}
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        project.create([vals | {"name": str(n)} for n in range(100)])
        self.env.flush_all()
        alone = self.env.cr.sql_log_count - before
        self.assertLess(costs[1] - costs[0], alone + 100, (costs, alone))

    def test_page_of_employees_stays_within_query_limit(self):
        setup = self.go_to("employees")
        self.env.invalidate_all()
        lines = setup.employee_line_ids[:80]
        before = self.env.cr.sql_log_count
        lines.mapped("reason")
        self.assertLess(self.env.cr.sql_log_count - before, 30)
