from odoo.tests import tagged

from ..sending.queue import SECOND_LOOK_AFTER
from .commit_common import WorkersCase


@tagged("post_install", "-at_install")
class TestSendSecondLook(WorkersCase):
    """Lines validated while an administrator connects or includes them are sent.

    Neither transaction sees what the other writes.
    """

    def tearDown(self):
        self.cr.rollback()
        self.env.invalidate_all()
        self.forget(self.line)
        super().tearDown()

    def logged(self, **values):
        """Commit an unvalidated line and return it."""
        self.line = self.log(5, **values)
        self.commit()
        return self.line

    def beside(self, change):
        """Commit ``change()`` in a transaction that does not see the validation."""
        self.line.read(["name"])  # begins the transaction
        self.elsewhere(lambda env: self.line.with_env(env).action_tripletex_validate())
        change()
        self.commit()

    def connect_again(self, send_from):
        """Do what Complete does with a removed connection."""
        connection = self.connection
        connection._activate(
            connection,
            self.company,
            connection.environment,
            connection.tripletex_company_id,
            {"send_from": send_from},
        )
        connection._queue_earlier(send_from)

    def remove(self):
        self.connection.state = "disconnected"
        self.commit()

    def let_minutes_pass(self):
        """Move all stored times ten minutes back."""
        self.env.flush_all()
        for table, column in (
            ("tripletex_connection", "second_look_from"),
            ("account_analytic_line", "write_date"),
        ):
            self.cr.execute(
                f"UPDATE {table} SET {column} = {column} - interval '10 minutes' "
                "WHERE company_id = %s",
                [self.company.id],
            )
        self.env.invalidate_all()
        self.commit()

    def run_cron(self):
        self.elsewhere(self.cron)
        self.cr.rollback()
        self.env.invalidate_all()

    def assert_sent_at_second_look(self):
        self.run_cron()
        self.assertEqual(self.held(), [], "not queued yet")
        self.let_minutes_pass()
        self.run_cron()  # queues the hours and triggers the cron
        self.run_cron()
        self.assertEqual((self.held(), self.line.tripletex_state), ([5.0], "sent"))
        self.assertFalse(self.connection.second_look_from, "no third look")

    def test_line_validated_while_connecting_is_sent_at_second_look(self):
        self.logged()
        self.remove()
        self.beside(lambda: self.connect_again("2026-03-01"))
        self.assert_sent_at_second_look()

    def test_line_validated_while_connecting_without_send_from_is_sent(self):
        self.logged()
        self.remove()
        self.beside(lambda: self.connect_again(False))
        self.assert_sent_at_second_look()

    def test_second_look_does_not_send_earlier_hours(self):
        self.logged().action_tripletex_validate()
        self.remove()
        self.line.tripletex_validated = False
        self.line.tripletex_validated = True
        self.commit()
        self.env["tripletex.entry"].search([]).unlink()
        self.let_minutes_pass()
        self.connect_again(False)
        self.commit()
        self.let_minutes_pass()
        self.run_cron()  # queues the hours and triggers the cron
        self.run_cron()
        self.assertEqual((self.held(), self.line.tripletex_state), ([], False))

    def test_line_validated_while_project_is_included_is_sent(self):
        self.project.tripletex_excluded = True
        self.logged()

        def let_in():
            self.project.tripletex_excluded = False

        self.beside(let_in)
        self.assert_sent_at_second_look()

    def test_second_look_triggers_the_cron(self):
        self.logged()
        triggers = self.env["ir.cron.trigger"].search([])
        self.connection._plan_second_look()
        [trigger] = self.env["ir.cron.trigger"].search([]) - triggers
        due = self.connection.second_look_from + SECOND_LOOK_AFTER
        self.assertGreaterEqual(trigger.call_at, due)
