from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .beside_common import BesideCase


@tagged("post_install", "-at_install")
class TestBesideDocuments(BesideCase):
    """With OCA's modules that log hours on leads and on maintenance requests."""

    needs = "crm_timesheet maintenance_timesheet"

    def test_hours_of_a_lead_are_validated_and_sent(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "project_id": self.project.id}
        )
        line = self.log(lead_id=lead.id)
        self.assertFalse(line.tripletex_validated)
        self.approved(line)
        self.assertEqual((self.held(), lead.total_time_spent), ([7.5], 7.5))

    def test_lead_opens_and_saves_with_validated_hours(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "project_id": self.project.id}
        )
        self.approved(self.log(lead_id=lead.id))
        with Form(lead) as form:
            form.name = "Another name"
        self.assertEqual(lead.name, "Another name")

    def request(self):
        team = self.env["maintenance.team"].create(
            {"name": "Team", "company_id": self.company.id}
        )
        return self.env["maintenance.request"].create(
            {
                "name": "Broken",
                "project_id": self.project.id,
                "maintenance_team_id": team.id,
                "company_id": self.company.id,
            }
        )

    def test_hours_of_a_maintenance_request_are_validated_and_sent(self):
        request = self.request()
        self.approved(self.log(maintenance_request_id=request.id))
        self.assertEqual((self.held(), request.timesheet_total_hours), ([7.5], 7.5))

    def test_sent_hours_of_a_finished_request_are_not_asked_about_again(self):
        request = self.request()
        line = self.approved(self.log(maintenance_request_id=request.id))
        request.stage_id = self.env["maintenance.stage"].search([("done", "=", True)])[
            0
        ]
        self.control.clear_calls()
        self.send()
        self.assertEqual((line.tripletex_state, self.control.calls()), ("sent", []))

    def test_finished_request_keeps_its_hours_open_in_words_of_its_module(self):
        """That module refuses every change of such a line, validation included."""
        request = self.request()
        line = self.log(maintenance_request_id=request.id)
        request.stage_id = self.env["maintenance.stage"].search([("done", "=", True)])[
            0
        ]
        with (
            self.assertRaisesRegex(ValidationError, "already done"),
            self.env.cr.savepoint(),
        ):
            self.seen_by(self.approver, line).action_tripletex_validate()
        self.env.invalidate_all()
        self.assertFalse(line.tripletex_validated)
