from odoo import api, fields, models

#: Records of one kind that are looked up one by one; for more, everything is.
SEPARATELY = 20
#: Field of a look-up, and where its record stands on a line.
RECORDS = {
    "project_id": "project_id",
    "employee_id": "employee_id",
    "work_entry_type_id": "work_entry_type_id",
    "absence_type_id": "holiday_id.holiday_status_id.work_entry_type_id",
}


class TripletexLookup(models.Model):
    """What an administrator's change has to look up once it is committed.

    Hours that wait are routed anew by the links of then. With a date, validated hours
    that are not queued yet are queued from that date of work on: nothing but a date
    that a person named makes anybody look back. The cron does it, in a transaction of
    its own that begins after the change's commit.
    """

    _name = "tripletex.lookup"
    _description = "Hours to Look Up for Tripletex"
    _order = "id"

    connection_id = fields.Many2one(
        "tripletex.connection", required=True, ondelete="cascade", index=True
    )
    project_id = fields.Many2one("project.project", ondelete="cascade")
    employee_id = fields.Many2one("hr.employee", ondelete="cascade")
    work_entry_type_id = fields.Many2one("hr.work.entry.type", ondelete="cascade")
    absence_type_id = fields.Many2one("hr.work.entry.type", ondelete="cascade")
    date_from = fields.Date(help="First date of work. Empty: only hours that wait.")
    date_to = fields.Date()
    is_move = fields.Boolean(
        help="Sent hours of these dates move to where the links lead now."
    )
    is_reconnected = fields.Boolean(
        help="Hours that changed while nothing was connected are sent, too."
    )

    @api.model
    def _plan(self, connections, name=None, records=None, **dates):
        """Plan a look-up, and close the gate of the connections' companies.

        :param connections: ``tripletex.connection`` records
        :param name: field of the look-up for ``records``; None: all lines
        :param dates: ``date_from``, ``date_to``, ``is_move`` and ``is_reconnected``,
            see the fields
        """
        connections = connections.sudo()
        self.env["tripletex.gate"]._change(connections.company_id)
        if name and not dates and len(records) > SEPARATELY:
            name = None
        wanted = [{name: record.id} for record in records] if name else [{}]
        self.sudo().create(
            [
                {"connection_id": connection.id, **values, **dates}
                for connection in connections
                for values in wanted
            ]
        )
        if connections:
            self.env["tripletex.entry"]._wake_cron()

    def _merged(self):
        """Let one look-up of all lines stand for many that are about single records.

        The set-up writes its links one by one.

        :return: the look-ups that are left, and the new ones
        """
        left = self
        single = self.filtered(
            lambda lookup: (
                not (lookup.is_move or lookup.is_reconnected or lookup.date_from)
            )
        )
        for connection, lookups in single.grouped("connection_id").items():
            free = lookups.try_lock_for_update()  # others are another worker's
            if len(free) > SEPARATELY:
                left = left - free + self.create({"connection_id": connection.id})
                free.unlink()
        return left

    def _record_domain(self):
        """Lines of the records that the look-up is about."""
        domain = self.env["account.analytic.line"]._tripletex_timesheet_domain()
        for name, path in RECORDS.items():
            if self[name]:
                domain &= fields.Domain(path, "=", self[name].id)
        if self.absence_type_id and not self.env["tripletex.absence"]._is_available():
            return fields.Domain.FALSE
        return domain

    def _date_domain(self):
        """Lines of the dates that the look-up is about."""
        domain = fields.Domain.TRUE
        if self.date_from:
            domain &= fields.Domain("date", ">=", self.date_from)
        if self.date_to:
            domain &= fields.Domain("date", "<=", self.date_to)
        return domain
