from collections import Counter

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, LazyTranslate, email_normalize

from ..models.tripletex_employee import PAY_KINDS
from ..sending import TRANSFERS
from ..sending.namesakes import full_name
from ..sending.pay import read_pay_kinds
from ..sending.words import translated
from ..tools import today_in_oslo
from .tripletex_setup_suggest import comparable

_lt = LazyTranslate(__name__)

#: Logins that Complete can create.
USER_TYPES = [
    ("none", "No login"),
    ("user", "Own timesheets"),
    ("approver", "All timesheets"),
    ("manager", "Administrator"),
]
#: Group of a login that is created, by user type.
USER_TYPE_GROUPS = {
    "user": "hr_timesheet.group_hr_timesheet_user",
    "approver": "hr_timesheet.group_hr_timesheet_approver",
    "manager": "hr_timesheet.group_timesheet_manager",
}

LINKED = _lt(
    "%(employee)s is linked to another Tripletex employee. Choose another employee, "
    "or none to create a new one."
)
CHOSEN_TWICE = _lt(
    "%(employee)s is chosen on two rows. Choose another employee on one of them."
)
EMAIL_TWICE = _lt(
    "Two ticked rows share this e-mail, and a login needs its own. Choose No login on "
    "one of them."
)
NOT_EMPLOYED = _lt(
    "No employment in Tripletex: hours are accepted there and cannot be paid. Add the "
    "employment in Tripletex, or choose that nothing is sent."
)
NO_ADDRESS = _lt(
    "“%(text)s” is not a valid e-mail address, and a login needs one. Correct it in "
    "Tripletex, or choose No login."
)


class TripletexSetupEmployee(models.TransientModel):
    _name = "tripletex.setup.employee"
    _description = "Employee Offered by the Tripletex Set-up"
    _inherit = "tripletex.setup.line"
    _transient_max_hours = 0  # rows go with their set-up, never before it

    _link_model = "tripletex.employee"
    _odoo_field = "employee_id"
    _number_key = "employeeNumber"
    _copied_fields = ("email",)
    _chosen_fields = ("employee_id", "department_id", "transfer")

    email = fields.Char(string="E-mail", readonly=True)
    department_name = fields.Char(string="Department in Tripletex", readonly=True)
    pay_kind = fields.Selection(
        PAY_KINDS,
        string="Pay",
        readonly=True,
        help="The employment in Tripletex today. Empty: the key may not read it.",
    )
    transfer = fields.Selection(
        TRANSFERS,
        string="Sends",
        default="all",
        required=True,
        help="Which validated hours go to Tripletex.",
    )
    employee_id = fields.Many2one(
        "hr.employee",
        string="Link To",
        domain="[('company_id', '=', company_id)]",
        help="An existing Odoo employee to link. Empty: a new employee is created.",
    )
    user_type = fields.Selection(
        USER_TYPES,
        default="none",
        required=True,
        help="The login that is created for the person, with these rights in "
        "Timesheets. People who have a login keep it as it is.",
    )
    department_id = fields.Many2one(
        "hr.department", domain="[('company_id', 'in', (company_id, False))]"
    )
    invite = fields.Boolean(
        help="Send an invitation e-mail with a link to choose a password, once "
        "everything is done."
    )
    has_login = fields.Boolean(compute="_compute_has_login")
    login_kind = fields.Char(
        compute="_compute_has_login",
        help="User type of the login that the person has.",
        export_string_translation=False,
    )
    use_existing_user = fields.Boolean(
        string="Existing Login",
        help="The person has a login with this e-mail already: use it instead of "
        "creating one.",
    )

    @api.depends("employee_id")
    def _compute_has_login(self):
        for line in self:
            user = line.employee_id.sudo().user_id
            line.has_login = bool(user)
            line.login_kind = self._login_kind(user) if user else False

    @api.model
    def _login_kind(self, user):
        """Return the user type of an existing login, in words."""
        labels = dict(self._fields["user_type"]._description_selection(self.env))
        for user_type in reversed(USER_TYPE_GROUPS):
            if self.env.ref(USER_TYPE_GROUPS[user_type]) in user.all_group_ids:
                return labels[user_type]
        return self.env._("Login without Timesheets")

    @api.depends("selected", "user_type", "use_existing_user", "pay_kind", "transfer")
    def _compute_reason(self):
        result = super()._compute_reason()
        for line in self._without_pay():
            text = translated(self.env, NOT_EMPLOYED)
            line.reason = " ".join(filter(None, [line.reason, text]))
        for line, clashes in self._clashes().items():
            if clashes and not line.hindrance:
                text, _blocks = clashes[0]
                line.reason = " ".join(filter(None, [text, line.reason]))
        return result

    def _without_pay(self):
        """Return those whose hours Tripletex would accept and could never pay."""
        return self.filtered(
            lambda line: (
                line.pay_kind == "not_employed"
                and line.transfer != "none"
                and (line.selectable or line.is_linked)
            )
        )

    def _email(self):
        """Return the address as logins are compared; "" where it is not exactly one."""
        return email_normalize(self.email or "") or ""

    def _makes_user(self):
        """Return whether Complete creates a login for this row."""
        return (
            self.user_type != "none"
            and not self.employee_id.sudo().user_id
            and not self.use_existing_user
        )

    # -- reading -----------------------------------------------------------------

    @api.model
    def _read_rows(self, client, setup):
        """Return the employees, each with its ``pay_kind``.

        False where Tripletex tells none, None where it refuses to tell any.
        """
        rows, kinds = client.list_employees(), read_pay_kinds(client, today_in_oslo())
        for row in rows:
            row["pay_kind"] = None if kinds is None else kinds.get(row["id"], False)
        return rows

    @api.model
    def _values_to_offer(self, setup, pairs):
        vals_list = super()._values_to_offer(setup, pairs)
        links = {str(row["id"]): link for row, link in pairs}
        departments = {
            comparable(department.name): department.id
            for department in self.env["hr.department"].search(
                [("company_id", "in", (setup.company_id.id, False))]
            )
        }
        for vals in vals_list:
            employee = self.env["hr.employee"].browse(vals["employee_id"])
            named = departments.get(comparable(vals["department_name"]), False)
            vals["department_id"] = employee.department_id.id or named
            link = links[vals["tripletex_id"]]
            vals["transfer"] = link.transfer if link else setup.default_transfer
        return vals_list

    @api.model
    def _row_values(self, row):
        return {
            "email": row["email"] or False,
            "department_name": (row["department"] or {}).get("name") or False,
            "pay_kind": row["pay_kind"] or False,
        }

    @api.model
    def _sort_key(self, vals):
        """Those who can be ticked come first."""
        return not vals["selectable"], vals["name"]

    @api.model
    def _hindrance(self, row, is_shared):
        number, email = row["employeeNumber"], row["email"]
        if not number and not email:
            text = self.env._("Enter employee number and e-mail in Tripletex first.")
        elif not number:
            text = self.env._("Enter the employee number in Tripletex first.")
        elif not email:
            text = self.env._("Enter the e-mail address in Tripletex first.")
        elif is_shared:
            text = self.env._(
                "Several people have this number in Tripletex. Correct it there."
            )
        elif row["allowInformationRegistration"] is False:
            text = self.env._("Tripletex takes no hours for this person at present.")
            return text, False
        else:
            return False, False
        return text, True

    @api.model
    def _suggest(self, setup, pairs):
        """Return Odoo employees that match rows by number, then e-mail, then name."""

        def emails(employee):
            texts = (employee.work_email, employee.user_id.login)
            return {email_normalize(text or "") for text in texts}

        rows = [row for row, _link in pairs]
        domain = [("company_id", "=", setup.company_id.id)]
        suggestions = self._suggestions(setup, rows, domain)
        if "registration_number" in self.env["hr.employee"]._fields:
            # Odoo's payroll keeps an employee number; Community has none
            suggestions.match(
                lambda row: row["employeeNumber"],
                lambda employee: {employee.registration_number},
            )
        suggestions.match(lambda row: email_normalize(row["email"] or ""), emails)
        suggestions.match(
            lambda row: comparable(self._row_name(row)),
            lambda employee: {comparable(employee.name)},
        )
        return suggestions

    @api.model
    def _row_name(self, row):
        return row["displayName"] or f"{row['firstName']} {row['lastName']}".strip()

    # -- clashes, shown on the rows and refused by Complete ----------------------

    def _clashes(self):
        """Return what would stop Complete: lists of (sentence, blocks) by row.

        ``blocks``: the row cannot be completed as it is set.
        """
        lines = self.filtered(lambda line: line.selectable and not line.is_linked)
        users = lines._users_by_email()
        employees = lines._employees_of(users.values())
        domain = [
            ("connection_id", "in", lines.connection_id.ids),
            ("employee_id", "in", lines.employee_id.ids),
        ]
        links = self.env["tripletex.employee"].sudo().search(domain)
        linked = {(link.connection_id, link.employee_id) for link in links}
        ticked = lines.setup_id.employee_line_ids._to_add()
        chosen = Counter((line.setup_id, line.employee_id) for line in ticked)
        makers = ticked.filtered(lambda line: line._makes_user())
        emails = Counter((line.setup_id, line._email()) for line in makers)
        clashes = {}
        for line in lines:
            found = []
            employee, email = line.employee_id, line._email()
            if employee and (line.connection_id, employee) in linked:
                found.append(LINKED)
            if employee and chosen[line.setup_id, employee] > 1:
                found.append(CHOSEN_TWICE)
            if line._makes_user() and not email:
                found.append(NO_ADDRESS)
            elif line._makes_user() and emails[line.setup_id, email] > 1:
                found.append(EMAIL_TWICE)
            name = full_name(employee) if employee else ""
            values = {"employee": name, "text": line.email}
            texts = map(self.env._, found)
            clashes[line] = [(text % values, True) for text in texts]
            user = users.get(email)
            taken_by = employees.get((user, line.company_id))
            clashes[line] += line._login_clash(user, taken_by)
        return clashes

    def _login_clash(self, user, employee):
        """Return a list with what the user of the row's address stops, or empty.

        :param employee: the user's employee in the company that is connected, or None
        """
        wants_it = self.use_existing_user and not self.has_login
        if not user or self.employee_id.sudo().user_id == user:
            return []
        is_free = employee in (None, self.employee_id.sudo())
        can_use = user.active and user._is_internal() and is_free
        if wants_it and can_use:
            return []
        text = self._text_user(user, employee, can_use)
        return [(text, wants_it or self._makes_user())]

    def _users_by_email(self):
        """Return a dict of address to the user who logs in with it, or who has it.

        Archived ones are included. Who logs in with an address goes first.
        """
        emails = list({line._email() for line in self} - {""})
        # logins can differ in capitals only; to people they are the same
        self.env["res.users"].flush_model(["login"])
        rows = self.env.execute_query(
            SQL("SELECT id FROM res_users WHERE lower(login) = ANY(%s)", emails)
        )
        ids = [user_id for (user_id,) in rows]
        Users = self.env["res.users"].sudo().with_context(active_test=False)
        users = Users.search(
            ["|", ("id", "in", ids), ("email_normalized", "in", emails)]
        )
        by_login = {email_normalize(user.login) or user.login: user for user in users}
        return {user.email_normalized: user for user in users} | by_login

    def _employees_of(self, users):
        """Return a dict of (user, company) to the employee who has this login.

        A user's ``employee_ids`` are those of the companies of the environment, which
        need not be the company that is connected.
        """
        domain = [
            ("user_id", "in", [user.id for user in users]),
            ("company_id", "in", self.company_id.ids),
        ]
        found = self.env["hr.employee"].sudo().search(domain)
        return {(employee.user_id, employee.company_id): employee for employee in found}

    def _text_user(self, user, employee, can_use):
        if can_use:
            return self.env._(
                "The e-mail is the login of %(user)s. Tick Existing login, or "
                "choose No login.",
                user=user.name,
            )
        if employee:
            return self.env._(
                "The e-mail is the login of %(user)s. Link the row to the employee "
                "%(employee)s, or choose No login.",
                user=user.name,
                employee=full_name(employee),
            )
        return self.env._(
            "The e-mail is used by the login of %(user)s, which cannot be used here. "
            "Choose No login, or change the e-mail in Tripletex.",
            user=user.name,
        )

    # -- Complete ----------------------------------------------------------------

    @api.model
    def _figures(self, new, linked):
        return self.env._(
            "Employees: %(new)s new, %(linked)s linked", new=new, linked=linked
        )

    def _problems(self):
        """Return what the rows show as a clash; a number given twice forbids a tick."""
        problems = [
            f"{line.display_name}: {text}"
            for line, clashes in self._to_add()._clashes().items()
            for text, blocks in clashes
            if blocks
        ]
        for field in ("employee_id", "department_id"):
            problems += self._of_other_companies(field)
        return problems

    def _link_values(self):
        return super()._link_values() | {"transfer": self.transfer}

    def _link(self):
        """Link ticked rows, and renew the kind of pay of all that are linked."""
        figures = super()._link()
        kinds = {line.tripletex_id: line.pay_kind for line in self}
        links = self._links(self.setup_id).filtered(
            lambda link: kinds.get(link.tripletex_id, link.pay_kind) != link.pay_kind
        )
        for kind, changed in links.grouped(
            lambda link: kinds[link.tripletex_id]
        ).items():
            changed.pay_kind = kind
        return figures

    def _create_records(self):
        company = self.setup_id.company_id
        users = self._users()
        Employee = self.env["hr.employee"].with_company(company)
        return Employee.with_context(mail_create_nolog=True).create(
            [
                {
                    "name": line.name,
                    "work_email": line.email,
                    "company_id": company.id,
                    "department_id": line.department_id.id,
                    "user_id": users.get(line, self.env["res.users"]).id,
                }
                for line in self
            ]
        )

    def _create_logins(self):
        """Create the logins of ticked employees, connect existing ones; return the new.

        Called before the employees are created, who get their login then.
        """
        company, lines = self.setup_id.company_id, self._to_add()
        makers = lines.filtered(lambda line: line._makes_user())
        Users = self.env["res.users"].with_company(company)
        Users = Users.with_context(no_reset_password=True, mail_create_nolog=True)
        users = Users.create([line._user_values() for line in makers])
        for line, user in zip(makers, users, strict=True):
            if line.employee_id:
                line.employee_id.user_id = user
        existing = lines.filtered(
            lambda line: line.use_existing_user and not line.has_login
        )
        for line, user in existing._users().items():
            if line.employee_id:
                line.employee_id.user_id = user
            # people whose login is used may enter the connected company
            if company not in user.company_ids:
                user.company_ids = [Command.link(company.id)]
        return users

    def _user_values(self):
        company = self.setup_id.company_id
        groups = ("base.group_user", USER_TYPE_GROUPS[self.user_type])
        return {
            "name": self.name,
            "login": self._email(),
            "email": self._email(),
            "partner_id": self.employee_id.work_contact_id.id,
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.link(self.env.ref(group).id) for group in groups],
        }

    def _users(self):
        """Return a dict of row to its employee's login: just created, or existing."""
        wanted = self.filtered(
            lambda line: line.user_type != "none" or line.use_existing_user
        )
        by_email = wanted._users_by_email()
        return {
            line: by_email[line._email()]
            for line in wanted
            if line._email() in by_email
        }
