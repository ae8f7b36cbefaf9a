from odoo.tests import tagged

from .ledger_common import LedgerCase, day


@tagged("post_install", "-at_install")
class TestLedgerBranches(LedgerCase):
    """A branch uses the connection of its nearest parent that has one."""

    def setUp(self):
        super().setUp()
        self.branch = self.make_branch("Avdeling Nord", self.company)
        self.branch_employee = self.env["hr.employee"].create(
            {"name": "Nora Nord", "company_id": self.branch.id}
        )
        self.link_to(self.branch_employee, self.free_row(self.branch_employee))

    def make_branch(self, name, parent):
        """A branch whose hours the user may handle with those of the company."""
        branch = self.env["res.company"].create({"name": name, "parent_id": parent.id})
        self.env.user.company_ids |= branch
        companies = self.env.context["allowed_company_ids"] + branch.ids
        self.env = self.env(
            context=dict(self.env.context, allowed_company_ids=companies)
        )
        return branch.with_env(self.env)

    def branch_project(self, **values):
        """A project of the branch, linked for the parent's connection."""
        row = self.free_row(self.project)
        project = self.env["project.project"].create(
            {
                "name": row["name"],
                "company_id": self.branch.id,
                "allow_timesheets": True,
            }
            | values
        )
        self.link_to(project, row)
        return project

    def branch_line(self, hours=5, project=None, **values):
        return self.log(
            hours,
            employee_id=self.branch_employee.id,
            project_id=(project or self.branch_project()).id,
            **values,
        )

    def test_hours_of_a_branch_are_sent_through_the_parents_connection(self):
        line = self.branch_line()
        self.assertEqual(line.company_id, self.branch)
        line.action_tripletex_validate()
        self.settle()
        self.assertEqual(
            self.held_as("employeeNumber"),
            [(self.link(self.branch_employee).number, 5.0)],
        )
        self.assertEqual(line.tripletex_state, "sent")

    def test_hours_of_a_branch_on_the_parents_project_are_sent(self):
        line = self.branch_line(project=self.project)
        line.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_hours_of_a_branch_of_a_branch_are_sent_through_the_nearest_parent(self):
        self.branch = self.make_branch("Avdeling Nord, Alta", self.branch)
        self.branch_employee.company_id = self.branch
        self.branch_line().action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_hours_of_a_branch_are_refused_where_nothing_is_linked(self):
        project = self.project.copy(
            {"name": "Without link", "company_id": self.branch.id}
        )
        line = self.branch_line(project=project)
        self.assertIn("not linked", self.refusal(line.action_tripletex_validate))

    def test_corrected_hours_of_a_branch_are_corrected(self):
        line = self.branch_line()
        line.action_tripletex_validate()
        self.settle()
        self.correct(line, unit_amount=6)
        self.settle()
        self.assertEqual(self.held(), [6.0])
        line.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held(), [])

    def test_complete_sends_earlier_hours_of_branches_from_the_date(self):
        project = self.branch_project()
        self.remove()
        for count in (-1, 0):
            self.branch_line(
                project=project, date=day(count)
            ).action_tripletex_validate()
        self.complete(send_from=day(0))
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(day(0)), 5.0)])

    def test_branch_with_a_connection_of_its_own_uses_that(self):
        project = self.branch_project()
        parents = self.link(self.branch_employee), self.link(project)
        self.connection = self.connect(self.branch)
        line = self.branch_line(project=project)
        message = self.refusal(line.action_tripletex_validate)
        self.assertIn("not linked", message)
        for link in parents:
            link.copy({"connection_id": self.connection.id})
        line.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [5.0])
        self.assertEqual(self.entries_of(line).connection_id, self.connection)

    def sent_before_own_connection(self, **values):
        """A line that the parent sent before the branch got a connection of its own."""
        project = self.branch_project()
        line = self.branch_line(project=project, **values)
        line.action_tripletex_validate()
        self.settle()
        links = self.link(self.branch_employee), self.link(project), self.paycode
        self.parents, self.connection = self.connection, self.connect(self.branch)
        for link in links:
            link.copy({"connection_id": self.connection.id})
        return line

    def hours_by(self, line):
        """The line's hours on rows of the parent's connection, and of the branch's."""
        shares = self.env["tripletex.entry.share"].search([("line_id", "=", line.id)])
        return [
            sorted(
                shares.filtered(
                    lambda s, sender=sender: s.hours and s.connection_id == sender
                ).mapped("hours")
            )
            for sender in (self.parents, self.connection)
        ]

    def test_hours_that_the_parent_sent_stay_there_when_they_are_corrected(self):
        line = self.sent_before_own_connection()
        self.correct(line, unit_amount=6)
        self.settle()
        self.assertEqual(self.hours_by(line), [[6.0], []])
        line.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.held(), [])
        line.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.hours_by(line), [[6.0], []])

    def test_overtime_that_the_parent_sent_stays_there_on_both_rows(self):
        line = self.sent_before_own_connection(work_entry_type_id=self.overtime.id)
        self.correct(line, unit_amount=6)
        self.settle()
        self.assertEqual(self.hours_by(line), [[6.0, 6.0], []])

    def test_hours_that_the_parent_sent_leave_it_with_another_date_and_return(self):
        line = self.sent_before_own_connection()
        self.correct(line, date=day(1))
        self.settle()
        self.assertEqual(self.hours_by(line), [[], [5.0]])
        self.correct(line, date=day(0))
        self.settle()
        self.assertEqual(self.hours_by(line), [[5.0], []])
        self.assertEqual(self.held_as("date"), [(str(day(0)), 5.0)])

    def test_hours_that_the_parent_sent_are_not_sent_again_from_a_date_on(self):
        line = self.sent_before_own_connection()
        self.env["tripletex.lookup"]._plan(self.connection, date_from=day(0))
        self.settle()
        self.assertEqual(self.hours_by(line), [[5.0], []])

    def test_hours_that_the_parent_sent_are_not_sent_again_by_a_move(self):
        line = self.sent_before_own_connection()
        own, self.connection = self.connection, self.parents
        self.move_all()
        self.connection = own
        self.assertEqual(self.hours_by(line), [[5.0], []])
