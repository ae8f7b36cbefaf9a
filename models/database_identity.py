from odoo.tools import SQL

#: A part of an identity that is not known. It contradicts nothing.
UNKNOWN = "-"


def database_identity(env):
    """Return what tells this database from its copies, as one text.

    That is Odoo's uuid, which a dump and PostgreSQL's own copy (``createdb -T``) carry
    along, and what they do not: the oid of the database and the system identifier of
    the PostgreSQL cluster. Where this role may not read the identifier (PostgreSQL lets
    every role), the oid of our table stands for it: restoring a dump assigns new ones.

    A copy of the server's disk is the same in all of this, and is not noticed.
    """
    uuid = env["ir.config_parameter"].sudo().get_param("database.uuid") or UNKNOWN
    [(database, table, is_readable)] = env.execute_query(
        SQL(
            "SELECT oid, 'tripletex_connection'::regclass::oid, "
            "has_function_privilege('pg_control_system()', 'execute') "
            "FROM pg_database WHERE datname = current_database()"
        )
    )
    cluster = UNKNOWN
    if is_readable:
        query = SQL("SELECT system_identifier FROM pg_control_system()")
        [(cluster,)], table = env.execute_query(query), UNKNOWN
    return f"{uuid}|{database}|{cluster}|{table}"


def is_same_database(stored, current):
    """Return whether two identities are of one database.

    A part that one of them could not read says nothing.

    :param stored: as :func:`database_identity` returned it earlier
    :param current: as it returns it now
    """
    return all(
        UNKNOWN in parts or len(set(parts)) == 1
        for parts in zip(stored.split("|"), current.split("|"), strict=False)
    )
