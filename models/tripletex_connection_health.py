from odoo import api, models
from odoo.fields import Datetime

STATES = ("pending", "sending", "sent", "failed", "conflict")
#: May read the health without reading connections: it tells nothing of people or keys.
GROUP = "hr_timesheet.group_timesheet_manager"


class TripletexConnection(models.Model):
    """Figures for monitoring, readable through ``/json/2``."""

    _inherit = "tripletex.connection"

    @api.model
    @api.readonly
    def health(self):
        """How sending stands, for every company of the user that was ever connected.

        Reads the database alone; Tripletex is not asked.

        :return: list of dict, one per company: ``company_id``, ``company``, ``state``
            of its connection, ``attention_reason`` and ``last_sent_at`` and
            ``paused_until`` (UTC text or None), ``entries`` and ``hours`` (dict of
            entry state to number and to hours) and ``ok``: connected, and nothing
            needs a person
        :raise AccessError: unless the user administers timesheets or may read
            connections
        """
        if not self.env.user.has_group(GROUP):
            self.browse().check_access("read")
        connections = self._current_by_company(self.env.user.company_ids)
        figures = connections._figures_by_state()
        return [connection._health(figures) for connection in connections]

    @api.model
    def _current_by_company(self, companies):
        """Of each company the active connection, else the one removed last.

        :param companies: recordset of ``res.company``
        :return: ``tripletex.connection`` (sudo), ordered by company
        """
        found = self.sudo().search([("company_id", "in", companies.ids)])
        chosen = {}
        for connection in found.sorted(lambda c: c.state == "disconnected"):
            chosen.setdefault(connection.company_id, connection)
        return found.browse(chosen[c].id for c in companies if c in chosen)

    def _health(self, figures):
        """One company's part of :meth:`health`."""
        self.ensure_one()
        found = {state: figures.get((self, state), (0, 0.0)) for state in STATES}
        entries = {state: count for state, (count, _hours) in found.items()}
        return {
            "company_id": self.company_id.id,
            "company": self.company_id.name,
            "state": self.state,
            "attention_reason": self.attention_reason or None,
            "last_sent_at": Datetime.to_string(self.last_sent_at) or None,
            "paused_until": Datetime.to_string(self.next_attempt_at) or None,
            "entries": entries,
            "hours": {state: round(hours, 2) for state, (_n, hours) in found.items()},
            "ok": self.state == "connected"
            and not entries["failed"]
            and not entries["conflict"],
        }
