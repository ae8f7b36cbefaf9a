import threading
from contextlib import suppress
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..sending.exchange import Exchange
from ..sending.kinds import HourEntries
from ..sending.run import Run
from .commit_common import WorkersCase


@tagged("post_install", "-at_install")
class TestSendBesideUsers(WorkersCase):
    """Users validate and change hours while a worker sends."""

    def test_user_changes_hours_while_worker_waits_for_tripletex(self):
        lines = self.lines(9)
        self.control.fault("slow", times=None, ms=1500, method="POST")
        under_way = self.told_of("intend")
        order = []

        def user(env):
            under_way.wait(10)
            own = lines.with_env(env)[:1]
            own.tripletex_validated = False
            own.unit_amount = 9
            own.tripletex_validated = True
            self.commit(env)
            order.append("user")

        def worker(env):
            env["tripletex.entry"]._cron_send()
            order.append("worker")

        self.in_parallel(worker, user)
        self.control.clear_faults()
        self.assertEqual(order, ["user", "worker"])
        self.in_parallel(self.cron)
        self.assertEqual(self.held()[-1], 9.0)
        self.assertEqual(self.states(lines), {"sent"})
        self.forget(lines)

    def test_simultaneous_validations_of_one_place_are_summed(self):
        lines = self.log(2) + self.log(3)
        self.commit()
        barrier = threading.Barrier(2)

        def approver(index):
            def job(env):
                line = lines.with_env(env)[index]
                line.read(["unit_amount"])  # The transaction's snapshot is taken here.
                # Odoo repeats one of them after a serialization error.
                with suppress(threading.BrokenBarrierError):
                    barrier.wait(5)
                line.action_tripletex_validate()

            return job

        self.in_parallel(approver(0), approver(1))
        self.in_parallel(self.cron)
        self.assertEqual(self.held(), [5.0])
        self.forget(lines)

    def test_hours_changed_between_look_and_write_are_sent_changed(self):
        line = self.lines(1)
        change = self.change(line, 6)
        with mute_logger("odoo.sql_db"):
            with self.after(HourEntries, "look", change):
                self.in_parallel(self.cron)
        self.assertEqual(self.held(), [6.0])
        posts = self.control.calls(method="POST", template="/timesheet/entry/list")
        self.assertEqual(len(posts), 1, "the old hours were not sent")
        self.assertEqual(self.states(line), {"sent"})
        self.forget(line)

    def test_hours_that_change_at_every_look_wait_for_next_run(self):
        line = self.lines(1)
        original = HourEntries.look
        looks = []

        def look(sender, *args):
            found = original(sender, *args)
            looks.append(found)
            self.change(line, 1 + len(looks))()
            return found

        with mute_logger("odoo.sql_db"), patch.object(HourEntries, "look", look):
            self.in_parallel(self.cron)
        self.assertEqual((len(looks), self.held()), (6, []))
        self.assertEqual(self.states(line), {"pending"})
        self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([7.0], {"sent"}))
        self.forget(line)

    def test_result_is_stored_after_user_locked_the_entry(self):
        """The worker's update fails with a serialization error and is repeated."""
        line = self.lines(1)
        entry = self.entries_of(line)
        answered = threading.Event()
        locked = threading.Event()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )

        def user(env):
            answered.wait(30)
            env.cr.execute(
                "UPDATE tripletex_entry SET write_date = now() WHERE id = %s",
                [entry.id],
            )
            locked.set()
            with self.registry.cursor() as cr:
                for _look in range(200):
                    cr.execute(waiting)
                    if cr.fetchone()[0]:
                        break
                    cr.rollback()
                    threading.Event().wait(0.05)
            self.commit(env)

        def meet():
            answered.set()
            locked.wait(30)

        with mute_logger("odoo.sql_db"):
            with self.after(Exchange, "_written", meet):
                self.in_parallel(self.cron, user)
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.forget(line)

    def test_connection_changed_during_run_gets_no_pause(self):
        line = self.lines(1)

        def act(env):
            self.connection.with_env(env).last_sent_at = "2020-01-01"

        with mute_logger("odoo.sql_db"):
            with self.after(Run, "_waiting", lambda: self.elsewhere(act)):
                self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.assertFalse(self.connection.next_attempt_at, "not a failed run")
        self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.forget(line)
