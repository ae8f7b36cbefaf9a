from odoo.tools import sql


def migrate(cr, version):
    """Shares took connection and company along; now their entry alone knows them."""
    if not sql.column_exists(cr, "tripletex_entry_share", "connection_id"):
        return
    # The first makes room for a constraint of the same name, the second is in it.
    cr.execute("DROP INDEX tripletex_entry_share_line_entry_uniq")
    cr.execute("DROP INDEX tripletex_entry_share__entry_id_index")
    cr.execute(
        "ALTER TABLE tripletex_entry_share "
        "DROP COLUMN connection_id, DROP COLUMN company_id"
    )
