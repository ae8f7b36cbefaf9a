from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestBinding(ValidateCase):
    """Links between Odoo and Tripletex, created and emptied by hand."""

    def setUp(self):
        super().setUp()
        self.binding = self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        )

    def test_link_with_number_only_removes_the_problem(self):
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

    def test_link_with_blank_number_is_refused(self):
        with self.assertRaises(UserError):
            self.env["tripletex.project"].create(
                {
                    "connection_id": self.connection.id,
                    "project_id": self.unlinked_project().id,
                    "number": "  ",
                }
            )

    def test_link_without_number_is_refused_with_reason(self):
        with self.assertRaisesRegex(UserError, "^The link has no number"):
            self.env["tripletex.project"].create(
                {"connection_id": self.connection.id, "number": False}
            )

    def test_numbers_are_sorted_numerically(self):
        kind = self.env["tripletex.employee"]
        for number in ("10", "9", "101"):
            kind.create({"connection_id": self.connection.id, "number": number})
        made = [("number", "in", ["9", "10", "101"])]
        numbers = kind.search(made).mapped("number")
        self.assertEqual(numbers, ["9", "10", "101"])
        numbers = kind.search(made, order="number desc").mapped("number")
        self.assertEqual(numbers, ["101", "10", "9"])

    @mute_logger("odoo.sql_db")
    def test_second_link_of_same_record_or_number_is_refused(self):
        values = {"connection_id": self.connection.id}
        other = self.unlinked_project()
        for bad in (
            {"number": self.binding.number, "project_id": other.id},
            {"number": "99", "project_id": self.project.id},
            {"tripletex_id": self.binding.tripletex_id, "project_id": other.id},
        ):
            with self.subTest(bad=bad), self.assertRaises(UniqueViolation):
                self.env["tripletex.project"].create(values | bad)

    def test_emptied_link_holds_up_waiting_hours(self):
        line = self.validated()
        self.seen_by(self.system, self.binding).action_empty_link()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], "failed"))

    def test_emptied_link_keeps_sent_hours(self):
        line = self.validated()
        self.send()
        self.binding.action_empty_link()
        self.send()
        self.assertEqual(self.held(), [7.5])
        self.assertEqual(line.tripletex_state, "sent")

    def test_used_link_cannot_be_deleted(self):
        self.validated()
        self.send()
        with self.assertRaisesRegex(UserError, "kept for the record"):
            self.binding.unlink()

    def test_unused_link_can_be_deleted(self):
        self.seen_by(self.system, self.binding).unlink()
        self.assertFalse(self.binding.exists())

    def test_changed_tripletex_id_clears_the_number_and_keeps_sent_hours(self):
        self.validated()
        self.send()
        before = self.control.entries()
        self.binding.tripletex_id = "123456789"
        self.assertFalse(self.binding.number)
        self.send()
        self.assertEqual(self.control.entries(), before)

    def test_hours_whose_answer_was_lost_stay_when_the_link_changes(self):
        line = self.validated()
        with self.fault("drop_after", method="POST", path="/timesheet/entry/list"):
            self.send()
        self.assertEqual(line.tripletex_state, "pending")
        self.binding.write(
            {"tripletex_id": False, "number": False, "is_internal": True}
        )
        self.let_time_pass()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([7.5], "sent"))

    def test_waiting_hours_follow_link_that_becomes_internal(self):
        line = self.validated()
        self.binding.write(
            {"tripletex_id": False, "number": False, "is_internal": True}
        )
        self.send()
        [entry] = self.control.entries()
        self.assertEqual((entry["project"], line.tripletex_state), (None, "sent"))

    def test_number_of_used_link_can_be_updated(self):
        """An import that updates numbers writes the unchanged ID as well."""
        self.validated()
        self.send()
        same = self.binding.tripletex_id
        self.binding.write({"tripletex_id": f" {same} ", "number": "4713"})
        self.assertEqual(
            (self.binding.tripletex_id, self.binding.number), (same, "4713")
        )

    def test_failed_hours_are_queued_when_project_is_linked(self):
        self.company.tripletex_strict = False
        project = self.unlinked_project()
        line = self.validated(project_id=project.id)
        self.assertEqual(line.tripletex_state, "failed")
        free = self.env["tripletex.project"].search(
            [("project_id", "=", self.projects[1].id)]
        )
        free.project_id = False
        free.project_id = project
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_changed_activity_applies_to_later_hours_only(self):
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

    def test_internal_link_with_number_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["tripletex.project"].create(
                {
                    "connection_id": self.connection.id,
                    "project_id": self.unlinked_project().id,
                    "is_internal": True,
                    "number": "5",
                }
            )

    def test_excluded_project_withdraws_waiting_hours_until_included(self):
        line = self.validated()
        self.project.tripletex_excluded = True
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], False))
        self.project.tripletex_let_in(line.date)
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_dialog_says_what_is_sent_before_a_project_is_let_in(self):
        line = self.validated()
        self.project.tripletex_excluded = True
        self.send()
        dialog = self.env["tripletex.project.let.in"].create(
            {"project_ids": self.project.ids, "date": line.date}
        )
        self.assertEqual((dialog.line_count, dialog.hours), (1, 7.5))
        dialog.action_let_in()
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_deleted_odoo_project_keeps_its_link(self):
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
