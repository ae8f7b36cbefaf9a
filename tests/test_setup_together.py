import threading
from contextlib import suppress

from odoo.tests import tagged

from ..dev.sandbox import EMPLOYEE_TOKEN
from .commit_common import CommittedCase
from .common import SandboxMixin


@tagged("post_install", "-at_install")
class TestSetupTogether(SandboxMixin, CommittedCase):
    """Two administrators press Complete at the same time.

    Commits for real: what the class created is deleted at its end.
    """

    @classmethod
    def make_ground(cls):
        cls.start_sandbox()
        cls.company, cls.other = cls.companies = cls.env["res.company"].create(
            [{"name": "Tobygg AS"}, {"name": "Tobygg Nord AS"}]
        )

    @classmethod
    def clean_up(cls):
        cls.cr.rollback()
        projects = cls.env["tripletex.project"].search(
            [("company_id", "in", cls.companies.ids)]
        )
        made = projects.project_id
        cls.env["tripletex.connection.setup"].search([]).unlink()
        cls.delete("tripletex_connection", cls.companies)
        cls.env.invalidate_all()
        made.unlink()
        cls.commit()

    def setUp(self):
        super().setUp()
        self.sandbox.reset()
        self.addCleanup(self.clean_up)

    def prepare(self, count, company=None):
        """Return a set-up before Complete, with the first ``count`` projects ticked."""
        setup = self.env["tripletex.connection.setup"].create(
            {
                "company_id": (company or self.company).id,
                "environment": "production",
                "employee_token": EMPLOYEE_TOKEN,
            }
        )
        for _step in range(3):
            setup.action_next()
        setup.project_line_ids.filtered("selectable")[:count].selected = True
        return setup

    def complete_together(self, *setups):
        """Complete the set-ups in transactions that begin before any of them ends."""
        self.commit()
        barrier = threading.Barrier(len(setups), timeout=60)

        def complete(setup):
            def job(env):
                own = setup.with_env(env)
                self.assertFalse(own.is_done)  # the transaction has begun
                # the repetition after a serialisation error runs alone
                with suppress(threading.BrokenBarrierError):
                    barrier.wait(5)
                own.action_complete()

            return job

        self.in_parallel(*map(complete, setups))
        self.cr.rollback()
        self.env.invalidate_all()

    def test_two_companies_at_once_connect_tripletex_company_once(self):
        setups = [self.prepare(1), self.prepare(1, self.other)]
        with self.assertRaisesRegex(AssertionError, "is connected to .* already"):
            self.complete_together(*setups)
        self.cr.rollback()
        self.env.invalidate_all()
        connection = self.env["tripletex.connection"].search(
            [("company_id", "in", self.companies.ids)]
        )
        self.assertEqual(len(connection), 1)

    def test_two_administrators_at_once_create_one_connection(self):
        self.complete_together(self.prepare(3), self.prepare(5))
        connection = self.env["tripletex.connection"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(len(connection), 1)
        bindings = self.env["tripletex.project"].search(
            [("connection_id", "=", connection.id)]
        )
        self.assertEqual(len(bindings), 5)
        self.assertEqual(len(bindings.project_id), 5)
        self.assertEqual(self.control.state()["sessions"], 1)
