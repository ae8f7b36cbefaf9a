from odoo.tests import tagged

from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSendHours(TripletexCase):
    """Validated hours reach Tripletex, merged and corrected exactly."""

    def test_validated_hours_arrive(self):
        line = self.validated(7.5)
        self.assertEqual(line.tripletex_state, "pending")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["hours"], 7.5)
        self.assertEqual(entry["comment"], "Work")
        self.assertEqual(line.tripletex_state, "sent")
        self.assertEqual(self.entries_of(line).tripletex_id, str(entry["id"]))

    def test_hours_not_validated_stay_here(self):
        self.log(7.5)
        self.send()
        self.assertEqual(self.held(), [])
        self.assertEqual(self.control.calls(), [])

    def test_lines_of_one_key_become_one_entry(self):
        lines = self.validated(2) + self.validated(3.25, name="More work")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["hours"], 5.25)
        self.assertEqual(entry["comment"], "Work; More work")
        self.assertEqual(len(self.entries_of(lines)), 1)

    def test_a_comment_names_lines_in_the_order_they_were_logged(self):
        """Whoever validates them, and in whatever order the screen has them."""
        first, second = self.log(2), self.log(3.25, name="More work")
        (second + first).action_tripletex_validate()
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["comment"], "Work; More work")
        self.correct(second, unit_amount=4)
        self.send()
        [entry] = self.control.entries()
        self.assertEqual((entry["hours"], entry["comment"]), (6.0, "Work; More work"))

    def test_a_merged_entry_is_rounded_once(self):
        for _index in range(3):
            self.validated(1 / 3)
        self.send()
        self.assertEqual(self.held(), [1.0])

    def test_half_a_hundredth_rounds_up(self):
        self.validated(1.005)
        self.send()
        self.assertEqual(self.held(), [1.01])

    def test_a_line_can_leave_its_entry(self):
        first, second = self.validated(2), self.validated(3)
        self.send()
        first.action_tripletex_invalidate()
        self.assertFalse(first.tripletex_state)
        self.assertEqual(second.tripletex_state, "pending")
        self.send()
        self.assertEqual(self.held(), [3.0])
        self.assertEqual(second.tripletex_state, "sent")

    def test_the_last_line_takes_the_entry_along(self):
        line = self.validated(2)
        self.send()
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(self.held(), [])

    def test_invalidated_before_sending_leaves_no_trace(self):
        line = self.validated(2)
        line.action_tripletex_invalidate()
        self.assertFalse(self.env["tripletex.entry"].search([]))
        self.send()
        self.assertEqual(self.control.calls(), [])

    def test_corrected_hours_are_corrected_there(self):
        line = self.validated(7.5)
        self.send()
        self.correct(line, unit_amount=6)
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["hours"], 6.0)

    def test_another_date_moves_the_hours(self):
        line = self.validated(7.5)
        self.send()
        self.correct(line, date="2026-03-17")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["date"], "2026-03-17")

    def test_another_employee_moves_the_hours(self):
        line = self.validated(7.5)
        self.send()
        self.correct(line, employee_id=self.employees[1].id)
        self.send()
        [entry] = self.control.entries()
        binding = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employees[1].id)]
        )
        self.assertEqual(str(entry["employee"]), binding.tripletex_id)

    def test_nothing_is_sent_twice(self):
        self.validated(7.5)
        self.send()
        self.control.clear_calls()
        self.send()
        self.assertEqual(self.control.calls(), [])

    def test_overtime_is_two_registrations(self):
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))
        self.assertEqual(line.tripletex_state, "sent")

    def test_paycode_only(self):
        self.paycode.transfer_as = "paycode"
        self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))

    def test_hours_only_on_the_paycodes_activity(self):
        activity = self.env["tripletex.activity"].search(
            [
                ("is_project_activity", "=", True),
                ("id", "!=", self.connection.default_activity_id.id),
            ],
            limit=1,
        )
        self.paycode.write({"transfer_as": "hours", "activity_id": activity.id})
        self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(str(entry["activity"]), activity.tripletex_id)
        self.assertEqual(self.held_rows(), [])

    def test_overtime_is_corrected_on_both_sides(self):
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        self.correct(line, unit_amount=3)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([3.0], [3.0]))
        self.correct(line, work_entry_type_id=False)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([3.0], []))

    def test_internal_time_has_no_project(self):
        binding = self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        )
        binding.project_id = False
        self.env["tripletex.project"].create(
            {
                "connection_id": self.connection.id,
                "project_id": self.project.id,
                "is_internal": True,
            }
        )
        self.validated(7.5)
        self.send()
        [entry] = self.control.entries()
        self.assertFalse(entry["project"])

    def test_days_are_sent_as_hours(self):
        day = self.env.ref("uom.product_uom_day")
        self.validated(0.5, product_uom_id=day.id)
        self.send()
        self.assertEqual(self.held(), [4.0])

    def test_long_descriptions_are_cut_to_what_tripletex_takes(self):
        self.validated(1, name="å" * 4000)
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(len(entry["comment"]), 255)

    def test_a_line_that_is_no_timesheet_any_more_leaves_its_entry(self):
        line = self.validated(2)
        self.send()
        line.write({"tripletex_validated": False, "project_id": False})
        self.send()
        self.assertEqual(self.held(), [])

    def project_elsewhere(self):
        """A project of a company that has no connection."""
        elsewhere = self.env["res.company"].create({"name": "Ukoblet AS"})
        self.env.user.company_ids |= elsewhere
        return self.env["project.project"].create(
            {"name": "There", "company_id": elsewhere.id, "allow_timesheets": True}
        )

    def test_a_line_that_goes_to_another_company_leaves_its_entry(self):
        line, project = self.validated(2), self.project_elsewhere()
        self.send()
        line.write({"tripletex_validated": False, "project_id": project.id})
        self.send()
        self.assertEqual((line.company_id, self.held()), (project.company_id, []))

    def test_so_does_one_that_went_while_there_was_no_connection(self):
        line, project = self.validated(2), self.project_elsewhere()
        self.send()
        self.connection.state = "disconnected"
        line.action_tripletex_invalidate()
        line.project_id = project
        line.action_tripletex_validate()
        self.connection.state = "connected"
        self.connection._queue_earlier()
        self.send()
        self.assertEqual(self.held(), [])

    def test_a_deleted_line_leaves_its_entry(self):
        line, other = self.validated(2), self.validated(3)
        self.send()
        line.action_tripletex_invalidate()
        line.unlink()
        self.send()
        self.assertEqual(self.held(), [3.0])
        self.assertEqual(other.tripletex_state, "sent")

    def test_a_line_deleted_by_the_database_leaves_its_entry(self):
        line = self.validated(2)
        self.send()
        self.env.cr.execute(
            "DELETE FROM account_analytic_line WHERE id = %s", [line.id]
        )
        self.send()
        self.assertEqual(self.held(), [])
