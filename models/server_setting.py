import os

from odoo.tools import config


def server_setting(name):
    """Return a setting of this server, which is no data of any database.

    :param name: option of Odoo's configuration file; in capitals the environment
        variable that goes before it
    :return: text, empty where it is not set
    """
    return os.environ.get(name.upper()) or config.get(name) or ""
