from odoo import api, models


class TripletexSenderNumber(models.AbstractModel):
    """Links made by hand with a number only: their ids are looked up when needed."""

    _name = "tripletex.sender.number"
    _description = "Tripletex Sending by Number"
    _inherit = ["tripletex.sender.outcome"]

    #: entry field of each binding that a row needs: client method that finds a number
    _binding_finders = {}

    @api.model
    def _resolve_numbers(self, run, entries):
        """Look up the ids of hand-made links; fail the entries that have none.

        :return: the entries that have a place in Tripletex
        """
        outcomes = {}
        for name, finder in self._binding_finders.items():
            for binding in entries[name].filtered(lambda b: not b.tripletex_id):
                problem = self._resolve_number(run, binding, finder)
                if problem:
                    outcomes |= {
                        entry: self._failed(entry, problem)
                        for entry in entries
                        if entry[name] == binding
                    }
        self._persist(run, outcomes)
        return entries.filtered(lambda entry: entry not in outcomes)

    @api.model
    def _resolve_number(self, run, binding, finder):
        """Find a link's id by its number.

        :return: what is wrong, or None
        """
        matches = self._ask(
            run, lambda run: getattr(run.client, finder)(binding.number)
        )
        if len(matches) != 1:
            return self._number_words(binding, len(matches))
        taken = binding.search(
            [
                ("connection_id", "=", binding.connection_id.id),
                ("tripletex_id", "=", str(matches[0]["id"])),
            ]
        )
        if taken:
            return self.env._(
                "Number %(number)s is linked twice: also by hand-made link %(other)s. "
                "Remove one of the links, then press Retry.",
                number=binding.number,
                other=taken.display_name,
            )
        binding.write(
            {
                "tripletex_id": str(matches[0]["id"]),
                "name": matches[0].get("displayName") or matches[0].get("name"),
            }
        )
        return None

    @api.model
    def _number_words(self, binding, count):
        if count:
            return self.env._(
                "Tripletex has %(count)s records with the number %(number)s, so it is "
                "not clear which one is meant. Use Update under Settings, Tripletex, "
                "to choose, then press Retry.",
                count=count,
                number=binding.number,
            )
        return self.env._(
            "Tripletex has nothing with the number %(number)s (%(record)s). Correct "
            "the number under Timesheets, Configuration, Tripletex, then press Retry.",
            number=binding.number,
            record=binding[binding._odoo_field].display_name,
        )
