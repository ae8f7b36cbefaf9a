{
    "name": "Stand-in for OCA's auditlog",
    "summary": "Logs the values of every create, write and read, as such modules do",
    "version": "19.0.1.0.0",
    "author": "hr_timesheet_tripletex contributors",
    "license": "LGPL-3",
    "depends": ["base"],
}
