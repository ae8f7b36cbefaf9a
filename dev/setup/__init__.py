"""Set-up of everything the developer commands need; does only what is missing."""

from . import paths, state


def prepare():
    """Make Odoo available.

    :raise SetupError: one sentence that says what to do
    """
    from . import odoo

    paths.make_folders()
    if not odoo.is_ready():
        with state.lock("setup"):
            odoo.ensure()
