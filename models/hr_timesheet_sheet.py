from functools import wraps

from odoo import api, models

MODEL = "hr_timesheet.sheet"
#: REPORTED: states of a sheet, read in versions 16.0 and 17.0 of the OCA module.
SUBMITTED, APPROVED = "confirm", "done"


class TripletexTimesheetSheet(models.AbstractModel):
    """What OCA's ``hr_timesheet_sheet`` and this addon do with the same lines.

    Submitting a sheet sends its hours in, approving it validates them, and taking
    either back opens them. The module is no dependency, so its models cannot be
    inherited: where it is installed, methods of the finished classes are wrapped, as
    ``base.automation`` does.
    """

    _name = "tripletex.timesheet.sheet"
    _description = "Timesheet Sheets of OCA"

    def _register_hook(self):
        super()._register_hook()
        if MODEL in self.env:
            _wrap(self.env.registry[MODEL], "write", _write_sheets)
            lines = self.env.registry["account.analytic.line"]
            _wrap(lines, "merge_timesheets", _merge_open)

    @api.model
    def _apply_state(self, lines, before, after):
        """Do to the lines of one sheet what its change of state means.

        Access is that of the user who changes the sheet, on each of its lines.

        :param lines: ``account.analytic.line`` records
        :param str before: state of the sheet
        :param str after: state of the sheet
        :raise UserError: for hours that cannot be validated; the sheet stays as it was
        """
        if before == APPROVED and not lines._tripletex_is_native():
            lines.action_tripletex_invalidate()
        if after == APPROVED and not lines._tripletex_is_native():
            lines._tripletex_open_work().action_tripletex_validate()
        sends_in = lines.filtered("company_id.tripletex_send_in")._tripletex_open_work()
        if after == SUBMITTED:
            sends_in.action_tripletex_send_in()
        elif before == SUBMITTED and after != APPROVED and sends_in:
            sends_in._tripletex_reject(self.env._("The timesheet sheet was refused."))


def _wrap(cls, name, make):
    origin = getattr(cls, name, None)
    if origin and not hasattr(origin, "tripletex_wraps"):
        wrapper = wraps(origin)(make(origin))
        wrapper.tripletex_wraps = origin
        setattr(cls, name, wrapper)


def _write_sheets(origin):
    def write(self, vals):
        states = {sheet: sheet.state for sheet in self} if "state" in vals else {}
        result = origin(self, vals)
        for sheet, before in states.items():
            if sheet.state != before:
                self.env["tripletex.timesheet.sheet"]._apply_state(
                    sheet.timesheet_ids, before, sheet.state
                )
        return result

    return write


def _merge_open(origin):
    def merge_timesheets(self):
        """Merge the open lines alone: reading a sheet merges, and must not fail."""
        still_open = self.filtered(lambda line: not line._tripletex_is_locked())
        return origin(still_open) if len(still_open) > 1 else still_open or self[:1]

    return merge_timesheets
