"""Common base of tests with one user of each group."""

from odoo.tests import new_test_user

from .common import TripletexCase


class ValidateCase(TripletexCase):
    """A connected company with an employee, approvers and administrators."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.worker = cls.person("worker", "hr_timesheet.group_hr_timesheet_user")
        cls.approver = cls.person(
            "approver", "hr_timesheet.group_hr_timesheet_approver"
        )
        cls.leader = cls.person("leader", "hr_timesheet.group_hr_timesheet_approver")
        cls.manager = cls.person("manager", "hr_timesheet.group_timesheet_manager")
        cls.system = cls.person("system", "base.group_system")
        cls.employee.user_id = cls.worker
        cls.leading = cls.env["hr.employee"].create(
            {"name": "Leader", "user_id": cls.leader.id, "company_id": cls.company.id}
        )

    @classmethod
    def person(cls, login, groups, **values):
        """Create a user of the company in the given groups."""
        return new_test_user(
            cls.env,
            f"tripletex_{login}",
            groups=groups,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            **values,
        )

    def seen_by(self, user, records):
        """Return the records with the user's rights in the company."""
        return records.with_user(user).with_context(
            allowed_company_ids=self.company.ids
        )

    def unlinked_project(self, **values):
        """Create a project without a link."""
        return self.env["project.project"].create(
            {
                "name": "Unknown there",
                "company_id": self.company.id,
                "allow_timesheets": True,
                "privacy_visibility": "employees",
            }
            | values
        )
