"""Set-up of everything the developer commands need; does only what is missing.

Standard library only: it runs before anything is installed.
"""

from . import odoo, paths, state, venv


def prepare(with_odoo=True):
    """Make the virtual environment and, unless told otherwise, Odoo available.

    :raise SetupError: one sentence that says what to do
    """
    paths.make_folders()
    if venv.is_ready() and (not with_odoo or odoo.is_ready()):
        return
    with state.lock("setup"):
        venv.ensure()
        if with_odoo:
            odoo.ensure()
