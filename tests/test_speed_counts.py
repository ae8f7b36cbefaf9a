from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..sending.notice import trouble_sql
from ..sending.preflight import Preflight
from ..sending.run import due_domain, send_all
from .common import MONDAY, TripletexCase

#: Rows that one list call takes, and rows that Odoo writes per statement.
BATCH = 100


@tagged("post_install", "-at_install")
class TestSpeedCounts(TripletexCase):
    """Calls and queries grow neither with sent hours nor per line."""

    def lines(self, count, **values):
        """Return lines, each with its own place."""
        return self.env["account.analytic.line"].create(
            [
                {
                    "employee_id": self.employees[index % 3].id,
                    "project_id": self.projects[index // 3 % 3].id,
                    "date": MONDAY + timedelta(days=index // 9),
                    "unit_amount": 1,
                    "name": f"Work {index}",
                }
                | values
                for index in range(count)
            ]
        )

    def queue(self, count, **values):
        """Return validated lines that wait to be sent."""
        lines = self.lines(count, **values)
        lines.action_tripletex_validate()
        return lines

    def calls_to_send(self):
        """Return the number of calls of one run in an open session."""
        self.connection._client().open_session()
        self.env.cr.flush()  # as a commit does: the session is stored
        self.control.clear_calls()
        self.send()
        return len(self.control.calls())

    def assert_sent(self, lines):
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    # -- calls ---------------------------------------------------------------------

    def test_each_batch_takes_one_look_and_one_write(self):
        lines = self.queue(2 * BATCH + 1)
        self.assertEqual(self.calls_to_send(), 2 * 3)
        self.assert_sent(lines)

    def test_merged_lines_take_no_calls_of_their_own(self):
        lines = self.lines(BATCH)
        lines |= lines.copy() | lines.copy()
        lines.action_tripletex_validate()
        self.assertEqual(self.calls_to_send(), 2)
        self.assert_sent(lines)

    def test_changes_are_sent_in_one_list(self):
        lines = self.queue(BATCH)
        self.send()
        lines.action_tripletex_invalidate()
        lines.write({"unit_amount": 2})
        lines.action_tripletex_validate()
        self.assertEqual(self.calls_to_send(), 2)
        self.assertEqual(self.held(), [2.0] * BATCH)

    def test_one_refused_row_in_a_hundred_takes_few_calls(self):
        bad = self.link_projects(1, skip=3)
        good = self.queue(BATCH - 1)
        self.queue(1, project_id=bad.id)
        self.control.close_project(self.tripletex_id_of(bad))
        self.assertLessEqual(self.calls_to_send(), 20)
        self.assert_sent(good)

    def test_refused_rows_of_one_employee_take_few_calls(self):
        """Their dates differ, so that sorting by employee must group them."""
        good, bad = self.lines(95), self.lines(5)
        for index, line in enumerate(good):
            line.employee_id = self.employees[index % 2]
            line.date = MONDAY + timedelta(days=index // 6)
            line.project_id = self.projects[index // 2 % 3]
        for index, line in enumerate(bad):
            line.employee_id = self.employees[2]
            line.date = MONDAY + timedelta(days=3 * index)
        (good | bad).action_tripletex_validate()
        link = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employees[2].id)]
        )
        self.control.change_employee(
            int(link.tripletex_id), allowInformationRegistration=False
        )
        self.assertLessEqual(self.calls_to_send(), 24)
        self.assert_sent(good)
        self.assertEqual(set(bad.mapped("tripletex_state")), {"failed"})

    def tripletex_id_of(self, project):
        links = self.env["tripletex.project"]
        return int(links.search([("project_id", "=", project.id)]).tripletex_id)

    def test_paycode_rows_take_one_call_each_and_one_look(self):
        self.paycode.transfer_as = "paycode"
        lines = self.queue(60, work_entry_type_id=self.overtime.id)
        rows = len(self.entries_of(lines))
        self.assertEqual(self.calls_to_send(), rows + 1)
        self.assert_sent(lines)

    def test_rate_limit_is_never_exceeded(self):
        self.paycode.transfer_as = "paycode"
        lines = self.queue(180, work_entry_type_id=self.overtime.id)
        self.control.clear_calls()
        self.control.set_rate(limit=30, window=10)
        for _run in range(5):
            self.send()
            self.control.advance_clock(60)
            self.let_time_pass()
        self.assertEqual(
            {call["status"] for call in self.control.calls()} & {429}, set()
        )
        self.assert_sent(lines)

    def test_low_rate_limit_never_pauses_above_30_seconds(self):
        self.paycode.transfer_as = "paycode"
        lines = self.queue(180, work_entry_type_id=self.overtime.id)
        self.control.set_rate(limit=20, window=10)
        while "pending" in lines.mapped("tripletex_state"):
            self.send()
            if pause := self.connection.next_attempt_at:
                pause -= fields.Datetime.now()
                self.assertLess(pause, timedelta(seconds=30))
            self.control.advance_clock(10)
            self.let_time_pass()
        self.assert_sent(lines)

    def queries_when_idle(self):
        """Return the number of queries of one run without anything to do."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        send_all(self.env)
        return self.env.cr.sql_log_count - before

    def test_idle_cron_makes_no_call_and_few_queries_however_many_connections(self):
        self.queue(9)
        self.send()
        self.control.clear_calls()
        cron = type(self.env["ir.cron"])
        self.patch(cron, "_commit_progress", lambda *_args, **_options: 60)
        most = 7 + self.env["tripletex.absence"]._is_available()
        for count in (1, 8):
            companies = self.env["res.company"].create(
                [{"name": f"Fjordbygg {count} {index} AS"} for index in range(1, count)]
            )
            for company in companies:
                self.connection.copy({"company_id": company.id})
            connections = self.env["tripletex.connection"].search([])
            self.assertEqual(len(connections), count)
            with self.subTest(connections=count):
                self.assertLessEqual(self.queries_when_idle(), most)
        self.assertFalse(self.control.calls())

    def test_idle_cron_looks_at_all_who_were_told_in_few_queries(self):
        cron = type(self.env["ir.cron"])
        self.patch(cron, "_commit_progress", lambda *_args, **_options: 60)
        queries = []
        for count in (2, 8):
            companies = self.env["res.company"].create(
                [{"name": f"Told {count} {index} AS"} for index in range(1, count)]
            )
            self.env.ref("base.user_admin").company_ids |= companies
            connections = self.connection
            for company in companies:
                connections += self.connection.copy({"company_id": company.id})
            for connection in connections:
                connection._set_attention("address", {"code": "address"})
            self.assertTrue(all(connections.mapped("told")))
            self.queries_when_idle()  # fills the caches
            queries.append(self.queries_when_idle())
        self.assertEqual(queries[0], queries[1])

    def test_idle_runs_leave_no_rows(self):
        """Odoo's own note of each run apart, which it deletes after a week."""
        self.queue(9)
        self.send()
        cron = type(self.env["ir.cron"])
        self.patch(cron, "_commit_progress", lambda *_args, **_options: 60)
        before = self.rows_by_table()
        for _run in range(3):
            send_all(self.env)
        self.assertEqual(self.rows_by_table(), before)

    def rows_by_table(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'")
        tables, count = self.env.cr.fetchall(), "SELECT count(*) FROM %s"
        return {
            table: self.env.execute_query(SQL(count, SQL.identifier(table)))
            for (table,) in tables
        }

    # -- queries -------------------------------------------------------------------

    def queries_to_send(self, count):
        self.queue(count)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.send()
        return self.env.cr.sql_log_count - before

    def test_queries_to_send_grow_per_batch_only(self):
        self.queries_to_send(9)  # fills the caches
        few = self.queries_to_send(10)
        many = self.queries_to_send(BATCH)
        self.assertLessEqual(many, few + 5)

    def test_queries_to_look_up_do_not_grow_with_the_changes_of_links(self):
        link = self.env["tripletex.project"].search(
            [("project_id", "=", self.projects[0].id)]
        )
        counts = []
        for changes in (30, 60):
            self.send()
            for number in range(changes):
                link.activity_id = (
                    number % 2 == 0 and self.connection.default_activity_id
                )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.send()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_validation_inserts_each_model_in_one_statement(self):
        lines = self.lines(300)
        self.env.flush_all()
        statements = []
        execute = type(self.env.cr).execute

        def noting(cr, query, *args, **kwargs):
            statements.append(" ".join(str(getattr(query, "code", query)).split()))
            return execute(cr, query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", noting)
        lines.action_tripletex_validate()
        for table in ("tripletex_entry", "tripletex_entry_share"):
            inserts = [s for s in statements if f"INSERT INTO {table} " in s]
            self.assertEqual(len(inserts), 1, table)
        self.assertFalse([s for s in statements if "UPDATE tripletex_entry" in s])

    def test_validation_resolves_preflight_once(self):
        lines = self.lines(3)
        resolve, resolved = Preflight.resolve, []

        def noting(self, lines, *args, **kwargs):
            resolved.append(lines)
            return resolve(self, lines, *args, **kwargs)

        self.patch(Preflight, "resolve", noting)
        lines.action_tripletex_validate()
        self.assertEqual(len(resolved), 1)

    def test_query_for_due_entries_uses_the_index(self):
        self.queue(9)
        query = self.env["tripletex.entry"]._search(
            due_domain(self.connection), order="date, id", limit=BATCH
        )
        plan = self.plan(query)
        self.assertIn("tripletex_entry_due_idx", plan)
        self.assertNotIn("Sort", plan)

    def sent_entries(self, count):
        """Add entries that were sent, and let the database count what it has.

        With a few rows it takes any index, and which one is chance.
        """
        self.env.cr.execute(
            """
            INSERT INTO tripletex_entry
            SELECT made.*
              FROM tripletex_entry first, generate_series(1, %s) number,
                   json_populate_record(first, json_build_object(
                       'id', nextval('tripletex_entry_id_seq'),
                       'place', concat('hours|', number), 'state', 'sent')) made
             WHERE first.id = (SELECT min(id) FROM tripletex_entry)
            """,
            [count],
        )
        self.env.cr.execute("ANALYZE tripletex_entry")

    def test_question_whether_anything_needs_attention_uses_the_index(self):
        """Few of many rows do, and it is asked for each connection and run."""
        self.queue(9)
        self.env.flush_all()
        self.sent_entries(3000)
        query = "EXPLAIN (COSTS OFF) SELECT %s FROM tripletex_connection connection, "
        query += "res_company company WHERE company.id = connection.company_id"
        plan = "\n".join(
            row for (row,) in self.env.execute_query(SQL(query, trouble_sql()))
        )
        self.assertIn("tripletex_entry_attention_idx", plan)
        self.assertIn("tripletex_entry_waiting_idx", plan)
