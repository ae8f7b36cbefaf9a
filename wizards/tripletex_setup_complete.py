import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import SQL

from ..sending.session import StoredSession

_logger = logging.getLogger(__name__)

#: Invitations that fail in a row before the rest is given up: the mail server is down.
MOST_FAILURES = 3


class TripletexConnectionSetup(models.TransientModel):
    """Complete: clashes, connection, import and queue, and what follows the commit."""

    _inherit = "tripletex.connection.setup"

    def action_complete(self):
        """Connect, and make everything that was ticked: all of it or nothing.

        Safe to press twice. Invitations go out after the transaction; their failure
        undoes nothing.

        :return: window action that shows what was made
        :raise AccessError: unless the user administers the system and the company
        :raise UserError: before the last step, or when ticked rows clash
        """
        self.ensure_one()
        self._check_may_connect(self.company_id)
        setup = self.sudo()
        setup._lock_company()
        if setup.is_done:
            return setup._reopen()
        if setup.step != "employees":
            raise UserError(
                self.env._("Go through all steps first: Complete is on the last one.")
            )
        setup._check_tokens()
        setup._recognise_company()
        setup._untick_linked()
        setup._check_clashes()
        is_update = bool(setup._active_connection())
        connection = setup._connect()
        setup.connection_id = connection
        made = setup._import(connection)
        connection._queue_earlier(setup.send_from)
        setup._finish(made, is_update)
        return setup._reopen()

    def _lock_company(self):
        """Let two administrators, or two presses, complete one after the other.

        Touching the company's row makes PostgreSQL refuse the later one's view of the
        world; Odoo then repeats that request, which finds the connection made.
        """
        self.env.execute_query(
            SQL(
                "UPDATE res_company SET write_date = write_date WHERE id = %s "
                "RETURNING id",
                self.company_id.id,
            )
        )
        self.invalidate_recordset(["is_done"])

    # ------------------------------------------------------------------
    # Clashes
    # ------------------------------------------------------------------

    def _untick_linked(self):
        """Drop ticks of rows that were linked since: by another administrator who
        completed first, or by hand."""
        for lines, model, field in (
            (self.project_line_ids, "tripletex.project", "project_id"),
            (self.paycode_line_ids, "tripletex.paycode", "work_entry_type_id"),
            (self.employee_line_ids, "tripletex.employee", "employee_id"),
        ):
            links = self._links(model, field)
            lines.filtered(
                lambda line, links=links: (
                    line.selected and links.of(line.tripletex_id, line.number)
                )
            ).selected = False

    def _check_clashes(self):
        """Refuse what the rows have been showing as a clash.

        :raise UserError: with every clash of every ticked row
        """
        problems = self._strange_activities()
        ticked = self.employee_line_ids.filtered(lambda line: line._is_to_add())
        for line, clashes in ticked._clashes().items():
            problems += [f"{line.display_name}: {t}" for t, blocks in clashes if blocks]
        for lines, field in (
            (self.project_line_ids, "project_id"),
            (self.paycode_line_ids, "work_entry_type_id"),
        ):
            problems += self._linked_twice(lines, field)
            problems += self._numbered_twice(lines)
        for lines, field in (
            (self.project_line_ids, "project_id"),
            (self.employee_line_ids, "employee_id"),
            (self.employee_line_ids, "department_id"),
        ):
            problems += self._of_other_companies(lines, field)
        if problems:
            raise UserError(
                self.env._(
                    "Some ticked rows clash. Nothing was made yet. Correct these "
                    "rows, then press Complete again."
                )
                + "\n\n"
                + "\n".join(f"• {problem}" for problem in problems)
            )

    def _linked_twice(self, lines, field):
        chosen = lines.filtered(lambda line: line._is_to_add() and line[field])
        model = {
            "project_id": "tripletex.project",
            "work_entry_type_id": "tripletex.paycode",
        }[field]
        linked = self._bindings(model)[field]
        seen, problems = set(), []
        for line in chosen:
            record = line[field]
            if record in seen or record in linked:
                problems.append(
                    self.env._(
                        "%(row)s: %(record)s is linked to another row. Choose another "
                        "one, or none to make a new one.",
                        row=line.display_name,
                        record=record.display_name,
                    )
                )
            seen.add(record)
        return problems

    def _numbered_twice(self, lines):
        """A link is found by its number, so a number has one link."""
        by_number = lines.filtered(lambda line: line._is_to_add() and line.number)
        return [
            self.env._(
                "%(rows)s: these have the same number. Untick all but one, or correct "
                "the numbers in Tripletex.",
                rows=", ".join(same.mapped("display_name")),
            )
            for same in by_number.grouped("number").values()
            if len(same) > 1
        ]

    def _strange_activities(self):
        """Default activities that this Tripletex company does not offer for the use."""
        offered = {(a.tripletex_id, a.is_project_activity) for a in self._activities()}
        chosen = (
            (self.default_activity_id, True),
            (self.default_internal_activity_id, False),
        )
        return [
            self.env._(
                "%(activity)s: choose an activity of the list on the step Paycodes.",
                activity=activity.display_name,
            )
            for activity, is_project in chosen
            if activity and (activity.tripletex_id, is_project) not in offered
        ]

    def _of_other_companies(self, lines, field):
        """The lists offer none; programs and later moves can bring them in."""
        return [
            self.env._(
                "%(row)s: %(record)s belongs to another company. Choose another one, "
                "or none.",
                row=line.display_name,
                record=line[field].display_name,
            )
            for line in lines
            if line._is_to_add()
            and line[field].company_id not in (self.company_id, self.env["res.company"])
        ]

    # ------------------------------------------------------------------
    # Connection
    # ------------------------------------------------------------------

    def _connect(self):
        """Make, take up again or update the connection; it gets key and session."""
        setup_session = {
            "session_token": self.session_token,
            "session_expires": self.session_expires,
        }
        session = StoredSession(self)
        active = self._active_connection()
        vals = {
            "client_company_id": self.client_company_id or "0",
            "tripletex_company_name": self.tripletex_company_name,
            "organisation_number": self.organisation_number,
            "key_owner_id": self.key_owner_id,
            "key_owner_name": self.key_owner_name,
            "require_comments": self.require_comments,
            "send_from": self.send_from,
        }
        if active and not self.pending_token:
            # the stored key stays, and so does its session: ours is closed
            connection = active
            session.close_after_commit(self.session_token, self.client_company_id)
        else:
            connection = self.connection_id
            if active.session_token and not active._is_copy():
                session.close_after_commit(
                    active.session_token, active.client_company_id
                )
            vals |= setup_session | {"employee_token": self._token()}
        connection = self.env["tripletex.connection"]._activate(
            connection,
            self.company_id,
            self.environment,
            self.tripletex_company_id,
            vals,
        )
        self.write(
            {"session_token": False, "session_expires": False, "pending_token": False}
        )
        self._hand_over_activities(connection)
        return connection

    def _hand_over_activities(self, connection):
        """Give the activities read here to the connection, and set its defaults."""
        Activity = self.env["tripletex.activity"].with_context(active_test=False)
        known = {
            activity.tripletex_id: activity
            for activity in Activity.search([("connection_id", "=", connection.id)])
        }
        own = Activity.search([("setup_id", "=", self.id)])
        read_ids = set(own.mapped("tripletex_id"))
        chosen = {
            name: self[name].tripletex_id
            for name in ("default_activity_id", "default_internal_activity_id")
        }
        for activity in own:
            if activity.tripletex_id in known:
                known[activity.tripletex_id].write(activity._facts() | {"active": True})
        double = own.filtered(lambda activity: activity.tripletex_id in known)
        new = own - double
        double.unlink()
        new.write({"setup_id": False, "connection_id": connection.id})
        known |= {activity.tripletex_id: activity for activity in new}
        for tripletex_id, activity in known.items():
            if activity.active and tripletex_id not in read_ids:
                activity.active = False  # gone or disabled in Tripletex
        connection.write(
            {
                name: known[value].id if value else False
                for name, value in chosen.items()
            }
        )

    # ------------------------------------------------------------------
    # After it
    # ------------------------------------------------------------------

    def _finish(self, made, is_update):
        self.write(
            {
                "is_done": True,
                "result": self._list(self._result_lines(made, is_update)),
            }
        )
        self.connection_id.message_post(body=self.result)
        if made["invited"]:
            self._invite_later(made["invited"])

    def _invite_later(self, users):
        """Send the invitations once everything is safely stored."""
        dbname, setup_id, user_ids = self.env.cr.dbname, self.id, users.ids
        uid, context = self.env.uid, dict(self.env.context)

        @self.env.cr.postcommit.add
        def invite():
            with Registry(dbname).cursor() as cr:
                env = api.Environment(cr, uid, context, su=True)
                env["tripletex.connection.setup"].browse(setup_id)._invite(user_ids)

    def _invite(self, user_ids):
        """Invite users one by one; what fails is shown and noted, nothing is undone."""
        failed, in_a_row = [], 0
        users = self.env["res.users"].browse(user_ids).exists()
        for index, user in enumerate(users):
            try:
                with self.env.cr.savepoint():
                    user.with_context(create_user=True).action_reset_password()
                in_a_row = 0
            except Exception as error:  # whatever mail does: nothing is undone
                _logger.warning("Invitation of %s failed: %s", user.login, error)
                failed.append(user.name)
                in_a_row += 1
                if in_a_row >= MOST_FAILURES:
                    failed += users[index + 1 :].mapped("name")
                    break
        if failed:
            self._note_uninvited(failed)

    def _note_uninvited(self, names):
        message = self.env._(
            "These invitations could not be sent: %(names)s. Check the outgoing mail "
            "server, then invite them from Settings, Users.",
            names=", ".join(names),
        )
        if self.exists():
            self.invitation_problem = message
            self.connection_id.message_post(body=message)
