from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Hide what Enterprise has a screen of its own for, or what Time Off needs."""
        blacklist = super()._load_menus_blacklist()
        Line = self.env["account.analytic.line"]
        hidden = {
            "menu_to_validate": Line._tripletex_is_native(),
            "menu_tripletex_absence": not self.env["tripletex.absence"]._is_available(),
        }
        for name in filter(hidden.get, hidden):
            menu = self.env.ref(
                f"hr_timesheet_tripletex.{name}", raise_if_not_found=False
            )
            if menu:
                blacklist.append(menu.id)
        return blacklist
