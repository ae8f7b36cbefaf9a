from itertools import count

from odoo import api, fields, models

from .tripletex_setup_matching import CODE_PREFIX
from .tripletex_setup_reading import LinkIndex

#: Groups of a login that is made, by user type.
USER_TYPE_GROUPS = {
    "user": "hr_timesheet.group_hr_timesheet_user",
    "approver": "hr_timesheet.group_hr_timesheet_approver",
    "manager": "hr_timesheet.group_timesheet_manager",
}


class TripletexConnectionSetup(models.TransientModel):
    """What was ticked becomes Odoo records, links and logins."""

    _inherit = "tripletex.connection.setup"

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
        taken_over = self._take_over()
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
            "taken_over": taken_over,
            "excluded": excluded,
        }

    def _import_lines(self, connection, model, field, lines):
        """Create the missing Odoo records of one kind, and the links.

        :return: (number of records created, number of existing ones linked)
        """
        bindings = self.env[model].search([("connection_id", "=", connection.id)])
        lines = lines.filtered(lambda line: line._is_to_add())
        new = lines.filtered(lambda line: not line[field])
        records = self._create_records(model, new)
        for line, record in zip(new, records, strict=True):
            line[field] = record
        free = LinkIndex(bindings.filtered(lambda b: not b[field]))
        create = []
        for line in lines:
            vals = self._binding_values(line, field)
            binding = self._claim_link(free, line)
            if binding:
                binding.write(vals)
            else:
                create.append(vals | {"connection_id": connection.id})
        self.env[model].create(create)
        return len(new), len(lines) - len(new)

    @api.model
    def _claim_link(self, free, line):
        """The link without an Odoo record that is the row's own, or None.

        A number that another record has in Tripletex by now is taken from the link that
        had it: what was sent stays with the record it was sent for.

        :param free: LinkIndex of the links without an Odoo record
        """
        own = free.by_id.get(line.tripletex_id)
        holder = free.by_number.get(line.number)
        if not holder or holder == own:
            return own
        if holder.tripletex_id:
            holder.number = False
            return own
        return own or holder

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
                    "partner_id": partners.get(line.customer_name, False),
                }
                | self._period(line)
                for line in lines
            ]
        )

    @api.model
    def _period(self, line):
        """Start and end of a project, where Odoo can hold them.

        Its form cannot be saved with only one of them, and an end before the start
        is refused. The link keeps what Tripletex says.
        """
        first, last = line.start_date, line.end_date
        if not (first and last and first <= last):
            return {}
        return {"date_start": first, "date": last}

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
                    "code": code,
                    "external_code": line.number,
                    "country_id": country.id,
                }
                for line, code in zip(lines, self._free_codes(lines), strict=True)
            ]
        )

    def _free_codes(self, lines):
        """Payroll codes for new work entry types, by number as far as those are free.

        A code stays with its type when Tripletex gives the number to another one.
        """
        codes = [f"{CODE_PREFIX}{line.number}" for line in lines]
        taken = set(
            self.env["hr.work.entry.type"]
            .search(
                [
                    ("code", "=like", f"{CODE_PREFIX}%"),
                    ("country_id", "in", (self.company_id.country_id.id, False)),
                ]
            )
            .mapped("code")
        )
        for index, code in enumerate(codes):
            copies = count(2)
            while codes[index] in taken:
                codes[index] = f"{code}-{next(copies)}"
            taken.add(codes[index])
        return codes

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
        existing = self.employee_line_ids.filtered(
            lambda line: (
                line._is_to_add() and line.use_existing_user and not line.has_login
            )
        )
        for line, user in self._users_for(existing).items():
            if line.employee_id:
                line.employee_id.user_id = user
            # people whose login is used may enter the connected company
            if self.company_id not in user.company_ids:
                user.company_ids = [fields.Command.link(self.company_id.id)]
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
        wanted = lines.filtered(
            lambda line: line.user_type != "none" or line.use_existing_user
        )
        by_email = lines._users_by_email(wanted)
        return {
            line: by_email[line._email()]
            for line in wanted
            if line._email() in by_email
        }

    # ------------------------------------------------------------------
    # Links made earlier, and projects without one
    # ------------------------------------------------------------------

    def _take_over(self):
        """Bring links up to date where the administrator asked for it.

        :return: number of links changed
        """
        changed = 0
        for lines, model, field in (
            (self.project_line_ids, "tripletex.project", "project_id"),
            (self.paycode_line_ids, "tripletex.paycode", "work_entry_type_id"),
            (self.employee_line_ids, "tripletex.employee", "employee_id"),
        ):
            lines = lines.filtered(lambda line: line.take_over and line.change)
            if not lines:
                continue
            bindings = self._bindings(model)
            by_id = {b.tripletex_id: b for b in bindings}
            # those made by hand have no id yet
            by_number = {b.number: b for b in bindings if not b.tripletex_id}
            for line in lines:
                binding = by_id.get(line.tripletex_id) or by_number.get(line.number)
                if binding:
                    vals = self._binding_values(line, field)
                    del vals[field]
                    vals.pop("transfer_as", None)
                    binding.write(vals)
                    changed += 1
        return changed

    def _unlinked_projects(self):
        """Open Odoo projects with timesheets that will have no link.

        A project that companies share is marked for all of them: not while another
        one sends its hours.
        """
        active = [("connection_id.state", "!=", "disconnected")]
        linked = self._bindings("tripletex.project").project_id
        linked |= self.env["tripletex.project"].search(active).project_id
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
