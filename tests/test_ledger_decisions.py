from contextlib import suppress
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import MONTH, LedgerCase, day


class DecisionCase(LedgerCase):
    """Ground: what an administrator may do after a person has decided."""

    # -- a person's row at the place of our lines --------------------------------

    def person_registers(self, hours):
        return self.control.person_creates_entry(
            int(self.link(self.employee).tripletex_id),
            str(MONDAY),
            hours,
            int(self.connection.default_activity_id.tripletex_id),
            int(self.link(self.project).tripletex_id),
        )

    def person_edits(self, hours):
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=hours)

    def person_deletes(self):
        [row] = self.control.entries()
        self.control.person_deletes_entry(row["id"])

    # -- what an administrator does ----------------------------------------------

    def choose_another_activity(self):
        self.complete(
            default_activity_id=self.another_activity().id,
            send_from=MONDAY - timedelta(days=60),
        )
        self.settle()

    def exclude_and_let_in(self):
        self.exclude(self.project)
        self.settle()
        self.project.tripletex_let_in(MONDAY)
        self.settle()

    def relink_all(self):
        for record in (self.project, self.employee):
            self.relink(record)
            self.settle()

    def remove_and_connect(self):
        self.remove()
        self.complete(
            default_activity_id=self.another_activity().id,
            send_from=MONDAY - timedelta(days=60),
        )
        self.settle()


@tagged("post_install", "-at_install")
class TestLedgerHandledUnsent(DecisionCase):
    """A person decided about a row, and it was never sent before Remove."""

    def test_hours_withdrawn_before_and_validated_after_wait_for_a_date(self):
        self.person_registers(2)
        line, _other = self.validated(5), self.validated(1)
        self.settle()
        self.entries_of(line).action_replace()
        line.action_tripletex_invalidate()
        self.remove("handled")
        line.action_tripletex_validate()
        self.complete(send_from=day(1))
        self.settle()
        self.assertFalse(self.entries_of(line))
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.entries_of(line).hours, 5)


@tagged("post_install", "-at_install")
class TestLedgerHandled(DecisionCase):
    """Hours marked as handled at Remove are never sent, whatever is set up later."""

    def setUp(self):
        super().setUp()
        self.line = self.validated(5)
        self.remove("handled")

    def connect_again(self):
        self.complete(send_from=MONDAY)
        self.settle()

    def test_handled_hours_stay_unsent_when_connected_with_another_activity(self):
        self.choose_another_activity()
        self.assertEqual(self.held(), [])

    def test_handled_hours_stay_unsent_after_excluding_and_letting_in(self):
        self.connect_again()
        self.exclude_and_let_in()
        self.assertEqual(self.held(), [])

    def test_handled_hours_stay_unsent_after_relinking(self):
        self.connect_again()
        self.relink_all()
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.held(), [])

    def test_handled_hours_stay_unsent_after_removing_and_connecting_again(self):
        self.connect_again()
        self.remove_and_connect()
        self.assertEqual(self.held(), [])

    def test_handled_hours_stay_unsent_when_sent_hours_move(self):
        self.connect_again()
        self.relink(self.project)
        self.move_all()
        self.assertEqual(self.held(), [])

    def test_handled_hours_without_a_place_stay_unsent_when_sent_hours_move(self):
        self.connect_again()
        self.company.tripletex_strict = False
        self.link(self.project).action_empty_link()
        self.validated(2)
        self.settle()
        self.remove("handled")
        self.connect_again()
        self.link_to(self.project, self.free_row(self.project))
        self.move_all()
        self.assertEqual(self.held(), [])

    def test_handled_overtime_without_a_place_stays_unsent_after_a_move(self):
        self.connect_again()
        self.renumber(self.project)
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.remove("handled")
        self.connect_again()
        self.move_all()
        self.connect_again()
        self.assertEqual(self.held() + self.held_rows(), [])
        self.assertEqual(self.entries_of(line).mapped("state"), ["sent"], "no work")

    def test_sent_hours_stay_beside_a_paycode_row_handled_without_a_place(self):
        self.connect_again()
        self.handled_without_place()
        self.connect_again()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))

    def test_handled_overtime_gets_no_second_row_by_a_move(self):
        self.connect_again()
        self.link(self.overtime).transfer_as = "hours"
        self.validated(2, work_entry_type_id=self.overtime.id)
        self.remove("handled")
        self.connect_again()
        self.link(self.overtime).transfer_as = "hours_and_paycode"
        self.move_all()
        self.connect_again()
        self.assertEqual(self.held() + self.held_rows(), [])

    def test_sent_hours_with_a_handled_correction_keep_their_figure(self):
        self.connect_again()
        line = self.sent(3, project_id=self.projects[1].id)
        self.correct(line, unit_amount=4)
        self.remove("handled")
        self.choose_another_activity()
        self.assertEqual(self.held(), [3.0])

    def test_handled_hours_that_change_are_sent(self):
        self.connect_again()
        self.correct(self.line, unit_amount=6)
        self.settle()
        self.assertEqual(self.held(), [6.0])

    def test_handled_hours_that_change_follow_the_links_of_now(self):
        """Tripletex never held them, whatever else is handled at their place."""
        self.connect_again()
        self.validated(2)
        self.remove("handled")
        self.connect_again()
        new = self.relink(self.project)
        self.correct(self.line, unit_amount=4)
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(new, 4.0)])

    def test_hours_that_could_not_leave_are_on_their_old_row_alone(self):
        self.connect_again()
        line = self.sent(3, date=day(1))
        self.control.lock_month(MONTH)
        self.correct(line, project_id=self.projects[1].id)
        self.settle()
        self.remove("handled")
        shares = self.entries_of(line).share_ids.filtered("hours")
        self.assertEqual(
            [(share.hours, share.is_handled) for share in shares], [(3.0, False)]
        )

    def test_handled_hours_do_not_hide_other_hours_of_their_place(self):
        self.connect_again()
        self.sent(2)
        self.assertEqual(self.held(), [2.0])


@tagged("post_install", "-at_install")
class TestLedgerKept(DecisionCase):
    """Tripletex's figure that a person kept stays, whatever is set up later."""

    def setUp(self):
        super().setUp()
        self.line = self.sent(5)
        self.person_deletes()
        self.correct(self.line, unit_amount=6)
        self.send()
        self.assertEqual(self.line.tripletex_state, "conflict")
        self.entries_of(self.line).action_keep()
        self.settle()

    def test_deleted_row_that_was_kept_stays_deleted_with_another_activity(self):
        self.choose_another_activity()
        self.assertEqual(self.held(), [])

    def test_deleted_row_that_was_kept_stays_deleted_after_excluding(self):
        self.exclude_and_let_in()
        self.assertEqual(self.held(), [])

    def test_deleted_row_that_was_kept_stays_deleted_after_relinking(self):
        self.relink_all()
        self.assertEqual(self.held(), [])

    def test_deleted_row_that_was_kept_stays_deleted_when_connected_again(self):
        self.remove_and_connect()
        self.assertEqual(self.held(), [])

    def test_kept_figure_is_asked_about_when_the_line_changes(self):
        self.relink_all()
        self.correct(self.line, unit_amount=7)
        self.settle()
        self.assertEqual((self.held(), self.line.tripletex_state), ([], "conflict"))

    def test_edited_row_that_was_kept_stays_after_everything(self):
        line = self.sent(3, project_id=self.projects[1].id)
        self.person_edits(4)
        self.correct(line, unit_amount=2)
        self.send()
        self.entries_of(line).action_keep()
        before = self.control.entries()
        for change in (
            self.choose_another_activity,
            self.relink_all,
            self.exclude_and_let_in,
            self.remove_and_connect,
        ):
            change()
            self.assertEqual(self.control.entries(), before)


@tagged("post_install", "-at_install")
class TestLedgerConflicts(DecisionCase):
    """An open question stays open, whatever is set up meanwhile."""

    def setUp(self):
        super().setUp()
        self.person_registers(3)
        self.line = self.validated(5)
        self.send()
        self.assert_still_open()

    def assert_still_open(self):
        self.assertEqual(self.held(), [3.0])
        self.assertEqual(self.line.tripletex_state, "conflict")

    def test_conflict_stays_with_another_activity(self):
        self.choose_another_activity()
        self.assert_still_open()

    def test_conflict_stays_after_excluding_and_letting_in(self):
        self.exclude_and_let_in()
        self.assert_still_open()

    def test_conflict_stays_after_relinking(self):
        self.relink_all()
        self.assert_still_open()

    def test_conflict_stays_after_removing_and_connecting_again(self):
        self.remove_and_connect()
        self.assert_still_open()

    def test_conflict_about_an_edited_row_stays_with_another_activity(self):
        line = self.sent(4, project_id=self.projects[1].id)
        [row] = [row for row in self.control.entries() if row["hours"] == 4]
        self.control.person_edits_entry(row["id"], hours=6)
        self.correct(line, unit_amount=2)
        self.send()
        self.choose_another_activity()
        self.assertEqual((self.held(), line.tripletex_state), ([3.0, 6.0], "conflict"))

    def test_conflict_that_is_decided_later_is_decided_where_it_is(self):
        self.choose_another_activity()
        self.entries_of(self.line).action_replace()
        self.settle()
        self.assertEqual(self.held(), [5.0])


@tagged("post_install", "-at_install")
class TestLedgerAdd(DecisionCase):
    """Add is for rows that were never ours; equal figures need nobody."""

    def assert_add_changes_nothing(self, line):
        """Pressed by a program all the same, Add is refused or does nothing."""
        before = self.control.entries()
        with suppress(UserError), self.env.cr.savepoint():
            self.entries_of(line).action_add()
        self.settle()
        self.assertEqual(self.control.entries(), before)
        self.assertEqual(line.tripletex_state, "conflict")

    def test_same_figure_typed_by_a_person_and_corrected_in_odoo_needs_nobody(self):
        line = self.sent(7.5)
        self.person_edits(8)
        self.correct(line, unit_amount=8)
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([8.0], "sent"))
        self.correct(line, unit_amount=6)
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([6.0], "sent"))

    def test_same_figure_registered_by_a_person_needs_nobody(self):
        self.person_registers(5)
        line = self.validated(5)
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_add_is_not_for_our_row_that_a_person_edited(self):
        line = self.sent(7.5)
        self.person_edits(8)
        self.correct(line, unit_amount=8.5)
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([8.0], "conflict"))
        self.assert_add_changes_nothing(line)

    def test_add_is_not_for_our_row_that_a_person_moved(self):
        line = self.sent(7.5)
        [row] = self.control.entries()
        date = str(MONDAY + timedelta(days=2))
        self.control.person_edits_entry(row["id"], date=date)
        self.correct(line, unit_amount=8)
        self.settle()
        self.assertEqual(self.held_as("date"), [(date, 7.5)])
        self.assert_add_changes_nothing(line)

    def test_add_is_not_for_our_row_that_a_person_deleted(self):
        line = self.sent(7.5)
        self.person_deletes()
        self.correct(line, unit_amount=8)
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([], "conflict"))
        self.assert_add_changes_nothing(line)

    def test_add_keeps_both_where_the_row_was_never_ours(self):
        self.person_registers(3)
        line = self.validated(5)
        self.send()
        self.entries_of(line).action_add()
        self.settle()
        self.assertEqual((self.held(), line.tripletex_state), ([8.0], "sent"))
