from odoo import api, fields, models
from odoo.tools import format_date, format_datetime


class ResConfigSettings(models.TransientModel):
    _name = "res.config.settings"
    _inherit = ["tripletex.typed.secret", "res.config.settings"]
    _typed_secret = "tripletex_consumer_token"

    tripletex_connection_id = fields.Many2one(
        related="company_id.tripletex_connection_id"
    )
    tripletex_state = fields.Selection(related="tripletex_connection_id.state")
    tripletex_attention_reason = fields.Selection(
        related="tripletex_connection_id.attention_reason"
    )
    tripletex_attention_message = fields.Char(
        related="tripletex_connection_id.attention_message"
    )
    tripletex_environment = fields.Selection(
        related="tripletex_connection_id.environment"
    )
    tripletex_company_name = fields.Char(
        related="tripletex_connection_id.tripletex_company_name"
    )
    tripletex_organisation_number = fields.Char(
        related="tripletex_connection_id.organisation_number"
    )
    tripletex_history = fields.Char(compute="_compute_tripletex_history")
    tripletex_waiting_hours = fields.Float(
        related="tripletex_connection_id.waiting_hours"
    )
    tripletex_problem_hours = fields.Float(
        related="tripletex_connection_id.problem_hours"
    )
    tripletex_key_sealed = fields.Boolean(
        related="tripletex_connection_id.is_key_sealed"
    )
    tripletex_strict = fields.Boolean(
        related="company_id.tripletex_strict", readonly=False
    )
    tripletex_own_team_only = fields.Boolean(
        related="company_id.tripletex_own_team_only", readonly=False
    )
    tripletex_patience = fields.Integer(
        related="company_id.tripletex_patience", readonly=False
    )
    tripletex_send_in = fields.Boolean(
        related="company_id.tripletex_send_in", readonly=False
    )
    tripletex_cut_off_day = fields.Integer(
        related="company_id.tripletex_cut_off_day", readonly=False
    )
    tripletex_may_approve = fields.Boolean(
        related="company_id.tripletex_may_approve", readonly=False
    )
    tripletex_month_module = fields.Selection(
        related="tripletex_connection_id.month_module"
    )
    tripletex_application_name = fields.Char(
        config_parameter="hr_timesheet_tripletex.application_name",
    )
    tripletex_consumer_token = fields.Char(
        compute="_compute_tripletex_consumer_token",
        readonly=False,
        help="Identifies this Odoo system to Tripletex. It is stored and never shown "
        "again.",
    )
    tripletex_has_consumer_token = fields.Boolean(
        compute="_compute_tripletex_consumer_token"
    )

    def _compute_tripletex_history(self):
        """Whose key, since when, and the last sending, as one sentence."""
        for settings in self:
            settings.tripletex_history = settings._tripletex_history(
                settings.tripletex_connection_id
            )

    @api.model
    def _tripletex_history(self, connection):
        parts = []
        if connection.key_owner_name:
            parts.append(self.env._("Key of %s.", connection.key_owner_name))
        if connection.connected_at:
            since = fields.Datetime.context_timestamp(self, connection.connected_at)
            parts.append(
                self.env._("Connected since %s.", format_date(self.env, since.date()))
            )
        if connection.last_sent_at:
            parts.append(
                self.env._(
                    "Last sent %s.",
                    format_datetime(
                        self.env, connection.last_sent_at, dt_format="short"
                    ),
                )
            )
        elif connection:
            parts.append(self.env._("Nothing sent yet."))
        return " ".join(parts)

    def _compute_tripletex_consumer_token(self):
        """Never hand the token out: only whether there is one."""
        known = self.env["tripletex.connection"]._consumer_token()
        for settings in self:
            settings.tripletex_consumer_token = False
            settings.tripletex_has_consumer_token = bool(known)

    def _keep_typed(self, text):
        token = "".join(text.split())
        if token:
            self.env["ir.config_parameter"]._tripletex_set_token(token)

    def action_tripletex_connect(self):
        """Open the set-up for the company: the first time, or to update it.

        :return: window action
        :raise AccessError: unless the user administers the system
        """
        self.ensure_one()
        return self.env["tripletex.connection.setup"]._action_open(self.company_id)

    def action_tripletex_remove(self):
        """Open the dialog that removes the company's connection."""
        self.ensure_one()
        return self.tripletex_connection_id.action_remove()

    def action_tripletex_test(self):
        """Ask Tripletex whether the key still works."""
        self.ensure_one()
        return self.tripletex_connection_id.action_test()

    def action_tripletex_confirm_move(self):
        """Let this database send instead of the one that was connected."""
        self.ensure_one()
        return self.tripletex_connection_id.action_confirm_move()

    def action_tripletex_waiting(self):
        """Open the hours that wait to be sent."""
        self.ensure_one()
        return self.tripletex_connection_id.action_view_waiting()

    def action_tripletex_problems(self):
        """Open the hours that need a person."""
        self.ensure_one()
        return self.tripletex_connection_id.action_view_problems()
