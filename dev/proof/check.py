"""Compares both sides when all is quiet."""

from decimal import Decimal

from .model import to_hundredths

NOTHING = Decimal("0.00")


def differences(env, model):
    """What is not as it should be, as sentences; empty when all is well.

    To be called when faults are off, pauses over and the queue is quiet: what
    Tripletex holds equals what is validated, or a person was told why not.

    :param env: Odoo environment
    :param model: ``Model`` of the walk
    """
    ledger = model.ledger
    found = list(ledger.violations)
    entries, wanted, held = model.entries(env), model.wanted(env), ledger.held()
    for key in sorted({*entries, *wanted, *held}, key=str):
        entry = entries.get(key)
        there = to_hundredths(held.get(key, 0.0))
        ours = wanted.get(key, NOTHING)
        problem = _judge(model, key, entry, ours, there)
        if problem:
            state = entry.state if entry else "no entry"
            found.append(
                f"{key}: {problem}. Validated {ours}, added {model.foreign[key]}, "
                f"held {there}, known to Odoo {ledger.believed[key]:.2f}, {state}: "
                f"{entry and entry.error_message}"
            )
    return found


def _judge(model, key, entry, ours, there):
    """What is wrong at one key, or None."""
    total = ours + model.foreign[key]
    if entry and entry.state in ("failed", "conflict"):
        return None if entry.error_message else "a problem without a message"
    if entry and entry.state != "sent":
        return "still waiting although all is quiet"
    if not entry and ours:
        return "validated hours that nobody means to send"
    if total == there:
        return None
    if key in model.kept:
        same = model.kept[key] == ours
        return None if same else "hours changed after a figure was kept, nobody asked"
    if not total and model.ledger.is_theirs(key):
        return None
    if key in model.ledger.touched:
        # A person changed the row and nothing of ours has moved since.
        known = to_hundredths(model.ledger.believed[key])
        return None if total == known else "a person's change hid ours"
    return "both sides differ"
