from odoo.tests import tagged

from ..sending.queue import SECOND_LOOK_AFTER
from .commit_common import WorkersCase


@tagged("post_install", "-at_install")
class TestSendSecondLook(WorkersCase):
    """Hours that are validated while their way is being opened are not lost.

    Approver and administrator work at the same time, and neither transaction sees
    what the other does.
    """

    def tearDown(self):
        self.cr.rollback()
        self.env.invalidate_all()
        self.forget(self.line)
        super().tearDown()

    def logged(self, **values):
        """A line that waits for an approver, committed."""
        self.line = self.log(5, **values)
        self.commit()
        return self.line

    def beside(self, change):
        """``change()`` in a transaction that does not see how the line is validated."""
        self.line.read(["name"])  # begins it
        self.elsewhere(lambda env: self.line.with_env(env).action_tripletex_validate())
        change()
        self.commit()

    def connect_again(self, send_from):
        """What Complete does with a connection that was removed."""
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
        """As if everything so far had been ten minutes earlier."""
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
        self.assertEqual(self.held(), [], "nobody has queued the hours")
        self.let_minutes_pass()
        self.run_cron()  # looks again, and wakes itself
        self.run_cron()
        self.assertEqual((self.held(), self.line.tripletex_state), ([5.0], "sent"))
        self.assertFalse(self.connection.second_look_from, "once is enough")

    def test_validated_while_the_company_is_connected(self):
        self.logged()
        self.remove()
        self.beside(lambda: self.connect_again("2026-03-01"))
        self.assert_sent_at_second_look()

    def test_validated_while_connecting_without_earlier_hours(self):
        self.logged()
        self.remove()
        self.beside(lambda: self.connect_again(False))
        self.assert_sent_at_second_look()

    def test_hours_that_were_not_to_be_sent_still_are_not(self):
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
        self.run_cron()  # looks again, and wakes itself
        self.run_cron()
        self.assertEqual((self.held(), self.line.tripletex_state), ([], False))

    def test_validated_while_a_project_is_let_in_again(self):
        self.project.tripletex_excluded = True
        self.logged()

        def let_in():
            self.project.tripletex_excluded = False

        self.beside(let_in)
        self.assert_sent_at_second_look()

    def test_the_cron_is_woken_for_it(self):
        self.logged()
        triggers = self.env["ir.cron.trigger"].search([])
        self.connection._plan_second_look()
        [trigger] = self.env["ir.cron.trigger"].search([]) - triggers
        due = self.connection.second_look_from + SECOND_LOOK_AFTER
        self.assertGreaterEqual(trigger.call_at, due)
