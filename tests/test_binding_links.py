from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestBinding(ValidateCase):
    """Links between Odoo and Tripletex, made and unmade by hand."""

    def setUp(self):
        super().setUp()
        self.binding = self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        )

    def test_a_link_needs_a_number_only(self):
        project = self.unlinked_project()
        line = self.log(project_id=project.id)
        self.assertEqual(line.tripletex_problem, "Project not linked")
        link = self.seen_by(self.system, self.env["tripletex.project"]).create(
            {"number": " 4711 ", "project_id": project.id}
        )
        self.assertEqual(link.connection_id, self.connection)
        self.assertEqual(link.number, "4711")
        line.invalidate_recordset()
        self.assertFalse(line.tripletex_problem)

    def test_a_link_without_number_is_refused(self):
        with self.assertRaises(UserError):
            self.env["tripletex.project"].create(
                {
                    "connection_id": self.connection.id,
                    "project_id": self.unlinked_project().id,
                    "number": "  ",
                }
            )

    def test_a_link_without_anything_says_what_is_missing(self):
        with self.assertRaisesRegex(UserError, "^The link has no number"):
            self.env["tripletex.project"].create(
                {"connection_id": self.connection.id, "number": False}
            )

    def test_numbers_are_sorted_as_numbers(self):
        kind = self.env["tripletex.employee"]
        for number in ("10", "9", "101"):
            kind.create({"connection_id": self.connection.id, "number": number})
        made = [("number", "in", ["9", "10", "101"])]
        numbers = kind.search(made).mapped("number")
        self.assertEqual(numbers, ["9", "10", "101"])
        numbers = kind.search(made, order="number desc").mapped("number")
        self.assertEqual(numbers, ["101", "10", "9"])

    @mute_logger("odoo.sql_db")
    def test_links_are_unique_both_ways(self):
        values = {"connection_id": self.connection.id}
        other = self.unlinked_project()
        for bad in (
            {"number": self.binding.number, "project_id": other.id},
            {"number": "99", "project_id": self.project.id},
            {"tripletex_id": self.binding.tripletex_id, "project_id": other.id},
        ):
            with self.subTest(bad=bad), self.assertRaises(UniqueViolation):
                self.env["tripletex.project"].create(values | bad)

    def test_unlinking_is_refused_while_hours_are_under_way(self):
        self.validated()
        with self.assertRaisesRegex(UserError, "on their way"):
            self.seen_by(self.system, self.binding).action_empty_link()
        self.send()
        self.seen_by(self.system, self.binding).action_empty_link()
        self.assertFalse(self.binding.project_id)

    def test_what_was_sent_stays_when_the_link_is_emptied(self):
        line = self.validated()
        self.send()
        self.binding.action_empty_link()
        self.send()
        self.assertEqual(self.held(), [7.5])
        self.assertEqual(line.tripletex_state, "sent")

    def test_a_used_link_is_not_deleted(self):
        self.validated()
        self.send()
        with self.assertRaisesRegex(UserError, "kept for the record"):
            self.binding.unlink()

    def test_an_unused_link_can_be_deleted(self):
        self.seen_by(self.system, self.binding).unlink()
        self.assertFalse(self.binding.exists())

    def test_the_identity_of_a_used_link_does_not_change(self):
        self.validated()
        self.send()
        with self.assertRaisesRegex(UserError, "Make a new link"):
            self.binding.tripletex_id = "123456789"

    def test_nor_while_nobody_knows_whether_hours_arrived(self):
        """They would be looked for elsewhere, and be sent a second time."""
        line = self.validated()
        with self.fault("drop_after", method="POST", path="/timesheet/entry/list"):
            self.send()
        self.assertEqual(line.tripletex_state, "pending")
        number = {"tripletex_id": False, "number": False, "is_internal": True}
        for values in ({"tripletex_id": "123456789"}, number):
            with self.assertRaisesRegex(UserError, "Make a new link"):
                self.binding.write(dict(values))
        self.let_time_pass()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([7.5], "sent"))

    def test_hours_that_wait_go_along_when_a_link_becomes_internal(self):
        line = self.validated()
        self.binding.write(
            {"tripletex_id": False, "number": False, "is_internal": True}
        )
        self.send()
        [entry] = self.control.entries()
        self.assertEqual((entry["project"], line.tripletex_state), (None, "sent"))

    def test_a_used_link_may_be_written_as_it_is(self):
        """As an import does that brings numbers up to date."""
        self.validated()
        self.send()
        same = self.binding.tripletex_id
        self.binding.write({"tripletex_id": f" {same} ", "number": "4713"})
        self.assertEqual(
            (self.binding.tripletex_id, self.binding.number), (same, "4713")
        )

    def test_a_new_link_mends_waiting_hours(self):
        self.company.tripletex_strict = False
        project = self.unlinked_project()
        line = self.validated(project_id=project.id)
        self.assertEqual(line.tripletex_state, "failed")
        free = self.env["tripletex.project"].search(
            [("project_id", "=", self.projects[1].id)]
        )
        free.project_id = False
        free.project_id = project
        self.assertEqual(line.tripletex_state, "pending")
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_another_activity_is_for_hours_to_come(self):
        self.validated()
        self.send()
        activity = self.env["tripletex.activity"].search(
            [
                ("is_project_activity", "=", True),
                ("id", "!=", self.connection.default_activity_id.id),
            ],
            limit=1,
        )
        self.binding.activity_id = activity
        self.send()
        [entry] = self.control.entries()
        self.assertNotEqual(str(entry["activity"]), activity.tripletex_id)
        self.validated(1)
        self.send()
        self.assertEqual(len(self.control.entries()), 2)

    def test_internal_time_has_no_number(self):
        with self.assertRaises(ValidationError):
            self.env["tripletex.project"].create(
                {
                    "connection_id": self.connection.id,
                    "project_id": self.unlinked_project().id,
                    "is_internal": True,
                    "number": "5",
                }
            )

    def test_excluding_a_project_takes_its_waiting_hours_back(self):
        line = self.validated()
        self.project.tripletex_excluded = True
        self.assertFalse(line.tripletex_state)
        self.send()
        self.assertEqual(self.held(), [])
        self.project.tripletex_excluded = False
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_deleting_the_odoo_record_keeps_the_link(self):
        project = self.unlinked_project()
        link = self.env["tripletex.project"].create(
            {
                "connection_id": self.connection.id,
                "number": "4712",
                "project_id": project.id,
            }
        )
        project.unlink()
        self.assertTrue(link.exists())
        self.assertFalse(link.project_id)
