from odoo.tools import sql


def migrate(cr, version):
    """Shares took along what their line and their entry know; now only those do."""
    cr.execute(
        "ALTER TABLE tripletex_entry_share "
        "DROP COLUMN IF EXISTS create_uid, DROP COLUMN IF EXISTS create_date, "
        "DROP COLUMN IF EXISTS write_uid, DROP COLUMN IF EXISTS write_date"
    )
    if not sql.column_exists(cr, "tripletex_entry_share", "connection_id"):
        return
    # The first makes room for a constraint of the same name, the second is in it.
    cr.execute("DROP INDEX tripletex_entry_share_line_entry_uniq")
    cr.execute("DROP INDEX tripletex_entry_share__entry_id_index")
    cr.execute(
        "ALTER TABLE tripletex_entry_share "
        "DROP COLUMN connection_id, DROP COLUMN company_id"
    )
