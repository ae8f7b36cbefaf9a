import threading

from odoo import SUPERUSER_ID, api
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from .commit_common import WorkersCase
from .ledger_common import MONDAY, LedgerSteps


class RacesCase(LedgerSteps, WorkersCase):
    """An approver and an administrator at the same time, each on a connection.

    Both are requests as Odoo serves them: repeated when PostgreSQL refuses their view
    of the data. Whichever commits first, Tripletex ends equal to what is validated.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.commit()

    def setUp(self):
        super().setUp()
        link = self.link(self.employee)
        names = ("number", "tripletex_id", "transfer")
        self.known = {name: link[name] for name in names}
        self.addCleanup(self.restore, link)

    def restore(self, link):
        """The ground as it was before the race."""
        self.cr.rollback()
        for table in ("tripletex_entry", "account_analytic_line"):
            self.cr.execute(
                f"DELETE FROM {table} WHERE company_id = %s", [self.company.id]
            )
        self.env.invalidate_all()
        link.write(self.known)
        if self.project.tripletex_excluded:
            self.project.tripletex_excluded = False
        if self.connection.state == "disconnected":
            self.complete()
        self.commit()

    # -- requests ----------------------------------------------------------------

    def request(self, act):
        """``act(env)`` as a request of its own, committed."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, self.env.context)
            retrying(lambda: act(env), env)

    def one_begins_the_other_is_done(self, one, other):
        """``one`` begins, ``other`` acts and commits, ``one`` acts and commits."""
        others = [other]

        def job(env):
            env.cr.execute("SELECT id FROM res_company LIMIT 1")  # its view begins
            if others:
                self.request(others.pop())
            one(env)

        with mute_logger("odoo.sql_db"):
            self.request(job)

    def one_acts_the_other_comes(self, one, other):
        """``one`` acts, ``other`` begins and acts, ``one`` commits."""
        problems, threads = [], []

        def come():
            try:
                self.request(other)
            except Exception as problem:
                problems.append(problem)

        def job(env):
            one(env)
            env.flush_all()
            if not threads:
                threads.append(threading.Thread(target=come))
                threads[0].start()
                self.wait_until_done_or_waiting(threads[0])

        with mute_logger("odoo.sql_db"):
            self.request(job)
            threads[0].join(60)
        self.assertEqual(problems, [])
        self.assertFalse(threads[0].is_alive())

    def wait_until_done_or_waiting(self, thread):
        """Until the thread has ended, or PostgreSQL lets it wait for a lock."""
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )
        with self.registry.cursor() as cr:
            for _look in range(500):
                thread.join(0.02)
                cr.execute(waiting)
                if not thread.is_alive() or cr.fetchone()[0]:
                    return
                cr.rollback()
        raise AssertionError("The other request neither ends nor waits")

    def race(self, approver, administrator):
        """Both requests, in the order of the class."""
        raise NotImplementedError

    # -- steps -------------------------------------------------------------------

    def settle(self):
        """Let the cron run as often as an answer and what follows from it need."""
        self.cr.rollback()
        for _run in range(3):
            self.env.invalidate_all()
            self.let_time_pass()
            self.commit()
            self.elsewhere(self.cron)
            self.cr.rollback()
        self.env.invalidate_all()

    def logged(self):
        line = self.log(5)
        self.commit()
        return line

    def validated_line(self):
        line = self.validated(5)
        self.commit()
        return line

    @staticmethod
    def validate(line):
        return lambda env: line.with_env(env).action_tripletex_validate()

    @staticmethod
    def invalidate(line):
        return lambda env: line.with_env(env).action_tripletex_invalidate()

    def let_in(self, env):
        self.project.with_env(env).tripletex_let_in(MONDAY)

    def sending(self, transfer):
        link = self.link(self.employee)
        return lambda env: link.with_env(env).set_transfer(transfer, MONDAY)

    def removing(self, env):
        env["tripletex.connection.remove"].create(
            {"connection_id": self.connection.id}
        ).action_remove()

    def completing(self):
        """Complete of a set-up that is ready, with the hours of the week."""
        setup = self.wizard(send_from=MONDAY)
        self.commit()
        return lambda env: setup.with_env(env).action_complete()

    def correcting_the_link(self):
        link, row = self.link(self.employee), self.free_row(self.employee)
        self.number = row["employeeNumber"]
        return lambda env: link.with_env(env).write({"number": self.number})


class RaceTests:
    """What an approver does beside what an administrator does."""

    allow_inherited_tests_method = True

    def test_validating_beside_letting_in_sends_once(self):
        self.exclude(self.project)
        self.race(self.validate(self.logged()), self.let_in)
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_validating_beside_widening_sends_once(self):
        self.link(self.employee).transfer = "none"
        self.race(self.validate(self.logged()), self.sending("all"))
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_validating_beside_narrowing_sends_nothing(self):
        self.race(self.validate(self.logged()), self.sending("none"))
        self.settle()
        self.assertEqual(self.held(), [])

    def test_invalidating_beside_letting_in_sends_nothing(self):
        self.exclude(self.project)
        self.race(self.invalidate(self.validated_line()), self.let_in)
        self.settle()
        self.assertEqual(self.held(), [])

    def test_validating_beside_complete_sends_once(self):
        self.remove()
        self.race(self.validate(self.logged()), self.completing())
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_invalidating_beside_complete_sends_nothing(self):
        self.remove()
        self.race(self.invalidate(self.validated_line()), self.completing())
        self.settle()
        self.assertEqual(self.held(), [])

    def test_validating_beside_a_links_correction_sends_to_the_right_person(self):
        self.race(self.validate(self.logged()), self.correcting_the_link())
        self.settle()
        self.assertEqual(self.held_as("employeeNumber"), [(self.number, 5.0)])

    def test_invalidating_beside_a_links_correction_leaves_nothing(self):
        line = self.validated_line()
        self.settle()
        self.assertEqual(self.held(), [5.0])
        self.race(self.invalidate(line), self.correcting_the_link())
        self.settle()
        self.assertEqual(self.held(), [])

    def test_validating_beside_remove_sends_once_when_connected_again(self):
        self.race(self.validate(self.logged()), self.removing)
        self.settle()
        self.assertEqual(self.held(), [])
        self.request(self.completing())
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_invalidating_beside_remove_leaves_nothing_when_connected_again(self):
        line = self.validated_line()
        self.settle()
        self.assertEqual(self.held(), [5.0])
        self.race(self.invalidate(line), self.removing)
        self.settle()
        self.request(self.completing())
        self.settle()
        self.assertEqual(self.held(), [])


@tagged("post_install", "-at_install")
class TestLedgerRacesApproverBegins(RaceTests, RacesCase):
    """The approver's request begins, then the administrator's is done."""

    def race(self, approver, administrator):
        self.one_begins_the_other_is_done(approver, administrator)


@tagged("post_install", "-at_install")
class TestLedgerRacesAdministratorBegins(RaceTests, RacesCase):
    """The administrator's request begins, then the approver's is done."""

    def race(self, approver, administrator):
        self.one_begins_the_other_is_done(administrator, approver)


@tagged("post_install", "-at_install")
class TestLedgerRacesApproverActs(RaceTests, RacesCase):
    """The administrator comes between the approver's act and its commit."""

    def race(self, approver, administrator):
        self.one_acts_the_other_comes(approver, administrator)


@tagged("post_install", "-at_install")
class TestLedgerRacesAdministratorActs(RaceTests, RacesCase):
    """The approver comes between the administrator's act and its commit."""

    def race(self, approver, administrator):
        self.one_acts_the_other_comes(administrator, approver)
