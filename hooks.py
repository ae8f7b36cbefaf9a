from odoo.fields import Domain
from odoo.tools import SQL

PARAMETERS = "hr_timesheet_tripletex.%"
MODELS = "tripletex.%"
FIELDS = "tripletex_"


def uninstall_hook(env):
    """Delete what Odoo would leave behind.

    These are the parameters, the consumer token among them, and what people saved for
    themselves and could not open any more. Tripletex is not called: where the database
    is a copy, the session there is somebody else's, and it ends by itself.
    """
    parameters = env["ir.config_parameter"]
    parameters.search([("key", "=like", PARAMETERS)]).unlink()
    env.cr.execute(
        SQL("ALTER TABLE ir_config_parameter DROP COLUMN secret_consumer_token")
    )
    env["ir.exports"].search([("resource", "=like", MODELS)]).unlink()
    about_ours = Domain("model_id", "=like", MODELS)
    for text in ("domain", "context", "sort"):
        about_ours |= Domain(text, "like", FIELDS)
        about_ours |= Domain("model_id", "=", "account.analytic.line") & Domain(
            text, "like", "work_entry_type_id"
        )
    env["ir.filters"].with_context(active_test=False).search(about_ours).unlink()
