import logging

from odoo import api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import format_date

from ..sending.session import StoredSession
from .tripletex_setup_summary import bullets

_logger = logging.getLogger(__name__)

#: Invitations that fail in a row before the rest is given up: the mail server is down.
MOST_FAILURES = 3


class Completion:
    """Creates and links everything that was ticked: all of it or nothing.

    :param setup: ``tripletex.connection.setup`` as root, on its last step
    """

    def __init__(self, setup):
        self.setup = setup
        self.env = setup.env
        self.active = setup._active_connection()

    def run(self):
        """Connect, create, link, and queue hours validated earlier.

        Invitations go out after the transaction; their failure undoes nothing.

        :raise UserError: when ticked rows clash, or the key or company is refused
        """
        setup = self.setup
        setup._check_tokens()
        setup._recognise_company()
        for rows in setup._row_lists().values():
            rows._untick_linked()
        self._check_clashes()
        setup.connection_id = self._connect()
        absences = setup.absence_line_ids._chosen()
        self._hand_over_activities()
        # before the employees, who get these logins
        users = setup.employee_line_ids._create_logins()
        figures = {step: rows._link() for step, rows in setup._row_lists().items()}
        accepted = sum(rows._accept_changes() for rows in setup._row_lists().values())
        figures["absences"] = setup.absence_line_ids._link(setup, absences)
        excluded = self._exclude_unlinked()
        setup.connection_id._queue_earlier(
            setup.send_from, is_reconnected=not self.active
        )
        inviting = setup.employee_line_ids._to_add().filtered("invite")
        invited = inviting.employee_id.user_id & users
        sentences = self._result(figures, users, invited, accepted, excluded)
        setup.write({"is_done": True, "result": bullets(sentences)})
        setup.connection_id.message_post(body=setup.result)
        if invited:
            self._invite_later(invited)

    # -- clashes -----------------------------------------------------------------

    def _check_clashes(self):
        """Refuse ticked rows that clash with each other or with what is linked."""
        problems = self._activities_not_offered()
        problems += self.setup.absence_line_ids._problems()
        for rows in self.setup._row_lists().values():
            problems += rows._problems()
        if problems:
            raise UserError(
                self.env._(
                    "Some ticked rows cannot be used as they are. Nothing was "
                    "created. Correct these rows, then press Complete again."
                )
                + "\n\n"
                + "\n".join(f"• {problem}" for problem in problems)
            )

    def _activities_not_offered(self):
        """Return a sentence for each default that is not offered for its use."""
        setup = self.setup
        offered = {(a.tripletex_id, a.is_project_activity) for a in setup._activities()}
        chosen = {
            True: setup.default_activity_id,
            False: setup.default_internal_activity_id,
        }
        return [
            self.env._(
                "%(activity)s: choose an activity of the list on the step Paycodes.",
                activity=activity.display_name,
            )
            for is_project, activity in chosen.items()
            if activity and (activity.tripletex_id, is_project) not in offered
        ]

    # -- connection --------------------------------------------------------------

    def _connect(self):
        """Create, take up again or update the connection, with its key and session."""
        setup = self.setup
        names = (
            "tripletex_company_name",
            "organisation_number",
            "key_owner_id",
            "key_owner_name",
            "require_comments",
            "month_module",
            "send_from",
            "default_transfer",
        )
        vals = {name: setup[name] for name in names}
        secrets = self._key_and_session()
        expires = {"session_expires": setup.session_expires} if secrets else {}
        connection = self.env["tripletex.connection"]._activate(
            setup.connection_id,
            setup.company_id,
            setup.environment,
            setup.tripletex_company_id,
            vals | {"client_company_id": setup.client_company_id or "0"} | expires,
            secrets,
        )
        setup.session_token = setup.pending_token = setup.session_expires = False
        return connection

    def _key_and_session(self):
        """Return the connection's new key and session; end the session left over."""
        setup, active = self.setup, self.active
        session = StoredSession(setup)
        if active and not setup.pending_token:
            # the connection keeps its key and session, so the set-up's is left over
            session.close_after_commit(setup.session_token, setup.client_company_id)
            return {}
        if active.session_token:
            session.close_after_commit(active.session_token, active.client_company_id)
        return {
            "session_token": setup.session_token,
            "employee_token": setup._token(),
        }

    def _hand_over_activities(self):
        """Give the activities read here to the connection, and set its defaults."""
        setup, connection = self.setup, self.setup.connection_id
        Activity = self.env["tripletex.activity"].with_context(active_test=False)
        known = Activity.search([("connection_id", "=", connection.id)])
        known = known.grouped("tripletex_id")
        read = Activity.search([("setup_id", "=", setup.id)]).grouped("tripletex_id")
        chosen = {
            name: setup[name].tripletex_id
            for name in ("default_activity_id", "default_internal_activity_id")
        }
        for tripletex_id, activity in known.items():
            if tripletex_id in read:
                activity.write(read[tripletex_id]._facts() | {"active": True})
                read.pop(tripletex_id).unlink()
            elif activity.active:
                activity.active = False  # gone or disabled in Tripletex
        new = Activity.union(*read.values())
        new.write({"setup_id": False, "connection_id": connection.id})
        known |= read
        connection.write(
            {
                name: known[value].id if value else False
                for name, value in chosen.items()
            }
        )

    def _exclude_unlinked(self):
        """Mark projects without a link as not sent, if ticked, and return them."""
        projects = self.env["project.project"]
        if self.setup.exclude_unlinked:
            projects = self.setup.project_line_ids._unlinked_projects(self.setup)
            projects.write({"tripletex_excluded": True})
        return projects

    # -- result and invitations --------------------------------------------------

    def _result(self, figures, users, invited, accepted, excluded):
        """Return sentences that say what Complete did, in numbers.

        :param figures: dict of step to (records created, existing records linked), and
            of ``absences`` to the number of kinds that are sent
        """
        setup, env, company = self.setup, self.env, self.setup.tripletex_company_name
        sentences = [
            self.active and env._("The connection to %s is updated.", company),
            not self.active and env._("Connected to %s.", company),
            *(
                any(figures[step]) and rows._figures(*figures[step])
                for step, rows in setup._row_lists().items()
            ),
            setup.absence_line_ids
            and setup.absence_line_ids._figures(figures["absences"]),
            users and env._("New logins: %s", len(users)),
            invited and env._("Invitations being sent: %s", len(invited)),
            accepted and env._("Changes accepted: %s", accepted),
            excluded and env._("Projects marked as not sent: %s", len(excluded)),
            setup.send_from
            and env._(
                "Hours validated earlier are sent too, from the date of work %s on.",
                format_date(env, setup.send_from),
            ),
        ]
        return [sentence for sentence in sentences if sentence]

    def _invite_later(self, users):
        """Send the invitations once everything is safely stored."""
        dbname, setup_id, user_ids = self.env.cr.dbname, self.setup.id, users.ids
        uid, context = self.env.uid, dict(self.env.context)

        @self.env.cr.postcommit.add
        def invite():
            with Registry(dbname).cursor() as cr:
                env = api.Environment(cr, uid, context, su=True)
                setup = env["tripletex.connection.setup"].browse(setup_id)
                invite_users(setup, env["res.users"].browse(user_ids).exists())


def invite_users(setup, users):
    """Invite users one by one; a failure is shown and noted, and undoes nothing."""
    failed, in_a_row = [], 0
    for user in users:
        if in_a_row == MOST_FAILURES:
            failed.append(user.name)
            continue
        try:
            with setup.env.cr.savepoint():
                user.with_context(create_user=True).action_reset_password()
            in_a_row = 0
        except Exception as error:  # mail can fail in any way
            _logger.warning("Invitation of %s failed: %s", user.login, error)
            failed.append(user.name)
            in_a_row += 1
    if failed and setup.exists():
        setup.invitation_problem = setup.env._(
            "These invitations could not be sent: %(names)s. Check the outgoing mail "
            "server, then invite them from Settings, Users.",
            names=", ".join(failed),
        )
        setup.connection_id.message_post(body=setup.invitation_problem)
