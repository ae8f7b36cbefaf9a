{
    "name": "Stand-in for modules that measure working time",
    "summary": "Running timers, and begin and end of the day, on timesheet lines",
    "version": "19.0.1.0.0",
    "author": "hr_timesheet_tripletex contributors",
    "license": "LGPL-3",
    "depends": ["hr_timesheet"],
}
