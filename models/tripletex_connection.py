from odoo import api, fields, models

from .secret_field import SecretChar, refuse_emptying


class TripletexConnection(models.Model):
    """One Odoo company's connection to one Tripletex company: key, state, defaults.

    Made by Complete of the set-up alone. A company has one active connection at most;
    a removed one stays, with its links, and is taken up again when the same Tripletex
    company is connected anew.
    """

    _name = "tripletex.connection"
    _description = "Tripletex Connection"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, id desc"
    _rec_name = "tripletex_company_name"

    company_id = fields.Many2one("res.company", required=True, index=True)
    state = fields.Selection(
        [
            ("connected", "Connected"),
            ("attention", "Needs attention"),
            ("disconnected", "Disconnected"),
        ],
        default="connected",
        required=True,
        readonly=True,
        tracking=True,
    )
    attention_reason = fields.Selection(
        [
            ("key", "Tripletex refuses the API user key"),
            ("consumer", "Tripletex refuses the consumer token"),
            ("rights", "The API user key lacks a right in Tripletex"),
            ("address", "The address of Tripletex cannot be used"),
            ("copied", "This database is a copy"),
        ],
        readonly=True,
    )
    attention_message = fields.Char(readonly=True)
    environment = fields.Selection(
        [("production", "Production"), ("test", "Test environment")],
        default="production",
        required=True,
        readonly=True,
    )

    # Secrets. NO_ACCESS: not even an administrator's browser can read them back;
    # only the server itself (sudo) can.
    employee_token = SecretChar(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    session_token = SecretChar(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    session_expires = fields.Date(
        groups="base.group_system", copy=False, export_string_translation=False
    )
    database_uuid = fields.Char(
        groups="base.group_system",
        copy=False,
        help="Identity of the database that was connected: a copy does not send.",
        export_string_translation=False,
    )

    client_company_id = fields.Char(
        string="Works in Company",
        default="0",
        readonly=True,
        help="0: the company of the key's owner. Otherwise the client company that "
        "an accountant's key works in.",
    )
    tripletex_company_id = fields.Char(
        string="Tripletex Company ID", readonly=True, required=True
    )
    tripletex_company_name = fields.Char(string="Company in Tripletex", readonly=True)
    organisation_number = fields.Char(readonly=True)
    key_owner_id = fields.Char(string="Key Owner ID", readonly=True)
    key_owner_name = fields.Char(string="Key Owner", readonly=True)

    default_activity_id = fields.Many2one(
        "tripletex.activity",
        domain="[('connection_id', '=', id), ('is_project_activity', '=', True)]",
        ondelete="restrict",
        tracking=True,
        help="Used for project hours when neither the paycode nor the project "
        "names an activity.",
    )
    default_internal_activity_id = fields.Many2one(
        "tripletex.activity",
        domain="[('connection_id', '=', id), ('is_project_activity', '=', False)]",
        ondelete="restrict",
        tracking=True,
        help="Used for hours on projects that are internal time in Tripletex.",
    )
    require_comments = fields.Boolean(
        readonly=True,
        help="Tripletex requires a comment on every hour registered on a project.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        tracking=True,
        help="Is told when hours need a person.",
    )
    send_from = fields.Date(
        readonly=True,
        help="Hours validated before connecting are sent from this date on. "
        "Empty: only hours validated after connecting.",
    )
    connected_at = fields.Datetime(readonly=True)
    second_look_from = fields.Datetime(
        readonly=True,
        copy=False,
        help="When Complete began, or a project was let in again, until hours "
        "validated meanwhile were looked for.",
        export_string_translation=False,
    )
    last_sent_at = fields.Datetime(string="Last Sending", readonly=True)
    next_attempt_at = fields.Datetime(
        string="Paused Until",
        readonly=True,
        copy=False,
        help="Tripletex asked us to wait (rate limit) or could not be reached.",
    )
    outages = fields.Integer(
        readonly=True,
        copy=False,
        help="Runs in a row in which Tripletex could not be reached.",
        export_string_translation=False,
    )
    entry_ids = fields.One2many("tripletex.entry", "connection_id")
    waiting_count = fields.Integer("On Its Way", compute="_compute_entry_figures")
    waiting_hours = fields.Float(compute="_compute_entry_figures", digits=(16, 2))
    problem_count = fields.Integer("Need a Person", compute="_compute_entry_figures")
    problem_hours = fields.Float(compute="_compute_entry_figures", digits=(16, 2))

    _company_active_uniq = models.UniqueIndex(
        "(company_id) WHERE state != 'disconnected'",
        "A company can have one active Tripletex connection only. Remove that one "
        "first.",
    )
    _tripletex_company_uniq = models.UniqueIndex(
        "(company_id, environment, tripletex_company_id)",
        "This Tripletex company is known for this company already. Reload the page.",
    )

    def write(self, vals):
        refuse_emptying(self, vals)
        return super().write(vals)

    def _compute_entry_figures(self):
        figures = self._figures_by_state()
        for connection in self:
            for name, states in (
                ("waiting", ("pending", "sending")),
                ("problem", ("failed", "conflict")),
            ):
                found = [figures.get((connection, state), (0, 0.0)) for state in states]
                connection[f"{name}_count"] = sum(count for count, _hours in found)
                connection[f"{name}_hours"] = sum(hours for _count, hours in found)

    def _figures_by_state(self):
        """Number and hours of entries, in one query.

        :return: dict of (connection, state) to (number, hours)
        """
        groups = (
            self.env["tripletex.entry"]
            .sudo()
            ._read_group(
                [("connection_id", "in", self.ids)],
                ["connection_id", "state"],
                ["__count", "hours:sum"],
            )
        )
        return {(connection, state): rest for connection, state, *rest in groups}

    @api.model
    def _active_by_company(self, companies):
        """Map each of ``companies`` that is connected to its active connection.

        ``attention`` counts as active: its hours are queued and wait.

        :param companies: recordset of ``res.company``
        :return: dict of ``res.company`` to ``tripletex.connection`` (sudo)
        """
        connections = self.sudo().search(
            [("company_id", "in", companies.ids), ("state", "!=", "disconnected")]
        )
        return {connection.company_id: connection for connection in connections}

    def _is_copy(self):
        """Whether the database was copied since the connection was made."""
        self.ensure_one()
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return bool(self.database_uuid) and self.database_uuid != uuid
