import logging

from odoo import api, fields, models
from odoo.orm.models import NO_ACCESS

from ..tools import (
    ConsumerTokenRefused,
    KeyRefused,
    RightsMissing,
    TripletexClient,
    TripletexError,
    TryLater,
)

_logger = logging.getLogger(__name__)

#: Addresses of the two environments (DOCUMENTED: changelog 2.71.19).
BASE_URLS = {
    "production": "https://tripletex.no/v2",
    "test": "https://api-test.tripletex.tech/v2",
}


class TripletexConnection(models.Model):
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
    employee_token = fields.Char(
        groups=NO_ACCESS, copy=False, export_string_translation=False
    )
    session_token = fields.Char(
        groups=NO_ACCESS, copy=False, export_string_translation=False
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
    waiting_count = fields.Integer(compute="_compute_entry_figures")
    waiting_hours = fields.Float(compute="_compute_entry_figures")
    problem_count = fields.Integer(compute="_compute_entry_figures")
    problem_hours = fields.Float(compute="_compute_entry_figures")

    _company_active_uniq = models.UniqueIndex(
        "(company_id) WHERE state != 'disconnected'",
        "A company can have one active Tripletex connection only.",
    )
    _tripletex_company_uniq = models.UniqueIndex(
        "(company_id, environment, tripletex_company_id)",
        "This Tripletex company is known for this company already.",
    )

    def _compute_entry_figures(self):
        figures = {
            (connection, state): (count, hours)
            for connection, state, count, hours in self.env[
                "tripletex.entry"
            ]._read_group(
                [("connection_id", "in", self.ids)],
                ["connection_id", "state"],
                ["__count", "hours:sum"],
            )
        }
        for connection in self:
            waiting = [
                figures.get((connection, state), (0, 0.0))
                for state in ("pending", "sending")
            ]
            problems = [
                figures.get((connection, state), (0, 0.0))
                for state in ("failed", "conflict")
            ]
            connection.waiting_count = sum(count for count, _hours in waiting)
            connection.waiting_hours = sum(hours for _count, hours in waiting)
            connection.problem_count = sum(count for count, _hours in problems)
            connection.problem_hours = sum(hours for _count, hours in problems)

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
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remove the Connection to Tripletex"),
            "res_model": "tripletex.connection.remove",
            "view_mode": "form",
            "target": "new",
            "context": {"default_connection_id": self.id},
        }

    def action_test(self):
        """Ask Tripletex who we are and heal ``attention`` when it answers.

        Reads only. A key that works again brings the connection back to
        ``connected`` and wakes the cron; one that does not shows what is wrong.

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
                "Tripletex answers for %(company)s. Hours are being sent.",
                company=connection.tripletex_company_name
                or connection.tripletex_company_id,
            ),
        )

    def action_send_now(self):
        """Wake the sending cron: it works in the background, not in this request."""
        self.check_access("write")
        self.sudo().next_attempt_at = False
        self.env["tripletex.entry"]._wake_cron()
        return self._notification(
            "info", self.env._("Sending starts now. Reload to see the result.")
        )

    def action_view_waiting(self):
        """Open the entries that wait to be sent."""
        return self._action_entries(self.env._("Waiting"), ["pending", "sending"])

    def action_view_problems(self):
        """Open the entries that need a person."""
        return self._action_entries(
            self.env._("Needs Attention"), ["failed", "conflict"]
        )

    def _action_entries(self, name, states):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "tripletex.entry",
            "view_mode": "list,form",
            "domain": [("connection_id", "=", self.id), ("state", "in", states)],
        }

    def _notification(self, kind, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "sticky": kind == "danger",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------------
    # Which connection
    # ------------------------------------------------------------------

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

    # ------------------------------------------------------------------
    # Talking to Tripletex
    # ------------------------------------------------------------------

    @api.model
    def _base_url(self, environment):
        """Address of the API, ``/v2`` included."""
        parameters = self.env["ir.config_parameter"].sudo()
        return (
            parameters.get_param("hr_timesheet_tripletex.base_url")
            or BASE_URLS[environment]
        )

    def _client(self):
        """The API client for this connection, with its cached session.

        Call on a sudo record. A new session is stored on the connection as soon as
        the client has made it; the caller's next commit keeps it.
        """
        self.ensure_one()
        parameters = self.env["ir.config_parameter"].sudo()
        return TripletexClient(
            self._base_url(self.environment),
            parameters.get_param("hr_timesheet_tripletex.consumer_token") or "",
            self.employee_token or "",
            company_id=self.client_company_id or "0",
            session_token=self.session_token or None,
            session_expires=self.session_expires or None,
            on_session=self._store_session,
        )

    def _store_session(self, token, expires):
        self.write({"session_token": token, "session_expires": expires})

    def _probe(self, client):
        """One cheap read of every kind that sending needs.

        :raise RightsMissing: the key may not read it
        """
        today = fields.Date.context_today(self)
        who = client.who_am_i()
        client.search_entries(today, today, employee_ids=[who["employeeId"]])

    def _explain(self, error):
        """Words for a person about an error that concerns the whole connection."""
        if isinstance(error, ConsumerTokenRefused):
            return self.env._(
                "Tripletex refuses the consumer token of this Odoo system. Ask whoever "
                "installed the addon to check it under Settings, Tripletex."
            )
        if isinstance(error, KeyRefused):
            return self.env._(
                "Tripletex refuses the API user key: it was deleted, has expired, or "
                "belongs to the other environment. Create a new key in Tripletex and "
                "enter it with Update."
            )
        if isinstance(error, RightsMissing):
            return self.env._(
                "The API user key lacks a right in Tripletex (%(call)s). Give its "
                "owner the right in Tripletex, then press Test connection.",
                call=error.call,
            )
        if isinstance(error, TryLater):
            return self.env._(
                "Tripletex cannot be reached or is busy. Nothing is lost: the hours "
                "wait and are sent as soon as Tripletex answers."
            )
        return self.env._(
            "Tripletex answered: %(message)s (request %(request)s)",
            message=error.message or error.status,
            request=error.request_id or "-",
        )

    def _note_error(self, error):
        """Turn an error that concerns the whole connection into its state.

        :return: True when the connection now needs a person
        """
        reason = (
            ("consumer" if isinstance(error, ConsumerTokenRefused) else None)
            or ("key" if isinstance(error, KeyRefused) else None)
            or ("rights" if isinstance(error, RightsMissing) else None)
        )
        if not reason or self.state == "disconnected":
            return False
        self._set_attention(reason, self._explain(error))
        return True

    def _set_attention(self, reason, message):
        """Stop sending until a person has acted; every row stays where it is."""
        self.ensure_one()
        if (self.state, self.attention_reason) == ("attention", reason):
            self.attention_message = message
            return
        self.write(
            {
                "state": "attention",
                "attention_reason": reason,
                "attention_message": message,
                "session_token": False,
                "session_expires": False,
            }
        )
        self.message_post(body=message)
        self._notify_responsible()

    def _set_connected(self):
        """The key works: carry on with what waits."""
        self.ensure_one()
        if self.state == "disconnected":
            return
        self.write(
            {
                "state": "connected",
                "attention_reason": False,
                "attention_message": False,
                "next_attempt_at": False,
            }
        )
        self._notify_responsible()
        self.env["tripletex.entry"]._wake_cron()

    def _copy_message(self):
        return self.env._(
            "This database is a copy of the one that was connected, so nothing is "
            "sent from here. To send from this one, enter a key with Update."
        )

    # ------------------------------------------------------------------
    # Connecting
    # ------------------------------------------------------------------

    @api.model
    def _activate(self, known, company, environment, tripletex_company_id, vals):
        """Make the connection of a company active: Complete's last word.

        :param known: connection to update or take up again (the same Tripletex
            company), or empty for a new one
        :param vals: what the set-up found out, key and session included
        :return: the active connection
        """
        vals = vals | {
            "state": "connected",
            "attention_reason": False,
            "attention_message": False,
            "next_attempt_at": False,
            "database_uuid": self.env["ir.config_parameter"]
            .sudo()
            .get_param("database.uuid"),
        }
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
        answer it ends by itself within two days.
        """
        self.ensure_one()
        if self.session_token:
            try:
                with self._client() as client:
                    client.close_session()
            except (TripletexError, ValueError) as error:
                _logger.info("The session could not be closed: %s", error)
        self.write(
            {
                "state": "disconnected",
                "employee_token": False,
                "session_token": False,
                "session_expires": False,
                "attention_reason": False,
                "attention_message": False,
                "next_attempt_at": False,
            }
        )
        self._forget_active()
        self._notify_responsible()

    # ------------------------------------------------------------------
    # Queue
    # ------------------------------------------------------------------

    def _queue_earlier(self, send_from=None):
        """Queue what was validated before this connection was (again) made.

        Lines that Tripletex was told about earlier are brought up to date whatever
        their date; lines never sent only from ``send_from`` on.

        :param send_from: Oslo date of work, or None for no earlier hours
        """
        self.ensure_one()
        shares = (
            self.env["tripletex.entry.share"]
            .sudo()
            .search([("connection_id", "=", self.id)])
        )
        shares.filtered(lambda share: not share.line_id)._drop()
        lines = shares.exists().line_id
        if send_from:
            lines |= self._validated_lines(send_from)
        lines._tripletex_sync()
        self.env["tripletex.entry"]._wake_cron()

    def _validated_lines(self, send_from):
        """Validated timesheet lines of the company, worked from a date on."""
        Line = self.env["account.analytic.line"].sudo()
        return Line.search(
            Line._tripletex_validated_domain()
            & Line._tripletex_timesheet_domain()
            & fields.Domain("company_id", "=", self.company_id.id)
            & fields.Domain("date", ">=", send_from)
        )

    # ------------------------------------------------------------------
    # Telling people
    # ------------------------------------------------------------------

    def _notify_responsible(self):
        """One activity and one e-mail for the responsible person while something
        needs a person; closed by itself when all is well again."""
        for connection in self.sudo():
            activities = connection.activity_ids.filtered(
                lambda activity: (
                    activity.activity_type_id
                    == self.env.ref(
                        "hr_timesheet_tripletex.mail_activity_type_attention"
                    )
                )
            )
            needs_person = connection.state == "attention" or connection._needs_person()
            if connection.state == "disconnected" or not needs_person:
                activities.action_feedback(feedback=self.env._("All is well again."))
            elif not activities:
                connection._schedule_attention()

    def _needs_person(self):
        return bool(
            self.env["tripletex.entry"].search_count(
                [
                    ("connection_id", "=", self.id),
                    ("state", "in", ("failed", "conflict")),
                ],
                limit=1,
            )
        )

    def _schedule_attention(self):
        """Make the activity; Odoo e-mails it to the responsible person."""
        user = self.responsible_id
        if not user.active:
            user = self.env.ref("base.user_admin")
        self.activity_schedule(
            "hr_timesheet_tripletex.mail_activity_type_attention",
            summary=self.env._("Hours for Tripletex need a person"),
            note=self.attention_message
            or self.env._(
                "Some validated hours could not be sent. Open Timesheets, Tripletex, "
                "Sent hours and choose the filter Needs attention."
            ),
            user_id=user.id,
        )
