from odoo import api, models

#: What Odoo's menus of filters, groups and measures and its export ask about a field.
OFFERS = ("searchable", "groupable", "sortable", "exportable", "aggregator")


class TripletexTechnical(models.AbstractModel):
    """Keep technical fields out of filters, groups, measures and exports.

    A technical field is one whose label is not translated: nobody shall read it.
    """

    _name = "tripletex.technical"
    _description = "Technical Fields Not Offered"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Describe fields; technical ones of this addon are not offered to people."""
        described = super().fields_get(allfields, attributes)
        for name, description in described.items():
            field = self._fields[name]
            is_ours = "hr_timesheet_tripletex" in field._modules
            if is_ours and not field.export_string_translation:
                asked = [key for key in OFFERS if not attributes or key in attributes]
                description.update(dict.fromkeys(asked, False))
        return described
