from . import hr_timesheet_sheet
from . import account_analytic_line
