from functools import wraps

from odoo import fields, models
from odoo.tools import SQL

#: Models on which the hooks come first, as on those with a rule in auditlog itself.
WATCHED = ("tripletex.", "res.config.settings", "ir.config_parameter", "res.company")


class AuditlogLog(models.Model):
    _name = "auditlog.log"
    _description = "Values of a Call"

    model = fields.Char()
    method = fields.Char()
    content = fields.Text()

    def _register_hook(self):
        """Put hooks around the methods of the finished classes, as auditlog does.

        They see the values before any override of the model's own does, and read the
        records as root before and after.
        """
        super()._register_hook()
        for name, cls in self.env.registry.items():
            if name.startswith(WATCHED):
                for method in ("create", "write", "read"):
                    setattr(cls, method, _hooked(getattr(cls, method)))


def _hooked(origin):
    @wraps(origin)
    def hook(self, *args, **kwargs):
        note(self, f"{origin.__name__} as called", (args, kwargs))
        read_all(self)
        result = origin(self, *args, **kwargs)
        note(self, f"{origin.__name__} answered", result)
        read_all(result if origin.__name__ == "create" else self)
        return result

    return hook


def read_all(records):
    """Note every stored field, as a full log does."""
    names = [name for name, field in records._fields.items() if field.store]
    records = records.sudo().exists()
    note(records, "stored", [record._read_format(names) for record in records])


def note(records, method, content):
    """Store what another module sees."""
    records.env.cr.execute(
        SQL(
            "INSERT INTO auditlog_log (model, method, content) VALUES (%s, %s, %s)",
            records._name,
            method,
            repr(content),
        )
    )
