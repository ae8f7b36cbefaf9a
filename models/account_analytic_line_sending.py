from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import float_compare


class AccountAnalyticLine(models.Model):
    """What validated timesheet lines ask of Tripletex: shares of entries."""

    _inherit = "account.analytic.line"

    @api.model
    def _tripletex_days_domain(self, days):
        """Lines of the given (employee id, date) pairs, or at least close to them."""
        return Domain("employee_id", "in", [employee for employee, _date in days]) & (
            Domain("date", "in", list({date for _employee, date in days}))
        )

    @api.model
    def _tripletex_earlier_domain(self, company, send_from):
        """What ``send_from`` is about: hours validated before connecting."""
        return self._tripletex_to_send_domain(company) & Domain("date", ">=", send_from)

    @api.model
    def _tripletex_to_send_domain(self, company):
        """The company's lines whose hours count, see :meth:`_tripletex_to_send`."""
        return (
            self._tripletex_validated_domain()
            & self._tripletex_timesheet_domain()
            & Domain("company_id", "=", company.id)
        )

    def _tripletex_sync(self):
        """Bring the shares in line with the lines as they are, without checks.

        For changes around the lines (links, exclusion, connecting), not of them:
        hours that have nowhere to go now stay where they were sent to, and so do
        those whose links are as they were – another activity or way of sending is
        for hours to come.
        """
        resolutions = self.env["tripletex.preflight"]._resolve(
            self.sudo()._tripletex_to_send()
        )
        stay = self.browse()
        sent = self.browse().union(*resolutions)._tripletex_sent_as_is()
        for line, shares in sent.items():
            resolution = resolutions[line]
            if not (resolution.is_sent and resolution.has_place):
                stay |= line
                del resolutions[line]
            elif shares._are_settled(resolution):
                resolution.targets = shares._targets()
        (self.sudo() - stay)._tripletex_queue(resolutions)

    def _tripletex_to_send(self):
        """Those lines whose hours count: validated, and still timesheets."""
        flag = self._tripletex_validated_field()
        return self.filtered(lambda line: line.project_id and line[flag])

    def _tripletex_sent_as_is(self):
        """Lines that say what they said when Tripletex got their hours.

        Others were changed since, while nothing was queued (no connection).

        :return: dict of line to its parts
        """
        shares = self.env["tripletex.entry.share"]._of_lines(self)
        sent = shares.filtered("entry_id.tripletex_id").line_id
        changed = shares.filtered(lambda part: not part.line_id._tripletex_says(part))
        as_is = sent - changed.line_id
        return {
            line: parts
            for line, parts in shares.grouped("line_id").items()
            if line in as_is
        }

    def _tripletex_says(self, share):
        """Whether the line still says what its part of an entry says."""
        self.ensure_one()
        return (
            share.logged_as == self._tripletex_logged_as()
            and float_compare(share.hours, self._tripletex_hours(), precision_digits=6)
            == 0
        )

    def _tripletex_logged_as(self):
        """What decides where the hours go, as a text that can be compared later.

        The entry cannot tell: its Odoo records are those linked to Tripletex's at the
        time, and internal hours of several projects meet in one.
        """
        self.ensure_one()
        parts = (
            self.employee_id.id or 0,
            self.date,
            self.project_id.id or 0,
            self.work_entry_type_id.id or 0,
        )
        return "|".join(map(str, parts))

    def _tripletex_hours(self):
        """Hours of the line, whatever unit the company logs in.

        :return: float, hours
        """
        self.ensure_one()
        return self._tripletex_to_hours(self.unit_amount, self.product_uom_id)

    @api.model
    def _tripletex_to_hours(self, amount, uom):
        # not env.ref, which asks the database each time whether the unit exists
        hour_id = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour")
        if not uom or uom.id == hour_id:
            return amount
        hour = uom.browse(hour_id)
        return uom._compute_quantity(amount, hour, round=False, raise_if_failure=False)

    def _tripletex_description(self):
        """The description, or an empty text where there is none ("/" is none)."""
        self.ensure_one()
        name = (self.name or "").strip()
        return "" if name == "/" else name

    def _tripletex_queue(self, resolutions):
        """Bring shares and entries in line with ``resolutions``.

        Lines without a resolution are not validated: their shares go. Nothing is
        queued for companies without an active connection.

        :param resolutions: dict of validated line to ``Resolution``
        """
        targets, parts = {}, defaultdict(list)
        # by id, the order in which the comment names the parts
        for line, resolution in sorted(resolutions.items(), key=lambda r: r[0].id):
            for target in resolution.targets:
                place = resolution.connection.id, target.key
                targets[place] = target.values
                parts[place].append((resolution.hours, line.name))
        Entry = self.env["tripletex.entry"].sudo()
        entry_ids, born = Entry._get_or_create(targets, parts)
        wanted, reasons = self._tripletex_wanted_parts(resolutions, entry_ids)
        touched = self._tripletex_apply_shares(wanted)
        (touched - born).union(*reasons)._refresh(reasons)
        values_by_id = {entry_ids[place]: values for place, values in targets.items()}
        (Entry.browse(values_by_id) - born)._follow_links(values_by_id)
        if born:
            Entry._wake_cron()

    @api.model
    def _tripletex_wanted_parts(self, resolutions, entry_ids):
        """The lines' parts of entries, and what stops entries.

        :param resolutions: dict of validated line to ``Resolution``
        :param entry_ids: dict of (connection id, key) to entry id
        :return: dict of (line id, entry id) to (hours with six decimals, what the line
            says), and dict of entry to its reason, for those that have problems
        """
        wanted, problems = {}, defaultdict(list)
        for line, resolution in resolutions.items():
            part = round(resolution.hours, 6), line._tripletex_logged_as()
            for target in resolution.targets:
                entry_id = entry_ids[resolution.connection.id, target.key]
                wanted[line.id, entry_id] = part
                if resolution.problems:
                    problems[entry_id].extend(resolution.problems)
        entries = self.env["tripletex.entry"].sudo()
        summary = self.env["tripletex.preflight"]._problem_summary
        return wanted, {
            entries.browse(entry_id): summary(dict.fromkeys(codes))
            for entry_id, codes in problems.items()
        }

    def _tripletex_apply_shares(self, wanted):
        """Create, change and delete shares so that they are ``wanted``.

        The shares tell which connections are concerned, not the lines' companies: a
        line can have gone to another company. Those of a removed connection stay.

        :param wanted: dict of (line id, entry id) to (hours, what the line says)
        :return: entries whose shares there are, were or will be
        """
        Share = self.env["tripletex.entry.share"].sudo()
        shares = Share._of_lines(self)
        obsolete = Share.browse()
        missing = dict(wanted)
        for share in shares:
            part = missing.pop((share.line_id.id, share.entry_id.id), None)
            if part is None:
                obsolete |= share
            elif (share.hours, share.logged_as) != part:
                share.hours, share.logged_as = part
        touched = shares.entry_id
        touched |= touched.browse(entry_id for _line_id, entry_id in wanted)
        obsolete.unlink()
        if missing:
            Share._insert(missing)
        return touched
