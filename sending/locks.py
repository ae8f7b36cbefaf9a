"""How a month stands in Tripletex, and what of it locks hours.

Facts about months that nobody has recorded are used here alone.
"""

from odoo import fields


def standing(status, last_day):
    """How a month stands in Tripletex.

    ASSUMED, as no answer to an action on a month was ever recorded: that somebody
    without hours may have no row, which is an open month; that ``approved`` without a
    date means the whole month; that ``approvedUntilDate`` alone tells a partial
    approval, whatever ``approved`` says. Where one is wrong the board shows another
    state; nothing is sent or changed by it.

    :param status: row of the client's ``list_month_status``, or None
    :param last_day: last date of the month
    :return: (``open``, ``finished`` or ``approved``, date until which, or None)
    """
    if not status:
        return "open", None
    until = fields.Date.to_date(status["approvedUntilDate"] or None)
    if until or status["approved"]:
        return "approved", until or last_day
    return ("finished" if status["completed"] else "open"), None


def lock_on(day, state, until, is_paid=False):
    """What of a month locks the hours of one of its days.

    A month that is approved until a date is open after it (DOCUMENTED). That pay locks
    hours is DOCUMENTED; that a finished month does is REPORTED only. These are words:
    nothing is refused because of them.

    :param state: ``open``, ``finished`` or ``approved``, as :func:`standing` says
    :param until: date until which it is approved, or None
    :param is_paid: Tripletex has a completed payslip for the month
    :return: ``paid``, ``approved``, ``finished`` or None
    """
    if is_paid:
        return "paid"
    if state == "approved":
        return "approved" if day <= until else None
    return "finished" if state == "finished" else None


def month_module(settings):
    """Return whether months are finished in Tripletex: ``on``, ``off``, or False.

    ASSUMED: ``timesheetCompleted`` is the module *Månedsoversikt ferdig registrert*.
    Nothing is refused because of it.

    :param settings: dict of the client's ``get_timesheet_settings``
    """
    is_on = settings.get("timesheetCompleted")
    return False if is_on is None else ("on" if is_on else "off")
