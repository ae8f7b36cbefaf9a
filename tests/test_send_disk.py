import psycopg2

from odoo.tests import tagged

from .commit_common import WorkersCase


@tagged("post_install", "-at_install")
class TestSendDisk(WorkersCase):
    """The disk of the database is full at some moment while hours are sent."""

    def fill_disk(self, state):
        """Let the database refuse to store this state, as it does without space."""
        self.cr.execute(
            """
            CREATE FUNCTION tripletex_disk_full() RETURNS trigger AS $$
            BEGIN
                RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
            END $$ LANGUAGE plpgsql
            """
        )
        self.cr.execute(
            "CREATE TRIGGER tripletex_disk_full BEFORE UPDATE ON tripletex_entry "
            f"FOR EACH ROW WHEN (NEW.state = '{state}') "
            "EXECUTE FUNCTION tripletex_disk_full()"
        )
        self.commit()

    def make_room(self):
        self.cr.rollback()
        self.cr.execute("DROP FUNCTION tripletex_disk_full CASCADE")
        self.commit()

    def test_full_disk_loses_nothing_and_sends_nothing_twice(self):
        for state, kept in (("sending", 0), ("sent", 3)):
            with self.subTest(state=state):
                self.sandbox.reset()
                lines = self.lines(3)
                self.fill_disk(state)
                try:
                    with self.assertRaises(psycopg2.Error):
                        self.elsewhere(self.cron)
                finally:
                    self.make_room()
                self.assertEqual(len(self.held()), kept)
                self.assertEqual(self.states(lines), {"pending"})
                self.let_time_pass()
                self.commit()
                self.elsewhere(self.cron)
                self.assertEqual(len(self.held()), 3)
                self.assertEqual(self.states(lines), {"sent"})
                self.forget(lines)
