"""Everything the stand-in holds: companies, keys, sessions, what is assumed."""

import base64
import json
import random
import threading
import uuid
from dataclasses import dataclass, field

from . import data, errors
from .clock import Clock
from .company import Company, Ids
from .counting import CallLog, RateLimiter
from .faults import FaultBox

CONSUMER_TOKEN = "test-consumer-token"
EMPLOYEE_TOKEN = "test-employee-token"
OTHER_EMPLOYEE_TOKEN = "test-other-employee-token"
ACCOUNTANT_TOKEN = "test-accountant-token"

# What Tripletex does where nobody has seen it: with an update of an entry to 0 hours
# (kept or refused), a user name that is no company of the key (errors.PLAIN), hours of
# a finished month (REPORTED: locked) and of a paid one (DOCUMENTED: locked). Locked is
# the safer assumption: what copes with it copes with open months, not the reverse.
# ``month_list``: what is answered to byMonthNumberList, as in ``months.py``.
ASSUMED = {"zero_hours": "kept", "wrong_company": "unauthorized", "month_list": "known"}
ASSUMED |= {"completed_locks": True, "paid_locks": True}

# Rights of the key and their numbers, as the API names them (MEASURED).
RIGHTS = {
    "ROLE_ADMINISTRATOR": 1,
    "AUTH_HOURS_COMPANY": 6,
    "AUTH_PROJECT_MANAGER_COMPANY": 11,
    "AUTH_HOURLIST": 46,
    "AUTH_HOURLIST_SETTINGS": 48,
    "AUTH_EMPLOYEE_INFO": 61,
    "AUTH_PROJECT_INFO": 92,
    "AUTH_WAGE_ADMIN_SETTINGS": 116,
    "AUTH_COMPANY_WAGE_ADMIN": 117,
    "AUTH_COMPANY_EMPLOYEE_ADMIN": 119,
    "AUTH_WAGE_INFORMATION": 144,
}

# Which rights a resource needs: a guess (ASSUMED), documented nowhere.
RESOURCE_RIGHTS = {
    "project": ("AUTH_PROJECT_INFO", "AUTH_PROJECT_MANAGER_COMPANY"),
    "employee": ("AUTH_EMPLOYEE_INFO", "AUTH_COMPANY_EMPLOYEE_ADMIN"),
    "employee/employment/details": ("AUTH_WAGE_INFORMATION",),
    "salary/type": ("AUTH_WAGE_ADMIN_SETTINGS", "AUTH_WAGE_INFORMATION"),
    "timesheet/entry": ("AUTH_HOURS_COMPANY", "AUTH_HOURLIST"),
    "timesheet/salaryTypeSpecification": ("AUTH_COMPANY_WAGE_ADMIN",),
    "timesheet/settings": ("AUTH_HOURLIST_SETTINGS",),
    # REPORTED for the hours of others and for approving them.
    "timesheet/month/complete": ("AUTH_HOURS_COMPANY",),
    "timesheet/month/approve": ("AUTH_HOURS_COMPANY",),
    "salary/payslip": ("AUTH_COMPANY_WAGE_ADMIN",),
}


@dataclass(frozen=True)
class Options:
    """How much master data to make, the tokens accepted, and the rate limit.

    ``rate_limit`` is in calls per key within ``rate_window`` seconds; 0 is off. 100 is
    the only number ever seen in a header (MEASURED, 2017), the window is ASSUMED.
    """

    projects: int = 20
    salary_types: int = 30
    employees: int = 15
    activities: int = 5
    absences: int = 0
    departments: int = 3
    seed: int = 1
    oddities: bool = True
    rate_limit: int = 100
    rate_window: float = 10.0
    consumer_token: str = CONSUMER_TOKEN
    employee_token: str = EMPLOYEE_TOKEN
    language: str = "no"


# The smaller companies exist so that another company's key can be tried.
SMALL = Options(3, 4, 3, 4, 1, oddities=False)


@dataclass
class Key:
    """An API user key and the company of the person it belongs to."""

    id: int
    token: str
    company: object
    accountant: bool = False
    revoked: bool = False


@dataclass
class Session:
    """An open session; it dies at 00:00 in Norway on ``expires``."""

    id: int
    token: str
    key: Key
    expires: object
    killed: bool = False


@dataclass
class Rights:
    """Which resources are closed, e.g. ``timesheet/entry:write``, ``project``, ``*``.

    ``hide`` makes lists empty instead of refusing (DOCUMENTED).
    """

    revoked: set = field(default_factory=set)
    hide: bool = False

    def lacks(self, resource, mode):
        """Whether ``resource`` is closed for ``mode`` (``read`` or ``write``)."""
        for entry in self.revoked:
            name, _, only = entry.partition(":")
            if name in ("*", resource) and only in ("", mode):
                return True
        return False

    def names_left(self):
        """The names of the rights the key still has."""
        lost = set()
        for resource, rights in RESOURCE_RIGHTS.items():
            if self.lacks(resource, "read") or self.lacks(resource, "write"):
                lost.update(rights, ["ROLE_ADMINISTRATOR"])
        return [name for name in RIGHTS if name not in lost]


class State:
    """All of it behind one lock: a request holds ``lock`` while it reads or writes."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.RLock()
        self.faults = FaultBox()
        self.log = CallLog()
        self.reset()

    def reset(self):
        """Back to the beginning: fresh companies from the same seed, no sessions."""
        with self.lock:
            self.faults.clear()
            self.log.clear()
            self.clock = Clock()
            rate = self.options.rate_limit, self.options.rate_window
            self.limiter = RateLimiter(self.clock, *rate)
            self.ids = Ids()
            self.language = self.options.language
            self.rights = Rights()
            self.assumed = dict(ASSUMED)
            self.sessions = {}
            self._random = random.Random(self.options.seed)
            self.company = self._company("Fjordbygg Demo AS", "999000111", self.options)
            self.other = self._company("Kystservice Demo AS", "999000222", SMALL)
            self.accounting = self._company("Regnskap Demo AS", "999000333", SMALL)
            self.companies = [self.company, self.other, self.accounting]
            self.keys = {}
            self._key(self.options.employee_token, self.company)
            self._key(OTHER_EMPLOYEE_TOKEN, self.other)
            self._key(ACCOUNTANT_TOKEN, self.accounting, accountant=True)

    def _company(self, name, number, size):
        company = Company(name, number, self.ids, self.assumed)
        data.fill_company(company, size, self._random.random(), self.clock.today())
        return company

    def _key(self, token, company, accountant=False):
        key_id = self.ids.next("EmployeeToken")
        self.keys[token] = Key(key_id, token, company, accountant)

    # -- sessions ----------------------------------------------------------------

    def key_for(self, consumer_token, employee_token):
        """The Key of the two tokens; raises 422 for a wrong one."""
        if consumer_token != self.options.consumer_token:
            raise errors.wrong_token("consumerToken")
        key = self.keys.get(employee_token)
        if key is None or key.revoked:
            raise errors.wrong_token("employeeToken")
        return key

    def open_session(self, key, expires):
        """A new Session; with ``expires`` in the past it never works (MEASURED)."""
        session_id = self.ids.next("SessionToken")
        inner = {"tokenId": session_id, "token": f"test-{uuid.uuid4()}"}
        text = json.dumps(inner, separators=(",", ":"))
        token = base64.b64encode(text.encode()).decode()
        self.sessions[token] = Session(session_id, token, key, expires)
        return self.sessions[token]

    def live_session(self, token):
        """The Session of ``token``, or None when unknown, dead or expired."""
        session = self.sessions.get(token)
        if session is None or session.killed or session.key.revoked:
            return None
        return session if self.clock.today() < session.expires else None

    def open_sessions(self):
        return [s for s in self.sessions.values() if self.live_session(s.token)]

    def company_for(self, session, user_name):
        """The company a call is meant for: ``0`` or blank is that of the key's owner.

        Another number is an accountant's client (DOCUMENTED), else refused (ASSUMED).
        """
        if user_name in ("", "0"):
            return session.key.company
        clients = {str(company.id): company for company in self.clients_of(session.key)}
        if user_name not in clients:
            raise errors.refusal(self.assumed["wrong_company"])
        return clients[user_name]

    def clients_of(self, key):
        """Companies this key may log into, its own first."""
        if not key.accountant:
            return [key.company]
        return [key.company, self.company, self.other]

    def owner_of(self, model, row_id):
        """The company that holds the row, or None."""
        return next((c for c in self.companies if row_id in c.table(model)), None)
