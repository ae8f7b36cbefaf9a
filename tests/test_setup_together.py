import threading

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged

from ..dev.sandbox import EMPLOYEE_TOKEN
from .setup_common import SandboxMixin

# Commits are what this file is about.
# pylint: disable=invalid-commit


@tagged("post_install", "-at_install")
class TestSetupTogether(SandboxMixin, BaseCase):
    """Two administrators press Complete at the same time.

    Real commits: what the class made is deleted again at its end.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.cr = cls.registry.cursor()
        cls.addClassCleanup(cls.cr.close)
        cls.env = api.Environment(cls.cr, SUPERUSER_ID, {})
        cls.start_sandbox()
        cls.company = cls.env["res.company"].create({"name": "Tobygg AS"})
        cls.cr.commit()
        cls.addClassCleanup(cls.clean_up)

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
        cls.cr.commit()

    def prepare(self, count):
        """A set-up before Complete, with the first ``count`` projects ticked."""
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

    def test_two_administrators_at_once(self):
        setups = [self.prepare(3), self.prepare(5)]
        self.cr.commit()
        barrier = threading.Barrier(2, timeout=60)
        problems = []

        def work(setup_id):
            try:
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    setup = env["tripletex.connection.setup"].browse(setup_id)
                    self.assertFalse(setup.is_done)  # the transaction has begun
                    barrier.wait()
                    retrying(setup.action_complete, env)
            except Exception as problem:
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(setup.id,)) for setup in setups]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        self.assertEqual(problems, [])
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
