from .setup_common import SetupCase


class TestSetupSize(SetupCase):
    """5,000 projects, 300 salary types and 1,000 employees."""

    sandbox_options = {"projects": 5000, "salary_types": 300, "employees": 1000}

    #: Batches of Odoo's own: rows that one INSERT or one prefetch takes.
    BATCHES = 70

    def test_calls_and_queries(self):
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
        self.assertLessEqual(len(self.control.calls()), 12)
        self.assertLess(queries["key"], 6300 / 100 + 2 * self.BATCHES, queries)
        self.assertLess(queries["projects"], 30, queries)
        self.assertLess(queries["paycodes"], 30, queries)

    def test_second_reading_costs_no_more(self):
        setup = self.go_to("projects")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        setup.action_read_again()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, self.BATCHES)

    def test_ticking_all_is_one_statement(self):
        setup = self.go_to("projects")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        setup.action_tick("tripletex.setup.project", [], True)
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, self.BATCHES)
        self.assertEqual(len(setup.project_line_ids.filtered("selected")), 5000)

    def test_complete_grows_with_odoos_own_cost_only(self):
        """Queries per project made, measured between 20 and 120 projects."""
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

    def test_showing_a_page_of_employees(self):
        setup = self.go_to("employees")
        self.env.invalidate_all()
        lines = setup.employee_line_ids[:80]
        before = self.env.cr.sql_log_count
        lines.mapped("reason")
        self.assertLess(self.env.cr.sql_log_count - before, 30)
