from odoo import fields, models
from odoo.exceptions import UserError

from ..models.client_action import notification


class TripletexLineReject(models.TransientModel):
    """Asks an approver why hours are sent back to their employees."""

    _name = "tripletex.line.reject"
    _description = "Reject Hours"
    _inherit = "tripletex.dialog"

    _named_fields = ("line_ids",)

    line_ids = fields.Many2many(
        "account.analytic.line", string="Hours", required=True, readonly=True
    )
    reason = fields.Char(
        required=True, help="The employee reads it beside the hours and in an activity."
    )

    def action_reject(self):
        """Send the hours back with the reason.

        :return: notification action
        :raise UserError: without a reason, and for what ``_tripletex_reject`` refuses
        :raise AccessError: unless the user may act for these employees
        """
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(
                self.env._("Write why you reject the hours, so they can be corrected.")
            )
        lines = self.line_ids
        if not lines:
            raise UserError(self.env._("Choose hours that are not validated yet."))
        lines._tripletex_reject(reason)
        return notification(
            self.env._(
                "%(lines)s rejected; the employee is told.",
                lines=lines._tripletex_figures(),
            )
        )
