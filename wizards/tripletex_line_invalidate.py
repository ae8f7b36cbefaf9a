from odoo import api, fields, models
from odoo.tools import formatLang

from ..models.client_action import notification
from ..sending.namesakes import full_name


class TripletexLineInvalidate(models.TransientModel):
    """Says what undoing a validation changes in Tripletex, and asks."""

    _name = "tripletex.line.invalidate"
    _description = "Undo Validation"
    _inherit = "tripletex.dialog"

    _named_fields = ("line_ids",)

    line_ids = fields.Many2many(
        "account.analytic.line", string="Hours", required=True, readonly=True
    )
    summary = fields.Text(compute="_compute_summary")

    @api.depends("line_ids")
    def _compute_summary(self):
        for dialog in self:
            dialog.summary = dialog._summary(dialog._validated())

    def _validated(self):
        return self.line_ids._origin.filtered("tripletex_validated")

    def _summary(self, lines):
        """What is opened, and what leaves Tripletex.

        :param lines: validated lines
        """
        shares = self.env["tripletex.entry.share"].sudo()
        there = shares.search(
            [("line_id", "in", lines.ids), ("hours", "!=", 0)]
        ).filtered(lambda share: share.entry_id._holds_ours())
        hours = sum(line._tripletex_hours() for line in there.line_id)
        people = ", ".join(sorted(map(full_name, lines.sudo().employee_id)))
        parts = [
            self.env._(
                "%(lines)s of %(employees)s can be changed again.",
                lines=lines._tripletex_figures(),
                employees=people,
            )
        ]
        if there:
            parts.append(
                self.env._(
                    "%(hours)s hours of them are removed from Tripletex; they are not "
                    "paid until they are validated again.",
                    hours=formatLang(self.env, hours, digits=2),
                )
            )
        else:
            parts.append(self.env._("None of these hours are in Tripletex."))
        return "\n".join(parts)

    def action_invalidate(self):
        """Open the lines again.

        :return: notification action
        :raise AccessError: unless the user may validate for these employees
        """
        self.ensure_one()
        lines = self._validated()
        lines.action_tripletex_invalidate()
        return notification(
            self.env._(
                "Validation of %(lines)s undone.", lines=lines._tripletex_figures()
            )
        )
