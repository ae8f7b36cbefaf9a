import logging
from functools import lru_cache

from odoo import fields
from odoo.exceptions import ValidationError

from ..tools.vault import Vault
from .server_setting import server_setting

HIDDEN = "(query about Tripletex keys)"

_vault_of = lru_cache(maxsize=4)(Vault)


def vault():
    """The vault of this server's secrets; without a secret nothing is sealed."""
    return _vault_of(server_setting("tripletex_secret"))


class SecretChar(fields.Char):
    """A text that lies sealed in the database where the server has a secret.

    In the cache it is as in the database, so nothing shows it but the record itself.
    """

    def convert_to_column(self, value, record, values=None, validate=True):
        value = super().convert_to_column(value, record, values, validate)
        return vault().seal(value)

    def convert_to_cache(self, value, record, validate=True):
        return vault().seal(super().convert_to_cache(value, record, validate))

    def convert_to_record(self, value, record):
        return vault().unseal(super().convert_to_record(value, record))


def refuse_emptying(records, vals):
    """Refuse to empty a required field before the database does.

    The database's own refusal quotes the whole row, keys included, and Odoo hands it
    to the caller.

    :raise ValidationError: naming the first such field
    """
    for name, value in vals.items():
        field = records._fields.get(name)
        if field and field.required and not value:
            raise ValidationError(
                records.env._(
                    "%(field)s cannot be empty.",
                    field=field._description_string(records.env),
                )
            )


class HideKeys(logging.Filter):
    """Keeps keys out of the database's log: a query that fails is logged whole."""

    COLUMNS = ("employee_token", "session_token", "pending_token", "consumer_token")

    def filter(self, record):
        text = str(record.args)
        if any(column in text for column in self.COLUMNS):
            record.args = tuple(
                type(arg).__name__ if isinstance(arg, Exception) else HIDDEN
                for arg in record.args
            )
            # figures were hidden along with the query
            record.msg = " ".join("%s" for _arg in record.args)
        return True


logging.getLogger("odoo.sql_db").addFilter(HideKeys())
