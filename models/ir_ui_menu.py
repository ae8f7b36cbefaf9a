from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Enterprise has a screen of its own for what is to be validated."""
        blacklist = super()._load_menus_blacklist()
        menu = self.env.ref(
            "hr_timesheet_tripletex.menu_to_validate", raise_if_not_found=False
        )
        if menu and self.env["account.analytic.line"]._tripletex_is_native():
            blacklist.append(menu.id)
        return blacklist
