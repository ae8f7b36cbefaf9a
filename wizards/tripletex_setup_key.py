from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ..tools import RightsMissing, today_in_oslo

_lt = LazyTranslate(__name__)

#: What the product asks of Tripletex: list, its call, whether connecting makes sense
#: without it, what for, and the right's name on Tripletex's screens. Which call needs
#: which right is documented nowhere found (ASSUMED, from comparable guides); the call
#: itself is tried, so only the name can be wrong.
RIGHTS = [
    ("projects", "GET /project", True, _lt("Read projects"), "Prosjektinformasjon"),
    (
        "activities",
        "GET /activity",
        True,
        _lt("Read activities"),
        "Prosjektinformasjon",
    ),
    (
        "employees",
        "GET /employee",
        True,
        _lt("Read employees"),
        "Ansattinformasjon",
    ),
    (
        "hours",
        "GET /timesheet/entry",
        True,
        _lt("Read and register hours for everybody"),
        "Timelister, hele selskapet",
    ),
    (
        "settings",
        "GET /timesheet/settings",
        False,
        _lt("Read the timesheet settings (default activity, required comments)"),
        "Innstillinger for timelister",
    ),
    (
        "paycodes",
        "GET /salary/type",
        False,
        _lt("Read salary types"),
        "Lønnsadministrator",
    ),
    (
        "paycode_rows",
        "GET /timesheet/salaryTypeSpecification",
        False,
        _lt("Read and register overtime and supplements"),
        "Lønnsadministrator",
    ),
]

#: Names of rights (MEASURED) without which registering for others is expected to fail
#: (ASSUMED). Used for a remark only: what is tried counts more.
HOURS_ENTITLEMENTS = {"AUTH_HOURS_COMPANY", "ROLE_ADMINISTRATOR"}


class TripletexConnectionSetup(models.TransientModel):
    """What a key opens: the rights it has, and the company."""

    _inherit = "tripletex.connection.setup"

    # ------------------------------------------------------------------
    # Key
    # ------------------------------------------------------------------

    def _verify_key(self, refuse=True):
        """Find out which company the key opens and what it may do there.

        :param refuse: raise for missing rights; otherwise only show them
        :return: whether the set-up can go on; False when a company is to be chosen
        :raise UserError: one sentence per cause
        """
        self._check_tokens()
        self.client_company_id = self.client_id.tripletex_id or self._stored_client()
        with self._tripletex() as client:
            who = client.who_am_i()
            companies = client.list_client_companies()
            answers = self._try_rights(client, who)
            if self._must_choose_company(who, companies, answers):
                self._offer_companies(who, companies)
                return False
            if not self.client_id:
                self.client_ids.unlink()  # those of a key that was tried before
            self._set_company(who, companies)
            self._recognise_company()
            self._set_rights(answers)
            missing = [right for right in RIGHTS if self._is_missing(right, answers)]
            required = [right for right in missing if right[2]]
            if required and refuse:
                raise UserError(self._explain_missing(missing))
            if not required:
                self._keep_answers(who, answers)
        return not required

    def _check_tokens(self):
        if not self.env["tripletex.connection"]._consumer_token():
            raise UserError(
                self.env._(
                    "This Odoo system has no consumer token yet, so it cannot talk to "
                    "Tripletex. Enter the token under Settings, General Settings, "
                    "Tripletex, Consumer token; whoever installed the addon gets it "
                    "from Tripletex."
                )
            )
        if not self._token():
            raise UserError(self.env._("Enter the API user key from Tripletex."))

    def _stored_client(self):
        """The client company that belongs to the stored key, where that one is used."""
        if self.pending_token:
            return "0"
        return self._active_connection().client_company_id or "0"

    def _try_rights(self, client, who):
        """Make every kind of call that the product needs, reading only.

        :return: dict of list name to rows, or to the RightsMissing it met
        """
        today = today_in_oslo()
        # closed projects matter only where some are linked already
        with_closed = bool(self._bindings("tripletex.project", known=False))
        calls = {
            "settings": client.get_timesheet_settings,
            "activities": client.list_activities,
            "projects": lambda: client.list_projects(closed=with_closed),
            "paycodes": client.list_salary_types,
            "employees": client.list_employees,
            "hours": lambda: client.search_entries(
                today, today, employee_ids=[who["employeeId"]]
            ),
            "paycode_rows": lambda: client.search_salary_rows(
                today, today, who["employeeId"]
            ),
            "entitlements": lambda: client.list_entitlements(
                who["actualEmployeeId"] or who["employeeId"]
            ),
        }
        answers = {}
        for name, call in calls.items():
            try:
                answers[name] = call()
            except RightsMissing as error:
                answers[name] = error
        return answers

    def _is_missing(self, right, answers):
        answer = answers[right[0]]
        if isinstance(answer, RightsMissing):
            return True
        # Tripletex hides instead of refusing (DOCUMENTED); every company has employees
        return right[0] == "employees" and not answer

    def _right_of_call(self, call):
        """The right that a call needs, or one that is named by the call alone."""
        for right in RIGHTS:
            if right[1] == call:
                return right
        return ("", call, True, call, "API-tilgang")

    def _explain_missing(self, rights):
        lines = [
            self.env._(
                "The API user key lacks rights in Tripletex. Give them to the key, and "
                "to the person it belongs to, under API-tilgang in Tripletex:"
            )
        ]
        for _name, call, _required, purpose, right in rights:
            lines.append(
                self.env._(
                    "✗ %(purpose)s: the right “%(right)s” (%(call)s)",
                    purpose=self._purpose(purpose),
                    right=right,
                    call=call,
                )
            )
        return "\n".join(lines)

    @api.model
    def _purpose(self, purpose):
        """What a right is for, in the reader's language."""
        return purpose if isinstance(purpose, str) else self.env._(purpose)

    def _set_rights(self, answers):
        self.right_ids.unlink()
        vals_list = [
            {
                "setup_id": self.id,
                "sequence": sequence,
                "name": self._purpose(purpose),
                "call": call,
                "is_required": required,
                "is_granted": not self._is_missing(right, answers),
                "missing_name": name,
            }
            for sequence, right in enumerate(RIGHTS)
            for _list, call, required, purpose, name in [right]
        ]
        entitlements = answers["entitlements"]
        if not isinstance(entitlements, RightsMissing) and entitlements:
            names = {row["name"] for row in entitlements}
            vals_list.append(
                {
                    "setup_id": self.id,
                    "sequence": len(RIGHTS),
                    "name": self.env._("Register hours for other people"),
                    "call": "POST /timesheet/entry/list",
                    "is_granted": bool(names & HOURS_ENTITLEMENTS),
                    "missing_name": "Timelister, hele selskapet",
                }
            )
        self.env["tripletex.setup.right"].create(vals_list)

    # ------------------------------------------------------------------
    # Company
    # ------------------------------------------------------------------

    def _must_choose_company(self, who, companies, answers):
        """Whether this is an accountant's key that has not chosen a client yet.

        Such a key may do nothing but ask for its clients in its own company
        (DOCUMENTED).
        """
        others = [row for row in companies if row["id"] != who["companyId"]]
        return (
            bool(others)
            and self.client_company_id == "0"
            and all(isinstance(answer, RightsMissing) for answer in answers.values())
        )

    def _offer_companies(self, who, companies):
        self.client_ids.unlink()
        self.env["tripletex.setup.client"].create(
            [
                {
                    "setup_id": self.id,
                    "tripletex_id": str(row["id"]),
                    "name": row["name"],
                    "organisation_number": row["organizationNumber"],
                }
                for row in companies
                if row["id"] != who["companyId"]
            ]
        )

    def _set_company(self, who, companies):
        wanted = self.client_company_id
        if wanted == "0":
            wanted = str(who["companyId"])
        row = next((row for row in companies if str(row["id"]) == wanted), {})
        self.write(
            {
                "tripletex_company_id": wanted,
                # Tripletex tells the own company's name in this list only, and not
                # to every key
                "tripletex_company_name": row.get("name")
                or self.env._("Tripletex company %s", wanted),
                "organisation_number": row.get("organizationNumber") or False,
            }
        )

    def _recognise_company(self):
        """Find the connection that this set-up updates or takes up again.

        :raise UserError: when another Tripletex company is connected
        """
        active = self._active_connection()
        known = active or self.env["tripletex.connection"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("environment", "=", self.environment),
                ("tripletex_company_id", "=", self.tripletex_company_id),
            ]
        )
        if active and (
            active.tripletex_company_id != self.tripletex_company_id
            or active.environment != self.environment
        ):
            raise UserError(
                self.env._(
                    "This key belongs to %(new)s, but %(company)s is connected to "
                    "%(old)s. Use a key of that Tripletex company, or press Remove "
                    "first and connect anew.",
                    new=self.tripletex_company_name,
                    company=self.company_id.name,
                    old=active.tripletex_company_name or active.tripletex_company_id,
                )
            )
        self.connection_id = known

    def _active_connection(self):
        connections = self.env["tripletex.connection"]._active_by_company(
            self.company_id
        )
        return connections.get(self.company_id, self.env["tripletex.connection"])

    def _bindings(self, model, known=True):
        """Bindings of the known connection, or of any of the company's."""
        domain = (
            [("connection_id", "=", self.connection_id.id)]
            if known
            else [("company_id", "=", self.company_id.id)]
        )
        return self.env[model].search(domain)
