"""How sending stands, in a few words for people who validate or pay."""

from odoo import fields
from odoo.tools import SQL, format_date, format_time, formatLang

from . import NEEDS_ATTENTION, WAITING
from .figures import unsent_figures


class SendingStatus:
    """One sentence or two per connected company of the user.

    Counts what the user may read, so that a link to it shows the same number. Of the
    connection, which only administrators may read, it tells state and reason.
    """

    def __init__(self, env):
        self.env = env

    def items(self):
        """Return what to show, worst first within a company.

        :return: list of dict: ``level`` (``success``, ``info``, ``warning`` or
            ``danger``), ``text``, and ``states`` of the entries that it counts
        """
        connections = self.env["tripletex.connection"]._active_by_company(
            self.env.companies
        )
        active = {connection.id: connection for connection in connections.values()}
        figures = self._figures(list(active))
        items = []
        for connection in sorted(active.values(), key=lambda c: c.company_id.name):
            for item in self._of(connection, figures):
                if len(active) > 1:
                    company = connection.company_id.name
                    item["text"] = f"{company}: {item['text']}"
                items.append(item)
        return items

    def _figures(self, connection_ids):
        """Count entries that are not done.

        :return: dict of (connection id, is waiting) to number and hours
        """
        domain = [("connection_id", "in", connection_ids)]
        found = unsent_figures(self.env["tripletex.entry"], domain)
        figures = {}
        for (connection_id, state), (count, hours) in found.items():
            key = connection_id, state in WAITING
            known_count, known_hours = figures.get(key, (0, 0.0))
            figures[key] = known_count + count, known_hours + hours
        return figures

    def _domain(self, connection_ids, states):
        return [("connection_id", "in", connection_ids), ("state", "in", states)]

    def _of(self, connection, figures):
        waiting, hours = figures.get((connection.id, True), (0, 0.0))
        problems, _hours = figures.get((connection.id, False), (0, 0.0))
        if connection.state == "attention":
            yield self._item("danger", self._stopped(connection, waiting, hours))
        if problems:
            yield self._item("warning", self._problems(problems), NEEDS_ATTENTION)
        if waiting and connection.state == "connected":
            text = self._waiting(connection, waiting, hours)
            level = "warning" if connection.outages else "info"
            yield self._item(level, text, WAITING)
        if not waiting and not problems and connection.state == "connected":
            text = self.env._("All validated hours are in Tripletex.")
            yield self._item("success", text)

    def _item(self, level, text, states=()):
        return {"level": level, "text": text, "states": list(states)}

    def _problems(self, count):
        if count == 1:
            return self.env._("1 row needs attention.")
        return self.env._("%(count)s rows need attention.", count=count)

    def _stopped(self, connection, count, hours):
        reason = dict(
            connection._fields["attention_reason"]._description_selection(self.env)
        ).get(connection.attention_reason, "")
        told = (connection.told or {}).get("users", [])
        people = self.env["res.users"].sudo().browse(told).exists()
        if people:
            text = self.env._(
                "Sending is stopped: %(reason)s. %(person)s has been told.",
                reason=reason,
                person=", ".join(people.mapped("name")),
            )
        else:
            text = self.env._("Sending is stopped: %(reason)s.", reason=reason)
        if count:
            wait = self.env._("%(amount)s are waiting.", amount=self._sum(count, hours))
            text = f"{text} {wait}"
        return text

    def _waiting(self, connection, count, hours):
        words = {"amount": self._sum(count, hours), "since": self._since(connection)}
        pause = connection.next_attempt_at
        is_paused = pause and pause > fields.Datetime.now()
        if connection.outages and not is_paused:
            return self.env._(
                "%(amount)s waiting since %(since)s: Tripletex does not answer. "
                "Sending is retried automatically.",
                **words,
            )
        if is_paused:
            return self.env._(
                "%(amount)s waiting since %(since)s: Tripletex asked for a pause until "
                "%(until)s.",
                until=self._moment(pause),
                **words,
            )
        return self.env._("%(amount)s waiting to be sent since %(since)s.", **words)

    def _sum(self, count, hours):
        if hours:
            return self.env._("%s hours", formatLang(self.env, hours, digits=2))
        if count == 1:
            return self.env._("1 row")
        return self.env._("%(count)s rows", count=count)

    def _since(self, connection):
        """When the oldest of what waits was validated."""
        entries = self.env["tripletex.entry"]._search(
            self._domain(connection.ids, WAITING)
        )
        [(moment,)] = self.env.execute_query(
            SQL(
                "SELECT min(line.tripletex_validated_at) "
                "FROM tripletex_entry_share share "
                "JOIN account_analytic_line line ON line.id = share.line_id "
                "WHERE share.entry_id IN %s",
                entries.subselect(),
            )
        )
        return self._moment(moment or fields.Datetime.now())

    def _moment(self, moment):
        """A time of today, or a date and time."""
        local = fields.Datetime.context_timestamp(self.env.user, moment)
        time = format_time(self.env, local.time(), time_format="HH:mm")
        if local.date() == fields.Date.context_today(self.env.user):
            return time
        return f"{format_date(self.env, local.date())} {time}"
