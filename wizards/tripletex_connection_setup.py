from odoo import api, fields, models

from ..models.secret_field import SecretChar, refuse_emptying
from ..sending.session import StoredSession

#: The application's name in Tripletex where the settings name none.
APPLICATION_NAME = "GrønnJobb"
#: Logins that Complete can make; their groups are ``USER_TYPE_GROUPS``.
USER_TYPES = [
    ("none", "No login"),
    ("user", "Own timesheets"),
    ("approver", "All timesheets"),
    ("manager", "Administrator"),
]


class TripletexConnectionSetup(models.TransientModel):
    """Connect an Odoo company to its Tripletex company, or update the connection.

    Nothing outside these transient rows is made before Complete. The key is moved
    out of reach of every browser the moment it is typed, and the session is closed
    in Tripletex when the row goes without Complete.

    The way through is in ``tripletex_setup_steps.py``: the key is tried in
    ``…_key.py`` with a client of ``…_session.py``, the lists become rows in
    ``…_reading.py`` and ``…_matching.py``; ``…_complete.py`` connects and lets
    ``…_import.py`` make what was ticked.
    """

    _name = "tripletex.connection.setup"
    _description = "Connect to Tripletex"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    step = fields.Selection(
        [
            ("key", "API user key"),
            ("projects", "Projects"),
            ("paycodes", "Paycodes"),
            ("employees", "Employees"),
        ],
        default="key",
        required=True,
        readonly=True,
    )
    is_done = fields.Boolean(readonly=True)

    # Key
    environment = fields.Selection(
        [("production", "Production"), ("test", "Test environment")],
        default=lambda self: self._default_environment(),
        required=True,
    )
    employee_token = fields.Char(
        string="API User Key",
        copy=False,
        help="Shown only once, by Tripletex, when the key is made.",
    )
    pending_token = SecretChar(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    session_token = SecretChar(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    session_expires = fields.Date(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    has_key = fields.Boolean(compute="_compute_has_key")
    token_placeholder = fields.Char(
        compute="_compute_token_placeholder", export_string_translation=False
    )
    application_name = fields.Char(compute="_compute_application_name")
    client_ids = fields.One2many("tripletex.setup.client", "setup_id", readonly=True)
    client_id = fields.Many2one(
        "tripletex.setup.client",
        string="Client Company",
        domain="[('setup_id', '=', id)]",
        ondelete="set null",
        help="An accountant's key opens client companies: choose the one to connect.",
    )
    client_company_id = fields.Char(
        string="Works in Company",
        default="0",
        help="0: the company that owns the key.",
        readonly=True,
    )

    # What the key opens
    connection_id = fields.Many2one(
        "tripletex.connection",
        string="Known Connection",
        readonly=True,
        ondelete="set null",
        help="The connection that is updated or taken up again.",
    )
    is_update = fields.Boolean(compute="_compute_is_update")
    tripletex_company_id = fields.Char(string="Tripletex Company ID", readonly=True)
    tripletex_company_name = fields.Char(string="Tripletex Company", readonly=True)
    organisation_number = fields.Char(readonly=True)
    is_other_number = fields.Boolean(
        compute="_compute_is_other_number",
        help="The organisation number differs from the Odoo company's.",
    )
    key_owner_id = fields.Char(string="Key Owner ID", readonly=True)
    key_owner_name = fields.Char(string="Key Owner", readonly=True)
    right_ids = fields.One2many("tripletex.setup.right", "setup_id", readonly=True)
    is_right_missing = fields.Boolean(compute="_compute_is_right_missing")
    fresh_lists = fields.Char(
        default="",
        readonly=True,
        help="Lists read with the key that need no second reading on their step.",
        export_string_translation=False,
    )

    # What Tripletex offers
    project_line_ids = fields.One2many("tripletex.setup.project", "setup_id")
    paycode_line_ids = fields.One2many("tripletex.setup.paycode", "setup_id")
    employee_line_ids = fields.One2many("tripletex.setup.employee", "setup_id")
    activity_ids = fields.Many2many(
        "tripletex.activity",
        compute="_compute_activity_ids",
        export_string_translation=False,
    )
    default_activity_id = fields.Many2one(
        "tripletex.activity",
        string="Activity for Project Hours",
        domain="[('is_project_activity', '=', True), ('id', 'in', activity_ids)]",
    )
    default_internal_activity_id = fields.Many2one(
        "tripletex.activity",
        string="Activity for Internal Hours",
        domain="[('is_project_activity', '=', False), ('id', 'in', activity_ids)]",
    )
    require_comments = fields.Boolean(readonly=True)

    all_user_type = fields.Selection(
        USER_TYPES,
        string="Login for All Ticked",
    )
    all_department_id = fields.Many2one(
        "hr.department",
        string="Department for All Ticked",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    all_invite = fields.Boolean(string="Invite")

    # What else Complete does
    send_earlier = fields.Boolean(string="Also send hours validated earlier")
    send_from = fields.Date(
        string="Worked From",
        help="Hours validated before connecting are sent from this date on.",
    )
    has_departments = fields.Boolean(
        compute="_compute_has_departments", export_string_translation=False
    )
    earlier_hours = fields.Float(compute="_compute_earlier", digits=(16, 2))
    unlinked_count = fields.Integer(compute="_compute_unlinked_count")
    exclude_unlinked = fields.Boolean(
        string="Mark projects without a link as not sent to Tripletex"
    )
    summary = fields.Html(compute="_compute_summary", sanitize=False)
    result = fields.Html(readonly=True, sanitize=False)
    invitation_problem = fields.Char(readonly=True)

    # ------------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------------

    @api.model
    def _default_environment(self):
        connection = self.env.company.sudo().tripletex_connection_id
        return connection.environment or "production"

    def _compute_has_key(self):
        for setup in self.sudo():
            setup.has_key = bool(setup.pending_token)

    @api.depends("has_key", "is_update")
    def _compute_token_placeholder(self):
        for setup in self:
            if setup.has_key:
                setup.token_placeholder = self.env._(
                    "Entered (paste another key to replace it)"
                )
            elif setup.sudo()._token():
                setup.token_placeholder = self.env._(
                    "Unchanged (paste a new key to replace it)"
                )
            else:
                setup.token_placeholder = self.env._("Paste the key")

    def _compute_application_name(self):
        self.application_name = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("hr_timesheet_tripletex.application_name")
            or APPLICATION_NAME
        )

    @api.depends("company_id")
    def _compute_is_update(self):
        active = self.env["tripletex.connection"]._active_by_company(self.company_id)
        for setup in self:
            setup.is_update = setup.company_id in active

    @api.depends("organisation_number", "company_id")
    def _compute_is_other_number(self):
        for setup in self:
            company = setup.company_id.sudo()
            known = {
                "".join(filter(str.isdigit, number))
                for number in (company.company_registry, company.vat)
                if number
            } - {""}
            theirs = "".join(filter(str.isdigit, setup.organisation_number or ""))
            setup.is_other_number = bool(known and theirs and theirs not in known)

    @api.depends("right_ids.is_granted")
    def _compute_is_right_missing(self):
        for setup in self:
            setup.is_right_missing = not all(setup.right_ids.mapped("is_granted"))

    @api.onchange("send_earlier")
    def _onchange_send_earlier(self):
        if not self.send_earlier:
            self.send_from = False
        elif not self.send_from:
            self.send_from = fields.Date.context_today(self).replace(day=1)

    # ------------------------------------------------------------------
    # Rows, and the secrets in them
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        tokens = []
        for vals in vals_list:
            tokens.append(vals.get("employee_token"))
            vals["employee_token"] = False
        setups = super().create(vals_list)
        for setup, token in zip(setups, tokens, strict=True):
            setup._keep_token(token)
        return setups

    def write(self, vals):
        self.check_access("write")  # before anything is asked of Tripletex
        refuse_emptying(self, vals)
        if "employee_token" in vals:
            token = vals["employee_token"]
            vals = vals | {"employee_token": False}
            for setup in self:
                setup._keep_token(token)
        if "environment" in vals:
            # a session belongs to the environment that made it
            changed = self.filtered(lambda s: s.environment != vals["environment"])
            for setup in changed.sudo():
                setup._close_session()
        if "client_id" in vals:
            # another company: what was read belongs to the one before
            vals = vals | {"fresh_lists": ""}
        before = {setup: setup._tried_with() for setup in self}
        result = super().write(vals)
        moved = self.filtered(
            lambda setup: setup.step != "key" and setup._tried_with() != before[setup]
        )
        if moved:
            moved.step = "key"
        return result

    def unlink(self):
        self.check_access("unlink")  # as in ``write``
        for setup in self.sudo():
            setup._close_session()
        self.env["tripletex.activity"].sudo().search(
            [("setup_id", "in", self.ids), ("connection_id", "=", False)]
        ).unlink()
        return super().unlink()

    def _tried_with(self):
        """Where the key was tried; another one is to be tried from the first step."""
        return self.company_id, self.environment, self.client_id

    def _keep_token(self, token):
        """Move a typed key to where no browser can read it, and have it tried.

        A client that was chosen is one of the former key's.
        """
        token = "".join((token or "").split())
        if not token:
            return
        setup = self.sudo()
        if token != setup.pending_token:
            setup._close_session()
            setup.write({"pending_token": token, "client_id": False, "step": "key"})

    def _close_session(self):
        """End the set-up's own session in Tripletex; best effort, sudo record."""
        self.ensure_one()
        StoredSession(self).close()
