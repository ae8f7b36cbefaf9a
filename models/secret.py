import logging
import os
from functools import lru_cache

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL, config
from odoo.tools.sql import column_exists

from ..tools.vault import Vault

HIDDEN = "(query about Tripletex keys)"


def server_setting(name):
    """Return a setting of this server, which is no data of any database.

    :param name: option of Odoo's configuration file; in capitals the environment
        variable that goes before it
    :return: text, empty where it is not set
    """
    return os.environ.get(name.upper()) or config.get(name) or ""


_vault_of = lru_cache(maxsize=4)(Vault)


def vault():
    """The vault of this server's secrets; without a secret nothing is sealed."""
    return _vault_of(server_setting("tripletex_secret"))


class Secret:
    """A text that belongs to a record and is no field of it. For root alone.

    What is no field is in no values of ``create``, ``write`` and ``read``, in no cache,
    export, search or message, so no other module can log it, whatever is installed. It
    has a column of the record's table, and lies sealed there where the server has a
    secret.

    :param is_bound: in a copy of the database it reads as if there were none; the
        model has ``_is_copy()``

    The attribute of a record reads as the text or False, and is assigned to write it.
    """

    def __init__(self, is_bound=True):
        self.is_bound = is_bound

    def __set_name__(self, owner, name):
        self.name, self.column = name, SQL.identifier(f"secret_{name}")

    def __get__(self, record, owner=None):
        if record is None:
            return self
        self._check(record)
        ids = record._origin.ids
        if not ids or (self.is_bound and record._is_copy()):
            return False
        return vault().unseal(self.stored(record).get(ids[0])) or False

    def __set__(self, records, text):
        self._check(records)
        # a text of PostgreSQL holds no NUL; neither does a key
        text = (text or "").replace("\0", "")
        records.env.execute_query(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = ANY(%s) RETURNING id",
                SQL.identifier(records._table),
                self.column,
                vault().seal(text or None),
                records.ids,
            )
        )

    def _check(self, records):
        if not records.env.su:
            raise AccessError(
                records.env._("Only the server itself can read this text.")
            )

    def stored(self, records):
        """Return the texts as the database holds them, sealed or not.

        :param records: records of the model that has the secret
        :return: dict of record id to text or None
        """
        return dict(
            records.env.execute_query(
                SQL(
                    "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                    self.column,
                    SQL.identifier(records._table),
                    records._origin.ids,
                )
            )
        )

    def seal_all(self, model):
        """Seal what is stored without the present secret of the server.

        :param model: the model that has the secret (sudo); all its records are read
        """
        rows = model.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE %s IS NOT NULL",
                self.column,
                SQL.identifier(model._table),
                self.column,
            )
        )
        for record_id, text in rows:
            plain = vault().unseal(text)
            if plain and not vault().is_current(text):
                self.__set__(model.browse(record_id), plain)


def secrets_of(model):
    """Return the :class:`Secret` attributes of a model."""
    found = (getattr(type(model), name, None) for name in dir(type(model)))
    return [secret for secret in found if isinstance(secret, Secret)]


def create_columns(model):
    """Create the columns of the model's secrets: what ``init`` of a model calls."""
    cr, table = model.env.cr, model._table
    for secret in secrets_of(model):
        if not column_exists(cr, table, f"secret_{secret.name}"):
            names = SQL.identifier(table), secret.column
            cr.execute(SQL("ALTER TABLE %s ADD COLUMN %s text", *names))


class TripletexTypedSecret(models.AbstractModel):
    """A form with a field in which a secret is typed, and where it never arrives.

    The text is taken out of the values before any further ``create`` or ``write`` sees
    them, of the browser's even before the first one does.
    """

    _name = "tripletex.typed.secret"
    _description = "Form in Which a Secret Is Typed"

    #: The field in which it is typed.
    _typed_secret = None

    def _keep_typed(self, text):
        """Store what was typed. A record was created or may be written."""
        raise NotImplementedError

    @api.model_create_multi
    def create(self, vals_list):
        texts = [vals.get(self._typed_secret) for vals in vals_list]
        records = super().create([self._without_typed(vals) for vals in vals_list])
        for record, text in zip(records, texts, strict=True):
            if text:
                record._keep_typed(text)
        return records

    def write(self, vals):
        if vals.get(self._typed_secret):
            self.check_access("write")
            for record in self:
                record._keep_typed(vals[self._typed_secret])
        return super().write(self._without_typed(vals))

    def web_save(self, vals, *args, **kwargs):
        """Save a form as Odoo does; what was typed passes neither create nor write.

        :param vals: values of the form; arguments and result are Odoo's
        :raise AccessError: unless the user may write the record
        """
        text, records = vals.get(self._typed_secret), self
        if text:
            vals = self._without_typed(vals)
            if records:
                records.check_access("write")
            else:
                records, vals = self.create(vals), {}
            for record in records:
                record._keep_typed(text)
        return super(TripletexTypedSecret, records).web_save(vals, *args, **kwargs)

    def _without_typed(self, vals):
        name = self._typed_secret
        return vals | {name: False} if name in vals else vals


def refuse_emptying(records, vals):
    """Refuse to empty a required field before the database does.

    The database's own refusal quotes the whole row, keys included, and Odoo hands it
    to the caller.

    :param records: records that are written
    :param vals: dict of the values to write
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
        """Let every record pass, without the arguments of a query about keys."""
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
