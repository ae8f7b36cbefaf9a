from odoo import models
from odoo.exceptions import UserError


class TripletexEntry(models.Model):
    """The screens that lead to a decision about a conflict."""

    _inherit = "tripletex.entry"

    def action_decide(self):
        """Ask for a decision about the conflicts among these entries.

        :return: window action of ``tripletex.entry.decide``
        :raise UserError: when none of them is a conflict
        :raise AccessError: unless the user is an approver
        """
        self._check_may_decide()
        conflicts = self.filtered(lambda entry: entry.state == "conflict")
        if not conflicts:
            raise UserError(self.env._("None of these hours is a conflict."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which Figure Is Right?"),
            "res_model": "tripletex.entry.decide",
            "view_mode": "form",
            "target": "new",
            "context": {**self.env.context, "default_entry_ids": conflicts.ids},
        }

    def _hours_after(self, decision):
        """What Tripletex will hold for this conflict.

        :param decision: ``keep``, ``replace`` or ``add``
        :return: float, hours
        """
        self.ensure_one()
        if decision == "keep":
            return self.remote_hours
        if decision == "replace":
            return self.hours
        return self.hours + self.remote_hours
