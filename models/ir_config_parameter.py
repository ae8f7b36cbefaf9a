from odoo import api, models

from .secret import Secret, create_columns

#: System parameter of the token that identifies this Odoo system to Tripletex.
CONSUMER_TOKEN = "hr_timesheet_tripletex.consumer_token"
#: Value of that parameter where the token is stored.
STORED = "********"


class IrConfigParameter(models.Model):
    """The consumer token is entered as a system parameter, and is no value of it."""

    _inherit = "ir.config_parameter"

    consumer_token = Secret(is_bound=False)

    def init(self, *args, **kwargs):
        result = super().init(*args, **kwargs)
        create_columns(self)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        tokens = [
            vals.get("value") if vals.get("key") == CONSUMER_TOKEN else None
            for vals in vals_list
        ]
        parameters = super().create(
            [
                vals | {"value": STORED} if token else vals
                for vals, token in zip(vals_list, tokens, strict=True)
            ]
        )
        for parameter, token in zip(parameters, tokens, strict=True):
            parameter._tripletex_keep_token(token)
        return parameters

    def write(self, vals):
        own = self.filtered(lambda parameter: parameter.key == CONSUMER_TOKEN)
        token = vals.get("value")
        if not own or not token:
            return super().write(vals)
        if others := self - own:
            super(IrConfigParameter, others).write(vals)
        result = super(IrConfigParameter, own).write(vals | {"value": STORED})
        own._tripletex_keep_token(token)
        return result

    def _tripletex_keep_token(self, token):
        if token and token != STORED:
            self.sudo().consumer_token = token

    @api.model
    def _tripletex_set_token(self, token):
        """Store the token; it passes no values of the ORM."""
        self.set_param(CONSUMER_TOKEN, STORED)
        parameter = self.search([("key", "=", CONSUMER_TOKEN)])
        parameter._tripletex_keep_token(token)

    @api.model
    def _tripletex_consumer_token(self):
        """Return the consumer token, or an empty text while none was entered."""
        parameter = self.sudo().search([("key", "=", CONSUMER_TOKEN)], limit=1)
        # one that stood there before is still a value
        value = "" if parameter.value == STORED else parameter.value or ""
        return parameter.consumer_token or value
