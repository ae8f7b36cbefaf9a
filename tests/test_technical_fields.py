from odoo.tests import tagged

from .validate_common import ValidateCase

SCREENS = ["entry", "month", "month.check", "project", "paycode", "employee", "absence"]
#: What menus of filters, groups and measures are made of.
OFFERED = ("searchable", "groupable", "sortable", "exportable", "aggregator")


@tagged("post_install", "-at_install")
class TestTechnicalFields(ValidateCase):
    """Filters, groups and exports offer what means something to people."""

    def offered(self, model):
        """Names of our fields that a person can choose, and their labels."""
        fields = self.env[model].fields_get()
        return {
            name: description["string"]
            for name, description in fields.items()
            if "hr_timesheet_tripletex" in self.env[model]._fields[name]._modules
            and any(description.get(key) for key in OFFERED)
        }

    def test_fields_without_a_label_for_people_are_not_offered(self):
        self.env = self.env(user=self.system)
        for model in [
            *(f"tripletex.{name}" for name in SCREENS),
            "account.analytic.line",
        ]:
            fields = self.env[model]._fields
            technical = [n for n in fields if not fields[n].export_string_translation]
            with self.subTest(model=model):
                self.assertFalse(self.offered(model).keys() & set(technical))

    def test_sent_hours_offer_no_figure_of_the_machine(self):
        offered = self.offered("tripletex.entry")
        for name in ("attempt_hours", "kept_hours", "tripletex_version", "place"):
            self.assertNotIn(name, offered)
        self.assertLessEqual({"employee_id", "date", "state", "work_hours"}, {*offered})

    def test_one_attribute_is_described_alone(self):
        described = self.env["tripletex.entry"].fields_get(["is_held"], ["searchable"])
        self.assertEqual(described["is_held"]["searchable"], False)
        self.assertNotIn("groupable", described["is_held"])
