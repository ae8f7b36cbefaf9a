{
    "name": "Stand-in for Enterprise's hr_payroll",
    "summary": "Keeps an employee number, as the Enterprise module does",
    "version": "19.0.1.0.0",
    "author": "hr_timesheet_tripletex contributors",
    "license": "LGPL-3",
    "depends": ["hr"],
}
