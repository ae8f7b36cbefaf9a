"""What buttons answer the web client with."""


def notification(message, kind="success", **options):
    """Return the action that says what was done; the screen is loaded anew.

    :param message: text, translated
    :param kind: ``success``, ``info``, ``warning`` or ``danger``
    :param options: other parameters of Odoo's ``display_notification``
    """
    close = {"type": "ir.actions.act_window_close"}
    params = {"type": kind, "message": message, "next": close}
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": params | options,
    }


def dialog(name, model, **action):
    """Return the action that opens a form as a dialog.

    :param name: title
    :param model: name of the dialog's model
    :param action: other values of the window action, such as ``context``
    """
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "view_mode": "form",
        "target": "new",
        **action,
    }
