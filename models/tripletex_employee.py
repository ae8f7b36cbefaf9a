from odoo import api, fields, models

from ..sending import TRANSFERS

#: How an employee is paid in Tripletex, see ``sending.pay``.
PAY_KINDS = [
    ("monthly", "Monthly wage"),
    ("hourly", "Hourly wage"),
    ("other", "Other pay"),
    ("not_employed", "No employment"),
    ("unknown", "Not chosen"),
]


class TripletexEmployee(models.Model):
    _name = "tripletex.employee"
    _description = "Tripletex Employee"
    _inherit = "tripletex.binding"
    _odoo_field = "employee_id"
    _place_kinds = ("hours", "paycode")
    _place_part = 2
    _quiet_fields = frozenset({"name", "email", "pay_kind"})

    employee_id = fields.Many2one("hr.employee", ondelete="set null", index=True)
    email = fields.Char(string="E-mail in Tripletex", groups="base.group_system")
    transfer = fields.Selection(
        TRANSFERS,
        string="Sends",
        required=True,
        default=lambda self: self._default_transfer(),
        help="Which validated hours go to Tripletex, from now on. Hours that were sent "
        "stay where they are.",
    )
    pay_kind = fields.Selection(
        PAY_KINDS,
        string="Kind of Pay",
        readonly=True,
        help="The employment in Tripletex when the connection was last set up or "
        "updated. Empty: the API user key may not read it.",
    )

    _tripletex_id_uniq = models.UniqueIndex(
        "(connection_id, tripletex_id) WHERE tripletex_id IS NOT NULL",
        "This Tripletex employee is linked already. Change that link instead.",
    )
    _number_uniq = models.UniqueIndex(
        "(connection_id, number) WHERE number IS NOT NULL",
        "This employee number is linked already. Change that link instead.",
    )
    _employee_uniq = models.UniqueIndex(
        "(connection_id, employee_id) WHERE employee_id IS NOT NULL",
        "This employee is linked to another Tripletex employee already. Unlink it "
        "there first.",
    )

    @api.model
    def _default_transfer(self):
        """What new links send, as the company's connection says."""
        return self._default_connection_id().default_transfer or "all"

    @api.model_create_multi
    def create(self, vals_list):
        Connection = self.env["tripletex.connection"].sudo()
        for vals in vals_list:
            if "transfer" not in vals and vals.get("connection_id"):
                connection = Connection.browse(vals["connection_id"])
                vals["transfer"] = connection.default_transfer
        return super().create(vals_list)

    def write(self, vals):
        if "transfer" not in vals:
            return super().write(vals)
        before = {link: link.employee_id for link in self}
        widened = self._sending_less(vals["transfer"])
        result = super().write(vals)
        # of another employee this link held nothing back
        widened.filtered(lambda link: link.employee_id == before[link])._plan_widening()
        return result

    def _sending_less(self, transfer):
        """Those that send less than ``transfer`` now."""
        order = [name for name, _label in TRANSFERS]
        return self.filtered(
            lambda link: order.index(link.transfer) > order.index(transfer)
        )

    def set_transfer(self, transfer, date):
        """Set what these employees send; who sends more does so from a date of work.

        A bare write of the field means from today.

        :param transfer: value of the field
        :param date: first date whose validated hours are sent, too
        :raise AccessError: unless the user may write the links
        """
        self.check_access("write")
        self.with_context(tripletex_transfer_from=date).transfer = transfer

    def _plan_widening(self):
        """Queue what these employees did not send so far, from the chosen date on."""
        date = self.env.context.get("tripletex_transfer_from")
        date = date or fields.Date.context_today(self)
        for connection, links in self.grouped("connection_id").items():
            if links.employee_id and connection.sudo().state != "disconnected":
                self.env["tripletex.lookup"]._plan(
                    connection, "employee_id", links.employee_id, date_from=date
                )

    def _lines_to_queue(self, transfer, date):
        """Validated lines that go to Tripletex beside those that go already.

        :param transfer: value of the field
        :param date: first date of work
        """
        Line = self.env["account.analytic.line"].sudo()
        Share = self.env["tripletex.entry.share"].sudo()
        domain = (
            Line._tripletex_validated_domain()
            & Line._tripletex_timesheet_domain()
            & fields.Domain("employee_id", "in", self.employee_id.ids)
            & fields.Domain("project_id.tripletex_excluded", "=", False)
            & fields.Domain("date", ">=", date)
            & Share._domain_of_lines_not_queued(self.connection_id)
        )
        if transfer == "overtime_absence":
            domain &= fields.Domain("work_entry_type_id", "!=", False)
        return Line.search(domain)
