import ast
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..sending import NEEDS_ATTENTION, STATES, TRANSFERS, WAITING
from ..sending.figures import unsent_figures
from ..sending.namesakes import NAMESAKES_SHOWN
from ..sending.notice import Notice
from ..sending.queue import Queue
from ..sending.refusals import of_connection
from ..sending.session import DatabaseCopied, StoredSession
from ..sending.words import ConnectionWords
from ..tools import (
    AddressRefused,
    ConsumerTokenRefused,
    KeyRefused,
    RightsMissing,
    TripletexError,
    checked_base_url,
)
from .client_action import dialog, notification
from .database_identity import database_identity, is_same_database
from .secret import (
    Secret,
    create_columns,
    refuse_emptying,
    secrets_of,
    server_setting,
    vault,
)

#: Addresses of the two environments (DOCUMENTED: changelog 2.71.19).
BASE_URLS = {
    "production": "https://tripletex.no/v2",
    "test": "https://api-test.tripletex.tech/v2",
}
#: Errors that stop the whole connection: ``attention_reason``.
REASONS = {
    AddressRefused: "address",
    ConsumerTokenRefused: "consumer",
    DatabaseCopied: "copied",
    KeyRefused: "key",
    RightsMissing: "rights",
}
#: Models with secrets that a server's secret seals.
SEALED = (
    "ir.config_parameter",
    "tripletex.connection",
    "tripletex.connection.setup",
)
#: Values of a connection that nothing stops.
HEALTHY = {"attention_reason": False, "attention": False, "next_attempt_at": False}
#: May read the health without reading connections: it names no person and no key.
HEALTH_GROUP = "hr_timesheet.group_timesheet_manager"


class TripletexConnection(models.Model):
    """Connection of one Odoo company to one Tripletex company: key, state, defaults.

    Only Complete of the set-up creates it. A company has at most one active
    connection. A removed connection keeps its links, and is used again when the same
    Tripletex company is connected again.
    """

    _name = "tripletex.connection"
    _description = "Tripletex Connection"
    _inherit = ["tripletex.technical", "mail.thread", "mail.activity.mixin"]
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
    #: What is wrong, as code and arguments, see sending/refusals.py.
    attention = fields.Json(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    attention_message = fields.Char(
        compute="_compute_attention_message", compute_sudo=True
    )
    environment = fields.Selection(
        [("production", "Production"), ("test", "Test environment")],
        default="production",
        required=True,
        readonly=True,
    )

    employee_token = Secret()
    session_token = Secret()
    session_expires = fields.Date(
        groups="base.group_system", copy=False, export_string_translation=False
    )
    database_identity = fields.Char(
        groups="base.group_system",
        copy=False,
        readonly=True,
        help="Identity of the database that was connected: a copy does not send.",
        export_string_translation=False,
    )

    is_key_sealed = fields.Boolean(
        string="Key Encrypted",
        compute="_compute_is_key_sealed",
        help="The API user key is encrypted in the database, with a secret that only "
        "the server knows.",
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
        help="Used for project hours when neither the paycode nor the project has "
        "its own activity.",
    )
    default_internal_activity_id = fields.Many2one(
        "tripletex.activity",
        domain="[('connection_id', '=', id), ('is_project_activity', '=', False)]",
        ondelete="restrict",
        tracking=True,
        help="Used for hours on projects that are internal time in Tripletex.",
    )
    default_transfer = fields.Selection(
        TRANSFERS,
        string="Employees Linked Later Send",
        required=True,
        default="all",
        help="What the link of an employee is set to when it is created. Nothing: to "
        "try the connection with a few people first.",
    )
    month_module = fields.Selection(
        [("on", "Switched on"), ("off", "Switched off")],
        string="Months Are Finished in Tripletex",
        readonly=True,
        help="Whether “Månedsoversikt ferdig registrert” is switched on in Tripletex. "
        "Without it, hours of employees with hourly pay may not be paid.",
    )
    require_comments = fields.Boolean(
        readonly=True,
        help="Tripletex requires a comment on every hour registered on a project.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        tracking=True,
        help="Is told when hours need attention.",
    )
    #: Troubles and people that were told, see sending/notice.py.
    told = fields.Json(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    send_from = fields.Date(
        readonly=True,
        help="Hours validated before connecting are sent from this date on. "
        "Empty: only hours validated after connecting.",
    )
    connected_at = fields.Datetime(readonly=True)
    last_sent_at = fields.Datetime(string="Last Sending", readonly=True)
    next_attempt_at = fields.Datetime(
        string="Paused Until",
        readonly=True,
        copy=False,
        help="Tripletex asked for a pause, or could not be reached.",
    )
    seconds_per_call = fields.Integer(
        readonly=True,
        help="How long Tripletex's answers took last. Slow ones come last in the cron.",
        export_string_translation=False,
    )
    outages = fields.Integer(
        readonly=True,
        copy=False,
        help="Runs in a row in which Tripletex could not be reached.",
        export_string_translation=False,
    )
    #: When a check of the months began last: who waits longest comes first.
    check_begun_at = fields.Datetime(
        readonly=True, copy=False, export_string_translation=False
    )
    #: When a check of the months that did not end is repeated.
    check_due_at = fields.Datetime(
        readonly=True, copy=False, export_string_translation=False
    )
    #: Dict of ``months``: first days of those that a check did not come to; empty where
    #: none is under way.
    check_left = fields.Json(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    waiting_count = fields.Integer(
        "Waiting to Be Sent", compute="_compute_entry_figures"
    )
    waiting_hours = fields.Float(compute="_compute_entry_figures", digits=(16, 2))
    problem_count = fields.Integer("Needs Attention", compute="_compute_entry_figures")
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

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    def _compute_entry_figures(self):
        figures = unsent_figures(
            self.env["tripletex.entry"].sudo(), [("connection_id", "in", self.ids)]
        )
        for connection in self:
            for name, states in (
                ("waiting", WAITING),
                ("problem", NEEDS_ATTENTION),
            ):
                keys = [(connection.id, state) for state in states]
                found = [figures.get(key, (0, 0.0)) for key in keys]
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

    @api.depends("attention")
    @api.depends_context("lang")
    def _compute_attention_message(self):
        words = ConnectionWords(self.env)
        for connection in self:
            connection.attention_message = words.text(connection.attention)

    @api.depends("state")
    def _compute_is_key_sealed(self):
        stored = type(self).employee_token.stored(self)
        for connection in self:
            text = stored.get(connection.id)
            sealed = text and not vault().is_open and vault().is_current(text)
            connection.is_key_sealed = bool(sealed)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def init(self):
        create_columns(self)

    def write(self, vals):
        refuse_emptying(self, vals)
        result = super().write(vals)
        if vals.keys() & {"default_activity_id", "default_internal_activity_id"}:
            self.env["tripletex.lookup"]._plan(self)  # for hours that wait
        return result

    @api.autovacuum
    def _gc_seal_keys(self):
        """Seal what was stored before the server had its (present) secret.

        Daily; so an old secret can go a day after the new one was put before it.
        """
        for name in SEALED:
            model = self.env[name].sudo()
            for secret in secrets_of(model):
                secret.seal_all(model)

    # ------------------------------------------------------------------
    # Which connection
    # ------------------------------------------------------------------

    @api.model
    def _active_by_company(self, companies):
        """Map each of ``companies`` that is connected to its active connection.

        A branch uses the connection of its nearest parent, unless it has its own.
        ``attention`` counts as active: its hours are queued and wait.

        :param companies: recordset of ``res.company``
        :return: dict of ``res.company`` to ``tripletex.connection`` (sudo)
        """
        companies = companies.sudo()
        connections = self.sudo().search(
            [
                ("company_id", "parent_of", companies.ids),
                ("state", "!=", "disconnected"),
            ]
        )
        own = {connection.company_id: connection for connection in connections}
        if not own:
            return {}
        nearest = {
            company: next((own[c] for c in company._tripletex_up() if c in own), None)
            for company in companies
        }
        return {company: found for company, found in nearest.items() if found}

    @api.model
    def _own_of(self, company):
        """The company's own active connection, not its parent's; or an empty one."""
        found = self._active_by_company(company).get(company, self)
        return found if found.company_id == company else self.sudo().browse()

    def _companies(self):
        """The companies whose hours this connection sends: its own, and branches.

        :return: ``res.company`` records
        """
        self.ensure_one()
        tree = self.company_id.search([("id", "child_of", self.company_id.id)])
        connections = self._active_by_company(tree)
        return tree.filtered(lambda company: connections.get(company) == self)

    @api.model
    def _current_by_company(self, companies):
        """Of each company the active connection, else the one removed last.

        :param companies: recordset of ``res.company``
        :return: ``tripletex.connection`` (sudo), ordered by company
        """
        found = self.sudo().search([("company_id", "in", companies.ids)])
        chosen = {}
        for connection in found.sorted(lambda c: c.state == "disconnected"):
            chosen.setdefault(connection.company_id, connection)
        return found.browse(chosen[c].id for c in companies if c in chosen)

    def _is_copy(self):
        """Whether this database is another one than the one that was connected."""
        return self._is_of_other_database(self.database_identity)

    @api.model
    def _is_of_other_database(self, identity):
        """Whether what was stored with this identity came here as a copy."""
        current = database_identity(self.env)
        return bool(identity) and not is_same_database(identity, current)

    @api.model
    def _stop_copies(self):
        """Let every connection that came here as a copy say so, and send nothing."""
        connected = self.search_fetch(
            [("state", "=", "connected")], ["database_identity"]
        )
        current = database_identity(self.env) if connected else ""
        for connection in connected:
            stored = connection.database_identity
            if stored and not is_same_database(stored, current):
                connection._in_responsible_lang()._note_error(DatabaseCopied())

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_update(self):
        """Open the set-up wizard again for this connection's company.

        :return: window action of ``tripletex.connection.setup``
        :raise AccessError: unless the user may write the connection
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["tripletex.connection.setup"]._action_open(self.company_id)

    def action_remove(self):
        """Open the dialog that removes this connection.

        :return: window action of ``tripletex.connection.remove``
        :raise AccessError: unless the user may write the connection
        """
        self.ensure_one()
        self.check_access("write")
        return dialog(
            self.env._("Remove the Connection to Tripletex"),
            "tripletex.connection.remove",
            context={"default_connection_id": self.id},
        )

    def action_test(self):
        """Ask Tripletex who we are and heal ``attention`` when it answers.

        Reads only. A key that works again brings the connection back to
        ``connected`` and wakes the cron; one that does not shows what is wrong. A
        copied database asks nothing: the key is the original's.

        :return: notification action
        :raise AccessError: unless the user may write the connection
        """
        self.ensure_one()
        self.check_access("write")
        connection = self.sudo()
        try:
            with connection._client() as client:
                client.open_session()
                connection._probe(client)
        except TripletexError as error:
            connection._note_error(error)
            return self._notification("danger", connection._explain(error))
        connection._set_connected()
        return self._notification(
            "success",
            self.env._(
                "The connection to %(company)s works. Hours that wait are sent now.",
                company=connection.tripletex_company_name
                or connection.tripletex_company_id,
            ),
        )

    def action_confirm_move(self):
        """Let this database send instead of the one that was connected; test the key.

        For a database that was moved: the administrator answers for it that the old one
        sends no more.

        :return: notification action
        :raise AccessError: unless the user may write the connection
        """
        self.ensure_one()
        self.check_access("write")
        connection = self.sudo()
        if connection._is_copy():
            connection.write(
                {
                    "database_identity": database_identity(self.env),
                    "session_expires": False,
                }
            )
            connection.session_token = False  # the old database's
            connection.message_post(
                body=self.env._(
                    "Confirmed that this database replaces the one that was connected."
                ),
                author_id=self.env.user.partner_id.id,
            )
        return self.action_test()

    def action_send_now(self):
        """End all pauses and send what waits, in the background.

        The cron sends, not this request.

        :return: notification action
        :raise AccessError: unless the user may write the connection
        """
        self.check_access("write")
        connections = self.sudo()
        connections.next_attempt_at = False
        waiting = [("connection_id", "in", self.ids), ("state", "=", "pending")]
        connections.env["tripletex.entry"].search(waiting).next_attempt_at = False
        self.env["tripletex.entry"]._wake_cron()
        return self._notification(
            "info", self.env._("Sending starts now. Reload to see the result.")
        )

    def action_view_waiting(self):
        """Open the entries that wait to be sent."""
        return self._action_entries("waiting")

    def action_view_problems(self):
        """Open the entries that need a person."""
        return self._action_entries("attention")

    def _action_entries(self, kind):
        """Open the screen to which the strip and e-mails lead, for this connection."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"hr_timesheet_tripletex.tripletex_entry_action_{kind}"
        )
        own = Domain("connection_id", "=", self.id)
        return action | {
            "domain": list(own & Domain(ast.literal_eval(action["domain"]))),
            "context": NAMESAKES_SHOWN,
        }

    def _notification(self, kind, message):
        reload = {"type": "ir.actions.client", "tag": "hr_timesheet_tripletex.reload"}
        return notification(message, kind, sticky=kind == "danger", next=reload)

    # ------------------------------------------------------------------
    # Connecting and removing
    # ------------------------------------------------------------------

    @api.model
    def _activate(
        self, known, company, environment, tripletex_company_id, vals, secrets
    ):
        """Make the connection of a company active: Complete's last word.

        :param known: connection to update or take up again (the same Tripletex
            company), or empty for a new one
        :param vals: what the set-up found out
        :param secrets: dict of key and session, or empty to keep those it has
        :return: the active connection
        """
        identity = database_identity(self.env)
        vals = vals | HEALTHY | {"state": "connected", "database_identity": identity}
        if not known or known.state == "disconnected":
            vals["connected_at"] = fields.Datetime.now()
        if known:
            known.write(vals)
        else:
            known = self.create(
                vals
                | {
                    "company_id": company.id,
                    "environment": environment,
                    "tripletex_company_id": tripletex_company_id,
                    "responsible_id": self.env.uid,
                }
            )
        for name, text in secrets.items():
            setattr(known, name, text)
        self._forget_active()
        known._notify_responsible()
        self.env["tripletex.entry"]._wake_cron()
        return known

    @api.model
    def _forget_active(self):
        """Let companies find their active connection anew within this transaction."""
        self.env["res.company"].invalidate_model(
            ["tripletex_connection_id", "tripletex_state"]
        )

    def _disconnect(self):
        """Stop sending and forget the key; links and queued hours stay.

        The session is closed in Tripletex as well as can be: when Tripletex does not
        answer it ends by itself within two days. In a copied database it is the
        original's, and stays.
        """
        self.ensure_one()
        StoredSession(self).close()
        self.employee_token = self.session_token = False
        ended = {"session_expires": False, "check_due_at": False, "check_left": False}
        self.write(HEALTHY | {"state": "disconnected"} | ended)
        self._forget_active()
        self.env["tripletex.gate"]._change(self.company_id)
        Queue(self.env).let_go(self)
        self._notify_responsible()

    def _queue_earlier(self, send_from=None, is_reconnected=False):
        """Queue what was validated before this connection was (again) made.

        Hours that wait follow the links; what was sent stays sent. It is looked up
        after the commit, see ``tripletex.lookup``.

        :param send_from: first date of work; empty for no earlier hours
        :param is_reconnected: the connection was not active before, so sent hours
            whose lines changed meanwhile are looked up, of all dates
        """
        self.ensure_one()
        dates = {"date_from": send_from, "is_reconnected": is_reconnected}
        if send_from:
            later = [("connection_id", "=", self.id), ("send_from", ">", send_from)]
            self.env["tripletex.absence"].search(later).send_from = send_from
        self.env["tripletex.lookup"]._plan(self, **dates)

    # ------------------------------------------------------------------
    # Calling Tripletex
    # ------------------------------------------------------------------

    @api.model
    def _base_url(self, environment):
        """Address of the API, ``/v2`` included.

        Keys are sent there, so it is no ordinary data: a system parameter, which any
        administrator can write, may name this machine only (a stand-in for tests).

        :raise AddressRefused: for a system parameter that names another machine
        """
        parameters = self.env["ir.config_parameter"].sudo()
        local = parameters.get_param("hr_timesheet_tripletex.base_url")
        if local:
            return checked_base_url(local, only_loopback=True)
        return server_setting("tripletex_base_url") or BASE_URLS[environment]

    @api.model
    def _consumer_token(self):
        """The application's token, or an empty text while none was entered."""
        return self.env["ir.config_parameter"]._tripletex_consumer_token()

    def _client(self):
        """The API client for this connection, with its cached session.

        Call on a sudo record. A new session is stored on the connection as soon as
        the client has made it; the caller's next commit keeps it.

        :raise AddressRefused: for an address that tokens may not be sent to
        """
        self.ensure_one()
        return StoredSession(self).client(self.employee_token)

    def _store_session(self, token, expires):
        """Keep a session that the client has just opened.

        :raise KeyRefused: when the connection was removed while a call was under way,
            so that none follows
        """
        self.invalidate_recordset(["state"])
        if self.state == "disconnected":
            raise KeyRefused("The connection was removed")
        self.session_expires = expires

        @self.env.cr.precommit.add
        def store():
            # now it would lock the connection for as long as Tripletex answers
            self.session_token = token

    def _probe(self, client):
        """One cheap read of every kind that sending needs.

        :raise RightsMissing: the key may not read it
        """
        today = fields.Date.context_today(self)
        who = client.who_am_i()
        client.search_entries(today, today, employee_ids=[who["employeeId"]])

    # ------------------------------------------------------------------
    # State, and who is told
    # ------------------------------------------------------------------

    def _in_responsible_lang(self):
        """Return the connection in the language of its responsible user."""
        return self.with_context(lang=self.responsible_id.lang or self.env.lang)

    def _set_connected(self):
        """The key works: carry on with what waits."""
        self.ensure_one()
        self.write(HEALTHY | {"state": "connected"})
        self._notify_responsible()
        self.env["tripletex.entry"]._wake_cron()

    def _set_attention(self, reason, attention):
        """Stop sending until a person has acted; every row stays where it is.

        :param attention: what is wrong, see ``refusals``
        """
        self.ensure_one()
        if (self.state, self.attention_reason) == ("attention", reason):
            self.attention = attention
            return
        self.write(
            {
                "state": "attention",
                "attention_reason": reason,
                "attention": attention,
                "session_expires": False,
            }
        )
        self.session_token = False
        self.message_post(body=self.attention_message)
        self._notify_responsible()

    def _note_error(self, error):
        """Turn an error that concerns the whole connection into its state.

        :return: True when the connection now needs a person
        """
        reason = next(
            (name for kind, name in REASONS.items() if isinstance(error, kind)), None
        )
        if not reason or self.state == "disconnected":
            return False
        self._set_attention(reason, self._refusal_of(error))
        return True

    def _refusal_of(self, error):
        """Return what to store about an error that concerns the whole connection."""
        is_key = isinstance(error, KeyRefused)
        return of_connection(error, is_key and self._is_key_unreadable())

    def _explain(self, error):
        """Words for a person about an error that concerns the whole connection."""
        return ConnectionWords(self.env).text(self._refusal_of(error))

    def _is_key_unreadable(self):
        """Whether a key is stored that the server's present secret does not open."""
        stored = type(self).employee_token.stored(self)
        return bool(stored.get(self.id)) and not self.employee_token

    def _notify_responsible(self):
        """Tell people who can act, once per trouble, see ``sending/notice.py``."""
        for connection in self:
            Notice(connection).update()

    # ------------------------------------------------------------------
    # Health
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def health(self):
        """How sending stands, for every company of the user that was ever connected.

        Reads the database alone; Tripletex is not asked.

        :return: list of dict, one per company: ``company_id``, ``company``, ``state``
            of its connection, ``attention_reason`` and ``last_sent_at`` and
            ``paused_until`` and ``waiting_since``, that of the hours that wait longest
            (UTC text or None), ``entries`` and ``hours`` (dict of entry state to number
            and to hours) and ``ok``: connected, nothing needs a person, and nothing
            waits longer than the company's patience
        :raise AccessError: unless the user administers timesheets or may read
            connections
        """
        if not self.env.user.has_group(HEALTH_GROUP):
            self.browse().check_access("read")
        connections = self._current_by_company(self.env.user.company_ids)
        figures = connections._figures_by_state()
        return [connection._health(figures) for connection in connections]

    def _health(self, figures):
        """One company's part of :meth:`health`."""
        self.ensure_one()
        state, reason = self.state, self.attention_reason or None
        if state == "connected" and self._is_copy():
            state, reason = "attention", "copied"  # the cron stores it
        found = {name: figures.get((self, name), (0, 0.0)) for name in STATES}
        entries = {name: count for name, (count, _hours) in found.items()}
        since = self._waiting_since()
        patience = timedelta(hours=self.company_id.tripletex_patience)
        is_patient = not since or since > fields.Datetime.now() - patience
        return {
            "company_id": self.company_id.id,
            "company": self.company_id.name,
            "state": state,
            "attention_reason": reason,
            "last_sent_at": fields.Datetime.to_string(self.last_sent_at) or None,
            "paused_until": fields.Datetime.to_string(self.next_attempt_at) or None,
            "waiting_since": fields.Datetime.to_string(since) or None,
            "entries": entries,
            "hours": {name: round(hours, 2) for name, (_n, hours) in found.items()},
            "ok": state == "connected"
            and is_patient
            and not entries["failed"]
            and not entries["conflict"],
        }

    def _waiting_since(self):
        """Return since when hours wait longest, or None."""
        self.env["tripletex.entry"].flush_model(["state", "waiting_since"])
        [(since,)] = self.env.execute_query(
            SQL(
                "SELECT MIN(COALESCE(waiting_since, create_date)) FROM tripletex_entry "
                "WHERE connection_id = %s AND state IN %s",
                self.id,
                WAITING,
            )
        )
        return since
