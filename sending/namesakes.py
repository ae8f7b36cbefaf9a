#: Context keys of the screens where namesakes show what tells them apart: Odoo's own
#: timesheets and this addon's hours, and where records are linked.
NAMESAKE_CONTEXT = ("is_timesheet", "tripletex_link")
#: Context of a window action that shows hours.
NAMESAKES_SHOWN = {"is_timesheet": 1}


def namesakes(records, link_model):
    """Find the records that have the name of another one, in three queries.

    Nothing is found on other screens, or for people outside the company.

    :param records: projects or employees
    :param link_model: name of the model of their links
    :return: dict of record to (record as root, its link or an empty one)
    """
    env = records.env
    if not any(map(env.context.get, NAMESAKE_CONTEXT)) or not env.user._is_internal():
        return {}
    found = records._origin.sudo()
    companies = env.companies | found.company_id
    names = found._read_group(
        [
            ("name", "in", found.mapped("name")),
            ("company_id", "in", [False, *companies.ids]),
        ],
        ["name"],
        having=[("__count", ">", 1)],
    )
    names = {name for (name,) in names}
    found = found.filtered(lambda record: record.name in names)
    Link = found.env[link_model]
    links = Link.search(
        [
            (Link._odoo_field, "in", found.ids),
            ("connection_id.state", "!=", "disconnected"),
            ("company_id", "in", companies.parent_ids.ids),
        ]
    )
    linked = {link[Link._odoo_field]: link for link in links}
    return {
        record: (record._origin.sudo(), linked.get(record._origin.sudo(), Link))
        for record in records
        if record._origin in found
    }


def full_name(record):
    """Return the name of an employee or project as messages tell it.

    Where the company has several of that name it says which one is meant.

    :param record: one ``hr.employee`` or ``project.project``, or none
    """
    return record.with_context(**NAMESAKES_SHOWN).display_name or ""


def tell_apart(name, *details):
    """Return a name with the details that are known, in brackets."""
    known = ", ".join(filter(None, details))
    return f"{name} ({known})" if known else name
