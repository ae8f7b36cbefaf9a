from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import KeyRefused
from .secret_field import vault

#: Columns that a server's secret seals.
SEALED = {
    "tripletex_connection": ("employee_token", "session_token"),
    "tripletex_connection_setup": ("pending_token", "session_token"),
}


class TripletexConnection(models.Model):
    """Keys at rest: sealed where the server has a secret."""

    _inherit = "tripletex.connection"

    is_key_sealed = fields.Boolean(
        string="Key Encrypted",
        compute="_compute_is_key_sealed",
        help="The API user key is encrypted in the database, with a secret that only "
        "the server knows.",
    )

    @api.depends("state")
    def _compute_is_key_sealed(self):
        stored = self._stored_keys()
        for connection in self:
            text = stored.get(connection.id)
            sealed = text and not vault().is_open and vault().is_current(text)
            connection.is_key_sealed = bool(sealed)

    def _stored_keys(self):
        """The keys as they lie in the database, by id."""
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, employee_token FROM tripletex_connection "
                    "WHERE id = ANY(%s)",
                    self.ids,
                )
            )
        )

    def _explain(self, error):
        if isinstance(error, KeyRefused) and self._stored_keys().get(self.id):
            if not self.employee_token:
                return self.env._(
                    "The API user key in the database cannot be read: the secret of "
                    "this Odoo server (tripletex_secret) is missing or was changed. "
                    "Restore it and press Test connection, or enter the key with "
                    "Update."
                )
        return super()._explain(error)

    @api.autovacuum
    def _gc_seal_keys(self):
        """Seal what was stored before the server had its (present) secret.

        Daily; so an old secret can go a day after the new one was put before it.
        """
        for table, names in SEALED.items():
            model = self.env[table.replace("_", ".")].sudo()
            for name in names:
                self._seal_column(model, name)

    @api.model
    def _seal_column(self, model, name):
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE %s IS NOT NULL",
                SQL.identifier(name),
                SQL.identifier(model._table),
                SQL.identifier(name),
            )
        )
        for record_id, text in rows:
            record = model.browse(record_id)
            plain = record[name]
            if plain and not vault().is_current(text):
                record[name] = plain
