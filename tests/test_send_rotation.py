from contextlib import closing
from unittest.mock import patch

from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import IrCron

from ..sending.run import LOCK_SPACE, Run
from .send_common import ENTRIES, ROWS, BakeryBeside, TroubleCase


@tagged("post_install", "-at_install")
class TestSendRotation(BakeryBeside, TroubleCase):
    """Connections take turns of one batch, so that no company waits for another."""

    def setUp(self):
        super().setUp()
        self.served = []
        self.env["ir.config_parameter"].set_param(
            "hr_timesheet_tripletex.batch_size", 2
        )
        take_turn = Run.take_turn

        def noting(run):
            self.served.append(run.connection)
            return take_turn(run)

        self.patch(Run, "take_turn", noting)

    def bake(self, hours=4):
        """Validated hours of the small company."""
        line = self.validated(
            hours, employee_id=self.baker.id, project_id=self.baking.id
        )
        self.env.flush_all()  # as the end of the request does
        return line

    def turns_of(self, connection):
        return [turn for turn, served in enumerate(self.served) if served == connection]

    def helper_triggers(self):
        return self.triggers("_2", "_3", "_4")

    def triggers(self, *crons):
        ids = [
            self.env.ref(f"hr_timesheet_tripletex.ir_cron_send{name}").id
            for name in crons
        ]
        return self.env["ir.cron.trigger"].search([("cron_id", "in", ids)])

    def run_cron_out_of_time(self, name="_cron_send"):
        """Run a cron whose time is over after one turn."""
        commit = IrCron._commit_progress

        def committing(cron, *args, **kwargs):
            commit(cron, *args, **kwargs)
            return 0

        with patch.object(IrCron, "_commit_progress", committing):
            self.run_cron(name)

    def test_connections_take_turns_of_one_batch(self):
        self.many(6)
        bread = self.bake()
        self.run_cron()
        self.assertEqual(bread.tripletex_state, "sent")
        self.assertEqual(len(self.held()), 7)
        self.assertLess(self.turns_of(self.bakery)[0], 2)
        self.assertEqual(len(self.turns_of(self.connection)), 3)

    def test_hours_validated_beside_a_backlog_wait_for_one_batch(self):
        self.many(8)
        bread = []

        def act():
            if not bread:
                bread.append(self.bake())
                self.control.clear_calls()

        with self.before("create_entries", act):
            self.run_cron()
        paths = [call["template"] for call in self.control.calls("POST")]
        self.assertEqual(paths.count(ENTRIES), 5)
        self.assertEqual(self.turns_of(self.bakery), [1])
        self.assertEqual(bread[0].tripletex_state, "sent")

    def test_connection_that_was_finished_is_served_again_in_the_same_run(self):
        self.many(6)
        first, later = self.bake(), []
        finish = Run.finish

        def finishing(run):
            if run.connection == self.bakery and not later:
                later.append(self.bake(2))
            return finish(run)

        with patch.object(Run, "finish", finishing):
            self.run_cron()
        lines = first + later[0]
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})
        self.assertEqual(len(self.turns_of(self.bakery)), 2)

    def test_connection_whose_answers_are_slow_comes_last(self):
        self.many(4)
        self.bake()
        self.connection.seconds_per_call = 20
        self.run_cron()
        self.assertEqual(self.turns_of(self.bakery), [0])
        self.assertEqual(self.connection.seconds_per_call, 0, "it is fast again")

    def test_hours_validated_beside_paycode_rows_wait_for_one_more_call(self):
        """Each of them is a call: a batch of them would be a hundred."""
        self.env["ir.config_parameter"].set_param(
            "hr_timesheet_tripletex.batch_size", 10
        )
        rows, bread = self.overtime_only(8), []

        def act():
            if not bread:
                bread.append(self.bake())
                self.control.clear_calls()

        with self.before("create_salary_row", act):
            self.run_cron()
        calls = self.control.calls("POST")
        paths = [call["template"] for call in calls if "token" not in call["template"]]
        self.assertEqual(paths[:2], [ROWS, ENTRIES])
        self.assertEqual(paths.count(ROWS), 8)
        self.assertEqual(set((rows + bread[0]).mapped("tripletex_state")), {"sent"})

    def test_cron_leaves_slow_connection_to_the_cron_for_slow_ones(self):
        self.connection.seconds_per_call = 30
        slow, bread = self.many(1), self.bake()
        cron = self.env.ref("hr_timesheet_tripletex.ir_cron_send")
        triggers = self.env["ir.cron.trigger"]
        of_slow = self.env.ref("hr_timesheet_tripletex.ir_cron_send_slow")
        self.run_cron(cron_id=cron.id)
        self.assertEqual(self.served, [self.bakery])
        self.assertEqual(bread.tripletex_state, "sent")
        self.assertEqual(triggers.search_count([("cron_id", "=", of_slow.id)]), 1)
        self.run_cron(cron_id=of_slow.id, name="_cron_send_slow")
        self.assertEqual(slow.tripletex_state, "sent")
        self.assertEqual(self.connection.seconds_per_call, 0, "it is fast again")

    def test_cron_sends_for_slow_connection_where_theirs_is_switched_off(self):
        self.connection.seconds_per_call = 30
        slow = self.many(1)
        self.env.ref("hr_timesheet_tripletex.ir_cron_send_slow").active = False
        cron = self.env.ref("hr_timesheet_tripletex.ir_cron_send")
        self.run_cron(cron_id=cron.id)
        self.assertEqual(slow.tripletex_state, "sent")

    def test_trouble_of_one_connection_leaves_the_other_alone(self):
        self.many(4)
        bread = self.bake()
        drop = Run._drop_orphans

        def faulty(run):
            if run.connection == self.connection:
                raise TypeError("ours")
            return drop(run)

        with patch.object(Run, "_drop_orphans", faulty):
            self.run_cron()
        self.assertEqual(bread.tripletex_state, "sent")
        self.assertEqual(len(self.turns_of(self.connection)), 1)
        self.assertTrue(self.connection.next_attempt_at)

    def test_connection_that_another_worker_serves_is_left_to_it(self):
        lines, bread = self.many(2), self.bake()
        with closing(db_connect(self.env.cr.dbname).cursor()) as elsewhere:
            key = SQL("%s, %s", LOCK_SPACE, self.connection.id)
            elsewhere.execute(SQL("SELECT pg_advisory_lock(%s)", key))
            self.run_cron()
            elsewhere.execute(SQL("SELECT pg_advisory_unlock(%s)", key))
        self.assertEqual(bread.tripletex_state, "sent")
        self.assertEqual(set(lines.mapped("tripletex_state")), {"pending"})

    def test_run_that_is_out_of_time_wakes_another_for_connections_without_a_turn(self):
        """Else their hours would wait for the hourly run."""
        self.many(2)
        self.bake()
        self.triggers("").unlink()
        self.run_cron_out_of_time()
        self.assertEqual(self.served, [self.connection])
        self.assertTrue(self.triggers(""))
        self.triggers("").unlink()
        self.run_cron_out_of_time()
        self.assertEqual(self.served, [self.connection, self.bakery])
        self.assertFalse(self.triggers(""), "nothing is left")

    def test_run_for_slow_connections_that_is_out_of_time_wakes_its_own_cron(self):
        self.many(2)
        self.bake()
        (self.connection | self.bakery).seconds_per_call = 30
        self.triggers("_slow").unlink()
        self.run_cron_out_of_time("_cron_send_slow")
        self.assertEqual(len(self.served), 1)
        self.assertTrue(self.triggers("_slow"))

    def test_other_workers_help_where_several_connections_have_work(self):
        self.helper_triggers().unlink()
        self.many(2)
        self.run_cron()
        self.assertFalse(self.helper_triggers(), "one connection needs one worker")
        self.bake()
        self.correct(self.many(1), unit_amount=3)
        self.run_cron()
        self.assertEqual(len(self.helper_triggers()), 3)
