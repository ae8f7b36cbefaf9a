from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang


class TripletexEntry(models.Model):
    """What people decide about entries: Retry, Keep, Replace, Add.

    The actions reset state and wake the cron, which alone sends.
    """

    _inherit = "tripletex.entry"

    def _check_may_decide(self):
        """Approvers decide about the entries that they may read.

        :raise AccessError: for everybody else
        """
        self.check_access("read")
        if not (
            self.env.su
            or self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver")
        ):
            raise AccessError(
                self.env._(
                    "Only timesheet approvers can decide about sent hours. Ask one "
                    "of them."
                )
            )

    def action_retry(self):
        """Try failed entries again, with the links as they are now.

        :raise AccessError: unless the user is an approver who may read the entries
        """
        self._check_may_decide()
        failed = self.sudo().filtered(lambda entry: entry.state == "failed")
        failed._reset_attempts()
        # A line that had no place in Tripletex may have one now: its share moves to
        # another entry and this one goes.
        placeless = failed.filtered(lambda entry: not entry._is_resolved())
        placeless.share_ids.line_id._tripletex_sync()
        failed = failed.exists().filtered(lambda entry: entry._is_resolved())
        failed.write({"state": "pending"})
        self._wake_cron()
        return True

    def action_keep(self):
        """Accept the figure that Tripletex holds; nothing is sent.

        A later change of the timesheet lines asks again.

        :raise AccessError: unless the user is an approver who may read the entries
        """
        for entry in self._conflicts_to_decide():
            entry._note_decision(
                self.env._(
                    "Chose to keep Tripletex's figure: %(theirs)s hours (validated "
                    "here: %(ours)s)."
                )
            )
            entry.write(
                entry._remote_as_confirmed()
                | {
                    "state": "sent",
                    "is_kept": True,
                    "kept_hours": entry.hours,
                    "foreign_hours": 0.0,
                }
            )
        self.sudo().connection_id._notify_responsible()
        return True

    def action_replace(self):
        """Let the validated hours win over the figure that Tripletex holds.

        :raise AccessError: unless the user is an approver who may read the entries
        """
        for entry in self._conflicts_to_decide():
            entry._note_decision(
                self.env._(
                    "Chose to replace Tripletex's figure %(theirs)s by the validated "
                    "%(ours)s hours."
                )
            )
            entry.write(
                entry._remote_as_confirmed()
                | {"state": "pending", "foreign_hours": 0.0}
            )
        self._after_decision()
        return True

    def action_add(self):
        """Add the validated hours to the figure that Tripletex holds.

        :raise AccessError: unless the user is an approver who may read the entries
        """
        for entry in self._conflicts_to_decide():
            entry._note_decision(
                self.env._(
                    "Chose to add the validated %(ours)s hours to Tripletex's figure "
                    "%(theirs)s."
                )
            )
            values = entry._remote_as_confirmed()
            if entry._is_moved():
                # theirs stays where it was moved to; ours is registered anew
                values |= entry._settled_values() | {
                    "tripletex_id": False,
                    "sent_hours": 0.0,
                    "sent_comment": False,
                    "foreign_hours": 0.0,
                }
            else:
                # no version of the row, nor its comment, is ours: theirs stays
                values |= {
                    "foreign_hours": entry.remote_hours,
                    "sent_comment": False,
                    "tripletex_version": -1,
                }
            entry.write(values | {"state": "pending"})
        self._after_decision()
        return True

    def _note_decision(self, words):
        """Keep on record who decided what.

        :param words: text with places for ``%(theirs)s`` and ``%(ours)s`` hours
        """
        figures = {"theirs": self.remote_hours, "ours": self.hours}
        self.message_post(
            body=words
            % {
                name: formatLang(self.env, hours, digits=2)
                for name, hours in figures.items()
            },
            author_id=self.env.user.partner_id.id,
        )

    def _conflicts_to_decide(self):
        """The conflicts among ``self``, locked, as root.

        The lock makes a second press of a button, or a second person, come after the
        first and find nothing left to decide.
        """
        self._check_may_decide()
        entries = self.sudo()
        entries._lock()
        conflicts = entries.filtered(lambda entry: entry.state == "conflict")
        conflicts._look_at_former_owners()
        return conflicts

    def _look_at_former_owners(self):
        """Rows found here that somebody moved away from other entries of ours.

        The decision makes such a row this entry's, so the entry that lost it is
        looked at again and, where hours are missing, becomes a conflict.
        """
        for entry in self.filtered("remote_id"):
            others = self.search(
                [
                    ("connection_id", "=", entry.connection_id.id),
                    ("kind", "=", entry.kind),
                    ("tripletex_id", "=", entry.remote_id),
                    ("id", "!=", entry.id),
                    ("state", "=", "sent"),
                    ("is_kept", "=", False),
                ]
            )
            for other in others:
                other.write({"state": "pending"} | other._doubt())

    def _doubt(self):
        """Values with which the next look finds out what became of our row."""
        self.ensure_one()
        return {"is_unclear": True, "attempt_hours": self.sent_hours}

    def _is_moved(self):
        """Whether the conflict is about our row in another place in Tripletex."""
        self.ensure_one()
        sender = self.env[f"tripletex.sender.{self.kind}"]
        return bool(self.remote_key) and self.remote_key != str(sender._key(self))

    def _remote_as_confirmed(self):
        """Values that take the figure found in Tripletex as the known one."""
        return self._settled_values() | {
            "tripletex_id": self.remote_id,
            "tripletex_version": self.remote_version,
            "sent_hours": self.remote_hours,
            "sent_comment": self.remote_comment,
            "known_key": self.remote_key,
        }

    def _reset_attempts(self):
        self.write(
            {
                "attempts": 0,
                "next_attempt_at": False,
                "error_message": False,
                "request_id": False,
            }
        )

    def _after_decision(self):
        self.sudo().connection_id._notify_responsible()
        self._wake_cron()

    def action_decide(self):
        """Ask for a decision about the conflicts among these entries.

        :return: window action of ``tripletex.entry.decide``
        :raise UserError: when none of them is a conflict
        :raise AccessError: unless the user is an approver
        """
        self._check_may_decide()
        conflicts = self.filtered(lambda entry: entry.state == "conflict")
        if not conflicts:
            raise UserError(
                self.env._(
                    "None of these hours is a conflict. Choose rows that say Conflict."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which Figure Is Right?"),
            "res_model": "tripletex.entry.decide",
            "view_mode": "form",
            "target": "new",
            "context": {**self.env.context, "default_entry_ids": conflicts.ids},
        }

    def _hours_after(self, decision):
        """What Tripletex will hold for this conflict.

        :param decision: ``keep``, ``replace`` or ``add``
        :return: float, hours
        """
        self.ensure_one()
        if decision == "keep":
            return self.remote_hours
        if decision == "replace":
            return self.hours
        return self.hours + self.remote_hours
