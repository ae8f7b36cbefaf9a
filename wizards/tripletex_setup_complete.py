import logging

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import SQL, email_normalize, format_date, plaintext2html

from .tripletex_setup_matching import CODE_PREFIX

_logger = logging.getLogger(__name__)

#: Groups of a login that is made, by user type.
USER_TYPE_GROUPS = {
    "user": "hr_timesheet.group_hr_timesheet_user",
    "approver": "hr_timesheet.group_hr_timesheet_approver",
    "manager": "hr_timesheet.group_timesheet_manager",
}
#: Invitations that fail in a row before the rest is given up: the mail server is down.
MOST_FAILURES = 3


class TripletexConnectionSetup(models.TransientModel):
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
        setup._check_clashes()
        is_update = bool(setup._active_connection())
        connection = setup._connect()
        setup.connection_id = connection
        made = setup._import(connection)
        connection._queue_earlier(setup._send_from())
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

    def _send_from(self):
        return self.send_from or None

    # ------------------------------------------------------------------
    # Connection
    # ------------------------------------------------------------------

    def _connect(self):
        """Make, take up again or update the connection; it gets key and session."""
        setup_session = {
            "session_token": self.session_token,
            "session_expires": self.session_expires,
        }
        active = self._active_connection()
        vals = {
            "client_company_id": self.client_company_id or "0",
            "tripletex_company_name": self.tripletex_company_name,
            "organisation_number": self.organisation_number,
            "key_owner_id": self.key_owner_id,
            "key_owner_name": self.key_owner_name,
            "require_comments": self.require_comments,
            "send_from": self._send_from(),
        }
        if active and not self.pending_token:
            # the stored key stays, and so does its session: ours is closed
            connection = active
            self._close_later(setup_session["session_token"])
        else:
            connection = self.connection_id
            if active.session_token:
                self._close_later(active.session_token, active.client_company_id)
            vals |= setup_session | {"employee_token": self._token()}
        connection = self.env["tripletex.connection"]._activate(
            connection, self.company_id, self.environment, self.tripletex_company_id, vals
        )
        self.write(
            {"session_token": False, "session_expires": False, "pending_token": False}
        )
        self._hand_over_activities(connection)
        return connection

    def _hand_over_activities(self, connection):
        """Give the activities read here to the connection, and set its defaults."""
        own = self.env["tripletex.activity"].search([("setup_id", "=", self.id)])
        known = {
            activity.tripletex_id: activity
            for activity in own.with_context(active_test=False).search(
                [("connection_id", "=", connection.id)]
            )
        }
        defaults = {}
        for name in ("default_activity_id", "default_internal_activity_id"):
            chosen = self[name]
            defaults[name] = known.get(chosen.tripletex_id, chosen).id
        # somebody else may have completed meanwhile and brought the same ones
        double = own.filtered(lambda activity: activity.tripletex_id in known)
        (own - double).write({"setup_id": False, "connection_id": connection.id})
        connection.write(defaults)
        double.unlink()

    # ------------------------------------------------------------------
    # Import
    # ------------------------------------------------------------------

    def _import(self, connection):
        """Make or link what was ticked.

        :return: dict of figures for the result screen, and the users to invite
        """
        projects = self._import_lines(
            connection, "tripletex.project", "project_id", self.project_line_ids
        )
        paycodes = self._import_lines(
            connection, "tripletex.paycode", "work_entry_type_id", self.paycode_line_ids
        )
        users = self._import_users()
        employees = self._import_lines(
            connection, "tripletex.employee", "employee_id", self.employee_line_ids
        )
        self._take_over()
        excluded = self.env["project.project"]
        if self.exclude_unlinked:
            excluded = self._unlinked_projects()
            excluded.write({"tripletex_excluded": True})
        inviting = self.employee_line_ids.filtered(
            lambda line: line._is_to_add() and line.invite
        )
        return {
            "projects": projects,
            "paycodes": paycodes,
            "employees": employees,
            "users": users,
            "invited": inviting.employee_id.user_id & users,
            "excluded": excluded,
        }

    def _import_lines(self, connection, model, field, lines):
        """Create the missing Odoo records of one kind, and the links.

        :return: (number of records created, number of existing ones linked)
        """
        bindings = self.env[model].search([("connection_id", "=", connection.id)])
        used = {b.number for b in bindings if b[field]} | {
            b.tripletex_id for b in bindings if b[field]
        }
        # linked meanwhile, by another administrator or by hand
        lines = lines.filtered(
            lambda line: line._is_to_add()
            and line.number not in used - {False}
            and line.tripletex_id not in used
        )
        new = lines.filtered(lambda line: not line[field])
        records = self._create_records(model, new)
        for line, record in zip(new, records, strict=True):
            line[field] = record
        free = {}
        for binding in bindings.filtered(lambda b: not b[field]):
            free[binding.number or ""] = free[binding.tripletex_id or ""] = binding
        create = []
        for line in lines:
            vals = self._binding_values(line, field)
            binding = free.get(line.tripletex_id) or free.get(line.number or None)
            if binding:
                binding.write(vals)
            else:
                create.append(vals | {"connection_id": connection.id})
        self.env[model].create(create)
        return len(new), len(lines) - len(new)

    def _binding_values(self, line, field):
        names = {
            "project_id": ("is_closed", "start_date", "end_date"),
            "work_entry_type_id": ("show_in_timesheet", "transfer_as"),
            "employee_id": ("email",),
        }
        return {
            "tripletex_id": line.tripletex_id,
            "number": line.number,
            "name": line.name,
            field: line[field].id,
        } | {name: line[name] for name in names[field]}

    def _create_records(self, model, lines):
        create = {
            "tripletex.project": self._create_projects,
            "tripletex.paycode": self._create_work_entry_types,
            "tripletex.employee": self._create_employees,
        }
        return create[model](lines)

    def _create_projects(self, lines):
        partners = self._partners_by_name(lines)
        Project = self.env["project.project"].with_company(self.company_id)
        return Project.with_context(mail_create_nolog=True).create(
            [
                {
                    "name": line.name or line.number,
                    "company_id": self.company_id.id,
                    "allow_timesheets": True,
                    "privacy_visibility": "employees",
                    "date_start": line.start_date,
                    # Odoo refuses an end before the start; Tripletex is asked anyway
                    "date": line.end_date
                    if line.end_date
                    and line.start_date
                    and line.end_date >= line.start_date
                    else False,
                    "partner_id": partners.get(line.customer_name, False),
                }
                for line in lines
            ]
        )

    def _partners_by_name(self, lines):
        """Companies among the contacts whose name is a customer's, once."""
        names = list(set(lines.mapped("customer_name")) - {False})
        if not names:
            return {}
        groups = self.env["res.partner"]._read_group(
            [
                ("name", "in", names),
                ("is_company", "=", True),
                ("company_id", "in", (self.company_id.id, False)),
            ],
            ["name"],
            ["id:recordset"],
        )
        return {name: found.id for name, found in groups if len(found) == 1}

    def _create_work_entry_types(self, lines):
        country = self.company_id.country_id
        return self.env["hr.work.entry.type"].create(
            [
                {
                    "name": line.name or line.number,
                    "code": f"{CODE_PREFIX}{line.number}",
                    "external_code": line.number,
                    "country_id": country.id,
                }
                for line in lines
            ]
        )

    def _create_employees(self, lines):
        Employee = self.env["hr.employee"].with_company(self.company_id)
        users = self._users_for(lines)
        return Employee.with_context(mail_create_nolog=True).create(
            [
                {
                    "name": line.name,
                    "work_email": line.email,
                    "company_id": self.company_id.id,
                    "department_id": line.department_id.id,
                    "user_id": users.get(line, self.env["res.users"]).id,
                }
                for line in lines
            ]
        )

    # ------------------------------------------------------------------
    # Logins
    # ------------------------------------------------------------------

    def _import_users(self):
        """Make the logins of ticked employees; they are told after the transaction.

        :return: the users made
        """
        lines = self.employee_line_ids.filtered(
            lambda line: line._is_to_add() and line._makes_user()
        )
        users = (
            self.env["res.users"]
            .with_context(no_reset_password=True, mail_create_nolog=True)
            .with_company(self.company_id)
            .create([self._user_values(line) for line in lines])
        )
        # existing employees get theirs here, new ones when they are made
        for line, user in zip(lines, users, strict=True):
            if line.employee_id:
                line.employee_id.user_id = user
        for line in self.employee_line_ids.filtered("use_existing_user"):
            if line._is_to_add() and line.employee_id:
                line.employee_id.user_id = self._users_for(line)[line]
        self._open_company(
            self.employee_line_ids.filtered(
                lambda line: line._is_to_add() and line.use_existing_user
            )
        )
        return users

    def _user_values(self, line):
        groups = self.env.ref("base.group_user") | self.env.ref(
            USER_TYPE_GROUPS[line.user_type]
        )
        return {
            "name": line.name,
            "login": line._email(),
            "email": line._email(),
            "partner_id": line.employee_id.work_contact_id.id,
            "company_id": self.company_id.id,
            "company_ids": [fields.Command.set(self.company_id.ids)],
            "group_ids": [fields.Command.set(groups.ids)],
        }

    def _users_for(self, lines):
        """The login that each row's employee gets: made just now, or existing.

        :return: dict of row to user
        """
        wanted = lines.filtered(lambda l: l.user_type != "none" or l.use_existing_user)
        by_email = lines._users_by_email(wanted)
        return {
            line: by_email[line._email()] for line in wanted if line._email() in by_email
        }

    def _open_company(self, lines):
        """People whose existing login is used may enter the connected company."""
        for user in self._users_for(lines).values():
            if self.company_id not in user.company_ids:
                user.company_ids = [fields.Command.link(self.company_id.id)]

    # ------------------------------------------------------------------
    # Clashes, changes, the rest
    # ------------------------------------------------------------------

    def _check_clashes(self):
        """Refuse what the rows have been showing as a clash.

        :raise UserError: with every clash of every ticked row
        """
        problems = []
        ticked = self.employee_line_ids.filtered(lambda line: line._is_to_add())
        for line, clashes in ticked._clashes().items():
            problems += [f"{line.display_name}: {t}" for t, blocks in clashes if blocks]
        for lines, field in (
            (self.project_line_ids, "project_id"),
            (self.paycode_line_ids, "work_entry_type_id"),
        ):
            problems += self._linked_twice(lines, field)
        if problems:
            raise UserError(
                self.env._("Some ticked rows clash. Nothing was made yet.")
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

    def _take_over(self):
        """Bring links up to date where the administrator asked for it."""
        for lines, model, field in (
            (self.project_line_ids, "tripletex.project", "project_id"),
            (self.paycode_line_ids, "tripletex.paycode", "work_entry_type_id"),
            (self.employee_line_ids, "tripletex.employee", "employee_id"),
        ):
            lines = lines.filtered(lambda line: line.take_over and line.change)
            if not lines:
                continue
            by_id = {b.tripletex_id: b for b in self._bindings(model)}
            by_number = {b.number: b for b in by_id.values()}
            for line in lines:
                binding = by_id.get(line.tripletex_id) or by_number.get(line.number)
                if binding:
                    vals = self._binding_values(line, field)
                    del vals[field]
                    vals.pop("transfer_as", None)
                    binding.write(vals)

    def _unlinked_projects(self):
        """Open Odoo projects with timesheets that will have no link."""
        linked = self._bindings("tripletex.project").project_id
        linked |= self.project_line_ids.filtered(
            lambda line: line._is_to_add()
        ).project_id
        return self.env["project.project"].search(
            [
                ("company_id", "in", (self.company_id.id, False)),
                ("allow_timesheets", "=", True),
                ("is_template", "=", False),
                ("tripletex_excluded", "=", False),
                ("id", "not in", linked.ids),
            ]
        )

    @api.depends("step")
    def _compute_unlinked_count(self):
        for setup in self:
            on_step = setup.step == "employees" and not setup.is_done
            setup.unlinked_count = len(setup.sudo()._unlinked_projects()) if on_step else 0

    @api.depends("send_from", "step")
    def _compute_earlier(self):
        for setup in self:
            setup.earlier_hours = setup.sudo()._count_earlier_hours()

    def _count_earlier_hours(self):
        if self.step != "employees" or not self.send_from:
            return 0.0
        connection = self.env["tripletex.connection"].new(
            {"company_id": self.company_id.id}
        )
        lines = connection._validated_lines(self.send_from)
        return sum(line._tripletex_hours() for line in lines)

    # ------------------------------------------------------------------
    # After it
    # ------------------------------------------------------------------

    def _close_later(self, token, client_company_id=None):
        """Close a session that is not needed any more, after the transaction."""
        if not token:
            return
        client = self._new_client(timeout=(3, 5))
        client.session_token = token
        client.company_id = client_company_id or self.client_company_id or "0"

        @self.env.cr.postcommit.add
        def close():
            try:
                with client:
                    client.close_session()
            except Exception as error:  # noqa: BLE001 - the session ends by itself
                _logger.info("An old session could not be closed: %s", error)

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
            except Exception as error:  # noqa: BLE001 - any mail trouble
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

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    @api.depends("step", "employee_line_ids.selected", "send_from", "exclude_unlinked")
    def _compute_summary(self):
        for setup in self:
            if setup.step != "employees" or setup.is_done:
                setup.summary = False
                continue
            setup.summary = setup._list(setup.sudo()._summary_lines())

    @api.model
    def _list(self, sentences):
        return Markup("<ul>%s</ul>") % Markup("").join(
            Markup("<li>%s</li>") % sentence for sentence in sentences
        )

    def _summary_lines(self):
        """What Complete will do, in numbers."""
        _ = self.env._
        sentences = []
        for lines, field, text in (
            (
                self.project_line_ids,
                "project_id",
                lambda n, m: _("Projects: %(new)s new, %(linked)s linked", new=n, linked=m),
            ),
            (
                self.paycode_line_ids,
                "work_entry_type_id",
                lambda n, m: _("Paycodes: %(new)s new, %(linked)s linked", new=n, linked=m),
            ),
            (
                self.employee_line_ids,
                "employee_id",
                lambda n, m: _("Employees: %(new)s new, %(linked)s linked", new=n, linked=m),
            ),
        ):
            ticked = lines.filtered(lambda line: line._is_to_add())
            linked = len(ticked.filtered(field))
            sentences.append(text(len(ticked) - linked, linked))
        ticked = self.employee_line_ids.filtered(lambda line: line._is_to_add())
        makers = ticked.filtered(lambda line: line._makes_user())
        sentences.append(
            _(
                "Logins: %(users)s new, %(invited)s invited by e-mail",
                users=len(makers),
                invited=len(makers.filtered("invite")),
            )
        )
        if not self.default_activity_id:
            sentences.append(
                _(
                    "No activity is chosen for project hours: hours can be validated "
                    "only for projects that name their own."
                )
            )
        return sentences

    def _result_lines(self, made, is_update):
        """What Complete did, in numbers."""
        _ = self.env._
        company = self.tripletex_company_name
        first = (
            _("The connection to %s was updated.", company)
            if is_update
            else _("Connected to %s.", company)
        )
        sentences = [first]
        for key, text in (
            ("projects", lambda n, m: _("Projects: %(new)s new, %(linked)s linked", new=n, linked=m)),
            ("paycodes", lambda n, m: _("Paycodes: %(new)s new, %(linked)s linked", new=n, linked=m)),
            ("employees", lambda n, m: _("Employees: %(new)s new, %(linked)s linked", new=n, linked=m)),
        ):
            if any(made[key]):
                sentences.append(text(*made[key]))
        if made["users"]:
            sentences.append(_("New logins: %s", len(made["users"])))
        if made["invited"]:
            sentences.append(_("Invitations on their way: %s", len(made["invited"])))
        if made["excluded"]:
            sentences.append(
                _("Projects marked as not sent: %s", len(made["excluded"]))
            )
        if self.send_from:
            sentences.append(
                _(
                    "Hours validated earlier are sent, worked from %s on.",
                    format_date(self.env, self.send_from),
                )
            )
        return sentences
