from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..wizards import tripletex_setup_absence
from .setup_common import SetupCase

COMPANY_CALL = "/salary/settings/standardTime/byDate"
OWN_CALL = "/employee/standardTime/byDate"


@tagged("post_install", "-at_install")
class TestAbsenceSetup(SetupCase):
    """The set-up asks which kinds of absence are sent, where Time Off is installed."""

    sandbox_options = {"absences": 4}

    def setUp(self):
        super().setUp()
        if not self.env["tripletex.absence"]._is_available():
            self.skipTest("needs project_timesheet_holidays to be installed")
        self.paid = self.env.ref("hr_work_entry.work_entry_type_legal_leave")

    def kind(self, name, **values):
        """A kind of absence that a type of time off of that name uses."""
        kind = (
            self.env["hr.work.entry.type"].sudo().create({"name": name, "code": name})
        )
        self.env["hr.leave.type"].sudo().create(
            {
                "name": name,
                "company_id": self.company.id,
                "work_entry_type_id": kind.id,
            }
            | values
        )
        return kind

    def row(self, setup, kind):
        return setup.absence_line_ids.filtered(
            lambda line: line.work_entry_type_id == kind
        )

    def activity(self, setup, name):
        return setup.activity_ids.filtered(lambda a: a.name == name)

    def links(self):
        found = self.env["tripletex.absence"].search(
            [("work_entry_type_id", "!=", False)]
        )
        return {link.work_entry_type_id: link.activity_id.name for link in found}

    def completed(self, chosen, **vals):
        """A set-up completed with these activities chosen, by kind of absence."""
        setup = self.go_to("paycodes", **vals)
        for kind, name in chosen.items():
            self.row(setup, kind).activity_id = self.activity(setup, name)
        return self.complete(setup=setup)

    # -- the list ----------------------------------------------------------------

    def test_kinds_that_time_off_uses_are_offered(self):
        used = self.kind("Egen")
        unused = (
            self.env["hr.work.entry.type"]
            .sudo()
            .create({"name": "Unused", "code": "UNUSED", "is_leave": True})
        )
        worked = self.kind("Course", time_type="other")
        offered = self.go_to("paycodes").absence_line_ids.work_entry_type_id
        self.assertIn(self.paid, offered)
        self.assertIn(used, offered)
        self.assertFalse((unused | worked) & offered)

    def test_paid_time_off_is_suggested_on_ferie(self):
        row = self.row(self.go_to("paycodes"), self.paid)
        self.assertEqual((row.activity_id.name, row.selected), ("Ferie", False))

    def test_equal_names_are_suggested(self):
        kind = self.kind("egenmelding ")
        row = self.row(self.go_to("paycodes"), kind)
        self.assertEqual((row.activity_id.name, row.selected), ("Egenmelding", False))

    def test_two_of_one_name_are_not_suggested(self):
        one, other = self.kind("Egenmelding"), self.kind("EGENMELDING")
        setup = self.go_to("paycodes")
        self.assertFalse(self.row(setup, one).activity_id)
        self.assertFalse(self.row(setup, other).activity_id)

    def test_unpaid_kind_is_never_suggested(self):
        kind = self.kind("Sykdom uten lønn", unpaid=True)
        row = self.row(self.go_to("paycodes"), kind)
        self.assertFalse(row.activity_id)
        self.assertIn("fixed salary", row.reason)

    # -- Complete ----------------------------------------------------------------

    def test_nothing_is_sent_unless_it_is_chosen(self):
        self.completed({})
        self.assertEqual(self.links(), {})

    def test_ticked_suggestion_is_linked(self):
        setup = self.go_to("paycodes")
        self.row(setup, self.paid).selected = True
        setup = self.complete(setup=setup)
        self.assertEqual(self.links(), {self.paid: "Ferie"})
        self.assertIn("Kinds of absence that are sent: 1", setup.result)

    def test_chosen_activity_is_linked_from_today(self):
        kind = self.kind("Sick")
        self.completed({kind: "Egenmelding"})
        self.assertEqual(self.links(), {kind: "Egenmelding"})
        link = self.env["tripletex.absence"].search([])
        self.assertEqual(link.send_from, fields.Date.today())

    def test_absence_is_sent_from_the_date_of_earlier_hours(self):
        self.completed({self.paid: "Ferie"}, send_from="2026-03-02")
        link = self.env["tripletex.absence"].search([])
        self.assertEqual(str(link.send_from), "2026-03-02")

    def test_ticked_kind_without_activity_is_refused(self):
        kind = self.kind("Sick")
        setup = self.go_to("employees")
        self.row(setup, kind).selected = True
        refusal = self.refusal_of_complete(setup)
        self.assertIn("Sick: choose an internal activity", refusal)

    def refusal_of_complete(self, setup):
        with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
            setup.action_complete()
        return str(caught.exception)

    # -- Update ------------------------------------------------------------------

    def test_update_shows_changes_and_empties_links(self):
        sick = self.kind("Sick")
        self.completed({self.paid: "Ferie", sick: "Egenmelding"})
        setup = self.go_to("paycodes", token=False)
        shown = {
            line.work_entry_type_id: line.activity_id.name
            for line in setup.absence_line_ids.filtered("selected")
        }
        self.assertEqual(shown, {self.paid: "Ferie", sick: "Egenmelding"})
        self.row(setup, sick).activity_id = self.activity(setup, "Avspasering")
        self.row(setup, self.paid).selected = False
        self.complete(setup=setup, projects=0, paycodes=0, employees=0)
        self.assertEqual(self.links(), {sick: "Avspasering"})

    def test_update_without_a_choice_changes_nothing(self):
        self.completed({self.paid: "Ferie"})
        setup = self.go_to("employees", token=False)
        setup.action_complete()
        self.assertEqual(self.links(), {self.paid: "Ferie"})

    def test_activity_that_is_gone_must_be_chosen_anew(self):
        self.completed({self.paid: "Ferie"})
        self.control.change_activity("Ferie", isDisabled=True)
        setup = self.go_to("employees", token=False)
        self.assertIn("choose an internal activity", self.refusal_of_complete(setup))
        self.row(setup, self.paid).selected = False
        setup.action_complete()
        self.assertEqual(self.links(), {})

    # -- the normal day ----------------------------------------------------------

    def people(self, count, hours=(8, 16)):
        """Employees that the set-up suggests, with a day of some hours."""
        calendar = (
            self.env["resource.calendar"]
            .sudo()
            .create({"name": "Their week", "company_id": self.company.id})
        )
        attendance = {"name": "Day", "day_period": "full_day"}
        attendance |= {"hour_from": hours[0], "hour_to": hours[1]}
        calendar.attendance_ids = [
            Command.clear(),
            *(Command.create(attendance | {"dayofweek": str(d)}) for d in range(5)),
        ]
        first = self.go_to("projects").employee_line_ids[:count]
        return (
            self.env["hr.employee"]
            .sudo()
            .create(
                [
                    {
                        "name": line.name,
                        "work_email": line.email,
                        "company_id": self.company.id,
                        "resource_calendar_id": calendar.id,
                    }
                    for line in first
                ]
            )
        )

    def normal_day(self):
        self.control.clear_calls()
        setup = self.go_to("paycodes")
        return setup.normal_day or ""

    def test_day_that_differs_is_told(self):
        [person] = self.people(1)
        said = self.normal_day()
        self.assertIn(person.name, said)
        self.assertIn("8.00 hours in Odoo and 7.50 in Tripletex", said)

    def test_day_that_is_the_same_is_not_told_and_costs_one_call(self):
        self.people(3, hours=(8, 15.5))
        self.assertEqual(self.normal_day(), "")
        self.assertEqual(self.control.count_calls(template=COMPANY_CALL), 1)
        self.assertEqual(self.control.count_calls(template=OWN_CALL), 0)

    def test_persons_own_day_in_tripletex_counts(self):
        [person] = self.people(1, hours=(8, 12.5))
        lines = self.go_to("projects").employee_line_ids
        [line] = lines.filtered(lambda line: line.employee_id == person)
        self.control.set_standard_time(4.5, employee=line.number)
        self.assertEqual(self.normal_day(), "")
        self.assertEqual(self.control.count_calls(template=OWN_CALL), 1)

    def test_number_of_calls_is_limited(self):
        # more people than are asked for
        self.people(15)
        self.patch(tripletex_setup_absence, "MOST_ASKED", 3)
        self.assertIn("12 more people have a working day", self.normal_day())
        self.assertEqual(self.control.count_calls(template=OWN_CALL), 3)

    def test_key_without_the_right_is_told(self):
        self.people(1)
        self.control.revoke_rights("salary/settings")
        self.assertIn("working day in Tripletex could not be read", self.normal_day())


@tagged("post_install", "-at_install")
class TestAbsenceNotInstalled(SetupCase):
    def test_without_time_off_nothing_is_asked(self):
        if self.env["tripletex.absence"]._is_available():
            self.skipTest("needs a database without Time Off")
        setup = self.complete()
        self.assertFalse(setup.absence_line_ids)
        self.assertEqual(self.control.count_calls(template=COMPANY_CALL), 0)
        self.assertNotIn("absence", setup.result)
