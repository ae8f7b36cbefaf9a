from odoo.exceptions import UserError
from odoo.tests import tagged

from ..sending.queue import Queue
from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSendLinks(TripletexCase):
    """Links change; hours stay where they were sent, or go where the link says."""

    def link(self, employee):
        return self.env["tripletex.employee"].search(
            [("employee_id", "=", employee.id)]
        )

    def people(self):
        return sorted((str(e["employee"]), e["hours"]) for e in self.control.entries())

    def test_an_emptied_link_leaves_sent_hours_alone(self):
        line = self.validated(5)
        self.send()
        binding = self.link(self.employee)
        binding.employee_id = False
        self.connection._queue_earlier("2026-01-01")
        self.send()
        self.assertEqual(self.people(), [(binding.tripletex_id, 5.0)])
        self.assertEqual(line.tripletex_state, "sent")

    def test_links_that_change_queue_nothing_that_is_not_validated(self):
        line = self.log(5)
        Queue(self.env).sync(line + self.validated(2))
        self.send()
        self.assertEqual([hours for _person, hours in self.people()], [2.0])

    def test_another_link_takes_the_hours_along(self):
        self.validated(5)
        self.send()
        wrong, right = self.link(self.employee), self.link(self.employees[2])
        right.employee_id = False
        wrong.employee_id = False
        right.employee_id = self.employee
        self.send()
        self.assertEqual(self.people(), [(right.tripletex_id, 5.0)])

    def test_a_link_stays_while_hours_are_under_way(self):
        self.validated(5)
        with self.assertRaisesRegex(UserError, "on their way"):
            self.link(self.employee).employee_id = False

    def test_a_used_link_is_not_deleted(self):
        self.validated(5)
        self.send()
        with self.assertRaisesRegex(UserError, "kept for the record"):
            self.link(self.employee).unlink()

    def test_another_activity_is_for_hours_to_come(self):
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

    def test_also_when_the_set_up_is_gone_through_again(self):
        """*Update* looks at all hours; a choice for hours to come moves none."""
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
        self.assertEqual((self.held(), self.held_rows()), ([3.0, 5.0], []))

    def test_hours_that_wait_still_follow_the_choice_then(self):
        self.validated(5)
        activity = self.other_activity()
        self.connection.default_activity_id = activity
        self.connection._queue_earlier("2026-01-01")
        self.send()
        [entry] = self.control.entries()
        self.assertEqual(str(entry["activity"]), activity.tripletex_id)

    def test_a_description_changed_without_connection_is_brought_up_to_date(self):
        line = self.validated(5)
        self.send()
        self.connection.state = "disconnected"
        self.correct(line, name="Something else")
        self.connection.state = "connected"
        self.connection._queue_earlier()
        self.send()
        self.assertEqual(self.control.entries()[0]["comment"], "Something else")

    def test_a_project_closed_later_leaves_sent_hours_alone(self):
        line = self.validated(5)
        self.send()
        self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        ).is_closed = True
        self.connection._queue_earlier("2026-01-01")
        self.assertEqual(line.tripletex_state, "sent")

    def test_hours_validated_without_strictness_wait_with_the_reason(self):
        self.company.tripletex_strict = False
        binding = self.link(self.employee)
        binding.employee_id = False
        line = self.validated(5)
        self.assertEqual(line.tripletex_state, "failed")
        self.assertIn("not linked", self.entries_of(line).error_message)
        self.send()
        self.assertEqual(self.held(), [])
        binding.employee_id = self.employee
        self.assertEqual(line.tripletex_state, "pending", "the link is enough")
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))
        self.assertEqual(self.env["tripletex.entry"].search_count([]), 1)

    def test_hours_without_an_activity_wait_until_there_is_one(self):
        self.company.tripletex_strict = False
        activity = self.connection.default_activity_id
        self.connection.default_activity_id = False
        line = self.validated(5)
        self.assertEqual(line.tripletex_state, "failed")
        self.assertFalse(self.entries_of(line)._is_resolved())
        self.connection.default_activity_id = activity
        self.entries_of(line).action_retry()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_retrying_a_refused_paycode_row_tries_that_row(self):
        """It has no activity, and needs none to have its place."""
        self.paycode.transfer_as = "paycode"
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.control.lock_month("2026-03")
        self.send()
        entry = self.entries_of(line)
        self.assertEqual((entry.state, entry._is_resolved()), ("failed", True))
        self.control.lock_month("2026-03", locked=False)
        entry.action_retry()
        self.assertEqual((entry.state, self.entries_of(line)), ("pending", entry))
        self.send()
        self.assertEqual((self.held_rows(), entry.state), ([2.0], "sent"))

    def test_an_excluded_project_is_not_sent(self):
        self.project.tripletex_excluded = True
        line = self.validated(5)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], False))

    def connect_elsewhere(self):
        """The company goes on with another Tripletex company, as after a trial."""
        self.connection.write(
            {"state": "disconnected", "tripletex_company_id": "another"}
        )
        self.env.flush_all()
        self.sandbox.reset()
        return self.connect()

    def link_anew(self, connection):
        """The same employee and project, linked for the new connection."""
        for model, name, record in (
            ("tripletex.employee", "employee_id", self.employee),
            ("tripletex.project", "project_id", self.project),
        ):
            old = self.env[model].search([(name, "=", record.id)])
            same = {"tripletex_id": old.tripletex_id, "number": old.number}
            old.create({"connection_id": connection.id, name: record.id} | same)

    def test_what_another_tripletex_company_got_is_not_sent_to_this(self):
        """Hours that the new company is to get wait for their links, and say so."""
        line = self.validated(5)
        self.send()
        connection = self.connect_elsewhere()
        connection._queue_earlier("2026-01-01")
        self.assertEqual(line.tripletex_state, "failed")
        self.link_anew(connection)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_nor_when_its_project_was_left_out_at_first(self):
        line = self.validated(5)
        self.send()
        connection = self.connect_elsewhere()
        self.link_anew(connection)
        self.project.tripletex_excluded = True
        connection._queue_earlier("2026-01-01")
        self.project.tripletex_excluded = False
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_what_failed_there_is_no_failure_here(self):
        line = self.validated(5)
        self.control.lock_month("2026-03")
        self.send()
        connection = self.connect_elsewhere()
        self.assertEqual(line.tripletex_state, "failed", "as it was left there")
        self.link_anew(connection)
        connection._queue_earlier("2026-01-01")
        self.send()
        self.assertEqual(
            (line.tripletex_state, line.tripletex_refusal), ("sent", False)
        )
        for state, found in (("sent", line), ("failed", line.browse())):
            domain = [("id", "=", line.id), ("tripletex_state", "=", state)]
            self.assertEqual(line.search(domain), found, state)
