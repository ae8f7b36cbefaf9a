from odoo.exceptions import UserError
from odoo.tests import tagged

from ..sending.queue import Queue
from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSendLinks(TripletexCase):
    """Sent and waiting hours when links, activities or connections change."""

    def link(self, employee):
        return self.env["tripletex.employee"].search(
            [("employee_id", "=", employee.id)]
        )

    def people(self):
        return sorted((str(e["employee"]), e["hours"]) for e in self.control.entries())

    def test_emptied_link_keeps_sent_hours(self):
        line = self.validated(5)
        self.send()
        binding = self.link(self.employee)
        binding.employee_id = False
        self.connection._queue_earlier("2026-01-01")
        self.send()
        self.assertEqual(self.people(), [(binding.tripletex_id, 5.0)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_unvalidated_lines_are_not_queued_with_validated_ones(self):
        line = self.log(5)
        Queue(self.env).reroute(line + self.validated(2))
        self.send()
        self.assertEqual([hours for _person, hours in self.people()], [2.0])

    def test_relinked_employee_keeps_sent_hours_where_they_are(self):
        self.validated(5)
        self.send()
        wrong, right = self.link(self.employee), self.link(self.employees[2])
        right.employee_id = False
        wrong.employee_id = False
        right.employee_id = self.employee
        self.send()
        self.assertEqual(self.people(), [(wrong.tripletex_id, 5.0)])
        self.validated(2, date="2026-03-17")
        self.send()
        self.assertEqual(
            sorted(self.people()),
            sorted([(wrong.tripletex_id, 5.0), (right.tripletex_id, 2.0)]),
        )

    def test_emptied_link_lets_waiting_hours_say_what_they_lack(self):
        line = self.validated(5)
        self.link(self.employee).employee_id = False
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], "failed"))

    def test_used_link_cannot_be_deleted(self):
        self.validated(5)
        self.send()
        with self.assertRaisesRegex(UserError, "kept for the record"):
            self.link(self.employee).unlink()

    def test_changed_project_activity_applies_to_later_hours_only(self):
        first = self.validated(5)
        self.send()
        activity = self.env["tripletex.activity"].search(
            [
                ("is_project_activity", "=", True),
                ("id", "!=", self.connection.default_activity_id.id),
            ],
            limit=1,
        )
        self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        ).activity_id = activity
        self.validated(2, date="2026-03-17")
        self.send()
        held = {e["date"]: str(e["activity"]) for e in self.control.entries()}
        self.assertEqual(
            held,
            {
                str(first.date): self.connection.default_activity_id.tripletex_id,
                "2026-03-17": activity.tripletex_id,
            },
        )

    def other_activity(self):
        return self.env["tripletex.activity"].search(
            [
                ("connection_id", "=", self.connection.id),
                ("is_project_activity", "=", True),
                ("id", "!=", self.connection.default_activity_id.id),
            ],
            limit=1,
        )

    def test_changed_settings_leave_sent_hours_after_update(self):
        """*Update* queues all hours again; settings apply to later hours only."""
        self.validated(5)
        overtime = self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        before = self.control.entries()
        self.assertEqual((self.held(), self.held_rows()), ([7.0], [2.0]))
        self.connection.default_activity_id = self.other_activity()
        self.paycode.transfer_as = "hours"
        self.connection._queue_earlier("2026-01-01")
        self.send()
        self.assertEqual((self.control.entries(), self.held_rows()), (before, [2.0]))
        self.correct(overtime, unit_amount=3)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([8.0], [3.0]))

    def test_changed_activity_applies_to_waiting_hours(self):
        self.validated(5)
        activity = self.other_activity()
        self.connection.default_activity_id = activity
        self.connection._queue_earlier("2026-01-01")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(str(entry["activity"]), activity.tripletex_id)

    def test_description_changed_while_disconnected_is_updated(self):
        line = self.validated(5)
        self.send()
        self.connection.state = "disconnected"
        self.correct(line, name="Something else")
        self.connection.state = "connected"
        self.connection._queue_earlier(is_reconnected=True)
        self.send()
        self.assertEqual(self.control.entries()[0]["comment"], "Something else")

    def test_project_closed_later_keeps_sent_hours(self):
        line = self.validated(5)
        self.send()
        self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        ).is_closed = True
        self.connection._queue_earlier("2026-01-01")
        self.assertEqual(line.tripletex_state, "sent")

    def test_unlinked_hours_fail_and_are_sent_once_linked(self):
        self.company.tripletex_strict = False
        binding = self.link(self.employee)
        binding.employee_id = False
        line = self.validated(5)
        self.assertEqual(line.tripletex_state, "failed")
        self.assertIn("not linked", self.entries_of(line).error_message)
        self.send()
        self.assertEqual(self.held(), [])
        binding.employee_id = self.employee
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))
        self.assertEqual(self.env["tripletex.entry"].search_count([]), 1)

    def test_hours_without_activity_are_sent_once_activity_is_set(self):
        self.company.tripletex_strict = False
        activity = self.connection.default_activity_id
        self.connection.default_activity_id = False
        line = self.validated(5)
        self.assertEqual(line.tripletex_state, "failed")
        self.assertTrue(self.entries_of(line).is_placeless)
        self.connection.default_activity_id = activity
        self.entries_of(line).action_retry()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_retry_of_paycode_row_keeps_its_entry(self):
        """A paycode row has a place without an activity."""
        self.paycode.transfer_as = "paycode"
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.control.lock_month("2026-03")
        self.send()
        entry = self.entries_of(line)
        self.assertEqual((entry.state, entry.is_placeless), ("failed", False))
        self.control.lock_month("2026-03", locked=False)
        entry.action_retry()
        self.assertEqual((entry.state, self.entries_of(line)), ("pending", entry))
        self.send()
        self.assertEqual((self.held_rows(), entry.state), ([2.0], "sent"))

    def test_excluded_project_is_not_sent(self):
        self.project.tripletex_excluded = True
        line = self.validated(5)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], False))

    def connect_elsewhere(self):
        """Connect the company to another Tripletex company, as after a trial."""
        self.connection.write(
            {"state": "disconnected", "tripletex_company_id": "another"}
        )
        self.env.flush_all()
        self.sandbox.reset()
        return self.connect()

    def link_anew(self, connection):
        """Link the same employee and project for the new connection."""
        for model, name, record in (
            ("tripletex.employee", "employee_id", self.employee),
            ("tripletex.project", "project_id", self.project),
        ):
            old = self.env[model].search([(name, "=", record.id)])
            same = {"tripletex_id": old.tripletex_id, "number": old.number}
            old.create({"connection_id": connection.id, name: record.id} | same)

    def test_hours_move_to_new_tripletex_company_once_linked(self):
        """Until employee and project are linked, the hours fail with that reason."""
        line = self.validated(5)
        self.send()
        connection = self.connect_elsewhere()
        connection._queue_earlier("2026-01-01")
        self.send()
        self.assertEqual(line.tripletex_state, "failed")
        self.link_anew(connection)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_included_project_is_sent_to_new_tripletex_company(self):
        line = self.validated(5)
        self.send()
        connection = self.connect_elsewhere()
        self.link_anew(connection)
        self.project.tripletex_excluded = True
        connection._queue_earlier("2026-01-01")
        self.project.tripletex_excluded = False
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_failure_in_former_tripletex_company_is_dropped(self):
        line = self.validated(5)
        self.control.lock_month("2026-03")
        self.send()
        connection = self.connect_elsewhere()
        self.assertEqual(line.tripletex_state, "failed", "the former state")
        self.link_anew(connection)
        connection._queue_earlier("2026-01-01")
        self.send()
        self.assertEqual(
            (line.tripletex_state, line.tripletex_refusal), ("sent", False)
        )
        for state, found in (("sent", line), ("failed", line.browse())):
            domain = [("id", "=", line.id), ("tripletex_state", "=", state)]
            self.assertEqual(line.search(domain), found, state)
