from odoo import api, fields, models
from odoo.exceptions import ValidationError


class TripletexAbsence(models.Model):
    """A kind of absence and the internal activity on which it is sent.

    Time Off names kinds of absence by work entry types; Tripletex by internal
    activities (DOCUMENTED). Several kinds may go to one activity.
    """

    _name = "tripletex.absence"
    _description = "Absence in Tripletex"
    _inherit = "tripletex.binding"
    _odoo_field = "work_entry_type_id"
    _lookup_field = "absence_type_id"
    _place_kinds = ("hours",)
    _place_part = 5

    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type", string="Absence", ondelete="set null", index=True
    )
    activity_id = fields.Many2one(
        "tripletex.activity",
        string="Internal Activity",
        required=True,
        domain="[('connection_id', '=', connection_id), "
        "('is_project_activity', '=', False)]",
        ondelete="restrict",
        help="Where approved time off of this kind is registered in Tripletex. Hours "
        "on an activity without pay are deducted from a fixed salary there.",
    )
    send_from = fields.Date(
        string="Sent From",
        required=True,
        default=fields.Date.context_today,
        help="First day of absence that is sent. Time off that is approved later is "
        "sent whatever its dates.",
    )
    tripletex_id = fields.Char(related="activity_id.tripletex_id", store=True)
    number = fields.Char(related="activity_id.number", store=True)
    name = fields.Char(related="activity_id.name", store=True)

    _work_entry_type_uniq = models.UniqueIndex(
        "(connection_id, work_entry_type_id) WHERE work_entry_type_id IS NOT NULL",
        "This kind of absence is linked to an activity already. Change that link "
        "instead.",
    )

    @api.constrains("activity_id", "connection_id")
    def _check_activity(self):
        for absence in self:
            activity = absence.activity_id
            if (
                activity.is_project_activity
                or activity.connection_id != absence.connection_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(activity)s cannot be used for absence. Choose an internal "
                        "activity of this connection.",
                        activity=activity.display_name,
                    )
                )

    @api.model
    def _is_available(self):
        """Whether Time Off is installed with its timesheets and work entry types."""
        return (
            "holiday_id" in self.env["account.analytic.line"]._fields
            and "work_entry_type_id" in self.env["hr.leave.type"]._fields
        )

    def _lookup_dates(self):
        # absence that has no share yet is looked up as well, see ``Absences``
        return {"date_from": self.send_from}
