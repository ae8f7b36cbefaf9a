from contextlib import suppress
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..dev.sandbox import EMPLOYEE_TOKEN
from ..sending.exchange import Exchange
from ..sending.run import LOCK_SPACE, Run
from .commit_common import WorkersCase


@tagged("post_install", "-at_install")
class TestSendWorkers(WorkersCase):
    """Several workers on one database, and lost database sessions."""

    def test_two_workers_send_every_entry_once(self):
        lines = self.lines(90)
        self.control.fault("slow", times=None, ms=50)
        self.in_parallel(self.cron, self.cron)
        self.control.clear_faults()
        self.assertEqual(len(self.held()), 90)
        posts = self.control.calls(method="POST", template="/timesheet/entry/list")
        self.assertEqual(len(posts), 1)
        self.assertEqual(self.states(lines), {"sent"})
        self.forget(lines)

    def test_lookup_that_another_worker_has_at_the_same_moment_ends_no_run(self):
        line, Lookup = self.lines(1), self.registry["tripletex.lookup"]
        self.env["tripletex.lookup"]._plan(self.connection)
        self.commit()
        merged = Lookup._merged

        def beside(lookups):
            with self.registry.cursor() as other:
                other.execute("UPDATE tripletex_lookup SET date_to = date_to")
            return merged(lookups)

        with patch.object(Lookup, "_merged", beside):
            self.in_parallel(self.cron)
        self.cr.rollback()
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.assertFalse(self.env["tripletex.lookup"].search([]))
        self.forget(line)

    def test_finished_run_holds_no_lock(self):
        line = self.lines(1)
        self.in_parallel(self.cron)
        self.cr.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
            "AND classid = %s AND objid = %s",
            [LOCK_SPACE, self.connection.id],
        )
        self.assertEqual(self.cr.fetchone()[0], 0)
        self.forget(line)

    def test_remove_during_run_ends_it_after_current_batch(self):
        """The current batch may arrive; no later batch and no open session follow."""
        lines = self.lines(30)
        self.set_batch_size(10)
        self.connection.session_token = False
        self.commit()
        self.control.fault("slow", times=None, ms=700, method="POST")
        under_way = self.told_of("intend")

        def administrator(env):
            under_way.wait(20)
            Remove = env["tripletex.connection.remove"]
            Remove.create({"connection_id": self.connection.id}).action_remove()
            self.commit(env)

        self.in_parallel(self.cron, administrator)
        self.control.clear_faults()
        self.cr.rollback()
        sent = lines.filtered(lambda line: line.tripletex_state == "sent")
        self.assertEqual(len(self.held()), len(sent), "both sides agree")
        self.assertLessEqual(len(sent), 10)
        self.assertEqual(self.connection.state, "disconnected")
        self.assertFalse(self.connection.session_token)
        self.assertEqual(self.control.state()["sessions"], 0)
        self.set_batch_size(100)
        self.connection.state = "connected"
        self.connection.employee_token = EMPLOYEE_TOKEN
        self.commit()
        self.in_parallel(self.cron)
        self.assertEqual(len(self.held()), 30)
        self.assertEqual(self.states(lines), {"sent"})
        self.forget(lines)

    def set_batch_size(self, rows):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("hr_timesheet_tripletex.batch_size", str(rows))

    def lose_session_after(self, owner, method):
        """One run of the cron whose database session ends after ``method``."""
        sessions = []

        def lose():
            with self.registry.cursor() as cr:
                cr.execute("SELECT pg_terminate_backend(%s)", sessions)

        with (
            mute_logger("odoo.sql_db"),
            self.after(owner, method, lose),
            suppress(psycopg2.Error),
            self.registry.cursor() as cr,
        ):
            cr.execute("SELECT pg_backend_pid()")
            sessions.append(cr.fetchone()[0])
            self.cron(api.Environment(cr, SUPERUSER_ID, self.env.context))

    def test_database_session_lost_at_end_of_run_releases_lock(self):
        """The lock ends with its session: the next worker can send."""
        line = self.lines(1)
        self.lose_session_after(Run, "take_turn")
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.change(line, 6)()
        self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([6.0], {"sent"}))
        self.forget(line)

    def test_database_session_lost_after_answer_is_recovered(self):
        """The hours are stored but not confirmed: the next worker finds them."""
        line = self.lines(1)
        self.lose_session_after(Exchange, "_written")
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"pending"}))
        self.assertEqual(self.entries_of(line).mapped("state"), ["sending"])
        self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.forget(line)

    def test_send_now_leaves_the_sending_to_the_cron(self):
        lines = self.lines(1)
        self.connection.action_send_now()
        self.commit()
        self.assertEqual((self.held(), self.states(lines)), ([], {"pending"}))
        self.forget(lines)
