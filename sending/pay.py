"""How employees are paid in Tripletex: by the month, by the hour, or not at all."""

from ..tools import NotFound, Refused, RightsMissing

#: ``remunerationType`` of employment details (DOCUMENTED; the first two MEASURED).
KINDS = {"MONTHLY_WAGE": "monthly", "HOURLY_WAGE": "hourly", "NOT_CHOSEN": "unknown"}


def read_pay_kinds(client, today):
    """Read how employees are paid, in as few calls as Tripletex allows.

    Never inferred from a wage: people with a monthly wage have an hourly one as well
    (MEASURED).

    :param client: ``TripletexClient``
    :param today: ``datetime.date``
    :return: dict of Tripletex's id of the employee to a value of ``PAY_KINDS``; without
        those whose employments the key may not see. None where Tripletex refuses
    """
    try:
        people = client.list_employments()
        employments = {
            row["id"]: _current(row["employments"], today)
            for row in people
            if row["employments"] is not None
        }
        # Tripletex hides instead of refusing (DOCUMENTED): where nobody is employed,
        # the key may see nothing, and nobody is to be warned about.
        if not any(row["employments"] for row in people):
            return {}
        found = [e for current in employments.values() for e in current]
        details = client.list_employment_details(e["id"] for e in found)
    except (RightsMissing, Refused, NotFound):
        return None
    by_employment = {}
    for row in sorted(details, key=lambda row: row["date"] or ""):
        by_employment.setdefault(row["employment"]["id"], []).append(row)
    kinds = {
        employee: _pay_kind(current, by_employment, today)
        for employee, current in employments.items()
    }
    return {employee: kind for employee, kind in kinds.items() if kind}


def _current(employments, today):
    """Those of today; where there is none, those that begin later."""
    day = today.isoformat()
    left = [e for e in employments if not e["endDate"] or e["endDate"] >= day]
    return [e for e in left if not e["startDate"] or e["startDate"] <= day] or left


def _pay_kind(employments, details, today):
    """The kind of pay of a person with these employments.

    :param details: dict of employment id to its details, by date
    :return: value of ``PAY_KINDS``, or None where the key may see no details at all
    """
    if not employments:
        return "not_employed"
    if not details:
        return None
    kinds = set()
    for employment in employments:
        rows = details.get(employment["id"], [])
        day = max(today.isoformat(), employment["startDate"] or "")
        valid = [row for row in rows if (row["date"] or "") <= day] or rows
        remuneration = valid[-1]["remunerationType"] if valid else ""
        kinds.add(KINDS.get(remuneration or "NOT_CHOSEN", "other"))
    return kinds.pop() if len(kinds) == 1 else "other"
