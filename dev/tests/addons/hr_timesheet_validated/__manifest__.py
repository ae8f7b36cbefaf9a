{
    "name": "Every line is validated as it is logged",
    "summary": "For Odoo's own tests: which of them meet the lock",
    "version": "19.0.1.0.0",
    "author": "hr_timesheet_tripletex contributors",
    "license": "LGPL-3",
    "depends": ["hr_timesheet_tripletex"],
}
