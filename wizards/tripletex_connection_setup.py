from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..models.database_identity import database_identity
from ..models.secret import Secret, create_columns, refuse_emptying
from ..sending import TRANSFERS
from ..sending.session import StoredSession, close_session
from ..tools import AddressRefused, RightsMissing, TripletexError
from .tripletex_setup_absence import NormalDay
from .tripletex_setup_complete import Completion
from .tripletex_setup_employee import USER_TYPES
from .tripletex_setup_key import KeyStep
from .tripletex_setup_summary import Summary, bullets
from .tripletex_setup_words import KeyWords

#: The application's name in Tripletex where the settings name none.
APPLICATION_NAME = "GrønnJobb"
#: Field of the rows to tick, by step, in the order in which Complete links them.
LISTS = {
    "projects": "project_line_ids",
    "paycodes": "paycode_line_ids",
    "employees": "employee_line_ids",
}
STEPS = ["key", *LISTS]
#: Activity types that fit every project (MEASURED); an empty type says nothing.
GENERAL_PROJECT_TYPES = ("PROJECT_GENERAL_ACTIVITY", "")


class TripletexConnectionSetup(models.TransientModel):
    """Connect an Odoo company to its Tripletex company, or update the connection.

    Before Complete only transient rows are created, and activities that are deleted
    with the set-up. The key is moved to where no browser can read it as soon as it is
    stored, and the session in Tripletex is ended when the set-up is deleted without
    Complete.

    The key is tried by ``KeyStep``. Each kind of row (``tripletex.setup.line``) reads
    its own list and knows how to create and link its records; ``Completion`` makes
    all of them do so.
    """

    _name = "tripletex.connection.setup"
    _description = "Connect to Tripletex"
    _inherit = ["tripletex.typed.secret", "tripletex.dialog"]
    _typed_secret = "employee_token"
    _named_fields = ("company_id", "connection_id", "client_id")

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
        default=lambda self: (
            self.env.company.sudo().tripletex_connection_id.environment or "production"
        ),
        required=True,
    )
    employee_token = fields.Char(
        string="API User Key",
        copy=False,
        help="Shown only once, by Tripletex, when the key is created.",
    )
    pending_token = Secret()
    session_token = Secret()
    session_expires = fields.Date(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    database_identity = fields.Char(
        default=lambda self: database_identity(self.env),
        groups=fields.NO_ACCESS,
        copy=False,
        export_string_translation=False,
    )
    token_placeholder = fields.Char(
        compute="_compute_token_placeholder", export_string_translation=False
    )
    key_problem = fields.Char(
        readonly=True,
        help="Why Update could not begin at Projects.",
        export_string_translation=False,
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
        help="The connection that is updated or connected again.",
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
    own_number = fields.Char(
        compute="_compute_own_number", export_string_translation=False
    )
    fresh_lists = fields.Char(
        default="",
        readonly=True,
        help="Lists that were read with the key and are not read again on their step.",
        export_string_translation=False,
    )

    # What Tripletex offers
    project_line_ids = fields.One2many("tripletex.setup.project", "setup_id")
    paycode_line_ids = fields.One2many("tripletex.setup.paycode", "setup_id")
    employee_line_ids = fields.One2many("tripletex.setup.employee", "setup_id")
    absence_line_ids = fields.One2many("tripletex.setup.absence", "setup_id")
    left_out = fields.Json(
        readonly=True,
        help="By model of rows: sentences that say what cannot be ticked, and why.",
        export_string_translation=False,
    )
    left_out_here = fields.Html(compute="_compute_left_out_here", sanitize=False)
    normal_day = fields.Html(readonly=True, sanitize=False)
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
    month_module = fields.Selection(
        lambda self: self.env["tripletex.connection"]._fields["month_module"].selection,
        readonly=True,
    )

    all_transfer = fields.Selection(TRANSFERS, string="Sends for All Selected")
    default_transfer = fields.Selection(
        TRANSFERS,
        string="Employees Linked Later Send",
        help="What the link of an employee is set to when it is created later.",
    )
    all_user_type = fields.Selection(USER_TYPES, string="Login for All Selected")
    all_department_id = fields.Many2one(
        "hr.department",
        string="Department for All Selected",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    all_invite = fields.Boolean(string="Invite")

    # What else Complete does
    send_earlier = fields.Boolean(string="Also send hours validated earlier")
    send_from = fields.Date(
        string="First Date of Work",
        help="Hours validated before connecting are sent from this date on.",
    )
    has_departments = fields.Boolean(
        compute="_compute_has_departments", export_string_translation=False
    )
    earlier_hours = fields.Float(compute="_compute_earlier", digits=(16, 2))
    unlinked_count = fields.Integer(compute="_compute_summary")
    exclude_unlinked = fields.Boolean(
        string="Mark open projects that stay without a link as “not sent to "
        "Tripletex”, so that their hours can be validated"
    )
    summary = fields.Html(compute="_compute_summary", sanitize=False)
    missing = fields.Html(compute="_compute_summary", sanitize=False)
    can_send = fields.Boolean(
        compute="_compute_summary", export_string_translation=False
    )
    result = fields.Html(readonly=True)
    invitation_problem = fields.Char(readonly=True)

    # -- computed ----------------------------------------------------------------

    @api.depends("is_update", "key_problem")
    def _compute_token_placeholder(self):
        for setup in self.sudo():
            # a session is there only once Tripletex has accepted the key
            if setup.pending_token and setup.session_token:
                text = self.env._("Entered (paste another key to replace it)")
            elif setup.pending_token:
                text = self.env._("Not accepted yet (paste the right key here)")
            elif setup.key_problem:
                text = self.env._("Paste a new key, or press Next to try again")
            elif setup._token():
                text = self.env._("Unchanged (paste a new key to replace it)")
            else:
                text = self.env._("Paste the key")
            setup.token_placeholder = text

    def _compute_application_name(self):
        parameters = self.env["ir.config_parameter"].sudo()
        name = parameters.get_param("hr_timesheet_tripletex.application_name")
        self.application_name = name or APPLICATION_NAME

    @api.depends("company_id")
    def _compute_is_update(self):
        for setup in self:
            setup.is_update = bool(setup._active_connection())

    @api.depends("organisation_number", "company_id")
    def _compute_is_other_number(self):
        for setup in self:
            company = setup.company_id.sudo()
            numbers = setup.organisation_number, company.company_registry, company.vat
            remote, *own = ("".join(filter(str.isdigit, n or "")) for n in numbers)
            setup.is_other_number = bool(remote and any(own) and remote not in own)

    @api.depends("company_id")
    def _compute_own_number(self):
        for setup in self:
            company = setup.company_id.sudo()
            setup.own_number = company.company_registry or company.vat

    @api.depends("right_ids.is_granted")
    def _compute_is_right_missing(self):
        for setup in self:
            setup.is_right_missing = not all(setup.right_ids.mapped("is_granted"))

    @api.depends("connection_id")
    def _compute_activity_ids(self):
        for setup in self:
            setup.activity_ids = setup.sudo()._activities()

    @api.depends("company_id")
    def _compute_has_departments(self):
        Department = self.env["hr.department"].sudo()
        for setup in self:
            own = [("company_id", "in", (False, setup.company_id.id))]
            setup.has_departments = bool(Department.search_count(own, limit=1))

    @api.depends("send_from", "step")
    def _compute_earlier(self):
        for setup in self:
            setup.earlier_hours = 0
            if setup.step == "employees" and setup.send_from:
                summary = Summary(setup.sudo()._origin)
                setup.earlier_hours = summary.earlier_hours(setup.send_from)

    @api.depends("step", "is_done")
    def _compute_summary(self):
        for setup in self.sudo():
            setup.summary = setup.missing = setup.can_send = False
            setup.unlinked_count = 0
            if setup.step == "employees":
                # the rows belong to the stored set-up; a form that is edited has none
                summary = Summary(setup._origin)
                setup.summary = not setup.is_done and bullets(summary.planned())
                setup.missing = bullets(summary.missing())
                setup.unlinked_count = len(summary.unlinked_projects)
                setup.can_send = summary.can_send

    @api.depends("step", "left_out")
    def _compute_left_out_here(self):
        for setup in self:
            kind = setup._row_kinds().get(setup.step)
            sentences = kind is not None and (setup.left_out or {}).get(kind._name)
            setup.left_out_here = bullets(sentences or [])

    @api.onchange("send_earlier")
    def _onchange_send_earlier(self):
        if not self.send_earlier:
            self.send_from = False
        elif not self.send_from:
            self.send_from = fields.Date.context_today(self).replace(day=1)

    # -- creating, writing, deleting ---------------------------------------------

    def init(self):
        create_columns(self)

    def write(self, vals):
        self.check_access("write")  # before anything is asked of Tripletex
        refuse_emptying(self, vals)
        self._refuse_other_company(vals)
        if "environment" in vals:
            # a session belongs to the environment that opened it
            for setup in self.sudo():
                if setup.environment != vals["environment"]:
                    StoredSession(setup).close()
        if "client_id" in vals:
            # what was read belongs to the company chosen before
            vals = vals | {"fresh_lists": ""}
        before = {setup: setup._tried_with() for setup in self}
        result = super().write(vals)
        self.filtered(
            lambda setup: setup.step != "key" and setup._tried_with() != before[setup]
        ).step = "key"
        return result

    def unlink(self):
        self.check_access("unlink")  # before anything is asked of Tripletex
        for setup in self.sudo():
            StoredSession(setup).close()
        self.env["tripletex.activity"].sudo().search(
            [("setup_id", "in", self.ids), ("connection_id", "=", False)]
        ).unlink()
        return super().unlink()

    def _refuse_other_company(self, vals):
        """Refuse to change the company: key, rows and links belong to it.

        :raise UserError: when it would change
        """
        if "company_id" in vals:
            if any(setup.company_id.id != vals["company_id"] for setup in self.sudo()):
                raise UserError(
                    self.env._(
                        "A set-up belongs to its company. Close it, and start one for "
                        "the other company there."
                    )
                )

    def _check_named(self):
        for setup in self:
            self._check_own_company(setup.company_id)
        return super()._check_named()

    def _tried_with(self):
        """Return where the key was tried. A change leads back to the first step."""
        return self.environment, self.client_id

    def _keep_typed(self, text):
        """Store a typed key, and empty the client of the former one."""
        token = "".join(text.split())
        setup = self.sudo()
        if token and token != setup.pending_token:
            StoredSession(setup).close()
            identity = database_identity(self.env)
            setup.write(
                {
                    "database_identity": identity,
                    "client_id": False,
                    "step": "key",
                    "key_problem": False,
                }
            )
            setup.pending_token = token
            self.invalidate_recordset(["token_placeholder"])

    def _is_copy(self):
        """Whether the set-up was begun in the database that this one is a copy of."""
        Connection = self.env["tripletex.connection"]
        return Connection._is_of_other_database(self.sudo().database_identity)

    # -- buttons -----------------------------------------------------------------

    # Each refuses users who do not administer system and company, and returns
    # the window action that shows the same set-up.

    @api.model
    def _action_open(self, company):
        """Return the window action that starts the set-up for ``company``.

        Update starts at Projects, with the key that is stored. Where that fails it
        starts at the key, and says why.
        """
        self._check_may_connect(company)
        active = self.env["tripletex.connection"]._own_of(company)
        if not active:
            action = self._action(is_update=False)
            action["context"]["default_company_id"] = company.id
            return action
        environment = active.environment
        setup = self.create({"company_id": company.id, "environment": environment})
        try:
            with self.env.cr.savepoint():
                setup.action_next()
        except UserError as error:
            setup.sudo().key_problem = str(error)
        return setup._reopen()

    def action_next(self):
        """Go to the next step, and read from Tripletex what it shows.

        :raise UserError: one sentence per cause, when Tripletex refuses anything
        """
        setup = self._start()
        if setup.step == "key" and not setup._try_key(refuse=True):
            return setup._reopen()
        if setup.step != STEPS[-1]:
            setup.step = STEPS[STEPS.index(setup.step) + 1]
            setup._enter_step()
        return setup._reopen()

    def action_back(self):
        """Go back one step; ticks stay."""
        setup = self._start()
        setup.step = STEPS[max(STEPS.index(setup.step) - 1, 0)]
        return setup._reopen()

    def action_check(self):
        """Try the key and show the rights it has, without leaving the step."""
        setup = self._start()
        setup._try_key(refuse=False)
        return setup._reopen()

    def action_read_again(self):
        """Read the step's list from Tripletex again; ticks stay."""
        setup = self._start()
        setup.fresh_lists = ""
        setup._enter_step()
        return setup._reopen()

    def action_tick(self, model, domain, ticked):
        """Tick or untick the rows of one list that the person sees.

        :param domain: search domain of the list
        """
        setup = self._start()
        if model not in [kind._name for kind in setup._row_kinds().values()]:
            raise UserError(self.env._("There is no such list in the set-up."))
        # with the person's own rights: a search domain comes from the browser
        found = self.env[model].search(
            fields.Domain(domain) & fields.Domain("setup_id", "=", self.id)
        )
        found.filtered(lambda line: line.selected != ticked).selected = ticked
        return True

    def action_set_all(self):
        """Set what is sent, login, department and invitation for all ticked.

        What is not chosen stays.
        """
        setup = self._start()
        lines = setup.employee_line_ids._to_add()
        if setup.all_department_id:
            lines.department_id = setup.all_department_id
        if setup.all_transfer:
            lines.transfer = setup.all_transfer
        if setup.all_user_type:
            lines.filtered(lambda line: not line.has_login).write(
                {
                    "user_type": setup.all_user_type,
                    "invite": setup.all_invite and setup.all_user_type != "none",
                }
            )
        setup.write(
            {"all_department_id": False, "all_user_type": False, "all_transfer": False}
        )
        return setup._reopen()

    def action_complete(self):
        """Connect, create and link everything ticked: all or nothing, once.

        :raise UserError: before the last step, or when ticked rows clash
        """
        self.ensure_one()
        self._check_may_connect(self.company_id)
        setup = self.sudo()
        setup._lock_complete()
        if setup.is_done:
            return setup._reopen()
        if setup.step != STEPS[-1]:
            raise UserError(
                self.env._("Go through all steps first: Complete is on the last one.")
            )
        Completion(setup).run()
        return setup._reopen()

    def action_leave(self):
        """Delete a set-up that is not complete; nothing of it stays."""
        for setup in self.exists():
            self._check_may_connect(setup.company_id)
            if not setup.is_done:
                setup.sudo().unlink()
        return True

    def action_close(self):
        """Close the result and show what it changed."""
        return {"type": "ir.actions.client", "tag": "hr_timesheet_tripletex.reload"}

    def _start(self):
        """Return the set-up as root, after checking who presses a button, and when.

        :raise AccessError: unless the user administers the system and the company
        :raise UserError: after Complete
        """
        self.ensure_one()
        self._check_may_connect(self.company_id)
        if self.is_done:
            raise UserError(
                self.env._(
                    "This set-up is complete already. Close it, and press Update to "
                    "change something."
                )
            )
        return self.sudo()

    @api.model
    def _check_may_connect(self, company):
        if self.env.su:
            return
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._(
                    "Only administrators can connect Odoo to Tripletex. Ask one of "
                    "them."
                )
            )
        self._check_own_company(company)

    def _lock_complete(self):
        """Make two administrators, or two presses, complete one after the other.

        PostgreSQL lets the later one wait for the addon's own row and then refuses it,
        because the row has changed. Odoo repeats that request, which finds the
        connection. One row for all companies, as two of them may choose the same
        Tripletex company.
        """
        self.env.execute_query(
            SQL(
                "UPDATE ir_module_module SET write_date = write_date "
                "WHERE name = 'hr_timesheet_tripletex' RETURNING id"
            )
        )
        self.invalidate_recordset(["is_done"])

    @api.model
    def _action(self, is_update):
        name = self.env._("Connect to Tripletex")
        if is_update:
            name = self.env._("Update Tripletex")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _reopen(self):
        """Return the window action that shows the same set-up, as it is now."""
        action = self._action(self.is_update) | {"res_id": self.id}
        return action | ({"name": self.env._("Tripletex")} if self.is_done else {})

    # -- key and company (from here on the set-up is root) -----------------------

    def _try_key(self, refuse):
        """Try the key; arguments, result and refusals as :meth:`KeyStep.apply`."""
        self._check_tokens()
        client = self.client_id.tripletex_id
        if not client and not self.pending_token:
            client = self._active_connection().client_company_id  # of the stored key
        self.client_company_id = client or "0"
        self.key_problem = False
        with self._tripletex() as client:
            return KeyStep(self, client).apply(refuse)

    def _check_tokens(self):
        if self._is_copy():
            # begun in the database that this one was made of: without its secrets
            self.session_token = self.pending_token = False
            self.database_identity = database_identity(self.env)
        if not self.env["tripletex.connection"]._consumer_token():
            raise UserError(
                self.env._(
                    "This Odoo system has no consumer token yet, so it cannot "
                    "connect to Tripletex. Enter the token under Settings, General "
                    "Settings, Tripletex, Consumer token; the person who installed "
                    "the addon gets it from Tripletex."
                )
            )
        if not self._token():
            raise UserError(self.env._("Enter the API user key from Tripletex."))

    def _token(self):
        """Return the key typed, else the connection's, which a copy does not read."""
        return self.pending_token or self._active_connection().employee_token

    def _active_connection(self):
        """Return the company's active connection, or an empty one."""
        return self.env["tripletex.connection"]._own_of(self.company_id)

    def _recognise_company(self):
        """Find the connection that this set-up updates or takes up again.

        :raise UserError: when either company is connected to another one
        """
        active = self._active_connection()
        if active and (
            active.tripletex_company_id != self.tripletex_company_id
            or active.environment != self.environment
        ):
            raise UserError(
                self.env._(
                    "This key belongs to %(new)s, but %(company)s is connected to "
                    "%(old)s. Use a key of that Tripletex company, or press Remove "
                    "first and connect again.",
                    new=self.tripletex_company_name,
                    company=self.company_id.name,
                    old=active.tripletex_company_name or active.tripletex_company_id,
                )
            )
        known = active.search(
            [
                ("environment", "=", self.environment),
                ("tripletex_company_id", "=", self.tripletex_company_id),
            ]
        )
        self._refuse_second_company(known)
        self.connection_id = active or known.filtered(
            lambda connection: connection.company_id == self.company_id
        )

    def _refuse_second_company(self, known):
        """Refuse a Tripletex company that is connected to another Odoo company.

        Branches are part of their company. Of the other one only its name is said.
        """
        root = self.company_id.root_id
        active = known.filtered(lambda connection: connection.state != "disconnected")
        other = active.company_id.filtered(lambda company: company.root_id != root)[:1]
        if other:
            raise UserError(
                self.env._(
                    "%(tripletex)s is connected to %(other)s already, and a "
                    "Tripletex company can be connected to one Odoo company only. "
                    "Use the key of another Tripletex company, or press Remove in "
                    "%(other)s first.",
                    tripletex=self.tripletex_company_name,
                    other=other.name,
                )
            )

    # -- lists -------------------------------------------------------------------

    def _row_lists(self):
        """Return a dict of step to its rows.

        Not to be kept: rows are read one by one once the cache forgets their list.
        """
        return {step: self[name] for step, name in LISTS.items()}

    def _row_kinds(self):
        """Return a dict of step to the model of its rows, without reading them."""
        return {
            step: self.env[self._fields[name].comodel_name]
            for step, name in LISTS.items()
        }

    def _enter_step(self):
        """Read the step's list, unless it was read with the key a moment ago."""
        if self.step == "key":
            return
        if self.step == "paycodes":
            self._offer_absence()
        fresh = (self.fresh_lists or "").split(",")
        if self.step in fresh:
            self.fresh_lists = ",".join(step for step in fresh if step != self.step)
            return
        kind = self._row_kinds()[self.step]
        with self._tripletex() as client:
            try:
                rows = kind._read_rows(client, self)
            except RightsMissing:
                if not kind._is_optional:
                    raise
                rows = []
            kind._offer(self, rows)

    def _offer_absence(self):
        """Offer the kinds of absence, and compare the normal day, where Time Off is."""
        self.env["tripletex.setup.absence"]._offer(self)
        if self.absence_line_ids:
            with self._tripletex() as client:
                sentences = NormalDay(self, client).sentences()
            self.normal_day = bullets(sentences) if sentences else False

    def _set_activities(self, rows, preset):
        """Store the activities as read for this set-up, and choose the defaults.

        Complete hands them to the connection, or merges them into those that it has.

        :param preset: ``defaultProjectActivity`` of Tripletex's settings, or None
        """
        Activity = self.env["tripletex.activity"]
        own = Activity.search([("setup_id", "=", self.id)]).grouped("tripletex_id")
        create = []
        for row in rows:
            if row["isDisabled"]:
                continue
            vals = self._activity_values(row)
            activity = own.pop(vals["tripletex_id"], None)
            if activity:
                activity.write(vals)
            else:
                create.append(vals)
        Activity.union(*own.values()).unlink()
        Activity.create(create)
        self._set_default_activities(preset)

    def _activity_values(self, row):
        kind = row["activityType"]
        is_project = row["isProjectActivity"]
        if is_project is None:
            is_project = kind.startswith("PROJECT") if kind else True
        return {
            "setup_id": self.id,
            "company_id": self.company_id.id,
            "tripletex_id": str(row["id"]),
            "number": row["number"] or False,
            "name": row["name"] or str(row["id"]),
            "activity_type": kind or False,
            "is_project_activity": is_project,
            "is_chargeable": bool(row["isChargeable"]),
        }

    def _activities(self):
        """Return the activities just read, or the connection's own records of them."""
        Activity = self.env["tripletex.activity"]
        setup_id = self._origin.id  # a form that is not stored yet has none
        own = Activity.search([("setup_id", "=", setup_id)]) if setup_id else Activity
        known = Activity.search(
            [
                ("connection_id", "!=", False),
                ("connection_id", "=", self.connection_id.id),
                ("tripletex_id", "in", own.mapped("tripletex_id")),
            ]
        )
        known_ids = set(known.mapped("tripletex_id"))
        return known | own.filtered(lambda a: a.tripletex_id not in known_ids)

    def _set_default_activities(self, preset):
        """Choose the connection's default, else Tripletex's, else the only usable one.

        A default that is chosen and still offered stays.
        """
        activities = self._activities()
        project = activities.filtered("is_project_activity")
        general = project.filtered(
            lambda a: (a.activity_type or "") in GENERAL_PROJECT_TYPES
        )
        preset_id = str(preset["id"]) if preset else None
        told = project.filtered(lambda a: a.tripletex_id == preset_id)
        internal = activities - project
        for name, offered, others in (
            ("default_activity_id", project, (told, general)),
            ("default_internal_activity_id", internal, (internal,)),
        ):
            if self[name] not in offered:
                known = self.connection_id[name] & offered
                only = next((other for other in others if len(other) == 1), False)
                self[name] = known or only

    # -- session, and what Tripletex's refusals mean -----------------------------

    def _store_session(self, token, expires):
        self.session_token = token
        self.session_expires = expires

    @contextmanager
    def _tripletex(self):
        """Return the API client; its errors become a sentence for the administrator.

        A request that fails is rolled back and would forget the session it opened: such
        a session is closed at once.
        """
        before = self.session_token
        try:
            client = StoredSession(self).client(self._token())
        except AddressRefused as error:
            words = self.env["tripletex.connection"]._explain(error)
            raise UserError(words) from error
        with client:
            try:
                yield client
            except Exception as error:
                if client.session_token != before:
                    close_session(client)
                if isinstance(error, TripletexError):
                    raise UserError(KeyWords(self).explain(error)) from error
                raise
