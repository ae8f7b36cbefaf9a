"""What is stored about hours or connections that cannot be sent: a code and arguments.

The words are in ``words``, chosen when somebody reads them, in the reader's language.
"""

import math

from ..tools import (
    AddressRefused,
    ConsumerTokenRefused,
    KeyRefused,
    NotFound,
    RightsMissing,
    TryLater,
)
from .namesakes import full_name
from .session import DatabaseCopied


def refusal(code, **arguments):
    """Return what is stored.

    :param code: one of ``words.SendingWords`` or ``ConnectionWords``, or of months
    :param arguments: its arguments, as JSON holds them: dates as ISO texts
    """
    return {"code": code, **{name: _clean(arg) for name, arg in arguments.items()}}


def _clean(argument):
    """Return the argument as the database's JSON can hold it."""
    if isinstance(argument, str):
        return argument.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(argument, float) and not math.isfinite(argument):
        return 0.0
    return argument


def said(error):
    """Return what Tripletex said, in its own words; an empty text for nothing.

    :param error: ``TripletexError``
    """
    words = [message for _field, message in error.fields if message]
    words = words or [error.message or error.developer_message or ""]
    return " ".join(filter(None, words))


def of_row(error):
    """Return the refusal of a row that Tripletex did not accept.

    :param error: ``TripletexError``
    """
    if isinstance(error, NotFound):
        return refusal("unknown")
    return refusal("refused", said=said(error))


def of_conflict(step):
    """Return the refusal of a conflict.

    :param step: ``decide.Step`` whose action is a cause of conflicts
    """
    if step.action == "deleted":
        return refusal("deleted")
    if step.action == "moved":
        return refusal("moved", date=str(step.remote.date))
    if step.action == "edited":
        there = step.remote.hours
        return refusal("edited", sent=step.entry.sent_hours, there=there)
    return refusal(step.action, hours=step.remote.hours)


def of_lock(entry, remote, lock, until, error):
    """Return which lock stands in the way, as far as Tripletex tells.

    Approved week or month, invoice and pay all lock hours (DOCUMENTED); how a refusal
    names the lock was never recorded, so the facts are asked for.

    :param entry: ``tripletex.entry`` record
    :param remote: its row, or None where it was not seen
    :param lock: ``paid``, ``approved``, ``finished`` or None, see ``tripletex.month``
    :param until: date until which the month is approved, or None
    :param error: ``TripletexError`` of the refusal, or None where the row said so
    """
    employee, date = full_name(entry.employee_id), str(entry.date)
    if remote and remote.is_invoiced:
        return refusal("invoiced", employee=employee)
    if lock == "approved":
        until = str(until) if until else None
        return refusal("approved", employee=employee, date=date, until=until)
    if lock:
        return refusal(lock, employee=employee, date=date)
    return refusal("locked", employee=employee, said=said(error) if error else None)


def of_number(link, count):
    """Return the refusal of a link's number that leads to ``count`` records.

    :param link: ``tripletex.binding`` record
    """
    if count:
        return refusal("number_twice", number=link.number, count=count)
    record = full_name(link[link._odoo_field])
    return refusal("number_unknown", number=link.number, record=record)


def of_sum(shares):
    """Return the refusal of corrections that exceed the hours that they correct.

    :param shares: ``tripletex.entry.share`` records of one entry
    """
    shares = shares.sudo().filtered("hours").sorted(lambda share: share.line_id.id)
    entry = shares.entry_id
    return refusal(
        "below_zero",
        employee=full_name(entry.employee_id),
        date=str(entry.date),
        parts=shares.mapped("hours"),
    )


def of_connection(error, is_key_unreadable=False):
    """Return the refusal of an error that concerns the whole connection.

    :param is_key_unreadable: the server's present secret does not open the stored key
    """
    if isinstance(error, DatabaseCopied):
        return refusal("copied")
    if isinstance(error, AddressRefused):
        return refusal("address")
    if isinstance(error, ConsumerTokenRefused):
        return refusal("consumer")
    if isinstance(error, KeyRefused):
        return refusal("key_unreadable" if is_key_unreadable else "key")
    if isinstance(error, RightsMissing):
        return refusal("rights", call=error.call)
    if isinstance(error, TryLater):
        return refusal("unreachable")
    message = str(error.message or error.status)
    return refusal("answered", message=message, request=error.request_id)
