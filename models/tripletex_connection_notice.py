from odoo import models


class TripletexConnection(models.Model):
    """Telling the responsible person, once, that something needs a person."""

    _inherit = "tripletex.connection"

    def _notify_responsible(self):
        """One activity and one e-mail for the responsible person while something
        needs a person; closed by itself when all is well again."""
        for connection in self.sudo():
            activities = connection.activity_ids.filtered(
                lambda activity: (
                    activity.activity_type_id
                    == self.env.ref(
                        "hr_timesheet_tripletex.mail_activity_type_attention"
                    )
                )
            )
            needs_person = connection.state == "attention" or connection._needs_person()
            if connection.state == "disconnected" or not needs_person:
                activities.action_feedback(feedback=self.env._("All is well again."))
            elif not activities:
                connection._schedule_attention()

    def _needs_person(self):
        return bool(
            self.env["tripletex.entry"].search_count(
                [
                    ("connection_id", "=", self.id),
                    ("state", "in", ("failed", "conflict")),
                ],
                limit=1,
            )
        )

    def _schedule_attention(self):
        """Make the activity; Odoo e-mails it to the responsible person."""
        user = self.responsible_id
        if not user.active:
            user = self.env.ref("base.user_admin")
        connection = self.with_context(lang=user.lang)
        connection.activity_schedule(
            "hr_timesheet_tripletex.mail_activity_type_attention",
            summary=connection.env._("Hours for Tripletex need a person"),
            note=self.attention_message
            or connection.env._(
                "Some validated hours could not be sent. Open Timesheets, Tripletex, "
                "Sent Hours, remove the filter This Month, and choose the filters "
                "Needs Attention and Conflict."
            ),
            user_id=user.id,
        )
