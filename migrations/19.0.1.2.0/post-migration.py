def migrate(cr, version):
    """Shares remember what their line said.

    A line of another day than its entry was changed since, without a connection: its
    share stays empty, which counts as changed.
    """
    cr.execute(
        """
        UPDATE tripletex_entry_share share
           SET logged_as = concat_ws(
                   '|',
                   COALESCE(line.employee_id, 0),
                   line.date,
                   COALESCE(line.project_id, 0),
                   COALESCE(line.work_entry_type_id, 0)
               )
          FROM account_analytic_line line, tripletex_entry entry
         WHERE share.logged_as IS NULL
           AND line.id = share.line_id
           AND entry.id = share.entry_id
           AND entry.date = line.date
        """
    )
