"""Which open hours have a problem, asked of the database for all lines at once."""

from odoo.fields import Domain
from odoo.tools import SQL

from .preflight import HOURS_IN_A_DAY, LINKS

#: What ``str.strip`` removes, for texts in the database.
SPACES = "".join(filter(str.isspace, map(chr, range(1, 0x3001))))
#: Each cause of ``Preflight`` as a condition on a line, in the names of ``QUERY``.
CAUSES = {
    "no_number": SQL("line.unit_amount IN ('NaN', 'Infinity', '-Infinity')"),
    "employee_not_linked": SQL("employee.id IS NULL"),
    "project_not_linked": SQL("project.id IS NULL"),
    "project_closed": SQL("project.is_closed"),
    "project_not_started": SQL("line.date < project.start_date"),
    "project_ended": SQL("line.date > project.end_date"),
    "paycode_not_linked": SQL(
        "line.work_entry_type_id IS NOT NULL AND paycode.id IS NULL"
    ),
    "paycode_hidden": SQL(
        "paycode.transfer_as != 'hours' AND paycode.show_in_timesheet IS NOT TRUE"
    ),
    "no_activity": SQL(
        """
        project.id IS NOT NULL AND route.sends_hours
        AND paycode.activity_id IS NULL AND project.activity_id IS NULL
        AND CASE WHEN project.is_internal THEN connection.default_internal_activity_id
                 ELSE connection.default_activity_id END IS NULL
        """
    ),
    "comment_missing": SQL(
        """
        project.id IS NOT NULL AND route.sends_hours AND connection.require_comments
        AND BTRIM(COALESCE(line.name, ''), %s) IN ('', '/')
        """,
        SPACES,
    ),
}
#: Hours of a line, see ``_tripletex_to_hours``.
HOURS = SQL("line.unit_amount * COALESCE(unit.factor / hour.factor, 1)::float8")
#: The units by which these are worked out.
UNITS = """
      JOIN uom_uom hour ON hour.id = %(hour)s
 LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id AND unit.id != hour.id
"""
#: Ids of lines, one join a kind of link; ``route`` is that of ``Preflight``.
QUERY = """
    SELECT line.id
      FROM account_analytic_line line
      JOIN UNNEST(%(companies)s::int[], %(connections)s::int[])
        AS sender (company_id, connection_id) ON sender.company_id = line.company_id
      JOIN tripletex_connection connection ON connection.id = sender.connection_id
      JOIN project_project worked_on ON worked_on.id = line.project_id
      %(units)s
 LEFT JOIN tripletex_employee employee
        ON employee.connection_id = connection.id
       AND employee.employee_id = line.employee_id
 LEFT JOIN tripletex_project project
        ON project.connection_id = connection.id
       AND project.project_id = line.project_id
 LEFT JOIN tripletex_paycode paycode
        ON paycode.connection_id = connection.id
       AND paycode.work_entry_type_id = line.work_entry_type_id
CROSS JOIN LATERAL (
           SELECT worked_on.tripletex_excluded IS NOT TRUE
                  AND (COALESCE(employee.transfer, 'all') = 'all'
                       OR employee.transfer = 'overtime_absence'
                       AND line.work_entry_type_id IS NOT NULL) AS is_sent,
                  paycode.id IS NULL OR paycode.transfer_as = 'hours'
                  OR (paycode.transfer_as = 'hours_and_paycode'
                      AND COALESCE(employee.transfer, 'all') = 'all') AS sends_hours
           ) route
     WHERE line.project_id IS NOT NULL AND line.%(flag)s IS NOT TRUE
       -- one CASE: of single conditions the planner would expect too much, and join
       -- lines and links one by one
       AND CASE WHEN %(left_behind)s THEN TRUE
                WHEN NOT route.is_sent OR %(time_off)s THEN FALSE
                -- rounded to no hours; in PostgreSQL NaN is the largest number
                WHEN ABS(%(hours)s) < 0.0049995 THEN FALSE
                WHEN %(causes)s THEN TRUE
                WHEN (line.employee_id, line.date) IN (%(overbooked)s) THEN TRUE
                WHEN %(links)s THEN NOT %(settled)s
                ELSE FALSE
            END
"""
#: Whether the line is as it was when its hours got their place, see ``Preflight``.
SETTLED = SQL(
    """
    EXISTS (
    SELECT FROM tripletex_entry_share share
      JOIN tripletex_entry entry ON entry.id = share.entry_id
      JOIN tripletex_connection holder ON holder.id = entry.connection_id
     WHERE share.line_id = line.id AND share.settlement != 'open'
       AND holder.state != 'disconnected'
       AND share.routing_key = CONCAT_WS(
           '|', line.company_id, COALESCE(line.employee_id, 0),
           TO_CHAR(line.date, 'YYYY-MM-DD'), line.project_id,
           COALESCE(line.work_entry_type_id, 0)
           )
    )
    """
)
#: Days of people who work too many hours, as logged.
OVERBOOKED = """
    SELECT line.employee_id, line.date
      FROM account_analytic_line line
      %(units)s
     WHERE line.project_id IS NOT NULL AND line.employee_id IS NOT NULL
       AND NOT (%(time_off)s)
       AND line.date IN (
           SELECT date FROM account_analytic_line
            WHERE project_id IS NOT NULL AND %(flag)s IS NOT TRUE
           )
  GROUP BY line.employee_id, line.date
    HAVING SUM(%(hours)s) BETWEEN %(most)s AND 'Infinity'
"""
#: Tables that the query reads.
READ = ("connection", "employee", "project", "paycode", "entry", "entry.share")


class Problems:
    """Finds the open lines to which ``Preflight`` would object.

    ``Preflight`` explains some lines to a person, unsaved ones too; this finds them
    among all, in one query. Only where that would ask much for few lines – corrections,
    whose hours have a place that is looked up, and timers – it is asked itself. A test
    holds both against each other for every cause.

    :param lines: ``account.analytic.line``, no records, of who asks
    """

    def __init__(self, lines):
        self.lines, self.env = lines, lines.env
        self.companies = self.env.companies.sudo()

    def domain(self):
        """Return the domain of open lines with a problem, in the user's companies."""
        open_ = (
            self.lines._tripletex_timesheet_domain()
            & Domain(self.lines._tripletex_validated_field(), "=", False)
            & Domain("company_id", "in", self.companies.ids)
        )
        correction = Domain("unit_amount", "<", 0)
        rare = self.lines.search(
            open_ & (correction | self.lines._tripletex_timer_domain())
        )
        wrong = ~correction & Domain("id", "in", SQL("(%s)", self._sql()))
        wrong |= Domain("id", "in", [line.id for line in rare._tripletex_problems()])
        if self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver"):
            # to those who log the hours it says nothing
            wrong |= ~self.lines.sudo(False)._search_tripletex_may_act("in", [True])
        return open_ & wrong

    def _sql(self):
        for model in (*(f"tripletex.{name}" for name in READ), "project.project"):
            self.env[model].flush_model()
        self.lines.flush_model()
        Connection = self.env["tripletex.connection"]
        senders = Connection._active_by_company(self.companies)
        hour = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour")
        common = {
            "flag": SQL.identifier(self.lines._tripletex_validated_field()),
            "hours": HOURS,
            "units": SQL(UNITS, hour=hour),
            "time_off": _any([*self._time_off_marks(), self._on_time_off_task()]),
        }
        return SQL(
            QUERY,
            **common,
            companies=[company.id for company in senders],
            connections=[connection.id for connection in senders.values()],
            causes=_any(sql for code, sql in CAUSES.items() if code not in LINKS),
            links=_any(CAUSES[code] for code in sorted(LINKS)),
            settled=SETTLED,
            left_behind=self._left_behind(),
            overbooked=SQL(OVERBOOKED, **common, most=HOURS_IN_A_DAY + 1e-6),
        )

    def _left_behind(self):
        """Lines that a deleted time off left on the company's task for it."""
        marks = _any(self._time_off_marks())
        return SQL("%s AND NOT (%s)", self._on_time_off_task(), marks)

    def _time_off_marks(self):
        return [
            SQL("%s IS NOT NULL", SQL.identifier("line", name))
            for name in self.lines._tripletex_time_off_fields()
        ]

    def _on_time_off_task(self):
        pairs = [
            SQL("(%s, %s)", company.id, task.id)
            for company in self.companies
            for task in company._tripletex_time_off_tasks()
        ]
        if not pairs:
            return SQL("FALSE")
        pairs = SQL(", ").join(pairs)
        return SQL("COALESCE((line.company_id, line.task_id) IN (%s), FALSE)", pairs)


def _any(conditions):
    conditions = [SQL("(%s)", condition) for condition in conditions]
    return SQL(" OR ").join(conditions) if conditions else SQL("FALSE")
