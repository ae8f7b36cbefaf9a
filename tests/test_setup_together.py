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
        cls.company = cls.env["res.company"].create({"name": "Tobygg AS"})

    @classmethod
    def clean_up(cls):
        cls.cr.rollback()
        projects = cls.env["tripletex.project"].search(
            [("company_id", "=", cls.company.id)]
        )
        made = projects.project_id
        cls.env["tripletex.connection.setup"].search([]).unlink()
        cls.cr.execute(
            "DELETE FROM tripletex_connection WHERE company_id = %s", [cls.company.id]
        )
        cls.env.invalidate_all()
        made.unlink()
        cls.commit()

    def prepare(self, count):
        """Return a set-up before Complete, with the first ``count`` projects ticked."""
        setup = self.env["tripletex.connection.setup"].create(
            {
                "company_id": self.company.id,
                "environment": "production",
                "employee_token": EMPLOYEE_TOKEN,
            }
        )
        for _step in range(3):
            setup.action_next()
        setup.project_line_ids.filtered("selectable")[:count].selected = True
        return setup

    def test_two_administrators_at_once_create_one_connection(self):
        setups = [self.prepare(3), self.prepare(5)]
        self.commit()
        barrier = threading.Barrier(2, timeout=60)

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
