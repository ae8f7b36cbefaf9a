from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..sending.run import Run
from .send_common import TroubleCase

CRON = "hr_timesheet_tripletex.ir_cron_send"


@tagged("post_install", "-at_install")
class TestSendWakes(TroubleCase):
    """The cron is triggered for the time when waiting hours are due, and only then."""

    def setUp(self):
        super().setUp()
        self.triggers().unlink()

    def triggers(self):
        """Return the cron's triggers, which come in addition to its hourly run."""
        cron = self.env.ref(CRON)
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def seconds(self):
        """Return the seconds until the first trigger, or None."""
        at = self.triggers().mapped("call_at")
        return (min(at) - fields.Datetime.now()).total_seconds() if at else None

    def run_alone(self):
        """Run the cron after deleting all earlier triggers."""
        self.triggers().unlink()
        self.run_cron()

    def test_validation_triggers_cron_now(self):
        self.validated(5)
        self.assertLessEqual(self.seconds(), 0)

    def test_invalidation_triggers_cron_now(self):
        line = self.validated(5)
        self.run_alone()
        line.action_tripletex_invalidate()
        self.assertLessEqual(self.seconds(), 0)

    def test_decision_triggers_cron_now(self):
        for decision in ("action_replace", "action_add"):
            self.person_registers(3)
            line = self.validated(5)
            self.run_alone()
            self.assertEqual(line.tripletex_state, "conflict")
            self.assertIsNone(self.seconds())
            getattr(self.entries_of(line), decision)()
            self.assertLessEqual(self.seconds(), 0, decision)
            line.action_tripletex_invalidate()
            self.sandbox.reset()
            self.env["tripletex.entry"].search([]).unlink()

    def test_cron_during_pause_is_triggered_for_its_end(self):
        self.validated(5)
        pause_ends = fields.Datetime.now() + timedelta(minutes=7)
        self.connection.next_attempt_at = pause_ends
        self.run_alone()
        self.assertEqual((self.held(), self.triggers().call_at), ([], pause_ends))

    def test_cron_is_not_triggered_when_everything_is_sent(self):
        line = self.validated(5)
        self.run_alone()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertIsNone(self.seconds())
        self.assertFalse(self.entries_of(line).request_id)

    def test_cron_is_not_triggered_for_failed_hours(self):
        line = self.validated(5)
        self.control.lock_month("2026-03")
        self.run_alone()
        self.assertEqual(line.tripletex_state, "failed")
        self.assertIsNone(self.seconds())

    def test_cron_is_triggered_for_the_end_of_a_pause(self):
        self.validated(5)
        with self.fault("500_json", times=None, path="/timesheet/entry"):
            self.run_alone()
        self.assertAlmostEqual(self.seconds(), 60, delta=20)

    def test_cron_is_triggered_for_the_end_of_a_rate_limit(self):
        self.validated(5)
        with self.fault("429_reset", times=None, path="/timesheet/entry"):
            self.run_alone()
        wait = self.connection.next_attempt_at - self.triggers().call_at
        self.assertLess(abs(wait), timedelta(seconds=2))

    def test_cron_is_triggered_after_internal_error(self):
        self.validated(5)
        with patch.object(Run, "_drop_orphans", side_effect=TypeError("ours")):
            self.run_alone()
        self.assertEqual(self.triggers().call_at, self.connection.next_attempt_at)

    def test_cron_is_not_triggered_while_key_is_refused(self):
        line = self.validated(5)
        self.control.revoke_key()
        self.run_alone()
        self.assertEqual(line.tripletex_state, "pending")
        self.assertIsNone(self.seconds())
        self.control.revoke_key(revoked=False)
        self.connection.action_test()
        self.assertLessEqual(self.seconds(), 0)

    def test_rest_after_time_limit_triggers_cron_now_despite_other_pause(self):
        lines = self.many(3)
        self.env["ir.config_parameter"].set_param(
            "hr_timesheet_tripletex.batch_size", 1
        )
        later = fields.Datetime.now() + timedelta(hours=4)
        self.entries_of(lines[0]).next_attempt_at = later
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", autospec=True) as progress:
            progress.side_effect = lambda cron, *_args, **_kw: cron.env.cr.commit() or 0
            self.run_alone()
        self.assertEqual(len(self.held()), 1)
        self.assertLessEqual(self.seconds(), 0)
