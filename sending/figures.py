"""Sums: the figures of months in one query, and what Tripletex still lacks."""

from odoo.fields import Domain
from odoo.tools import SQL

from . import NEEDS_ATTENTION, WAITING

#: What adjustments add to the month they belong to, and take from the other.
ADJUSTED = ("expected", "paycode_expected", "adjusted", "paycode_adjusted")
#: Fields of ``tripletex.month`` that the query returns, in its order.
FIGURES = (
    "hours_logged",
    "hours_open",
    "hours_sent_in",
    "hours_validated",
    "hours_unqueued",
    "hours_left_out",
    "hours_late",
    "hours_sent",
    "hours_there",
    "hours_by_hand",
    "paycode_validated",
    "paycode_there",
    "waiting_count",
    "attention_count",
    "rounding",
    "difference",
    "is_equal",
    "cause",
)


def figures_sql(env, month, first=None, end=None):
    """A query of one row with the FIGURES of a month.

    It is joined LATERAL to ``tripletex_month``, so it costs one statement however many
    months are asked for. A line counts where it has a share, and where it has none as
    long as it is work on a project that is sent. Hours and hours on paycodes are two
    measures: overtime may be part of both. Hours that are sent as an adjustment in a
    later month count in the month that they belong to, on both sides.

    :param month: SQL of the alias that ``tripletex_month`` has in the outer query
    :param first: SQL of the first day to look at, None for the month's first
    :param end: SQL of the day after the last one
    :return: SQL
    """
    span = (
        first or SQL("%s.month", month),
        end or SQL("(%s.month + interval '1 month')", month),
    )
    return SQL(
        """
        SELECT %(columns)s
          FROM (%(sums)s) sums
    CROSS JOIN LATERAL (
               SELECT sums.shared + sums.hours_unqueued AS hours_validated,
                      sums.counted - sums.expected AS rounding,
                      COALESCE(%(month)s.hours_read, 0) + sums.adjusted
                      AS hours_there,
                      COALESCE(%(month)s.paycode_read, 0) + sums.paycode_adjusted
                      AS paycode_there
               ) totals
    CROSS JOIN LATERAL (
               SELECT hours_validated - hours_there AS difference,
                      ROUND((hours_validated - hours_there - rounding)::numeric, 2) != 0
                      OR ROUND((paycode_validated - paycode_counted
                                + paycode_expected - paycode_there)::numeric, 2) != 0
                      OR ABS(rounding) > row_count * 0.005 + 0.001 AS is_off
               ) compared
    CROSS JOIN LATERAL (%(cause)s) judged
        """,
        columns=_columns(),
        sums=_sums(env, month, span),
        cause=_cause(month),
        month=month,
    )


def _columns():
    rounded = ("hours_", "paycode_", "rounding", "difference")
    return SQL(", ").join(
        SQL("ROUND(%(name)s::numeric, 2)::float AS %(name)s", name=SQL.identifier(name))
        if name.startswith(rounded)
        else SQL.identifier(name)
        for name in FIGURES
    )


def _cause(month):
    """Why the two sides differ, the most urgent cause first."""
    return SQL(
        """
        SELECT CASE
               WHEN attention_count > changed_count THEN 'attention'
               WHEN changed_count > 0 THEN 'changed'
               WHEN waiting_count > 0 THEN 'waiting'
               WHEN hours_unqueued != 0 THEN 'unqueued'
               WHEN %(month)s.checked_at IS NULL THEN 'unchecked'
               WHEN is_off AND hours_by_hand != 0 THEN 'by_hand'
               WHEN is_off AND kept_count > 0 THEN 'kept'
               WHEN is_off AND last_sent_at >= %(month)s.checked_at THEN 'sent_since'
               WHEN is_off THEN 'changed'
               WHEN hours_open != 0 THEN 'not_validated'
               WHEN ROUND(rounding::numeric, 2) != 0 THEN 'rounding'
               END AS cause,
               %(month)s.checked_at IS NOT NULL AND NOT is_off
               AND waiting_count = 0 AND attention_count = 0 AS is_equal
        """,
        month=month,
    )


def _sums(env, month, span):
    sums = {
        "lines": (
            "hours_logged",
            "hours_open",
            "hours_sent_in",
            "hours_unqueued",
            "hours_left_out",
            "hours_late",
        ),
        "shares": (
            "shared",
            "counted",
            "hours_by_hand",
            "paycode_validated",
            "paycode_counted",
        ),
        "entries": ("hours_sent",),
    }
    columns = [
        SQL("COALESCE(%s, 0) AS %s", SQL.identifier(table, name), SQL.identifier(name))
        for table, names in sums.items()
        for name in names
    ]
    columns += [
        SQL(
            "COALESCE(entries.%(name)s, 0) + COALESCE(shares.%(name)s, 0) AS %(name)s",
            name=SQL.identifier(name),
        )
        for name in (
            *ADJUSTED,
            "waiting_count",
            "attention_count",
            "changed_count",
            "row_count",
        )
    ]
    columns += [SQL("entries.kept_count"), SQL("entries.last_sent_at")]
    return SQL(
        "SELECT %s FROM (%s) lines CROSS JOIN (%s) shares CROSS JOIN (%s) entries",
        SQL(", ").join(columns),
        _lines(env, month, span),
        _shares(month, span),
        _entries(month, span),
    )


def _in_month(alias, month, span):
    """Rows of the person and of the days looked at."""
    return SQL(
        "%(alias)s.employee_id = %(month)s.employee_id "
        "AND %(alias)s.date >= %(first)s AND %(alias)s.date < %(end)s",
        alias=SQL.identifier(alias),
        month=month,
        first=span[0],
        end=span[1],
    )


def _lines(env, month, span):
    """What is logged, whatever becomes of it."""
    return SQL(
        """
        SELECT sum(hours) AS hours_logged,
               sum(hours) FILTER (WHERE NOT is_validated) AS hours_open,
               sum(hours) FILTER (WHERE is_sent_in) AS hours_sent_in,
               sum(hours) FILTER (WHERE is_validated AND NOT is_queued
                                  AND NOT is_left_out) AS hours_unqueued,
               sum(hours) FILTER (WHERE is_validated AND NOT is_queued
                                  AND is_left_out) AS hours_left_out,
               sum(hours) FILTER (WHERE is_validated AND is_late) AS hours_late
          FROM (%s) logged
         WHERE counts
        """,
        _logged(env, month, span),
    )


def _logged(env, month, span):
    """The lines of a month, each with its hours and what became of them."""
    Line = env["account.analytic.line"]
    return SQL(
        """
            SELECT line.unit_amount * COALESCE(unit.factor, hour.factor)
                   / hour.factor AS hours,
                   -- time off is queued without being validated
                   COALESCE(line.%(flag)s, FALSE) OR queue.is_queued
                   AS is_validated,
                   line.tripletex_sent_in IS NOT NULL AS is_sent_in,
                   company.tripletex_cut_off_day > 0
                   AND (line.tripletex_validated_at AT TIME ZONE 'UTC'
                        AT TIME ZONE 'Europe/Oslo')::date
                       >= (%(month)s.month + interval '1 month')::date
                          + company.tripletex_cut_off_day AS is_late,
                   COALESCE(link.transfer = 'none'
                            OR link.transfer = 'overtime_absence'
                            AND line.work_entry_type_id IS NULL, FALSE)
                   AS is_left_out,
                   queue.is_queued,
                   queue.is_queued OR (%(work)s) AS counts
              FROM account_analytic_line line
              JOIN project_project project ON project.id = line.project_id
              JOIN uom_uom hour ON hour.id = %(hour)s
              JOIN res_company company ON company.id = %(month)s.company_id
         LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
         LEFT JOIN tripletex_employee link
                ON link.connection_id = %(month)s.connection_id
               AND link.employee_id = line.employee_id
        CROSS JOIN LATERAL (
                   SELECT EXISTS (
                          SELECT FROM tripletex_entry_share share
                           WHERE share.line_id = line.id
                             AND (share.hours != 0 OR share.is_held
                                  OR share.is_leaving)
                          ) AS is_queued
                   ) queue
             WHERE %(in_month)s AND %(of_companies)s
        """,
        flag=SQL.identifier(Line._tripletex_validated_field()),
        work=_work(env),
        hour=env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour"),
        in_month=_in_month("line", month, span),
        of_companies=_of_companies(env, month),
        month=month,
    )


def _work(env):
    """Lines that are not time off, on a project that is sent."""
    Line = env["account.analytic.line"]
    conditions = [SQL("project.tripletex_excluded IS NOT TRUE")]
    for name in Line._tripletex_time_off_fields():
        conditions.append(SQL("%s IS NULL", SQL.identifier("line", name)))
    tasks = env["res.company"].sudo().search([])._tripletex_time_off_tasks()
    if tasks:
        conditions.append(SQL("COALESCE(line.task_id, 0) NOT IN %s", tuple(tasks.ids)))
    return SQL(" AND ").join(conditions)


def _of_companies(env, month):
    """Lines of the companies whose hours the month's connection sends.

    A removed connection sends none: what it sent has shares.
    """
    connections = env["tripletex.connection"].sudo().search([])
    pairs = [
        (connection.id, company.id)
        for connection in connections
        for company in connection._companies() | connection.company_id
    ]
    if not pairs:
        return SQL("FALSE")
    return SQL(
        "(%s.connection_id, line.company_id) IN (%s)",
        month,
        SQL(", ").join(SQL("%s", pair) for pair in pairs),
    )


def _shares(month, span):
    """What validated lines contribute to entries, by the date of the line."""
    return SQL(
        """
        SELECT sum(hours) FILTER (WHERE is_hours AND NOT is_leaving) AS shared,
               sum(hours) FILTER (WHERE is_hours AND counts) AS counted,
               sum(hours) FILTER (WHERE is_hours AND is_handled) AS hours_by_hand,
               sum(hours) FILTER (WHERE NOT is_hours AND NOT is_leaving)
               AS paycode_validated,
               sum(hours) FILTER (WHERE NOT is_hours AND counts) AS paycode_counted,
               sum(hours) FILTER (WHERE is_hours AND counts AND is_adjusted)
               AS expected,
               sum(hours) FILTER (WHERE NOT is_hours AND counts AND is_adjusted)
               AS paycode_expected,
               sum(hours) FILTER (WHERE is_hours AND counts AND is_adjusted
                                  AND state = 'sent') AS adjusted,
               sum(hours) FILTER (WHERE NOT is_hours AND counts AND is_adjusted
                                  AND state = 'sent') AS paycode_adjusted,
               count(*) FILTER (WHERE is_adjusted) AS row_count,
               count(*) FILTER (WHERE is_adjusted AND state IN ('pending', 'sending'))
               AS waiting_count,
               count(*) FILTER (WHERE is_adjusted AND state IN ('failed', 'conflict'))
               AS attention_count,
               count(*) FILTER (WHERE is_adjusted AND state = 'conflict'
                                AND is_foreign IS NOT TRUE) AS changed_count
          FROM (
                SELECT part.hours, entry.state, entry.is_foreign,
                       entry.kind = 'hours' AS is_hours,
                       part.is_leaving IS TRUE AS is_leaving,
                       part.is_handled IS TRUE AS is_handled,
                       part.belongs_to IS NOT NULL AS is_adjusted,
                       part.is_held IS NOT TRUE AND part.is_handled IS NOT TRUE
                       AS counts
                  FROM account_analytic_line line
                  JOIN tripletex_entry_share part ON part.line_id = line.id
                  JOIN tripletex_entry entry ON entry.id = part.entry_id
                 WHERE %(in_month)s
                   AND entry.connection_id = %(month)s.connection_id
               ) share
        """,
        in_month=_in_month("line", month, span),
        month=month,
    )


def _entries(month, span):
    """What Tripletex should hold, and how far it is, by the date in Tripletex."""
    return SQL(
        """
        SELECT sum(sent_hours - COALESCE(foreign_hours, 0)) FILTER (WHERE is_hours)
               AS hours_sent,
               sum(hours - elsewhere) FILTER (WHERE is_hours) AS expected,
               sum(hours - elsewhere) FILTER (WHERE NOT is_hours) AS paycode_expected,
               -sum(elsewhere) FILTER (WHERE is_hours AND state = 'sent') AS adjusted,
               -sum(elsewhere) FILTER (WHERE NOT is_hours AND state = 'sent')
               AS paycode_adjusted,
               count(*) AS row_count,
               count(*) FILTER (WHERE state IN ('pending', 'sending'))
               AS waiting_count,
               count(*) FILTER (WHERE state IN ('failed', 'conflict'))
               AS attention_count,
               count(*) FILTER (WHERE state = 'conflict' AND is_foreign IS NOT TRUE)
               AS changed_count,
               count(*) FILTER (WHERE is_kept) AS kept_count,
               max(sent_at) AS last_sent_at
          FROM (
                SELECT entry.*, entry.kind = 'hours' AS is_hours,
                       COALESCE((SELECT sum(share.hours)
                                   FROM tripletex_entry_share share
                                  WHERE share.entry_id = entry.id
                                    AND share.belongs_to IS NOT NULL
                                    AND share.is_held IS NOT TRUE
                                    AND share.is_handled IS NOT TRUE), 0)
                       AS elsewhere
                  FROM tripletex_entry entry
                 WHERE %(in_month)s AND entry.connection_id = %(month)s.connection_id
               ) entry
        """,
        in_month=_in_month("entry", month, span),
        month=month,
    )


def unsent_figures(entries, domain):
    """Count rows that wait or need attention, and hours by which Tripletex differs.

    Overtime may be on two rows: its hours count once.

    :param entries: ``tripletex.entry`` with the rights of the person who is told
    :param domain: which of them to count
    :return: dict of (connection id, state) to number of rows and float, hours
    """
    entries.env.flush_all()
    unsent = Domain("state", "in", (*WAITING, *NEEDS_ATTENTION))
    query = entries._search(Domain(domain) & unsent)
    rows = entries.env.execute_query(
        SQL(
            """
            SELECT entry.connection_id, entry.state, COUNT(*),
                   COALESCE(SUM(ABS(
                       entry.hours + COALESCE(entry.foreign_hours, 0)
                       - COALESCE(entry.sent_hours, 0)
                   )) FILTER (WHERE entry.kind = 'hours' OR NOT EXISTS (
                       SELECT 1
                         FROM tripletex_entry_share own
                         JOIN tripletex_entry_share other USING (line_id)
                         JOIN tripletex_entry beside ON beside.id = other.entry_id
                        WHERE own.entry_id = entry.id AND beside.kind = 'hours'
                   )), 0)
              FROM tripletex_entry entry
             WHERE entry.id IN %s
          GROUP BY entry.connection_id, entry.state
            """,
            query.subselect(),
        )
    )
    return {
        (connection, state): (n, float(hours)) for connection, state, n, hours in rows
    }
