from odoo import api, models
from odoo.exceptions import AccessError


class TripletexDialog(models.AbstractModel):
    """A dialog or set-up may name only records that its user may read.

    Most of them work with root's rights once a button is pressed, and count hours with
    them before. So what a person, or a program, lets one name is checked wherever
    values come in: when it is created, written, and in a form that is not stored.
    """

    _name = "tripletex.dialog"
    _description = "Dialog of the Tripletex Addon"

    #: Fields with the records that the dialog is about.
    _named_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        dialogs._check_named()
        return dialogs

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & set(self._named_fields):
            self._check_named()
        return result

    def onchange(self, values, field_names, fields_spec):
        """Refuse a form that names others' records before anything is computed.

        :raise AccessError: when the user may not read what it names
        """
        self.new(values, origin=self)._check_named()
        return super().onchange(values, field_names, fields_spec)

    def _check_named(self):
        """Check what the dialogs name.

        :raise AccessError: when the user may not read it
        """
        if self.env.su:
            return
        for dialog in self:
            for name in self._named_fields:
                named = dialog[name]
                # a stored dialog's lists leave out what may not be read
                (named._origin if named else named).check_access("read")

    @api.model
    def _check_own_company(self, company):
        """Check that the company is one of the user's.

        :raise AccessError: when it is not
        """
        if not self.env.su and company not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "You have no access to the company you want to connect. Switch "
                    "to a company of yours."
                )
            )
