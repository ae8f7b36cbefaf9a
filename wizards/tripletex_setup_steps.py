from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STEPS = ["key", "projects", "paycodes", "employees"]
#: The set-up's fields that show the rows to tick.
LINE_FIELDS = ["project_line_ids", "paycode_line_ids", "employee_line_ids"]


class TripletexConnectionSetup(models.TransientModel):
    """The buttons of the set-up, except Complete, and who may press them."""

    _inherit = "tripletex.connection.setup"

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    @api.model
    def _action_open(self, company):
        """Window action that starts the set-up for ``company``.

        :raise AccessError: unless the user administers the system and the company
        """
        self._check_may_connect(company)
        active = self.env["tripletex.connection"]._active_by_company(company)
        name = (
            self.env._("Update Tripletex")
            if active
            else self.env._("Connect to Tripletex")
        )
        action = self._action(name)
        action["context"]["default_company_id"] = company.id
        if active:
            action["context"]["default_environment"] = active[company].environment
        return action

    def action_next(self):
        """Go to the next step; Tripletex is read where the step needs it.

        :return: window action that shows the same set-up
        :raise AccessError: unless the user administers the system
        :raise UserError: one sentence per cause, when Tripletex refuses the key, the
            consumer token, the company or a right that is needed
        """
        setup = self._start()
        if setup.step == "key":
            if not setup._verify_key():
                return setup._reopen()
        index = STEPS.index(setup.step)
        if index + 1 < len(STEPS):
            setup.step = STEPS[index + 1]
            setup._enter_step()
        return setup._reopen()

    def action_back(self):
        """Go back one step; ticks stay.

        :return: window action that shows the same set-up
        :raise AccessError: unless the user administers the system
        """
        setup = self._start()
        setup.step = STEPS[max(STEPS.index(setup.step) - 1, 0)]
        return setup._reopen()

    def action_check(self):
        """Try the key and show the rights it has, without leaving the step.

        :return: window action that shows the same set-up
        :raise AccessError: unless the user administers the system
        :raise UserError: as :meth:`action_next`, except for missing rights
        """
        setup = self._start()
        setup._verify_key(refuse=False)
        return setup._reopen()

    def action_read_again(self):
        """Read the step's list from Tripletex again; ticks stay.

        :return: window action that shows the same set-up
        :raise AccessError: unless the user administers the system
        :raise UserError: one sentence per cause, when Tripletex does not answer it
        """
        setup = self._start()
        setup.fresh_lists = ""
        setup._enter_step()
        return setup._reopen()

    def action_tick(self, model, domain, ticked):
        """Tick or untick the rows of one list that the person sees.

        Rows that cannot be ticked stay as they are.

        :param model: name of a line model of the set-up
        :param domain: search domain of the list
        :param ticked: True to tick, False to untick
        :raise AccessError: unless the user administers the system
        :raise UserError: for a model that is no list of the set-up
        """
        setup = self._start()
        lines = {setup[name]._name: setup[name] for name in LINE_FIELDS}
        if model not in lines:
            raise UserError(self.env._("There is no such list in the set-up."))
        # the person's own rights: a search domain comes from the browser
        found = self.env[model].search(
            fields.Domain(domain) & fields.Domain("setup_id", "=", self.id)
        )
        found.filtered(lambda line: line.selected != ticked).selected = ticked
        return True

    def action_set_all(self):
        """Set login, department and invitation for all ticked employees.

        What is left empty stays as it is on the rows.

        :return: window action that shows the same set-up
        :raise AccessError: unless the user administers the system
        """
        setup = self._start()
        lines = setup.employee_line_ids.filtered(lambda line: line._is_to_add())
        if setup.all_department_id:
            lines.department_id = setup.all_department_id
        if setup.all_user_type:
            lines.filtered(lambda line: not line.has_login).write(
                {
                    "user_type": setup.all_user_type,
                    "invite": setup.all_invite and setup.all_user_type != "none",
                }
            )
        setup.write({"all_department_id": False, "all_user_type": False})
        return setup._reopen()

    def action_leave(self):
        """Give up a set-up before Complete: nothing of it stays.

        :raise AccessError: unless the user administers the system
        """
        for setup in self.exists():
            self._check_may_connect(setup.company_id)
            if not setup.is_done:
                setup.sudo().unlink()
        return True

    def action_close(self):
        """Close the result and show what it changed.

        :return: client action
        """
        return {"type": "ir.actions.client", "tag": "hr_timesheet_tripletex.reload"}

    def _start(self):
        """What every button does first: check who presses it, on what.

        :return: the set-up as root
        :raise AccessError: unless the user administers the system and the company
        :raise UserError: after Complete
        """
        self.ensure_one()
        self._check_may_connect(self.company_id)
        if self.is_done:
            raise UserError(
                self.env._(
                    "This set-up is complete already. Close it, and press Update to "
                    "change something."
                )
            )
        return self.sudo()

    @api.model
    def _check_may_connect(self, company):
        if self.env.su:
            return
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._(
                    "Only administrators can connect Odoo to Tripletex. Ask one of "
                    "them."
                )
            )
        if company not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "You have no access to the company you want to connect. Switch "
                    "to a company of yours."
                )
            )

    @api.model
    def _action(self, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _reopen(self):
        """Show the same set-up again, as it is now."""
        if self.is_done:
            name = self.env._("Tripletex")
        elif self.is_update:
            name = self.env._("Update Tripletex")
        else:
            name = self.env._("Connect to Tripletex")
        return self._action(name) | {"res_id": self.id}
