"""Who is told that hours do not reach Tripletex, when, and in which words."""

from datetime import timedelta

from markupsafe import Markup

from odoo import fields
from odoo.fields import Domain
from odoo.tools import formatLang

from . import NEEDS_ATTENTION, WAITING
from .figures import unsent_figures
from .words import NoticeWords

ACTIVITY_TYPE = "hr_timesheet_tripletex.mail_activity_type_attention"
#: Kinds of trouble, mildest first.
WAIT, ROWS, STOPPED = "waiting", "rows", "stopped"
RANKS = {WAIT: 1, ROWS: 2, STOPPED: 3}
#: Page that lists the rows, by kind of trouble.
PAGES = {
    WAIT: "tripletex-waiting",
    ROWS: "tripletex-needs-attention",
    STOPPED: "tripletex-waiting",
}
SETTINGS, TIMESHEETS = "base.group_system", "hr_timesheet.group_timesheet_manager"
#: Causes and people that a notice names.
MOST_NAMED = 5


class Notice:
    """Tells people who can act about a connection's trouble, once per trouble.

    They have an activity and get an e-mail. Both are renewed when the trouble gets
    worse, or when who was told cannot act any more. When nothing is wrong any more the
    activities are closed.

    :param connection: ``tripletex.connection`` record
    """

    def __init__(self, connection):
        self.connection = connection.sudo()
        self.env = self.connection.env

    def update(self):
        """Bring activities in line with what is wrong now."""
        connection = self.connection
        trouble, activities = self._trouble(), self._activities()
        if not trouble:
            activities.action_feedback(feedback=self.env._("The problem is solved."))
            if connection.told:
                connection.told = False
            return
        told = connection.told or {"troubles": [], "users": []}
        people = self._people(trouble)
        is_known = trouble in told["troubles"]
        strangers = people.filtered(lambda user: user.id not in told["users"])
        if is_known and not strangers and told["troubles"][-1] == trouble:
            return
        activities.unlink()
        for user in people:
            self._tell(user, trouble, is_silent=is_known and user not in strangers)
        # a milder trouble was told before; a worse one that returns is told again
        milder = [t for t in told["troubles"] if rank(t) < rank(trouble)]
        connection.told = {"troubles": [*milder, trouble], "users": people.ids}

    # ------------------------------------------------------------------
    # What is wrong
    # ------------------------------------------------------------------

    def _trouble(self):
        """Return the worst trouble as a text, or None."""
        connection = self.connection
        if connection.state == "disconnected":
            return None
        if connection.state == "attention":
            return f"{STOPPED}:{connection.attention_reason}"
        Entry = self.env["tripletex.entry"]
        for trouble in (ROWS, WAIT):
            if Entry.search_count(self._domain(trouble), limit=1):
                return trouble
        return None

    def _domain(self, trouble):
        """Domain of the rows that a trouble is about."""
        domain = Domain("connection_id", "=", self.connection.id)
        if trouble == ROWS:
            return domain & Domain("state", "in", NEEDS_ATTENTION)
        domain &= Domain("state", "in", WAITING)
        if trouble != WAIT:
            return domain
        patience = timedelta(hours=self.connection.company_id.tripletex_patience)
        limit = fields.Datetime.now() - patience
        return domain & (
            Domain("waiting_since", "<=", limit)
            | (Domain("waiting_since", "=", False) & Domain("create_date", "<=", limit))
        )

    # ------------------------------------------------------------------
    # Who is told
    # ------------------------------------------------------------------

    def _activities(self):
        kind = self.env.ref(ACTIVITY_TYPE)
        return self.connection.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

    def _people(self, trouble):
        """Return who is told: people who can act, reachable ones first.

        A stopped connection needs an administrator of the settings; the responsible
        person is told beside them.
        """
        candidates = self._candidates()
        groups = (SETTINGS,) if rank(trouble) == RANKS[STOPPED] else ()
        groups = groups or (SETTINGS, TIMESHEETS)
        able = candidates.filtered(lambda user: self._can_act(user, groups))
        reachable = able.filtered(self._is_reachable)
        people = (reachable or able or self._last_resort())[:1]
        responsible = self.connection.responsible_id
        if self._can_act(responsible, (SETTINGS, TIMESHEETS)):
            if self._is_reachable(responsible):
                people = responsible | people
        return people

    def _candidates(self):
        """Return the responsible person, the key's owner, other administrators."""
        connection = self.connection
        Link = self.env["tripletex.employee"]
        owner = Link.search(
            [
                ("connection_id", "=", connection.id),
                ("tripletex_id", "!=", False),
                ("tripletex_id", "=", connection.key_owner_id),
            ]
        )
        return (
            connection.responsible_id
            | owner.employee_id.user_id
            | self._users_of(SETTINGS)
            | self._users_of(TIMESHEETS)
        )

    def _users_of(self, group):
        return self.env["res.users"].search(
            [
                ("all_group_ids", "in", self.env.ref(group).ids),
                ("company_ids", "in", self.connection.company_id.ids),
                ("share", "=", False),
            ],
            order="id",
        )

    def _can_act(self, user, groups):
        return (
            user.active
            and self.connection.company_id in user.company_ids
            and any(user.has_group(group) for group in groups)
        )

    def _is_reachable(self, user):
        """Return whether the person has an e-mail address and is not on leave."""
        # a user's ``employee_ids`` are those of the companies of the environment, which
        # the cron has not chosen
        employees = self.env["hr.employee"].sudo().search([("user_id", "=", user.id)])
        return bool(user.email) and not any(
            employee._tripletex_is_on_leave() for employee in employees
        )

    def _last_resort(self):
        """Return an administrator of the database, where the company has none."""
        admin = self.env.ref("base.user_admin")
        if admin.active:
            return admin
        group = self.env.ref(SETTINGS)
        Users = self.env["res.users"]
        return Users.search([("all_group_ids", "in", group.ids)], order="id", limit=1)

    # ------------------------------------------------------------------
    # What they read
    # ------------------------------------------------------------------

    def _tell(self, user, trouble, is_silent):
        """Make the activity, and send the e-mail unless it is silent."""
        # Odoo's own e-mail about an activity leaves out what the activity says
        connection = self.connection.with_context(
            lang=user.lang, mail_activity_quick_update=True
        )
        words = NoticeWords(connection.env)
        summary = words.summary(trouble)
        note = self._note(connection, user, trouble, words)
        connection.activity_schedule(
            ACTIVITY_TYPE, summary=summary, note=note, user_id=user.id
        )
        if not is_silent:
            connection.message_notify(
                partner_ids=user.partner_id.ids,
                subject=f"{summary}: {connection.company_id.name}",
                body=note,
                email_layout_xmlid="mail.mail_notification_light",
            )

    def _note(self, connection, user, trouble, words):
        """Return cause, people, count, and a link to the rows."""
        entries = connection.env["tripletex.entry"].search(self._domain(trouble))
        parts = []
        if kind_of(trouble) != ROWS:
            found = unsent_figures(entries, self._domain(trouble)).values()
            hours = formatLang(connection.env, sum(h for _n, h in found), digits=2)
            parts += [connection.attention_message, words.waiting(len(entries), hours)]
        if self.connection.company_id in user.company_ids:
            parts += self._causes(entries, words)
        elif kind_of(trouble) == ROWS:
            parts.append(words.rows(len(entries)))
        paragraphs = [Markup("<p>%s</p>") % part for part in filter(None, parts)]
        page = f"{connection.get_base_url()}/odoo/{PAGES[kind_of(trouble)]}"
        link = Markup('<p><a href="%s">%s</a></p>') % (page, words.link(trouble))
        return Markup("").join([*paragraphs, link])

    def _causes(self, entries, words):
        """Return a sentence for each cause: who is concerned, and how many rows."""
        causes = entries.grouped("error_message").items()
        sentences = [
            words.cause(cause, self._names(concerned), len(concerned))
            for cause, concerned in list(causes)[:MOST_NAMED]
        ]
        return [*sentences, "…"] if len(causes) > MOST_NAMED else sentences

    def _names(self, entries):
        names = sorted(set(filter(None, entries.employee_id.mapped("name"))))
        if len(names) > MOST_NAMED:
            names[MOST_NAMED:] = ["…"]
        return ", ".join(names)


def kind_of(trouble):
    """Return the kind of a trouble, whose text may name its reason as well."""
    return trouble.partition(":")[0]


def rank(trouble):
    """Return how bad a trouble is."""
    return RANKS[kind_of(trouble)]
