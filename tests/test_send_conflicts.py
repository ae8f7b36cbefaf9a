from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MONDAY, TripletexCase


@tagged("post_install", "-at_install")
class TestSendConflicts(TripletexCase):
    """What a person changed in Tripletex is never overwritten silently."""

    def setUp(self):
        super().setUp()
        self.person = {
            "employee": int(self.binding(self.employee).tripletex_id),
            "project": int(self.binding(self.project).tripletex_id),
            "activity": int(self.connection.default_activity_id.tripletex_id),
            "date": str(MONDAY),
        }

    def binding(self, record):
        """The Tripletex side of an Odoo employee or project."""
        model, name = {
            "hr.employee": ("tripletex.employee", "employee_id"),
            "project.project": ("tripletex.project", "project_id"),
        }[record._name]
        return self.env[model].search([(name, "=", record.id)])

    def foreign_conflict(self, theirs=3, ours=5):
        """A person's own hours at the key of a validated line."""
        self.theirs = self.control.person_creates_entry(hours=theirs, **self.person)
        line = self.validated(ours)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        self.assertEqual(self.held(), [theirs])
        return line, self.entries_of(line)

    def edited_conflict(self):
        """A person changes our 5 hours to 6, we change them to 4."""
        line = self.validated(5)
        self.send()
        [entry] = self.control.entries()
        self.control.person_edits_entry(entry["id"], hours=6)
        self.correct(line, unit_amount=4)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        self.assertEqual(self.held(), [6.0])
        return line, self.entries_of(line)

    def test_somebody_elses_hours_wait_for_a_person(self):
        _line, entry = self.foreign_conflict()
        self.assertEqual((entry.remote_hours, entry.hours), (3, 5))
        self.assertIn("3.00", entry.error_message)
        self.control.clear_calls()
        self.send()
        self.assertEqual(self.control.calls(), [], "a conflict asks nobody by itself")

    def test_keep_accepts_their_figure(self):
        line, entry = self.foreign_conflict()
        entry.action_keep()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([3.0], "sent"))
        self.assertEqual(entry.sent_hours, 3)

    def test_kept_figure_is_asked_about_again_when_hours_change(self):
        line, entry = self.foreign_conflict()
        entry.action_keep()
        self.correct(line, unit_amount=6)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([3.0], "conflict"))

    def test_kept_figure_is_asked_about_whatever_else_is_wrong(self):
        """Without strictness hours with a problem fail; Retry is no decision."""
        self.company.tripletex_strict = False
        _line, entry = self.foreign_conflict()
        entry.action_keep()
        self.validated(20)  # more than a day
        self.assertEqual(entry.state, "conflict")
        self.validated(1)
        self.assertEqual(entry.state, "conflict", "the question stays")
        entry.action_retry()
        self.send()
        self.assertEqual(self.held(), [3.0])
        entry.action_replace()
        self.send()
        self.assertEqual(self.held(), [26.0])

    def test_replace_lets_ours_win(self):
        line, entry = self.foreign_conflict()
        entry.action_replace()
        self.assertEqual(line.tripletex_state, "pending")
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_add_keeps_both(self):
        line, entry = self.foreign_conflict()
        entry.action_add()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([8.0], "sent"))
        self.correct(line, unit_amount=6)
        self.send()
        self.assertEqual(self.held(), [9.0])

    def test_added_hours_leave_theirs_when_they_go(self):
        line, entry = self.foreign_conflict()
        entry.action_add()
        self.send()
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(self.held(), [3.0])

    def test_a_second_press_does_nothing(self):
        _line, entry = self.foreign_conflict()
        entry.action_add()
        entry.action_add()
        entry.action_replace()
        self.send()
        self.assertEqual(self.held(), [8.0])

    def test_decisions_are_logged_with_their_author(self):
        _line, entry = self.foreign_conflict()
        entry.action_add()
        message = entry.message_ids[:1]
        self.assertIn("3.00", message.body)
        self.assertEqual(message.author_id, self.env.user.partner_id)

    def test_invalidating_ends_a_conflict_about_their_hours(self):
        line, entry = self.foreign_conflict()
        line.action_tripletex_invalidate()
        self.assertFalse(entry.exists())
        self.send()
        self.assertEqual(self.held(), [3.0])

    def test_edited_hours_wait_for_a_person(self):
        _line, entry = self.edited_conflict()
        self.assertEqual((entry.remote_hours, entry.sent_hours), (6, 5))

    def test_keep_their_edit(self):
        line, entry = self.edited_conflict()
        entry.action_keep()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([6.0], "sent"))

    def test_replace_their_edit(self):
        line, entry = self.edited_conflict()
        entry.action_replace()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([4.0], "sent"))

    def test_invalidating_does_not_delete_their_edit(self):
        line, _entry = self.edited_conflict()
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(self.held(), [6.0])

    def test_their_comment_survives_our_correction(self):
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

    def test_their_comment_survives_a_correction_of_ours_alone(self):
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

    def test_their_comment_stays_with_the_hours_that_ours_are_added_to(self):
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

    def test_deleted_hours_wait_for_a_person(self):
        _line, _entry = self.deleted_conflict()
        self.assertEqual(self.held(), [])

    def test_keep_leaves_them_deleted(self):
        line, entry = self.deleted_conflict()
        entry.action_keep()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], "sent"))

    def test_replace_registers_them_again(self):
        line, entry = self.deleted_conflict()
        entry.action_replace()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([4.0], "sent"))

    def test_a_decision_says_nothing_about_other_hours(self):
        """A deleted row has no id in common with hours that were withdrawn."""
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

    def test_invalidating_what_a_person_deleted_is_done(self):
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

    def test_moved_hours_wait_for_a_person(self):
        self.moved_conflict()
        self.assertEqual(self.dates(), [("2026-03-18", 5.0)])

    def test_replace_moves_them_back(self):
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

    def test_keep_leaves_the_moved_where_they_are(self):
        line, entry = self.moved_conflict()
        entry.action_keep()
        self.send()
        self.assertEqual(self.dates(), [("2026-03-18", 5.0)])
        self.assertEqual(line.tripletex_state, "sent")


@tagged("post_install", "-at_install")
class TestSendPaycodeConflicts(TripletexCase):
    """The same for rows on paycodes, in words that fit them."""

    def setUp(self):
        super().setUp()
        self.paycode.transfer_as = "paycode"

    def overtime_line(self, hours):
        return self.validated(hours, work_entry_type_id=self.overtime.id)

    def counts(self):
        """(date, count) of each row in the stand-in."""
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

    def test_somebody_elses_row_is_named_as_what_it_is(self):
        _line, entry = self.foreign_conflict()
        self.assertIn(
            "3.00 hours for this employee, day and paycode", entry.error_message
        )
        self.assertNotIn("activity", entry.error_message)
        self.assertEqual(self.counts(), [(str(MONDAY), 3.0)])

    def test_add_holds_both_in_one_row(self):
        line, entry = self.foreign_conflict()
        entry.action_add()
        self.send()
        self.assertEqual(self.counts(), [(str(MONDAY), 5.0)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_a_moved_row_is_named_as_what_it_is(self):
        _line, entry = self.moved_conflict()
        self.assertIn("employee or paycode", entry.error_message)
        self.assertNotIn("activity", entry.error_message)
        self.assertEqual(self.counts(), [("2026-03-18", 2.0)])

    def test_replace_moves_the_row_back(self):
        line, entry = self.moved_conflict()
        entry.action_replace()
        self.send()
        self.assertEqual(self.counts(), [(str(MONDAY), 1.0)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_invalidating_does_not_forget_a_moved_row(self):
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

    def test_a_deleted_row_is_named_as_deleted(self):
        line = self.overtime_line(2)
        self.send()
        [row] = self.control.rows()
        self.control.person_deletes_row(row["id"])
        self.correct(line, unit_amount=1)
        self.send()
        self.assertIn("deleted", self.entries_of(line).error_message)
