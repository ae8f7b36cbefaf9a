from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

from .tripletex_connection_setup import USER_TYPES


class TripletexSetupEmployee(models.TransientModel):
    _name = "tripletex.setup.employee"
    _description = "Employee Offered by the Tripletex Set-up"
    _inherit = "tripletex.setup.line"
    _transient_max_hours = 0  # rows go with their set-up, never before it

    email = fields.Char(string="E-mail", readonly=True)
    department_name = fields.Char(string="Department in Tripletex", readonly=True)
    hindrance = fields.Char(
        readonly=True,
        help="What stands in the way on Tripletex's side.",
        export_string_translation=False,
    )
    reason = fields.Char(compute="_compute_reason", store=False)
    employee_id = fields.Many2one(
        "hr.employee",
        string="Link To",
        domain="[('company_id', '=', company_id)]",
        help="An existing Odoo employee to link. Empty: a new employee is made.",
    )
    user_type = fields.Selection(
        USER_TYPES,
        default="none",
        required=True,
        help="A login that is made for the person, with these rights in Timesheets. "
        "People who have one keep it as it is.",
    )
    department_id = fields.Many2one(
        "hr.department", domain="[('company_id', 'in', (company_id, False))]"
    )
    invite = fields.Boolean(
        help="Send an invitation e-mail with a link to choose a password, once "
        "everything is done."
    )
    has_login = fields.Boolean(compute="_compute_has_login")
    use_existing_user = fields.Boolean(
        string="Existing Login",
        help="The person has a login with this e-mail already: link it instead of "
        "making one.",
    )

    @api.depends("employee_id")
    def _compute_has_login(self):
        for line in self:
            line.has_login = bool(line.employee_id.sudo().user_id)

    def _email(self):
        """The address as a login would be compared with it; "" for no or several."""
        self.ensure_one()
        return email_normalize(self.email or "") or ""

    def _makes_user(self):
        """Whether Complete makes a login for this row."""
        self.ensure_one()
        return (
            self.user_type != "none"
            and not self.employee_id.sudo().user_id
            and not self.use_existing_user
        )

    @api.depends(
        "hindrance", "selected", "employee_id", "user_type", "use_existing_user"
    )
    def _compute_reason(self):
        clashes = self._clashes()
        for line in self:
            line.reason = line.hindrance or next(
                (text for text, _blocks in clashes.get(line, ())), False
            )

    def _clashes(self):
        """What would stop Complete for rows of these, found in a few queries.

        :return: dict of row to list of (sentence with the way out, whether the row as
            it is set cannot be completed)
        """
        lines = self.filtered(lambda line: line.selectable and not line.is_linked)
        users = self._users_by_email(lines)
        chosen, emails = self._chosen_twice(lines)
        linked = self._linked_employees(lines)
        clashes = {}
        for line in lines:
            found = clashes.setdefault(line, [])
            employee = line.employee_id
            if employee and employee in linked.get(line.connection_id, ()):
                found.append((self._text_linked(employee), True))
            if employee and (line.setup_id, employee) in chosen:
                found.append((self._text_chosen_twice(employee), True))
            if line._makes_user() and not line._email():
                found.append((self._text_no_address(line), True))
            if line._makes_user() and (line.setup_id, line._email()) in emails:
                found.append((self._text_email_twice(), True))
            user = users.get(line._email())
            if user and employee.sudo().user_id != user:
                wants_it = line.use_existing_user and not line.has_login
                if not (wants_it and line._can_use(user)):
                    blocks = wants_it or line._makes_user()
                    found.append((self._text_user(line, user), blocks))
        return clashes

    @api.model
    def _users_by_email(self, lines):
        emails = list({line._email() for line in lines} - {""})
        users = (
            self.env["res.users"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    "|",
                    ("id", "in", self._ids_by_login(emails)),
                    ("email_normalized", "in", emails),
                ]
            )
        )
        # login last: it is what must be unique
        found = {user.email_normalized: user for user in users}
        found.update(
            {email_normalize(user.login) or user.login: user for user in users}
        )
        return found

    @api.model
    def _ids_by_login(self, emails):
        """Users with one of these logins, however it is written.

        To Odoo's unique rule capitals make another login, to people they do not.
        """
        self.env["res.users"].flush_model(["login"])
        rows = self.env.execute_query(
            SQL("SELECT id FROM res_users WHERE lower(login) = ANY(%s)", emails)
        )
        return [user_id for (user_id,) in rows]

    @api.model
    def _chosen_twice(self, lines):
        """Employees, and e-mail addresses for new logins, ticked more than once."""
        employees, emails = {}, {}
        for line in lines.setup_id.employee_line_ids:
            if not line._is_to_add():
                continue
            if line.employee_id:
                key = (line.setup_id, line.employee_id)
                employees[key] = employees.get(key, 0) + 1
            if line._makes_user() and line._email():
                key = (line.setup_id, line._email())
                emails[key] = emails.get(key, 0) + 1
        return (
            {key for key, count in employees.items() if count > 1},
            {key for key, count in emails.items() if count > 1},
        )

    @api.model
    def _linked_employees(self, lines):
        """Employees with a link already, by connection."""
        connections = lines.connection_id
        if not connections:
            return {}
        return dict(
            self.env["tripletex.employee"]
            .sudo()
            ._read_group(
                [
                    ("connection_id", "in", connections.ids),
                    ("employee_id", "in", lines.employee_id.ids),
                ],
                ["connection_id"],
                ["employee_id:recordset"],
            )
        )

    def _can_use(self, user):
        """Whether an existing login can become this person's."""
        self.ensure_one()
        if not user.active or not user._is_internal():
            return False
        others = user.employee_ids.filtered(
            lambda employee: employee.company_id == self.company_id
        )
        return not (others - self.employee_id)

    @api.model
    def _text_linked(self, employee):
        return self.env._(
            "%(employee)s is linked to another Tripletex employee. Choose another "
            "employee, or none to make a new one.",
            employee=employee.name,
        )

    @api.model
    def _text_chosen_twice(self, employee):
        return self.env._(
            "%(employee)s is chosen on two rows. Choose another employee on one of "
            "them.",
            employee=employee.name,
        )

    @api.model
    def _text_email_twice(self):
        return self.env._(
            "Two ticked rows share this e-mail, and a login needs its own. Choose No "
            "login on one of them."
        )

    @api.model
    def _text_no_address(self, line):
        return self.env._(
            "“%(text)s” is no single e-mail address, and a login needs one. Correct it "
            "in Tripletex, or choose No login.",
            text=line.email,
        )

    @api.model
    def _text_user(self, line, user):
        if line._can_use(user):
            return self.env._(
                "The e-mail is the login of %(user)s. Tick Existing login, or "
                "choose No login.",
                user=user.name,
            )
        employee = user.employee_ids.filtered(
            lambda employee: employee.company_id == line.company_id
        )[:1]
        if employee:
            return self.env._(
                "The e-mail is the login of %(user)s. Link the row to the employee "
                "%(employee)s, or choose No login.",
                user=user.name,
                employee=employee.name,
            )
        return self.env._(
            "The e-mail is used by the login of %(user)s, which cannot be taken. "
            "Choose No login, or change the e-mail in Tripletex.",
            user=user.name,
        )
