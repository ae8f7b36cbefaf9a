from odoo import api, fields, models


class AccountAnalyticLine(models.Model):
    """What other modules add to a line to say when its hours were worked.

    REPORTED: ``is_timer_running`` is Enterprise's name, ``show_time_control`` and
    ``date_time`` are those of OCA's time control, whose lines have no hours while
    their timer runs; ``time_start`` and ``time_stop`` are those of OCA's begin and
    end.
    """

    _inherit = "account.analytic.line"

    date_time = fields.Datetime(copy=False)
    show_time_control = fields.Selection(
        [("resume", "Resume"), ("stop", "Stop")], compute="_compute_timer"
    )
    is_timer_running = fields.Boolean(compute="_compute_timer")
    time_start = fields.Float()
    time_stop = fields.Float()

    @api.depends("date_time", "unit_amount")
    def _compute_timer(self):
        for line in self:
            line.is_timer_running = line.date_time and not line.unit_amount
            line.show_time_control = "stop" if line.is_timer_running else "resume"
