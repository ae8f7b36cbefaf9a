from odoo import api, fields, models
from odoo.fields import Domain


class AccountAnalyticLine(models.Model):
    """What the screens of timesheet lines add, and leave out where it says nothing."""

    _inherit = "account.analytic.line"

    tripletex_refusal = fields.Text(
        string="What Is Wrong",
        compute="_compute_tripletex_refusal",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends("tripletex_state")
    def _compute_tripletex_refusal(self):
        """Say why validated hours need a person; the sent hours alone know it."""
        shares = self.env["tripletex.entry.share"]
        by_line = shares.search(
            shares._domain_shown()
            & Domain("line_id", "in", self._origin.ids)
            & Domain("entry_id.state", "in", ("failed", "conflict"))
        ).grouped("line_id")
        for line in self:
            entries = by_line.get(line._origin, shares).entry_id
            words = filter(None, entries.mapped("error_message"))
            line.tripletex_refusal = "\n".join(words) or False

    def action_tripletex_entries(self):
        """Open what these lines are in Tripletex.

        :return: window action
        """
        entries = self.env["tripletex.entry"].search(
            [("share_ids.line_id", "in", self.ids)]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_timesheet_tripletex.tripletex_entry_action"
        )
        action.update(domain=[("id", "in", entries.ids)], context={})
        if len(entries) == 1:
            action.update(res_id=entries.id, views=[(False, "form")])
        return action

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, *self._tripletex_view_key())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        self._tripletex_strip(arch)
        return arch, view

    @api.model
    def _tripletex_view_key(self):
        """What the stripping of views depends on."""
        connected = self.env["tripletex.connection"]._active_by_company(
            self.env.companies
        )
        return self._tripletex_is_native(), bool(connected)

    @api.model
    def _tripletex_strip(self, arch):
        """Take out of a view what means nothing here.

        Paycodes without a connection, our buttons beside Enterprise's own.

        :param arch: lxml element of the lines' view, changed in place
        """
        native, connected = self._tripletex_view_key()
        names = []
        if not connected:
            names.append("work_entry_type_id")
        if native:
            names += ["action_tripletex_validate", "action_tripletex_invalidate"]
        for name in names:
            for node in arch.xpath("//*[@name=$name]", name=name):
                node.getparent().remove(node)
        if not connected:
            for node in arch.xpath("//field[@name='tripletex_problem'][@optional]"):
                node.set("optional", "hide")

    @api.model
    def get_views(self, views, options=None):
        """Offer our actions in the action menu of timesheet views alone."""
        result = super().get_views(views, options)
        actions = {
            self.env["ir.model.data"]._xmlid_to_res_id(
                f"hr_timesheet_tripletex.account_analytic_line_action_{name}"
            )
            for name in ("validate", "invalidate")
        }
        for view in result["views"].values():
            toolbar = view.get("toolbar", {})
            if self._tripletex_is_native() or "tripletex_status" not in view["arch"]:
                toolbar["action"] = [
                    action
                    for action in toolbar.get("action", [])
                    if action["id"] not in actions
                ]
        return result
