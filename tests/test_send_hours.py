from odoo.tests import tagged

from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSendHours(TripletexCase):
    """Validated hours are sent, merged by place, and corrected."""

    def test_validated_hours_are_sent(self):
        line = self.validated(7.5)
        self.assertEqual(line.tripletex_state, "pending")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["hours"], 7.5)
        self.assertEqual(entry["comment"], "Work")
        self.assertEqual(line.tripletex_state, "sent")
        self.assertEqual(self.entries_of(line).tripletex_id, str(entry["id"]))

    def test_unvalidated_hours_are_not_sent(self):
        self.log(7.5)
        self.send()
        self.assertEqual(self.held(), [])
        self.assertEqual(self.control.calls(), [])

    def test_lines_of_one_place_become_one_entry(self):
        lines = self.validated(2) + self.validated(3.25, name="More work")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["hours"], 5.25)
        self.assertEqual(entry["comment"], "Work; More work")
        self.assertEqual(len(self.entries_of(lines)), 1)

    def test_comment_lists_lines_in_order_of_creation(self):
        """The order of validation must not change a comment that was sent."""
        first, second = self.log(2), self.log(3.25, name="More work")
        (second + first).action_tripletex_validate()
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["comment"], "Work; More work")
        self.correct(second, unit_amount=4)
        self.send()
        [entry] = self.control.entries()
        self.assertEqual((entry["hours"], entry["comment"]), (6.0, "Work; More work"))

    def test_merged_entry_is_rounded_once(self):
        for _index in range(3):
            self.validated(1 / 3)
        self.send()
        self.assertEqual(self.held(), [1.0])

    def test_half_a_hundredth_rounds_up(self):
        self.validated(1.005)
        self.send()
        self.assertEqual(self.held(), [1.01])

    def test_invalidated_line_leaves_shared_entry(self):
        first, second = self.validated(2), self.validated(3)
        self.send()
        first.action_tripletex_invalidate()
        self.assertFalse(first.tripletex_state)
        self.assertEqual(second.tripletex_state, "pending")
        self.send()
        self.assertEqual(self.held(), [3.0])
        self.assertEqual(second.tripletex_state, "sent")

    def test_last_invalidated_line_deletes_entry(self):
        line = self.validated(2)
        self.send()
        line.action_tripletex_invalidate()
        self.send()
        self.assertEqual(self.held(), [])

    def test_line_invalidated_before_sending_makes_no_call(self):
        line = self.validated(2)
        line.action_tripletex_invalidate()
        self.assertFalse(self.env["tripletex.entry"].search([]))
        self.send()
        self.assertEqual(self.control.calls(), [])

    def test_corrected_hours_are_updated_in_tripletex(self):
        line = self.validated(7.5)
        self.send()
        self.correct(line, unit_amount=6)
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["hours"], 6.0)

    def test_changed_date_moves_entry(self):
        line = self.validated(7.5)
        self.send()
        self.correct(line, date="2026-03-17")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(entry["date"], "2026-03-17")

    def test_changed_employee_moves_entry(self):
        line = self.validated(7.5)
        self.send()
        self.correct(line, employee_id=self.employees[1].id)
        self.send()
        [entry] = self.control.entries()
        binding = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employees[1].id)]
        )
        self.assertEqual(str(entry["employee"]), binding.tripletex_id)

    def test_second_run_makes_no_call(self):
        self.validated(7.5)
        self.send()
        self.control.clear_calls()
        self.send()
        self.assertEqual(self.control.calls(), [])

    def test_overtime_is_sent_as_hours_and_paycode_row(self):
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([2.0], [2.0]))
        self.assertEqual(line.tripletex_state, "sent")

    def test_paycode_only_sends_no_hours(self):
        self.paycode.transfer_as = "paycode"
        self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([], [2.0]))

    def test_hours_only_are_sent_on_the_paycodes_activity(self):
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

    def test_corrected_overtime_updates_hours_and_paycode_row(self):
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        self.correct(line, unit_amount=3)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([3.0], [3.0]))
        self.correct(line, work_entry_type_id=False)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([3.0], []))

    def test_internal_time_is_sent_without_project(self):
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

    def test_long_description_is_cut_to_255_characters(self):
        self.validated(1, name="å" * 4000)
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(len(entry["comment"]), 255)

    def test_line_without_project_deletes_its_entry(self):
        line = self.validated(2)
        self.send()
        line.write({"tripletex_validated": False, "project_id": False})
        self.send()
        self.assertEqual(self.held(), [])

    def project_elsewhere(self):
        """Return a project of a company without a connection."""
        elsewhere = self.env["res.company"].create({"name": "Ukoblet AS"})
        self.env.user.company_ids |= elsewhere
        return self.env["project.project"].create(
            {"name": "There", "company_id": elsewhere.id, "allow_timesheets": True}
        )

    def test_line_moved_to_another_company_deletes_its_entry(self):
        line, project = self.validated(2), self.project_elsewhere()
        self.send()
        line.write({"tripletex_validated": False, "project_id": project.id})
        self.send()
        self.assertEqual((line.company_id, self.held()), (project.company_id, []))

    def test_line_moved_while_disconnected_deletes_its_entry(self):
        line, project = self.validated(2), self.project_elsewhere()
        self.send()
        self.connection.state = "disconnected"
        line.action_tripletex_invalidate()
        line.project_id = project
        line.action_tripletex_validate()
        self.connection.state = "connected"
        self.connection._queue_earlier(is_reconnected=True)
        self.send()
        self.assertEqual(self.held(), [])

    def test_deleted_line_leaves_shared_entry(self):
        line, other = self.validated(2), self.validated(3)
        self.send()
        line.action_tripletex_invalidate()
        line.unlink()
        self.send()
        self.assertEqual(self.held(), [3.0])
        self.assertEqual(other.tripletex_state, "sent")

    def test_line_deleted_by_sql_deletes_its_entry(self):
        line = self.validated(2)
        self.send()
        self.env.cr.execute(
            "DELETE FROM account_analytic_line WHERE id = %s", [line.id]
        )
        self.send()
        self.assertEqual(self.held(), [])
