from odoo.tools import sql

TABLE = "tripletex_entry_share"
#: The entry knows connection and company; who and when stand on line and entry.
COLUMNS = ("connection_id", "company_id")
COLUMNS += ("create_uid", "create_date", "write_uid", "write_date")


def migrate(cr, version):
    """Shares hold their line, their entry and the hours, and nothing else."""
    if sql.column_exists(cr, TABLE, "connection_id"):
        # The first makes room for a constraint of the same name, the second is in it.
        cr.execute("DROP INDEX tripletex_entry_share_line_entry_uniq")
        cr.execute("DROP INDEX tripletex_entry_share__entry_id_index")
    for column in COLUMNS:
        if sql.column_exists(cr, TABLE, column):
            cr.execute(
                sql.SQL(
                    "ALTER TABLE %s DROP COLUMN %s",
                    sql.SQL.identifier(TABLE),
                    sql.SQL.identifier(column),
                )
            )
