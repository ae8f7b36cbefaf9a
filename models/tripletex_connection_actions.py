import threading
from functools import partial

from odoo import SUPERUSER_ID, api, models
from odoo.modules.registry import Registry
from odoo.tools import config

from ..tools import TripletexError


class TripletexConnection(models.Model):
    """The connection's buttons."""

    _inherit = "tripletex.connection"

    def action_update(self):
        """Open the set-up wizard again for this connection's company.

        :return: window action of ``tripletex.connection.setup``
        :raise AccessError: unless the user may write the connection
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["tripletex.connection.setup"]._action_open(self.company_id)

    def action_remove(self):
        """Open the dialog that removes this connection.

        :return: window action of ``tripletex.connection.remove``
        :raise AccessError: unless the user may write the connection
        """
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remove the Connection to Tripletex"),
            "res_model": "tripletex.connection.remove",
            "view_mode": "form",
            "target": "new",
            "context": {"default_connection_id": self.id},
        }

    def action_test(self):
        """Ask Tripletex who we are and heal ``attention`` when it answers.

        Reads only. A key that works again brings the connection back to
        ``connected`` and wakes the cron; one that does not shows what is wrong. A
        copied database asks nothing: the key is the original's.

        :return: notification action
        :raise AccessError: unless the user may write the connection
        """
        self.ensure_one()
        self.check_access("write")
        connection = self.sudo()
        if connection._is_copy():
            return self._notification("danger", connection._copy_message())
        try:
            with connection._client() as client:
                client.open_session()
                connection._probe(client)
        except TripletexError as error:
            connection._note_error(error)
            return self._notification("danger", connection._explain(error))
        connection._set_connected()
        return self._notification(
            "success",
            self.env._(
                "The connection to %(company)s works. Hours that wait are sent now.",
                company=connection.tripletex_company_name
                or connection.tripletex_company_id,
            ),
        )

    def action_send_now(self):
        """End all pauses and send what waits, in the background.

        The cron sends, not this request. Where this server runs no scheduled jobs, a
        thread of its own does the cron's work, beside which a cron of another host
        finds the connection taken.

        :return: notification action
        :raise AccessError: unless the user may write the connection
        """
        self.check_access("write")
        connections = self.sudo()
        connections.next_attempt_at = False
        waiting = [("connection_id", "in", self.ids), ("state", "=", "pending")]
        connections.env["tripletex.entry"].search(waiting).next_attempt_at = False
        self.env["tripletex.entry"]._wake_cron()
        if not config["max_cron_threads"]:
            self.env.cr.postcommit.add(partial(send_in_background, self.env.cr.dbname))
        return self._notification(
            "info", self.env._("Sending starts now. Reload to see the result.")
        )

    def action_view_waiting(self):
        """Open the entries that wait to be sent.

        :return: window action
        """
        return self._action_entries(self.env._("On its way"), ["pending", "sending"])

    def action_view_problems(self):
        """Open the entries that need a person.

        :return: window action
        """
        return self._action_entries(self.env._("Need a person"), ["failed", "conflict"])

    def _action_entries(self, name, states):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "tripletex.entry",
            "view_mode": "list,kanban,form",
            "domain": [("connection_id", "=", self.id), ("state", "in", states)],
        }

    def _notification(self, kind, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "sticky": kind == "danger",
                "next": {
                    "type": "ir.actions.client",
                    "tag": "hr_timesheet_tripletex.reload",
                },
            },
        }


def send_in_background(database):
    """Send what is due in ``database`` in a thread, on a connection of its own.

    :return: the started thread
    """

    def work():
        threading.current_thread().dbname = database  # for the log
        with Registry(database).cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["tripletex.entry"]._cron_send()

    thread = threading.Thread(target=work, name=f"tripletex-{database}", daemon=True)
    thread.start()
    return thread
