from odoo import api, fields, models


class HrTimesheetSheet(models.Model):
    """A person's lines of a period, submitted and approved together.

    REPORTED, read in versions 16.0 and 17.0 (there is none for 19.0): states and
    actions, that opening an open sheet merges lines without a description, that saving
    one deletes such lines of 0 hours, and that a cell which a person changes becomes
    the difference, as a line of its own where there is none without a description.
    Its screens and its rules about reviewers are not imitated.
    """

    _name = "hr_timesheet.sheet"
    _description = "Timesheet Sheet"

    employee_id = fields.Many2one("hr.employee", required=True)
    company_id = fields.Many2one(related="employee_id.company_id", store=True)
    date_start = fields.Date(required=True)
    date_end = fields.Date(required=True)
    state = fields.Selection(
        [("draft", "Open"), ("confirm", "Waiting Review"), ("done", "Approved")],
        default="draft",
    )
    timesheet_ids = fields.One2many("account.analytic.line", "sheet_id")

    @api.model_create_multi
    def create(self, vals_list):
        sheets = super().create(vals_list)
        for sheet in sheets:
            sheet.timesheet_ids = self.env["account.analytic.line"].search(
                [
                    ("employee_id", "=", sheet.employee_id.id),
                    ("project_id", "!=", False),
                    ("date", ">=", sheet.date_start),
                    ("date", "<=", sheet.date_end),
                ]
            )
        return sheets

    def action_timesheet_confirm(self):
        """Submit the sheet."""
        self.write({"state": "confirm"})

    def action_timesheet_done(self):
        """Approve the sheet."""
        self.write({"state": "done"})

    def action_timesheet_refuse(self):
        """Send a submitted sheet back."""
        self.write({"state": "draft"})

    def action_timesheet_draft(self):
        """Open an approved sheet."""
        self.write({"state": "draft"})

    def open_sheet(self):
        """Merge lines of a cell that have no description, as showing a sheet does."""
        for lines in self._cells().values():
            lines = lines.filtered(lambda line: line.name == "/")
            if self.state == "draft" and len(lines) > 1:
                lines.merge_timesheets()

    def save_sheet(self):
        """Delete lines without hours and description."""
        self.timesheet_ids.filtered(
            lambda line: line.name == "/" and not line.unit_amount
        ).unlink()

    def add_line(self, project, date):
        """Begin a row of a project: a line of 0 hours."""
        return self._log(project, date, 0)

    def set_cell(self, project, date, hours):
        """Let the cell hold so many hours."""
        lines = self._cells().get((project, date), self.timesheet_ids.browse())
        change = hours - sum(lines.mapped("unit_amount"))
        line = lines.filtered(lambda line: line.name == "/")
        line = line.merge_timesheets() if len(line) > 1 else line
        if not line:
            return self._log(project, date, change)
        line.unit_amount += change
        return line

    def _cells(self):
        return self.timesheet_ids.grouped(lambda line: (line.project_id, line.date))

    def _log(self, project, date, hours):
        return self.timesheet_ids.create(
            {
                "sheet_id": self.id,
                "employee_id": self.employee_id.id,
                "project_id": project.id,
                "date": date,
                "unit_amount": hours,
                "name": "/",
            }
        )
