from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

from ..sending.namesakes import NAMESAKES_SHOWN
from ..sending.preflight import Preflight
from ..sending.words import PreflightWords

#: Problem codes by the place where an administrator fixes them.
PLACES = {
    "employee": {"employee_not_linked"},
    "project": {
        "project_not_linked",
        "project_closed",
        "project_not_started",
        "project_ended",
    },
    "paycode": {"paycode_not_linked", "paycode_hidden"},
}


class TripletexLineValidate(models.TransientModel):
    """After a refusal: validate the other lines, or open where problems are fixed."""

    _name = "tripletex.line.validate"
    _description = "Validate the Other Hours"
    _inherit = "tripletex.dialog"

    _named_fields = ("line_ids",)

    line_ids = fields.Many2many(
        "account.analytic.line", string="Chosen Lines", readonly=True
    )
    refused_ids = fields.Many2many(
        "account.analytic.line",
        "tripletex_line_validate_refused_rel",
        string="Refused Lines",
        compute="_compute_refused_ids",
    )
    refused_count = fields.Integer(compute="_compute_refused_ids")
    other_count = fields.Integer(compute="_compute_refused_ids")
    has_employee_problem = fields.Boolean(compute="_compute_refused_ids")
    has_project_problem = fields.Boolean(compute="_compute_refused_ids")
    has_paycode_problem = fields.Boolean(compute="_compute_refused_ids")

    @api.model
    def _action_open(self):
        """Return the window action; the caller adds ``default_line_ids`` as context."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hours That Cannot Be Validated Yet"),
            "res_model": self._name,
            "views": [[False, "form"]],
            "target": "new",
        }

    @api.model
    def _refused(self, lines):
        """Those lines that the user cannot validate as they are.

        :return: dict of line to ``Resolution``, whose problems say why
        """
        preflight = Preflight(self.env)
        own = lines._tripletex_of_team_to_validate().sudo()
        lines = lines.sudo()
        resolutions = preflight.resolve(lines)
        refused = preflight.refused(
            {line: found for line, found in resolutions.items() if line in own}
        )
        for line in lines - own:
            resolutions[line].problems = ["not_own_team"]
            refused[line] = resolutions[line]
        return refused

    @api.model
    def _refusal(self, refused, chosen_ids=None):
        """Return the error to raise about lines that cannot be validated.

        :param refused: dict of refused line to ``Resolution``
        :param chosen_ids: ids of the lines of which the button was pressed: the error
            has a button then, to validate the others or to show the refused
        """
        message = PreflightWords(self.env).refusal(refused)
        if not chosen_ids:
            return UserError(message)
        action, label = self._action_open(), self.env._("Show Them")
        others = len(chosen_ids) - len(refused)
        if others:
            action = self._action_id("others")
            label = self.env._("Validate the Others")
            message += "\n\n" + self.env._(
                "The other %(count)s can be validated now.", count=others
            )
        return RedirectWarning(message, action, label, {"default_line_ids": chosen_ids})

    @api.model
    def _ask_about_dates(self, lines):
        """Ask before validating dates that are most likely a slip.

        :raise RedirectWarning: for dates more than a year back or a month ahead; its
            button validates all the same
        """
        first, last = self._usual_dates()
        odd = lines.filtered(
            lambda line: (
                not first <= line.date <= last and not line._tripletex_is_time_off()
            )
        )
        if odd:
            raise RedirectWarning(
                PreflightWords(self.env).odd_dates(odd.sudo()),
                self._action_id("all"),
                self.env._("Validate All the Same"),
                {"default_line_ids": lines.ids},
            )

    @api.model
    def _usual_dates(self):
        """First and last date that nobody is asked about."""
        today = fields.Date.context_today(self)
        return fields.Date.subtract(today, years=1), fields.Date.add(today, months=1)

    @api.model
    def _action_id(self, which):
        name = f"hr_timesheet_tripletex.tripletex_line_validate_action_{which}"
        return self.env.ref(name).id

    @api.model
    def _validate_others(self):
        """Validate what nothing stops of ``default_line_ids`` in the context."""
        return self.create({}).action_validate_others()

    @api.model
    def _validate_all(self):
        """Validate ``default_line_ids`` of the context, whatever their dates.

        :return: action that shows the list as it is now
        :raise AccessError: unless the user may validate them
        """
        dialog = self.create({})
        lines = dialog._waiting().with_context(tripletex_dates_confirmed=True)
        return self._validate(lines)

    @api.model
    def _validate(self, lines):
        """Validate lines from a message or dialog, and load the list behind it anew."""
        action = lines.action_tripletex_validate()
        action["params"]["next"] = {"type": "ir.actions.client", "tag": "soft_reload"}
        return action

    @api.depends("line_ids")
    def _compute_refused_ids(self):
        for dialog in self:
            refused = self._refused(dialog._waiting())
            lines = self.env["account.analytic.line"].concat(*refused)
            dialog.refused_ids = lines.ids
            dialog.refused_count = len(refused)
            dialog.other_count = len(dialog._waiting()) - len(refused)
            found = {code for r in refused.values() for code in r.problems}
            for place, codes in PLACES.items():
                dialog[f"has_{place}_problem"] = bool(codes & found)

    def _waiting(self):
        """Return the chosen lines that are not validated yet."""
        return self.line_ids._origin.filtered(
            lambda line: line.project_id and not line.tripletex_validated
        )

    def action_validate_others(self):
        """Validate the lines that nothing stops."""
        self.ensure_one()
        return self._validate(self._waiting() - self.refused_ids._origin)

    def action_show_refused(self):
        """Open the refused lines, to correct or invalidate them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_timesheet_tripletex.account_analytic_line_action_to_validate"
        )
        return action | {
            "domain": [("id", "in", self.refused_ids.ids)],
            "context": NAMESAKES_SHOWN,
        }

    def action_open_employees(self):
        """Open the links of employees (administrators)."""
        return self._action_links("employee", "employee_id")

    def action_open_projects(self):
        """Open the links of projects (administrators)."""
        return self._action_links("project", "project_id")

    def action_open_paycodes(self):
        """Open the links of paycodes (administrators)."""
        return self._action_links("paycode", "work_entry_type_id")

    def action_update_connection(self):
        """Open Update of the connection, for administrators alone."""
        company = self.refused_ids.company_id[:1]
        return company.tripletex_connection_id.action_update()

    def _action_links(self, kind, field):
        """Open the links of one kind; the refused lines' only record is filled in."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"hr_timesheet_tripletex.tripletex_{kind}_action"
        )
        records = self.refused_ids.sudo()[field]
        context = {"tripletex_link": True}
        if len(records) == 1:
            context[f"default_{field}"] = records.id
        return action | {"context": context}
