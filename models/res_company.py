from odoo import fields, models

from ..tools import today_in_oslo

#: Day until which the month before is prepared for pay, where no cut-off day is set.
USUAL_CUT_OFF_DAY = 10


class ResCompany(models.Model):
    _inherit = "res.company"

    tripletex_connection_id = fields.Many2one(
        "tripletex.connection",
        compute="_compute_tripletex_connection_id",
        compute_sudo=True,
        groups="base.group_system",
    )
    tripletex_state = fields.Selection(
        [("connected", "Connected"), ("attention", "Needs attention")],
        string="Tripletex",
        compute="_compute_tripletex_connection_id",
        compute_sudo=True,
        groups="base.group_system",
    )
    tripletex_strict = fields.Boolean(
        string="Check Before Validating",
        default=True,
        help="Hours that Tripletex would refuse cannot be validated. Switched off, "
        "they are validated and wait until the problem is fixed.",
    )
    tripletex_own_team_only = fields.Boolean(
        string="Validate Own Team Only",
        help="Approvers can validate hours only for employees whose manager, or "
        "whose department's manager, they are. Timesheet administrators can "
        "validate for everybody.",
    )
    tripletex_may_approve = fields.Boolean(
        string="Approve Months from Odoo",
        help="Approvers can approve finished months in Tripletex from here. The API "
        "user key needs the right to approve hours.",
    )
    tripletex_patience = fields.Integer(
        string="Hours before Warning",
        default=4,
        help="The responsible person is told when validated hours wait longer than "
        "this to be sent.",
    )

    _tripletex_patience_positive = models.Constraint(
        "CHECK(tripletex_patience > 0)", "Enter how many hours to wait: 1 or more."
    )
    tripletex_send_in = fields.Boolean(
        string="Employees Send In Their Hours",
        help="Employees send in their hours; approvers validate them or reject them "
        "with a reason. Hours that were not sent in can be validated all the same.",
    )
    tripletex_cut_off_day = fields.Integer(
        string="Cut-off Day",
        help="Day of the next month by which the hours of a month must be validated "
        "to be paid with that month. Hours validated later come with the next pay. "
        "0: none.",
    )

    _tripletex_cut_off_day_range = models.Constraint(
        "CHECK(tripletex_cut_off_day BETWEEN 0 AND 28)",
        "The cut-off day is a day of the month from 1 to 28, or 0 for none.",
    )

    def _tripletex_up(self):
        """The company and its parents, nearest first."""
        self.ensure_one()
        ids = map(int, self.parent_path.strip("/").split("/"))
        return self.browse(reversed(list(ids)))

    def _tripletex_month_to_close(self):
        """The month that is prepared for pay: last month until the cut-off day."""
        self.ensure_one()
        today = today_in_oslo()
        month = today.replace(day=1)
        if today.day <= (self.tripletex_cut_off_day or USUAL_CUT_OFF_DAY):
            month = fields.Date.subtract(month, months=1)
        return month

    def _tripletex_time_off_tasks(self):
        """Tasks on which time off is logged."""
        if "leave_timesheet_task_id" not in self._fields:
            return self.env["project.task"]
        return self.leave_timesheet_task_id

    def _compute_tripletex_connection_id(self):
        connections = self.env["tripletex.connection"]._active_by_company(self)
        for company in self:
            connection = connections.get(company)
            company.tripletex_connection_id = connection
            company.tripletex_state = connection.state if connection else False
