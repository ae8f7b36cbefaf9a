{
    "name": "Stand-in for OCA's hr_timesheet_sheet",
    "summary": "Sheets that lock, merge, correct and delete lines, as that module does",
    "version": "19.0.1.0.0",
    "author": "hr_timesheet_tripletex contributors",
    "license": "LGPL-3",
    "depends": ["hr_timesheet"],
    "data": ["security/ir.model.access.csv"],
}
