"""Who is told that hours do not reach Tripletex, when, and in which words."""

from datetime import timedelta

from markupsafe import Markup

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from . import NEEDS_ATTENTION, WAITING
from .figures import unsent_figures
from .namesakes import full_name
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


def outdated(env):
    """Return connections about which people have to be told, or told otherwise.

    A trouble began, changed or ended, or who was told cannot act any more. The number
    of queries does not grow with the number of connections.

    :param env: environment of the superuser
    """
    env.flush_all()
    found = env.execute_query(
        SQL(
            """
            SELECT id, trouble
              FROM (SELECT connection.id, connection.told, %s AS trouble
                      FROM tripletex_connection connection
                      JOIN res_company company ON company.id = connection.company_id
                     WHERE connection.state != 'disconnected') active
             WHERE told IS NOT NULL OR trouble IS NOT NULL
             ORDER BY id
            """,
            trouble_sql(),
        )
    )
    connections = env["tripletex.connection"].browse(row[0] for row in found)
    if not connections:
        return connections
    people, troubles = People(connections), dict(found)
    return connections.filtered(lambda c: not Notice(c, people).is_told(troubles[c.id]))


def trouble_sql():
    """Return the worst trouble of an active connection as an SQL text, or NULL.

    The tables ``connection`` and its ``company`` are there.
    """
    entries = SQL("SELECT FROM tripletex_entry WHERE connection_id = connection.id")
    return SQL(
        """
        CASE WHEN connection.state = 'attention'
             THEN concat(%s::text, ':', connection.attention_reason)
             WHEN EXISTS (%s AND state IN %s) THEN %s
             WHEN EXISTS (%s AND state IN %s
                          AND COALESCE(waiting_since, create_date) <= %s
                              - company.tripletex_patience * interval '1 hour')
             THEN %s
         END
        """,
        STOPPED,
        *(entries, NEEDS_ATTENTION, ROWS),
        *(entries, WAITING, fields.Datetime.now(), WAIT),
    )


class Notice:
    """Tells people who can act about a connection's trouble, once per trouble.

    They have an activity and get an e-mail. Both are renewed when the trouble gets
    worse, or when who was told cannot act any more. When nothing is wrong any more the
    activities are closed.

    :param connection: ``tripletex.connection`` record
    :param people: :class:`People` of several connections, if there are more
    """

    def __init__(self, connection, people=None):
        self.connection = connection.sudo()
        self.env = self.connection.env
        self._lookup = people

    def update(self):
        """Bring activities in line with what is wrong now."""
        connection = self.connection
        trouble, activities = self._trouble(), self._activities()
        if not trouble:
            activities.action_feedback(feedback=self.env._("The problem is solved."))
            if connection.told:
                connection.told = False
            return
        if self.is_told(trouble):
            return
        told, people = self._told(), self._people(trouble)
        is_known = trouble in told["troubles"]
        activities.unlink()
        for user in people:
            is_silent = is_known and user.id in told["users"]
            self._tell(user, trouble, is_silent)
        # a milder trouble was told before; a worse one that returns is told again
        milder = [t for t in told["troubles"] if rank(t) < rank(trouble)]
        connection.told = {"troubles": [*milder, trouble], "users": people.ids}

    def is_told(self, trouble):
        """Return whether those who can act were told of just this trouble, or None."""
        told = self._told()
        if told["troubles"][-1:] != ([trouble] if trouble else []):
            return False
        return not trouble or set(self._people(trouble).ids) <= set(told["users"])

    def _told(self):
        return self.connection.told or {"troubles": [], "users": []}

    def _people(self, trouble):
        people = self._lookup or People(self.connection)
        return people.for_trouble(self.connection, trouble)

    # ------------------------------------------------------------------
    # What is wrong
    # ------------------------------------------------------------------

    def _trouble(self):
        """Return the worst trouble as a text, or None."""
        if self.connection.state == "disconnected":
            return None
        self.env.flush_all()
        [(trouble,)] = self.env.execute_query(
            SQL(
                "SELECT %s FROM tripletex_connection connection JOIN res_company "
                "company ON company.id = connection.company_id "
                "WHERE connection.id = %s",
                trouble_sql(),
                self.connection.id,
            )
        )
        return trouble

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

    def _activities(self):
        kind = self.env.ref(ACTIVITY_TYPE)
        return self.connection.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

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
        names = sorted(set(map(full_name, entries.employee_id)) - {""})
        if len(names) > MOST_NAMED:
            names[MOST_NAMED:] = ["…"]
        return ", ".join(names)


class People:
    """Who can be told of the connections' troubles, looked up for all of them at once.

    :param connections: ``tripletex.connection`` records of the superuser
    """

    def __init__(self, connections):
        self.env = connections.env
        self._users = {group: self._users_of(group) for group in (SETTINGS, TIMESHEETS)}
        owners = [
            ("connection_id", "in", connections.ids),
            (
                "tripletex_id",
                "in",
                list(filter(None, connections.mapped("key_owner_id"))),
            ),
        ]
        links = self.env["tripletex.employee"].search(owners)
        self._owners = links.filtered(
            lambda link: link.tripletex_id == link.connection_id.key_owner_id
        ).grouped("connection_id")
        users = self.env["res.users"].union(*self._users.values())
        users |= links.employee_id.user_id | connections.responsible_id
        # a user's ``employee_ids`` are those of the companies of the environment, which
        # the cron has not chosen
        employees = (
            self.env["hr.employee"].sudo().search([("user_id", "in", users.ids)])
        )
        self._employees = employees.grouped("user_id")

    def _users_of(self, group):
        groups = self.env.ref(group).ids
        return self.env["res.users"].search(
            [("all_group_ids", "in", groups), ("share", "=", False)], order="id"
        )

    def for_trouble(self, connection, trouble):
        """Return who is told: people who can act, reachable ones first.

        A stopped connection needs an administrator of the settings; the responsible
        person is told beside them.

        :param connection: one of those that were looked up
        :param trouble: as :func:`trouble_sql` returns it
        :return: ``res.users`` records
        """
        company = connection.company_id
        groups = (SETTINGS,) if rank(trouble) == RANKS[STOPPED] else ()
        groups = groups or (SETTINGS, TIMESHEETS)
        able = self._candidates(connection).filtered(
            lambda user: self._can_act(user, company, groups)
        )
        reachable = able.filtered(self._is_reachable)
        people = (reachable or able or self._last_resort())[:1]
        responsible = connection.responsible_id
        if self._can_act(responsible, company, (SETTINGS, TIMESHEETS)):
            if self._is_reachable(responsible):
                people = responsible | people
        return people

    def _candidates(self, connection):
        """Return the responsible person, the key's owner, other administrators."""
        owner = self._owners.get(connection, self.env["tripletex.employee"])
        users = connection.responsible_id | owner.employee_id.user_id
        return users.union(*self._users.values())

    def _can_act(self, user, company, groups):
        return company in user.company_ids and any(
            user in self._users[group] for group in groups
        )

    def _is_reachable(self, user):
        """Return whether the person has an e-mail address and is not on leave."""
        return bool(user.email) and not any(
            employee._tripletex_is_on_leave()
            for employee in self._employees.get(user, ())
        )

    def _last_resort(self):
        """Return an administrator of the database, where the company has none."""
        admin = self.env.ref("base.user_admin")
        return admin if admin.active else self._users[SETTINGS][:1]


def kind_of(trouble):
    """Return the kind of a trouble, whose text may name its reason as well."""
    return trouble.partition(":")[0]


def rank(trouble):
    """Return how bad a trouble is."""
    return RANKS[kind_of(trouble)]
