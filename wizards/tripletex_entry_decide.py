from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class TripletexEntryDecide(models.TransientModel):
    """Shows what Tripletex will hold before a person decides about conflicts."""

    _name = "tripletex.entry.decide"
    _description = "Decide About Conflicting Hours"
    _inherit = "tripletex.dialog"

    _named_fields = ("entry_ids",)

    entry_ids = fields.Many2many("tripletex.entry", string="Hours", readonly=True)
    decision = fields.Selection(
        lambda self: self._decisions(),
        required=True,
        default="keep",
    )
    ours = fields.Float("Validated Here", compute="_compute_figures", digits=(16, 2))
    theirs = fields.Float("In Tripletex", compute="_compute_figures", digits=(16, 2))
    result = fields.Float(
        "Tripletex Will Hold", compute="_compute_figures", digits=(16, 2)
    )
    count = fields.Integer("Rows", compute="_compute_figures")
    summary = fields.Char(compute="_compute_figures")

    @api.model
    def _decisions(self):
        """The decisions to offer: Add only for rows that were never sent from here."""
        ids = self.env.context.get("default_entry_ids", [])
        entries = self.env["tripletex.entry"].browse(ids)
        labels = {
            "keep": self.env._("Keep Tripletex's figure"),
            "replace": self.env._("Replace it by the validated hours"),
            "add": self.env._("Add the two"),
        }
        if not all(entries.mapped("is_foreign")):
            del labels["add"]
        return list(labels.items())

    @api.depends("entry_ids", "decision")
    def _compute_figures(self):
        for dialog in self:
            entries, decision = dialog.entry_ids, dialog.decision
            dialog.count = len(entries)
            dialog.ours = sum(entries.mapped("hours"))
            dialog.theirs = sum(entries.mapped("remote_hours"))
            dialog.result = sum(entry._hours_after(decision) for entry in entries)
            dialog.summary = dialog._summary()

    def _summary(self):
        """Return a sentence: what happens on Confirm, with the resulting figure."""
        if self.decision == "keep":
            text = self.env._(
                "Tripletex keeps %(result)s hours. The %(ours)s hours validated here "
                "are not sent."
            )
        elif self.decision == "replace":
            text = self.env._(
                "Tripletex will hold %(result)s hours, as validated here, instead of "
                "%(theirs)s."
            )
        else:
            text = self.env._(
                "The hours are added: %(theirs)s + %(ours)s = %(result)s."
            )
        return text % {
            name: formatLang(self.env, self[name], digits=2)
            for name in ("result", "theirs", "ours")
        }

    def action_confirm(self):
        """Carry out the decision.

        :raise UserError: when another person decided about one of them meanwhile
        """
        self.ensure_one()
        entries = self.entry_ids
        if any(entry.state != "conflict" for entry in entries):
            raise UserError(
                self.env._(
                    "Some of these conflicts were resolved meanwhile. Close this and "
                    "look at the list again."
                )
            )
        getattr(entries, f"action_{self.decision}")()
        return {"type": "ir.actions.act_window_close"}
