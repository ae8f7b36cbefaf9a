{
    "name": "Stand-in for Enterprise's timesheet_grid",
    "summary": "Validates timesheets as the Enterprise module's public API does",
    "version": "19.0.1.0.0",
    "author": "hr_timesheet_tripletex contributors",
    "license": "LGPL-3",
    "depends": ["hr_timesheet"],
}
