from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AccountAnalyticLine(models.Model):
    """Validation as third parties see Enterprise's.

    REPORTED by public addons that extend it: the fields ``validated``,
    ``validated_status``, ``user_can_validate`` and ``is_timer_running``, the actions,
    and that the flag ends in a ``write`` as root. Its own screens and side effects are
    not imitated.
    The texts are no texts of the addon's, so they are not marked for translation.
    """

    _inherit = "account.analytic.line"

    validated = fields.Boolean(copy=False)
    timer_start = fields.Datetime(copy=False)
    is_timer_running = fields.Boolean(compute="_compute_is_timer_running")
    validated_status = fields.Selection(
        [("draft", "Draft"), ("validated", "Validated")],
        compute="_compute_validated_status",
    )
    user_can_validate = fields.Boolean(compute="_compute_user_can_validate")

    @api.depends("validated")
    def _compute_validated_status(self):
        for line in self:
            line.validated_status = "validated" if line.validated else "draft"

    @api.depends("timer_start")
    def _compute_is_timer_running(self):
        for line in self:
            line.is_timer_running = bool(line.timer_start)

    def _compute_user_can_validate(self):
        self.user_can_validate = self.env.user.has_group(
            "hr_timesheet.group_hr_timesheet_approver"
        )

    def _is_readonly(self):
        return super()._is_readonly() or self.validated

    def _check_can_write(self, values):
        if not self.env.su and any(line.validated for line in self):
            if not self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver"):
                raise AccessError("The timesheet is validated.")
        return super()._check_can_write(values)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_validated(self):
        if any(line.validated for line in self):
            raise UserError("You cannot delete a validated timesheet.")

    def action_validate_timesheet(self):
        """Validate what is not; as in Enterprise without calling ``super()``."""
        return self._set_validated(True)

    def action_invalidate_timesheet(self):
        """Take validation back."""
        return self._set_validated(False)

    def _set_validated(self, value):
        if not self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver"):
            raise AccessError("You cannot validate timesheets.")
        lines = self.filtered(lambda line: line.project_id and line.validated != value)
        lines.sudo().write({"validated": value})
        if self.env.context.get("use_notification") is False:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": "Done."},
        }
