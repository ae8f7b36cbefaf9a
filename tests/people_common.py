"""Common base of the tests of sending in and rejecting."""

from odoo import fields

from .validate_common import ValidateCase


class PeopleCase(ValidateCase):
    """A company whose employees send in their hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tripletex_send_in = True
        cls.colleague = cls.person("colleague", "hr_timesheet.group_hr_timesheet_user")
        cls.employees[1].user_id = cls.colleague

    def own(self, hours=7.5, **values):
        """Create a line of the worker and return it as the worker sees it."""
        return self.seen_by(self.worker, self.log(hours, **values))

    def sent_in(self, hours=7.5, **values):
        """Create a line that the worker has sent in."""
        line = self.own(hours, **values)
        line.action_tripletex_send_in()
        return line

    def reject(self, lines, reason="Wrong project", user=None):
        """Reject lines through the dialog, as an approver does."""
        dialog = (
            self.seen_by(user or self.approver, self.env["tripletex.line.reject"])
            .sudo(False)
            .create({"line_ids": [fields.Command.set(lines.ids)], "reason": reason})
        )
        dialog.action_reject()
        self.env.invalidate_all()

    def tasks_of(self, user):
        """Return the open activities of a user that this addon made."""
        types = [
            self.env.ref(f"hr_timesheet_tripletex.mail_activity_type_{name}").id
            for name in ("rejected", "hours_missing")
        ]
        return self.env["mail.activity"].search(
            [("user_id", "=", user.id), ("activity_type_id", "in", types)]
        )
