import base64
import binascii
import json
import logging
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.orm.models import NO_ACCESS

from ..tools import (
    ConsumerTokenRefused,
    KeyRefused,
    NoConnection,
    RateLimited,
    RightsMissing,
    TripletexClient,
    TripletexError,
    TryLater,
)

_logger = logging.getLogger(__name__)

STEPS = ["key", "projects", "paycodes", "employees"]
#: Line models with the set-up's field that shows them.
LINE_FIELDS = ["project_line_ids", "paycode_line_ids", "employee_line_ids"]
#: Seconds to connect and to wait when only a session is closed: nobody waits for it.
CLOSING_TIMEOUT = (3, 5)


class TripletexConnectionSetup(models.TransientModel):
    """Connect an Odoo company to its Tripletex company, or update the connection.

    Nothing outside these transient rows is made before Complete. The key is moved
    out of reach of every browser the moment it is typed, and the session is closed
    in Tripletex when the row goes without Complete.
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
    pending_token = fields.Char(
        groups=NO_ACCESS, copy=False, export_string_translation=False
    )
    session_token = fields.Char(
        groups=NO_ACCESS, copy=False, export_string_translation=False
    )
    session_expires = fields.Date(
        groups=NO_ACCESS, copy=False, export_string_translation=False
    )
    has_key = fields.Boolean(compute="_compute_has_key")
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
        default="0", help="0: the company that owns the key.", readonly=True
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
    tripletex_company_id = fields.Char(readonly=True)
    tripletex_company_name = fields.Char(string="Tripletex Company", readonly=True)
    organisation_number = fields.Char(readonly=True)
    is_other_number = fields.Boolean(
        compute="_compute_is_other_number",
        help="The organisation number differs from the Odoo company's.",
    )
    key_owner_id = fields.Char(readonly=True)
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
    default_activity_id = fields.Many2one(
        "tripletex.activity",
        string="Activity for Project Hours",
        domain="[('is_project_activity', '=', True), '|', ('setup_id', '=', id),"
        " '&', ('connection_id', '!=', False), ('connection_id', '=', connection_id)]",
    )
    default_internal_activity_id = fields.Many2one(
        "tripletex.activity",
        string="Activity for Internal Hours",
        domain="[('is_project_activity', '=', False), '|', ('setup_id', '=', id),"
        " '&', ('connection_id', '!=', False), ('connection_id', '=', connection_id)]",
    )
    require_comments = fields.Boolean(readonly=True)

    all_user_type = fields.Selection(
        [
            ("none", "No login"),
            ("user", "Own timesheets"),
            ("approver", "All timesheets"),
            ("manager", "Administrator"),
        ],
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
    earlier_hours = fields.Float(compute="_compute_earlier")
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

    def _compute_application_name(self):
        self.application_name = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("hr_timesheet_tripletex.application_name")
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
        if "employee_token" in vals:
            token = vals["employee_token"]
            vals = vals | {"employee_token": False}
            for setup in self:
                setup._keep_token(token)
        if "client_id" in vals:
            # another company: what was read belongs to the one before
            vals = vals | {"fresh_lists": ""}
        return super().write(vals)

    def unlink(self):
        for setup in self.sudo():
            setup._close_session()
        self.env["tripletex.activity"].sudo().search(
            [("setup_id", "in", self.ids), ("connection_id", "=", False)]
        ).unlink()
        return super().unlink()

    def _keep_token(self, token):
        """Move a typed key to where no browser can read it."""
        token = "".join((token or "").split())
        if not token:
            return
        setup = self.sudo()
        if token != setup.pending_token:
            setup._close_session()
            setup.pending_token = token

    def _close_session(self):
        """End the set-up's own session in Tripletex; best effort, sudo record."""
        self.ensure_one()
        if not self.session_token:
            return
        try:
            with self._new_client(timeout=CLOSING_TIMEOUT) as client:
                client.close_session()
        except (TripletexError, ValueError, UserError) as error:
            _logger.info("The set-up's session could not be closed: %s", error)
        self.write({"session_token": False, "session_expires": False})

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    @api.model
    def _action_open(self, company):
        """Window action that starts the set-up for ``company``.

        :raise AccessError: unless the user administers the system and the company
        """
        self._check_may_connect(company)
        active = self.env["tripletex.connection"]._active_by_company(company)
        name = (
            self.env._("Update Tripletex")
            if active
            else self.env._("Connect to Tripletex")
        )
        action = self._action(name)
        action["context"]["default_company_id"] = company.id
        if active:
            action["context"]["default_environment"] = active[company].environment
        return action

    def action_next(self):
        """Go to the next step; Tripletex is read where the step needs it.

        :return: window action that shows the same set-up
        :raise AccessError: unless the user administers the system
        :raise UserError: one sentence per cause, when Tripletex refuses the key, the
            consumer token, the company or a right that is needed
        """
        setup = self._start()
        if setup.step == "key":
            if not setup._verify_key():
                return setup._reopen()
        index = STEPS.index(setup.step)
        if index + 1 < len(STEPS):
            setup.step = STEPS[index + 1]
            setup._enter_step()
        return setup._reopen()

    def action_back(self):
        """Go back one step; ticks stay.

        :return: window action that shows the same set-up
        :raise AccessError: unless the user administers the system
        """
        setup = self._start()
        setup.step = STEPS[max(STEPS.index(setup.step) - 1, 0)]
        return setup._reopen()

    def action_check(self):
        """Try the key and show the rights it has, without leaving the step.

        :return: window action that shows the same set-up
        :raise UserError: as :meth:`action_next`, except for missing rights
        """
        setup = self._start()
        setup._verify_key(refuse=False)
        return setup._reopen()

    def action_read_again(self):
        """Read the step's list from Tripletex again; ticks stay.

        :return: window action that shows the same set-up
        """
        setup = self._start()
        setup.fresh_lists = ""
        setup._enter_step()
        return setup._reopen()

    def action_tick(self, model, domain, ticked):
        """Tick or untick the rows of one list that the person sees.

        Rows that cannot be ticked stay as they are.

        :param model: name of a line model of the set-up
        :param domain: search domain of the list
        :param ticked: True to tick, False to untick
        :raise AccessError: unless the user administers the system
        """
        setup = self._start()
        lines = {setup[name]._name: setup[name] for name in LINE_FIELDS}
        if model not in lines:
            raise UserError(self.env._("There is no such list in the set-up."))
        # the person's own rights: a search domain comes from the browser
        found = self.env[model].search(
            fields.Domain(domain) & fields.Domain("setup_id", "=", self.id)
        )
        found.filtered(lambda line: line.selected != ticked).selected = ticked
        return True

    def action_set_all(self):
        """Set login, department and invitation for all ticked employees.

        What is left empty stays as it is on the rows.

        :return: window action that shows the same set-up
        """
        setup = self._start()
        lines = setup.employee_line_ids.filtered(lambda line: line._is_to_add())
        if setup.all_department_id:
            lines.department_id = setup.all_department_id
        if setup.all_user_type:
            lines.filtered(lambda l: not l.has_login).write(
                {
                    "user_type": setup.all_user_type,
                    "invite": setup.all_invite and setup.all_user_type != "none",
                }
            )
        setup.write({"all_department_id": False, "all_user_type": False})
        return setup._reopen()

    def action_leave(self):
        """Give up a set-up before Complete: nothing of it stays.

        :raise AccessError: unless the user administers the system
        """
        for setup in self.exists():
            self._check_may_connect(setup.company_id)
            if not setup.is_done:
                setup.sudo().unlink()
        return True

    def action_close(self):
        """Close the result and show what it changed.

        :return: client action
        """
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _start(self):
        """What every button does first: check who presses it, on what.

        :return: the set-up as root
        :raise AccessError: unless the user administers the system and the company
        """
        self.ensure_one()
        self._check_may_connect(self.company_id)
        if self.is_done:
            raise UserError(self.env._("This set-up is complete already."))
        return self.sudo()

    @api.model
    def _check_may_connect(self, company):
        if self.env.su:
            return
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Only administrators can connect Odoo to Tripletex.")
            )
        if company not in self.env.user.company_ids:
            raise AccessError(
                self.env._("You have no access to the company you want to connect.")
            )

    @api.model
    def _action(self, name):
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
        """Show the same set-up again, as it is now."""
        if self.is_update and not self.is_done:
            name = self.env._("Update Tripletex")
        else:
            name = self.env._("Connect to Tripletex")
        return self._action(name) | {"res_id": self.id}

    # ------------------------------------------------------------------
    # Talking to Tripletex
    # ------------------------------------------------------------------

    def _token(self):
        """The key to use: the one typed, else the connection's (Update)."""
        if self.pending_token:
            return self.pending_token
        active = self.env["tripletex.connection"]._active_by_company(self.company_id)
        connection = active.get(self.company_id)
        return connection.employee_token if connection else False

    def _new_client(self, **kwargs):
        parameters = self.env["ir.config_parameter"].sudo()
        return TripletexClient(
            self.env["tripletex.connection"]._base_url(self.environment),
            parameters.get_param("hr_timesheet_tripletex.consumer_token") or "",
            self._token() or "",
            company_id=self.client_company_id or "0",
            session_token=self.session_token or None,
            session_expires=self.session_expires or None,
            on_session=self._store_session,
            **kwargs,
        )

    def _store_session(self, token, expires):
        self.write({"session_token": token, "session_expires": expires})

    @contextmanager
    def _tripletex(self):
        """The API client; what goes wrong becomes a sentence for the administrator.

        A request that fails is rolled back and would forget the session it opened:
        such a session is closed at once.
        """
        before = self.session_token
        try:
            client = self._new_client()
        except ValueError as error:
            raise UserError(
                self.env._(
                    "The address of Tripletex in the system parameter "
                    "hr_timesheet_tripletex.base_url cannot be used: %(cause)s",
                    cause=error,
                )
            ) from error
        with client:
            try:
                yield client
            except Exception as error:
                self._close_failed(client, before)
                if isinstance(error, TripletexError):
                    raise UserError(self._explain(error)) from error
                raise

    def _close_failed(self, client, before):
        if not client.session_token or client.session_token == before:
            return
        try:
            client.close_session()
        except TripletexError as error:
            _logger.info("A session could not be closed: %s", error)

    def _explain(self, error):
        """One sentence per cause, with what to do."""
        _ = self.env._
        if isinstance(error, ConsumerTokenRefused):
            return _(
                "Tripletex refuses the consumer token of this Odoo system. Check it "
                "under Settings, General Settings, Tripletex: it must be the one for "
                "the %(environment)s.",
                environment=self._environment_name(),
            )
        if isinstance(error, KeyRefused):
            return self._explain_refused_key()
        if isinstance(error, RightsMissing):
            return self._explain_missing([self._right_of_call(error.call)])
        if isinstance(error, RateLimited):
            return _(
                "Tripletex asks us to wait before reading on. Try again in %(seconds)s "
                "seconds.",
                seconds=int(error.retry_after or 10) + 1,
            )
        if isinstance(error, NoConnection):
            return _(
                "Tripletex could not be reached. Check this server's network, then "
                "try again."
            )
        if isinstance(error, TryLater):
            return _(
                "Tripletex does not answer properly at the moment (%(error)s). Try "
                "again in a few minutes.",
                error=error,
            )
        return _("Tripletex answered: %(error)s", error=error)

    def _environment_name(self):
        return dict(self._fields["environment"]._description_selection(self.env))[
            self.environment
        ]

    def _explain_refused_key(self):
        _ = self.env._
        is_test = is_test_key(self._token() or "")
        if is_test and self.environment == "production":
            return _(
                "This is a key of Tripletex's test environment. Choose the test "
                "environment, or make a key in your real Tripletex company."
            )
        if self.environment == "test" and is_test is False:
            return _(
                "This is a key of a real Tripletex company, and the test environment "
                "is chosen. Choose Production, or make a key in the test environment."
            )
        return _(
            "Tripletex does not accept this API user key. Check that it was copied "
            "whole, that it was made for the application %(application)s (letter "
            "case counts), that it was not deleted, and that it belongs to the "
            "environment %(environment)s.",
            application=self.application_name or "",
            environment=self._environment_name(),
        )


def is_test_key(token):
    """Whether a key says of itself that it belongs to the test environment.

    Keys are Base64 of ``{"tokenId": n, "token": "<uuid>"}`` (REPORTED); those of the
    test environment begin with ``test-`` (DOCUMENTED). Used to explain a refusal
    only, never to refuse.

    :return: True or False, None when the key does not have that form
    """
    if token.startswith("test-"):
        return True
    try:
        padded = token + "=" * (-len(token) % 4)
        inner = json.loads(base64.b64decode(padded, validate=True))
        return str(inner["token"]).startswith("test-")
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
