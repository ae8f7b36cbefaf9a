from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import LazyTranslate

from ..sending.locks import month_module
from ..sending.words import translated
from ..tools import RightsMissing, today_in_oslo

_lt = LazyTranslate(__name__)


class Right(NamedTuple):
    """A right that the key needs, and the call by which it is tried."""

    answer: str  # name of what the call reads
    call: str
    is_required: bool  # whether connecting makes no sense without it
    purpose: str  # what the product does with it
    name: str  # on Tripletex's screens


#: What the product asks of Tripletex. Which call needs which right is ASSUMED, from
#: comparable guides: no documentation was found. The call itself is tried, so only the
#: name can be wrong.
RIGHTS = [
    Right(
        "projects", "GET /project", True, _lt("Read projects"), "Prosjektinformasjon"
    ),
    Right(
        "activities",
        "GET /activity",
        True,
        _lt("Read activities"),
        "Prosjektinformasjon",
    ),
    Right(
        "employees", "GET /employee", True, _lt("Read employees"), "Ansattinformasjon"
    ),
    Right(
        "hours",
        "GET /timesheet/entry",
        True,
        _lt("Read and register hours for everybody"),
        "Timelister, hele selskapet",
    ),
    Right(
        "pay_kinds",
        "GET /employee/employment/details",
        False,
        _lt("Read whether people have a monthly or an hourly wage"),
        "Lønnsadministrator",
    ),
    Right(
        "settings",
        "GET /timesheet/settings",
        False,
        _lt("Read the timesheet settings (default activity, required comments)"),
        "Innstillinger for timelister",
    ),
    Right(
        "paycodes",
        "GET /salary/type",
        False,
        _lt("Read salary types"),
        "Lønnsadministrator",
    ),
    Right(
        "paycode_rows",
        "GET /timesheet/salaryTypeSpecification",
        False,
        _lt("Read and register overtime and supplements"),
        "Lønnsadministrator",
    ),
]

#: Names of rights (MEASURED) without which registering for others is expected to fail
#: (ASSUMED). They are shown only: whether the set-up goes on depends on the calls.
HOURS_ENTITLEMENTS = {"AUTH_HOURS_COMPANY", "ROLE_ADMINISTRATOR"}


class KeyStep:
    """What a key opens: its owner, its company, and the rights it has.

    Everything is read when the object is made; :meth:`apply` stores it on the set-up.

    :raise TripletexError: for any other refusal than a missing right
    """

    def __init__(self, setup, client):
        self.setup = setup
        self.env = setup.env
        self.owner = client.who_am_i()
        self.companies = client.list_client_companies()
        self.answers = self._try_rights(client)

    def _try_rights(self, client):
        """Make every kind of call that the product needs, reading only.

        :return: dict of name to what was read, or to None where the right is missing
        """
        today, owner_id = today_in_oslo(), self.owner["employeeId"]
        calls = {
            "settings": client.get_timesheet_settings,
            "activities": client.list_activities,
            "hours": lambda: client.search_entries(
                today, today, employee_ids=[owner_id]
            ),
            "paycode_rows": lambda: client.search_salary_rows(today, today, [owner_id]),
            "entitlements": lambda: client.list_entitlements(
                self.owner["actualEmployeeId"] or owner_id
            ),
        }
        for step, kind in self.setup._row_kinds().items():
            calls[step] = lambda kind=kind: kind._read_rows(client, self.setup)
        answers = {}
        for name, call in calls.items():
            try:
                answers[name] = call()
            except RightsMissing:
                answers[name] = None
        people = answers["employees"]
        if people and all(row["pay_kind"] is None for row in people):
            answers["pay_kinds"] = None
        return answers

    def apply(self, refuse):
        """Store on the set-up what the key opens, and make the rows to tick of it.

        :param refuse: raise for missing rights; otherwise only show them
        :return: whether the set-up can go on; False also when a company is to be chosen
        :raise UserError: with the rights that are missing, or when another Tripletex
            company is connected
        """
        if self._must_choose_company():
            self._offer_companies()
            return False
        if not self.setup.client_id:
            self.setup.client_ids.unlink()  # those of a key that was tried before
        self._set_company()
        self.setup._recognise_company()
        self._set_rights()
        missing = [right for right in RIGHTS if self._is_missing(right)]
        is_usable = not any(right.is_required for right in missing)
        if refuse and not is_usable:
            raise UserError(explain_missing(self.env, missing))
        if is_usable:
            self._keep_answers()
        return is_usable

    # -- company -----------------------------------------------------------------

    def _clients(self):
        """Return the companies that the key may enter, except its owner's."""
        return [row for row in self.companies if row["id"] != self.owner["companyId"]]

    def _must_choose_company(self):
        """Return whether this is an accountant's key that has not chosen a client yet.

        In its own company it may do nothing but ask for its clients (DOCUMENTED).
        """
        return (
            bool(self._clients())
            and self.setup.client_company_id == "0"
            and all(answer is None for answer in self.answers.values())
        )

    def _offer_companies(self):
        vals_list = [
            {
                "tripletex_id": str(row["id"]),
                "name": row["name"],
                "organisation_number": row["organizationNumber"],
            }
            for row in self._clients()
        ]
        self.setup.client_ids = [Command.clear(), *map(Command.create, vals_list)]

    def _set_company(self):
        wanted = self.setup.client_company_id
        if wanted == "0":
            wanted = str(self.owner["companyId"])
        row = next((row for row in self.companies if str(row["id"]) == wanted), {})
        # Tripletex tells the own company's name in this list only, and not to every key
        name = row.get("name") or self.env._("Tripletex company %s", wanted)
        self.setup.write(
            {
                "tripletex_company_id": wanted,
                "tripletex_company_name": name,
                "organisation_number": row.get("organizationNumber") or False,
            }
        )

    # -- rights ------------------------------------------------------------------

    def _is_missing(self, right):
        answer = self.answers.get(right.answer, True)
        # Tripletex hides instead of refusing (DOCUMENTED); every company has employees
        return answer is None or (right.answer == "employees" and not answer)

    def _set_rights(self):
        vals_list = [
            {
                "name": translated(self.env, right.purpose),
                "call": right.call,
                "is_required": right.is_required,
                "is_granted": not self._is_missing(right),
                "missing_name": right.name,
            }
            for right in RIGHTS
        ]
        entitlements = self.answers["entitlements"]
        if entitlements:
            names = {row["name"] for row in entitlements}
            vals_list.append(
                {
                    "name": self.env._("Register hours for other people"),
                    "call": "POST /timesheet/entry/list",
                    "is_granted": bool(names & HOURS_ENTITLEMENTS),
                    "missing_name": "Timelister, hele selskapet",
                }
            )
        self.setup.right_ids = [Command.clear(), *map(Command.create, vals_list)]

    # -- what was read -----------------------------------------------------------

    def _keep_answers(self):
        """Turn what was read into rows, so that the steps need not read it again."""
        settings = self.answers["settings"] or {}
        owner_id = self.owner["employeeId"]
        owner = next((e for e in self.answers["employees"] if e["id"] == owner_id), {})
        comments = settings.get("requireCommentsOnRegisteredHoursAllProjects")
        kinds = self.setup._row_kinds()
        self.setup.write(
            {
                "key_owner_id": str(owner_id),
                "key_owner_name": owner.get("displayName") or False,
                "require_comments": bool(comments),
                "month_module": month_module(settings),
                "default_transfer": self.setup.default_transfer
                or self.setup.connection_id.default_transfer
                or "all",
                "fresh_lists": ",".join(kinds),
            }
        )
        self.setup._set_activities(
            self.answers["activities"], settings.get("defaultProjectActivity")
        )
        for step, kind in kinds.items():
            kind._offer(self.setup, self.answers[step] or [])


def explain_missing(env, rights):
    """Return a text that names the missing rights, and says where to give them."""
    intro = env._(
        "The API user key lacks rights in Tripletex. Give them to the key, and "
        "to the person it belongs to, under API-tilgang in Tripletex:"
    )
    lines = [
        env._(
            "✗ %(purpose)s: the right “%(right)s” (%(call)s)",
            purpose=translated(env, right.purpose),
            right=right.name,
            call=right.call,
        )
        for right in rights
    ]
    return "\n".join([intro, *lines])


def right_of_call(call):
    """Return the right that a call needs; an unknown call is shown as it is."""
    by_call = {right.call: right for right in RIGHTS}
    return by_call.get(call) or Right("", call, True, call, "API-tilgang")
