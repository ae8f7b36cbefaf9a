"""Lists over much data: every filter and group beside the plain list."""

import statistics

from lxml import etree

from odoo.tools.safe_eval import safe_eval

from .ground import copies, row, take

OPEN_LINES = 100_000
ENTRIES = (1_000, 10_000, 100_000, 1_000_000)
#: Rows of a page, and how far the web client counts beyond it.
PAGE = {"limit": 80, "count_limit": 10_001}
REPEAT = 3
ADDON = "hr_timesheet_tripletex"


def rows(ground):
    """Yield the table's rows about lists."""
    sent = _fill_entries(ground)
    for count in ENTRIES:
        sent(count)
        found = _timed(ground.env, f"{ADDON}.tripletex_entry_action")
        case = f"*Sent Hours*, each filter and group, {count:,} entries"
        yield _worst(case, 3, found)
    _fill_lines(ground)
    found = _timed(ground.env, f"{ADDON}.account_analytic_line_action_to_validate")
    case = f"*To Validate*, each filter and group, {OPEN_LINES:,} open lines"
    yield _worst(case, 10, found)


def _worst(case, limit, found):
    """Return the row about the filter or group that takes longest."""
    plain, others = found
    name = max(others, key=others.get)
    measured = f"{others[name] / plain:.1f} × ({name}), plain {plain * 1000:.0f} ms"
    goal = f"at most {limit} × a plain list of the page"
    return row(case, goal, measured, others[name] <= limit * plain)


def _timed(env, action):
    """Return seconds of the plain list, and of it with each filter and group.

    Groups are those of the rows that the page shows when it is opened.
    """

    def read(text):
        return safe_eval(text, {"uid": env.uid})

    action = env.ref(action)
    model, domain = env[action.res_model], read(action.domain)
    specification, sums, search = page_of(model, action.search_view_id)
    opened = read(action.context)

    def seconds(work, *args, **kwargs):
        times = [
            take(env, lambda: work(*args, **kwargs)).seconds for _time in range(REPEAT)
        ]
        return statistics.median(times)

    def listed(more=()):
        return seconds(model.web_search_read, [*domain, *more], specification, **PAGE)

    filters = {
        node.get("string"): read(node.get("domain"))
        for node in search.xpath("//filter[@domain]")
    }
    shown = [
        leaf
        for node in search.xpath("//filter[@domain]")
        if opened.get(f"search_default_{node.get('name')}")
        for leaf in read(node.get("domain"))
    ]
    found = {f"filter {name}": listed(more) for name, more in filters.items()}
    for node in search.xpath("//filter[contains(@context, 'group_by')]"):
        by = read(node.get("context"))["group_by"]
        if by == "date":
            by = "date:month"  # as the web client asks
        found[f"group {node.get('string')}"] = seconds(
            model.web_read_group, [*domain, *shown], [by], sums, limit=PAGE["limit"]
        )
    return listed(), found


def page_of(model, search_view):
    """Return what the web client reads for the list, what it sums, and the filters."""
    views = [(False, "list"), (search_view.id, "search")]
    views = model.get_views(views)["views"]
    fields, search = (etree.fromstring(views[v]["arch"]) for v in ("list", "search"))
    names = [n.get("name") for n in fields.xpath("/list/field | /list/header/field")]
    specification = {
        name: {"fields": {"display_name": {}}}
        if model._fields[name].type == "many2one"
        else {}
        for name in names
    }
    sums = [f"{node.get('name')}:sum" for node in fields.xpath("//field[@sum]")]
    return specification, sums, search


def _fill_entries(ground):
    """Return a function that fills up to a number of entries."""
    line, made = ground.lines()[:1], 0
    line.action_tripletex_validate()
    shares = ground.root["tripletex.entry.share"]
    entry = shares.search([("line_id", "=", line.id)]).entry_id[:1]

    def fill(count):
        nonlocal made
        copies(
            entry,
            count - made,
            place=f"'bench' || n + {made}",
            date=f"'2026-03-02'::date - (n + {made})::int / 550",
            employee_id=_one_of(ground.employees),
            project_id=_one_of(ground.projects),
            state="CASE WHEN n % 10007 = 0 THEN 'failed' ELSE 'sent' END",
        )
        made = count

    return fill


def _fill_lines(ground):
    """Make open lines, one in thirty of them on a project that is not linked."""
    unlinked = ground.root["project.project"].search(
        [("tripletex_project_ids", "=", False)], limit=1
    )
    copies(
        ground.lines()[:1],
        OPEN_LINES,
        date="'2026-03-02'::date - n::int / 300",
        employee_id=_one_of(ground.employees),
        project_id=_one_of(ground.projects | unlinked),
        name="'Work ' || n",
    )


def _one_of(records):
    return f"('{{{','.join(map(str, records.ids))}}}'::int[])[1 + n % {len(records)}]"
