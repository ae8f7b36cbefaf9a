from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MONDAY, TripletexCase


@tagged("post_install", "-at_install")
class TestSendConflicts(TripletexCase):
    """Changes made in Tripletex are not overwritten without a decision."""

    def setUp(self):
        super().setUp()
        self.person = {
            "employee": int(self.binding(self.employee).tripletex_id),
            "project": int(self.binding(self.project).tripletex_id),
            "activity": int(self.connection.default_activity_id.tripletex_id),
            "date": str(MONDAY),
        }

    def binding(self, record):
        """Return the link of an Odoo employee or project."""
        model, name = {
            "hr.employee": ("tripletex.employee", "employee_id"),
            "project.project": ("tripletex.project", "project_id"),
        }[record._name]
        return self.env[model].search([(name, "=", record.id)])

    def foreign_conflict(self, theirs=3, ours=5):
        """Validate a line where a person already registered hours in Tripletex."""
        self.theirs = self.control.person_creates_entry(hours=theirs, **self.person)
        line = self.validated(ours)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        self.assertEqual(self.held(), [theirs])
        return line, self.entries_of(line)

    def edited_conflict(self):
        """A person changes the 5 sent hours to 6, then the line changes to 4."""
        line = self.validated(5)
        self.send()
        [entry] = self.control.entries()
        self.control.person_edits_entry(entry["id"], hours=6)
        self.correct(line, unit_amount=4)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        self.assertEqual(self.held(), [6.0])
        return line, self.entries_of(line)

    def test_hours_not_sent_from_odoo_become_conflict(self):
        _line, entry = self.foreign_conflict()
        self.assertEqual((entry.remote_hours, entry.hours), (3, 5))
        self.assertIn("3.00", entry.error_message)
        self.control.clear_calls()
        self.send()
        self.assertEqual(self.control.calls(), [], "a conflict is not sent again")

    def offered(self, entries):
        """The decisions that the dialog offers about these conflicts."""
        context = entries.action_decide()["context"]
        dialog = self.env["tripletex.entry.decide"].with_context(**context)
        [described] = dialog.fields_get(["decision"], ["selection"]).values()
        return [value for value, _label in described["selection"]]

    def test_every_decision_is_offered_about_hours_not_sent_from_odoo(self):
        _line, entry = self.foreign_conflict()
        self.assertEqual(self.offered(entry), ["keep", "replace", "add"])

    def test_adding_is_not_offered_where_one_of_the_rows_was_sent(self):
        _line, edited = self.edited_conflict()
        self.assertEqual(self.offered(edited), ["keep", "replace"])
        self.person |= {"date": str(MONDAY + timedelta(days=1))}
        self.control.person_creates_entry(hours=3, **self.person)
        other = self.validated(5, date=MONDAY + timedelta(days=1))
        self.send()
        both = edited | self.entries_of(other)
        self.assertEqual(both.mapped("state"), ["conflict", "conflict"])
        self.assertEqual(self.offered(both), ["keep", "replace"])

    def test_keep_leaves_the_figure_in_tripletex(self):
        line, entry = self.foreign_conflict()
        entry.action_keep()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([3.0], "sent"))
        self.assertEqual(entry.sent_hours, 3)

    def test_changed_hours_reopen_kept_conflict(self):
        line, entry = self.foreign_conflict()
        entry.action_keep()
        self.correct(line, unit_amount=6)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([3.0], "conflict"))

    def test_kept_conflict_with_problem_needs_decision_not_retry(self):
        self.company.tripletex_strict = False
        _line, entry = self.foreign_conflict()
        entry.action_keep()
        self.validated(20)  # more than 24 hours
        self.assertEqual(entry.state, "conflict")
        self.validated(1)
        self.assertEqual(entry.state, "conflict", "still undecided")
        entry.action_retry()
        self.send()
        self.assertEqual(self.held(), [3.0])
        entry.action_replace()
        self.send()
        self.assertEqual(self.held(), [26.0])

    def test_replace_sends_own_hours(self):
        line, entry = self.foreign_conflict()
        entry.action_replace()
        self.assertEqual(line.tripletex_state, "pending")
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_add_sends_the_sum_and_later_corrections(self):
        line, entry = self.foreign_conflict()
        entry.action_add()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([8.0], "sent"))
        self.correct(line, unit_amount=6)
        self.send()
        self.assertEqual(self.held(), [9.0])

    def test_invalidated_added_hours_leave_the_others(self):
        line, entry = self.foreign_conflict()
        entry.action_add()
        self.send()
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(self.held(), [3.0])

    def test_second_decision_changes_nothing(self):
        _line, entry = self.foreign_conflict()
        entry.action_add()
        entry.action_add()
        entry.action_replace()
        self.send()
        self.assertEqual(self.held(), [8.0])

    def test_decision_is_logged_with_its_author(self):
        _line, entry = self.foreign_conflict()
        entry.action_add()
        message = entry.message_ids[:1]
        self.assertIn("3.00", message.body)
        self.assertEqual(message.author_id, self.env.user.partner_id)

    def test_invalidated_line_ends_conflict_and_keeps_other_hours(self):
        line, entry = self.foreign_conflict()
        line.action_tripletex_invalidate()
        self.assertFalse(entry.exists())
        self.send()
        self.assertEqual(self.held(), [3.0])

    def test_edited_entry_becomes_conflict(self):
        _line, entry = self.edited_conflict()
        self.assertEqual((entry.remote_hours, entry.sent_hours), (6, 5))

    def test_keep_leaves_edited_hours(self):
        line, entry = self.edited_conflict()
        entry.action_keep()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([6.0], "sent"))

    def test_replace_overwrites_edited_hours(self):
        line, entry = self.edited_conflict()
        entry.action_replace()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([4.0], "sent"))

    def test_invalidated_line_does_not_delete_edited_entry(self):
        line, _entry = self.edited_conflict()
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(self.held(), [6.0])

    def test_edited_comment_survives_corrected_hours(self):
        line = self.validated(5)
        self.send()
        [entry] = self.control.entries()
        self.control.person_edits_entry(entry["id"], comment="Agreed with customer")
        self.correct(line, unit_amount=4)
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(
            (entry["hours"], entry["comment"]), (4.0, "Agreed with customer")
        )
        self.correct(line, unit_amount=3, name="More work")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(
            (entry["hours"], entry["comment"]), (3.0, "Agreed with customer")
        )

    def test_edited_comment_survives_changed_description(self):
        line = self.validated(5)
        self.send()
        [entry] = self.control.entries()
        self.control.person_edits_entry(entry["id"], comment="Agreed with customer")
        for name in ("More work", "Other work"):
            self.correct(line, name=name)
            self.send()
            self.assertEqual(line.tripletex_state, "sent")
        [entry] = self.control.entries()
        self.assertEqual(entry["comment"], "Agreed with customer")

    def test_comment_of_other_hours_survives_add_and_withdrawal(self):
        self.person["comment"] = "Customer's meeting"
        line, entry = self.foreign_conflict()
        entry.action_add()
        self.send()
        self.correct(line, unit_amount=2)
        self.send()
        line.action_tripletex_invalidate()
        self.send()
        [entry] = self.control.entries()
        self.assertEqual((entry["hours"], entry["comment"]), (3, "Customer's meeting"))

    def deleted_conflict(self):
        line = self.validated(5)
        self.send()
        [entry] = self.control.entries()
        self.control.person_deletes_entry(entry["id"])
        self.correct(line, unit_amount=4)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        return line, self.entries_of(line)

    def test_deleted_entry_becomes_conflict(self):
        _line, _entry = self.deleted_conflict()
        self.assertEqual(self.held(), [])

    def test_keep_leaves_entry_deleted(self):
        line, entry = self.deleted_conflict()
        entry.action_keep()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], "sent"))

    def test_replace_creates_deleted_entry_again(self):
        line, entry = self.deleted_conflict()
        entry.action_replace()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([4.0], "sent"))

    def test_replace_of_deleted_entry_changes_no_other_entry(self):
        """Both entries have no ID, which must not make them one row."""
        withdrawn = self.validated(2, date="2026-03-20")
        self.send()
        other = self.entries_of(withdrawn)
        withdrawn.action_tripletex_invalidate()
        self.send()
        self.assertEqual((other.state, other.tripletex_id), ("sent", False))
        _line, entry = self.deleted_conflict()
        self.assertFalse(entry.remote_id)
        entry.action_replace()
        self.assertEqual((other.state, other.is_unclear), ("sent", False))

    def test_invalidated_line_of_deleted_entry_is_settled(self):
        line = self.validated(5)
        self.send()
        [entry] = self.control.entries()
        self.control.person_deletes_entry(entry["id"])
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(self.held(), [])
        self.assertFalse(self.env["tripletex.entry"].search([("state", "!=", "sent")]))

    def moved_conflict(self):
        line = self.validated(5)
        self.send()
        [entry] = self.control.entries()
        self.control.person_edits_entry(entry["id"], date="2026-03-18")
        self.correct(line, unit_amount=4)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        return line, self.entries_of(line)

    def dates(self):
        return sorted((e["date"], e["hours"]) for e in self.control.entries())

    def test_moved_entry_becomes_conflict(self):
        self.moved_conflict()
        self.assertEqual(self.dates(), [("2026-03-18", 5.0)])

    def test_replace_moves_entry_back(self):
        line, entry = self.moved_conflict()
        entry.action_replace()
        self.send()
        self.assertEqual(self.dates(), [(str(MONDAY), 4.0)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_add_is_refused_for_hours_that_were_sent_from_odoo(self):
        _line, entry = self.moved_conflict()
        with self.assertRaisesRegex(UserError, "count them twice"):
            entry.action_add()
        self.assertEqual(entry.state, "conflict")

    def test_keep_leaves_moved_entry(self):
        line, entry = self.moved_conflict()
        entry.action_keep()
        self.send()
        self.assertEqual(self.dates(), [("2026-03-18", 5.0)])
        self.assertEqual(line.tripletex_state, "sent")


@tagged("post_install", "-at_install")
class TestSendPaycodeConflicts(TripletexCase):
    """Conflicts of paycode rows, with messages about paycodes."""

    def setUp(self):
        super().setUp()
        self.paycode.transfer_as = "paycode"

    def overtime_line(self, hours):
        return self.validated(hours, work_entry_type_id=self.overtime.id)

    def counts(self):
        """Return (date, count) of each row in the stand-in."""
        return sorted((row["date"], row["count"]) for row in self.control.rows())

    def foreign_conflict(self):
        employee = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        )
        self.control.person_creates_row(
            int(employee.tripletex_id), str(MONDAY), 3, int(self.paycode.tripletex_id)
        )
        line = self.overtime_line(2)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        return line, self.entries_of(line)

    def moved_conflict(self):
        line = self.overtime_line(2)
        self.send()
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], date="2026-03-18")
        self.correct(line, unit_amount=1)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        return line, self.entries_of(line)

    def test_paycode_row_not_sent_from_odoo_is_described_in_conflict(self):
        _line, entry = self.foreign_conflict()
        self.assertIn(
            "3.00 hours for this employee, day and paycode", entry.error_message
        )
        self.assertNotIn("activity", entry.error_message)
        self.assertEqual(self.counts(), [(str(MONDAY), 3.0)])

    def test_add_sums_both_in_one_paycode_row(self):
        line, entry = self.foreign_conflict()
        entry.action_add()
        self.send()
        self.assertEqual(self.counts(), [(str(MONDAY), 5.0)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_moved_paycode_row_is_described_in_conflict(self):
        _line, entry = self.moved_conflict()
        self.assertIn("employee or paycode", entry.error_message)
        self.assertNotIn("activity", entry.error_message)
        self.assertEqual(self.counts(), [("2026-03-18", 2.0)])

    def test_replace_moves_paycode_row_back(self):
        line, entry = self.moved_conflict()
        entry.action_replace()
        self.send()
        self.assertEqual(self.counts(), [(str(MONDAY), 1.0)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_invalidated_line_of_moved_paycode_row_becomes_conflict(self):
        line = self.overtime_line(2)
        self.send()
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], date="2026-03-18")
        entry = self.entries_of(line)
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(entry.state, "conflict")
        entry.action_replace()
        self.send()
        self.assertEqual(self.counts(), [])

    def test_deleted_paycode_row_is_described_in_conflict(self):
        line = self.overtime_line(2)
        self.send()
        [row] = self.control.rows()
        self.control.person_deletes_row(row["id"])
        self.correct(line, unit_amount=1)
        self.send()
        self.assertIn("deleted", self.entries_of(line).error_message)
