from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..sending.namesakes import full_name

APPROVERS = "hr_timesheet.group_hr_timesheet_approver"
ADMINISTRATORS = "hr_timesheet.group_timesheet_manager"


class TripletexTeam(models.AbstractModel):
    """The company's rule about teams: who decides about an employee's hours.

    For models with ``employee_id`` and ``company_id``. Where *Own Team Only* is on,
    nobody decides about themselves. Timesheet administrators may decide about
    everybody, so that nothing is stuck while a manager is away.
    """

    _name = "tripletex.team"
    _description = "Rule about Teams"

    @api.model
    def _tripletex_my_team(self):
        """Employees whose manager, or whose department's manager, the user is."""
        Employee = self.env["hr.employee"].sudo().with_context(active_test=False)
        return Employee.search(
            Domain("parent_id.user_id", "=", self.env.uid)
            | Domain("department_id.manager_id.user_id", "=", self.env.uid)
        )

    def _search_tripletex_is_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        if False in value:
            return Domain.TRUE  # so is True: Odoo asks for one of them as [True]
        return Domain("employee_id", "in", self._tripletex_my_team().ids)

    def _search_tripletex_may_act(self, operator, value):
        """The records that :meth:`_tripletex_of_others` leaves out, as a domain."""
        if operator != "in":
            return NotImplemented
        if False in value:
            return Domain.TRUE  # so is True: Odoo asks for one of them as [True]
        user = self.env.user
        if self.env.su or user.has_group(ADMINISTRATORS):
            return Domain.TRUE
        companies = self.env["res.company"].sudo()
        strict = companies.search([("tripletex_own_team_only", "=", True)])
        if not strict:
            return Domain.TRUE
        team = self._tripletex_my_team().filtered(lambda e: e.user_id != user)
        return Domain("company_id", "not in", strict.ids) | Domain(
            "employee_id", "in", team.ids
        )

    def _tripletex_of_others(self):
        """Those of these records about which the rule lets somebody else decide."""
        user = self.env.user
        if user.has_group(ADMINISTRATORS):
            return self.browse()

        def is_of_others(record):
            employee = record.employee_id
            managers = employee.parent_id | employee.department_id.manager_id
            return record.company_id.tripletex_own_team_only and (
                user not in managers.user_id or user == employee.user_id
            )

        return self.filtered(lambda record: is_of_others(record.sudo()))

    def _tripletex_check_team(self, not_approver, not_team):
        """Approvers decide, each by the rule about teams; root does in any case.

        :param not_approver: what to tell people who are not approvers
        :param not_team: what to tell approvers of other teams, with a place for
            ``%(employees)s``
        :raise AccessError: for both of them
        """
        if self.env.su:
            return
        if not self.env.user.has_group(APPROVERS):
            raise AccessError(not_approver)
        others = self._tripletex_of_others().sudo()
        if others:
            names = sorted(map(full_name, others.employee_id))
            raise AccessError(not_team % {"employees": ", ".join(names)})
