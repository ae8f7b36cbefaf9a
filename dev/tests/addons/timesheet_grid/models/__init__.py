from . import account_analytic_line
from . import hr_employee
