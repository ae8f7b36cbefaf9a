from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import MONTH, LedgerCase, day

ROWS = "/timesheet/salaryTypeSpecification"


@tagged("post_install", "-at_install")
class TestLedgerWalks(LedgerCase):
    """What the random walks found: hours that vanished, doubled or were stuck."""

    def again(self, line):
        line.action_tripletex_invalidate()
        line.action_tripletex_validate()
        self.settle()

    def test_moved_hours_validated_again_stand_on_their_new_row_alone(self):
        line = self.sent(2)
        new = self.relink(self.project)
        self.move_all()
        self.again(line)
        self.assertEqual(self.held_as("projectNumber"), [(new, 2.0)])

    def test_move_of_hours_of_an_excluded_project_leaves_them(self):
        self.sent(2)
        self.project.tripletex_excluded = True
        self.move_all()
        self.assertEqual(self.held(), [2.0])

    def test_paycode_row_that_waits_survives_validating_again(self):
        line = self.log(2, work_entry_type_id=self.overtime.id)
        line.action_tripletex_validate()
        with self.fault("500_json", times=None, path=ROWS):
            self.send()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))
        line.action_tripletex_invalidate()
        line.action_tripletex_validate()
        self.let_time_pass()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))

    def test_paycode_given_later_is_queued_until_it_is_sent(self):
        line = self.sent(2)
        with self.fault("500_json", times=None, path=ROWS):
            self.correct(line, work_entry_type_id=self.overtime.id)
            self.send()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))
        self.link(self.project).action_empty_link()
        self.settle()
        self.assertIn(line.tripletex_state, ("pending", "failed"))

    def test_paycode_taken_away_leaves_an_invoiced_row_of_hours(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        [row] = self.control.entries()
        self.control.invoice_entry(row["id"])
        self.correct(line, work_entry_type_id=False)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], []))
        self.assertEqual(line.tripletex_state, "sent")

    def test_correction_joins_the_hours_although_the_link_has_a_number_only(self):
        self.sent(8)
        self.renumber(self.employee)
        correction = self.log(-2)
        correction.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [6.0])

    def test_correction_joins_the_hours_of_a_project_that_is_excluded_now(self):
        self.sent(8)
        self.project.tripletex_excluded = True
        self.log(-2).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [6.0])

    def test_letting_in_queues_a_line_that_was_sent_on_another_project_before(self):
        line = self.sent(2)
        other = self.projects[1]
        other.tripletex_excluded = True
        self.correct(line, project_id=other.id)
        self.settle()
        self.assertEqual(self.held(), [])
        other.tripletex_let_in(MONDAY)
        self.settle()
        self.assertEqual(self.held(), [2.0])

    def test_keeping_a_row_that_others_share_gives_no_hours_back_to_one_that_left(self):
        stays, goes = self.sent(2), self.sent(3)
        [row] = self.control.entries()
        self.control.invoice_entry(row["id"])
        (stays + goes).action_tripletex_invalidate()
        self.settle()
        self.remove("handled")
        self.complete()
        goes.project_id = self.projects[1]
        (stays + goes).action_tripletex_validate()
        self.complete()
        self.settle()
        entries = self.entries_of(stays + goes)
        entries.filtered(lambda e: e.state == "conflict").action_keep()
        self.settle()
        self.assertEqual(sorted(entries.mapped("hours")), [2.0, 3.0])

    def test_correction_moves_with_the_hours_that_it_corrects(self):
        self.sent(8)
        self.log(-2).action_tripletex_validate()
        self.settle()
        new = self.relink(self.project)
        self.move_all()
        self.settle()
        self.assertEqual(self.held_as("projectNumber"), [(new, 6.0)])

    def test_correction_of_hours_that_are_handled_by_hand_is_refused(self):
        self.link(self.employee).action_empty_link()
        self.company.tripletex_strict = False
        self.validated(2)
        self.settle()
        self.remove("handled")
        self.complete()
        correction = self.log(-1)
        correction.action_tripletex_validate()
        self.settle()
        self.assertEqual(correction.tripletex_state, "failed")
        self.assertTrue(self.told(correction))

    def test_row_that_was_handled_returns_with_its_line_when_connected_again(self):
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        with self.fault("500_json", times=None, path=ROWS):
            self.send()
        self.remove("handled")
        self.correct(line, name="Other work")
        self.complete()
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))

    def test_refused_move_of_overtime_does_not_send_its_other_row(self):
        line = self.sent(2, work_entry_type_id=self.overtime.id)
        other = self.projects[1]
        self.control.close_project(int(self.link(other).tripletex_id))
        with self.fault("500_json", times=None, path=ROWS, method="POST"):
            self.correct(line, project_id=other.id, date=day(1))
            self.settle()
        self.settle()
        self.assertEqual(
            (self.held_as("date"), self.held_rows_as("date")),
            ([(str(MONDAY), 2.0)], [(str(MONDAY), 2.0)]),
        )

    def moves_to_locked_month(self, line):
        """A sent line has left its row when its new person's month gets approved."""
        person, before = self.employees[1], len(self.writes())
        with self.fault("500_json", times=None, method="POST,PUT"):
            self.correct(line, employee_id=person.id)
            self.settle()
        self.control.lock_month(MONTH, int(self.link(person).tripletex_id))
        self.settle()
        self.assertLess(len(self.writes()) - before, 20)
        self.assertEqual(line.tripletex_state, "failed")

    def test_move_to_a_locked_row_comes_back_although_others_hours_fail_there_too(self):
        line = self.sent(2)
        self.validated(3, employee_id=self.employees[1].id)
        self.moves_to_locked_month(line)
        self.assertEqual(self.held(), [2.0])

    def test_move_to_a_locked_row_that_holds_others_hours_comes_back(self):
        line = self.sent(2)
        self.sent(3, employee_id=self.employees[1].id)
        self.moves_to_locked_month(line)
        self.assertEqual(self.held(), [2.0, 3.0])

    # -- another length of the unit, after hours were sent -----------------------

    def sent_in_units(self, **values):
        """One sent line of 3 units of 2 hours, before the unit becomes half as long."""
        unit = self.env["uom.uom"].create(
            {
                "name": "Two hours",
                "relative_factor": 2,
                "relative_uom_id": self.env.ref("uom.product_uom_hour").id,
            }
        )
        line = self.validated(3, product_uom_id=unit.id, **values)
        return line, unit

    def test_moved_hours_stay_what_they_were_in_another_length_of_the_unit(self):
        _line, unit = self.sent_in_units()
        self.settle()
        unit.relative_factor = 1
        new = self.relink(self.project)
        self.move_all()
        self.assertEqual(self.held_as("projectNumber"), [(new, 6.0)])

    def test_overtime_has_equal_rows_in_another_length_of_the_unit(self):
        _line, unit = self.sent_in_units(work_entry_type_id=self.overtime.id)
        with self.fault("500_json", times=None, path=ROWS):
            self.send()
        unit.relative_factor = 1
        self.relink(self.overtime)
        self.settle()
        self.assertEqual((self.held(), self.held_rows()), ([6.0], [6.0]))

    def test_kept_row_has_its_hours_in_another_length_of_the_unit(self):
        line, unit = self.sent_in_units()
        self.settle()
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], comment="Seen by Kari", hours=5)
        self.correct(line, date=day(1))
        self.settle()
        unit.relative_factor = 1
        conflict = self.entries_of(line).filtered(lambda e: e.state == "conflict")
        conflict.action_keep()
        self.assertEqual(self.entries_of(line).mapped("hours"), [6.0])

    def test_row_beside_a_kept_one_has_the_hours_of_the_last_validation(self):
        line, unit = self.sent_in_units(
            work_entry_type_id=self.overtime.id, date=day(1)
        )
        self.settle()
        [row] = self.control.rows()
        self.control.person_edits_row(row["id"], count=5)
        self.correct(line, date=MONDAY)
        self.settle()
        unit.relative_factor = 1
        self.correct(line, name="Other work")
        self.settle()
        self.entries_of(line).filtered(lambda e: e.state == "conflict").action_keep()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(1)), 3.0)])
