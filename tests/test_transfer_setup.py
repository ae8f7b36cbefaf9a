"""How people are paid in Tripletex, and what they send: both in the set-up."""

from datetime import date, timedelta

from ..tools import today_in_oslo
from .setup_common import SetupCase


class TestPayKinds(SetupCase):
    sandbox_options = {"employees": 9}

    def kind_of(self, setup, number):
        rows = setup.employee_line_ids
        return rows.filtered(lambda line: line.number == number).pay_kind

    def read_rows(self):
        return self.go_to("employees")

    def employed(self, number, *details):
        """Give employee ``number`` an employment with these (kind, since)."""
        self.control.end_employment(number)
        for kind, since in details:
            self.control.employ(number, kind, str(since))

    def test_kind_is_that_of_the_details_valid_today(self):
        today = today_in_oslo()
        begun, coming = str(date(2020, 1, 1)), str(today + timedelta(days=1))
        self.employed(1, ("MONTHLY_WAGE", begun), ("HOURLY_WAGE", coming))
        self.employed(2, ("MONTHLY_WAGE", begun), ("HOURLY_WAGE", today))
        self.employed(3, ("FEE", begun))
        self.employed(4, ("NOT_CHOSEN", begun))
        self.employed(5)
        setup = self.read_rows()
        self.assertEqual(
            [self.kind_of(setup, str(number)) for number in range(1, 6)],
            ["monthly", "hourly", "other", "unknown", "not_employed"],
        )

    def test_employment_that_ended_is_none(self):
        today = today_in_oslo()
        self.control.end_employment(1, str(today - timedelta(days=1)))
        self.control.end_employment(2, str(today))
        setup = self.read_rows()
        self.assertEqual(self.kind_of(setup, "1"), "not_employed")
        self.assertEqual(self.kind_of(setup, "2"), "monthly")

    def test_employment_that_begins_later_is_one(self):
        later = today_in_oslo() + timedelta(days=30)
        self.employed(1, ("HOURLY_WAGE", later))
        self.assertEqual(self.kind_of(self.read_rows(), "1"), "hourly")

    def test_missing_right_leaves_the_kind_empty(self):
        for hide in (False, True):
            with self.subTest(hide=hide):
                self.control.revoke_rights("employee/employment/details", hide=hide)
                setup = self.read_rows()
                employed = [number for number in "12345689"]
                kinds = {self.kind_of(setup, number) for number in employed}
                self.assertEqual(kinds, {False})
                rights = setup.right_ids.filtered(
                    lambda right: right.call == "GET /employee/employment/details"
                )
                self.assertEqual(rights.is_granted, hide, "hiding is no refusal")
                self.tick(setup.employee_line_ids, 2)
                setup.action_complete()
                self.assertTrue(self.connection)
                self.connection.sudo().action_remove()
                self.env["tripletex.connection.remove"].create(
                    {"connection_id": self.connection.id}
                ).action_remove()

    def test_company_where_nobody_is_employed_warns_about_nobody(self):
        # the key may be without the right: Tripletex hides instead of refusing
        for number in range(1, 10):
            self.control.end_employment(number)
        setup = self.read_rows()
        self.assertEqual(set(setup.employee_line_ids.mapped("pay_kind")), {False})
        self.assertFalse(setup.employee_line_ids.filtered("reason"))

    def test_person_without_employment_is_warned_about_and_can_be_linked(self):
        setup = self.read_rows()
        row = setup.employee_line_ids.filtered(lambda line: line.number == "7")
        self.assertIn("No employment in Tripletex", row.reason)
        self.assertTrue(row.selectable)
        row.selected = True
        self.assertIn(row.name, setup.missing)
        row.transfer = "none"
        self.assertFalse(row.reason, "no hours, no warning")
        row.transfer = "all"
        setup.action_complete()
        link = self.env["tripletex.employee"].search([("number", "=", "7")])
        self.assertEqual((link.pay_kind, link.transfer), ("not_employed", "all"))

    def test_update_renews_the_kind_of_links_and_changes_nothing_else(self):
        setup = self.read_rows()
        self.tick(setup.employee_line_ids)
        setup.action_complete()
        link = self.env["tripletex.employee"].search([("number", "=", "7")])
        self.env["tripletex.lookup"].sudo().search([]).unlink()
        self.control.employ(7, "HOURLY_WAGE")
        setup = self.read_rows()
        row = setup.employee_line_ids.filtered(lambda line: line.number == "7")
        self.assertFalse(row.change)
        setup.action_complete()
        self.assertEqual((link.pay_kind, link.transfer), ("hourly", "all"))

    def test_wage_is_not_asked_for(self):
        self.read_rows()
        asked = [
            call["query"]["fields"]
            for call in self.control.calls()
            if call["path"].startswith("/employee")
        ]
        self.assertIn("remunerationType", str(asked))
        self.assertNotRegex(str(asked), "(?i)wage|salary")

    def test_refused_question_leaves_the_kind_empty(self):
        with self.fault("403", times=None, path="/employee/employment*"):
            setup = self.read_rows()
        self.assertEqual(self.kind_of(setup, "1"), False)


class TestTransferInSetup(SetupCase):
    """What employees send, chosen on their rows."""

    def links(self):
        return self.env["tripletex.employee"].search([])

    def test_row_decides_what_its_link_sends(self):
        setup = self.go_to("employees")
        rows = self.tick(setup.employee_line_ids, 3)
        self.assertEqual(set(rows.mapped("transfer")), {"all"})
        rows[1].transfer, rows[2].transfer = "overtime_absence", "none"
        setup.action_complete()
        self.assertEqual(
            {link.number: link.transfer for link in self.links()},
            {
                rows[0].number: "all",
                rows[1].number: "overtime_absence",
                rows[2].number: "none",
            },
        )

    def test_all_ticked_rows_are_set_at_once(self):
        setup = self.go_to("employees")
        rows = self.tick(setup.employee_line_ids, 3)
        setup.all_transfer = "none"
        setup.action_set_all()
        self.assertEqual(set(rows.mapped("transfer")), {"none"})
        others = setup.employee_line_ids - rows
        self.assertEqual(set(others.mapped("transfer")), {"all"})
        self.assertFalse(setup.all_transfer)
        rows[0].transfer = "all"
        setup.action_complete()
        self.assertEqual(
            sorted(self.links().mapped("transfer")), ["all", "none", "none"]
        )

    def test_reading_again_keeps_the_choice(self):
        setup = self.go_to("employees")
        row = self.tick(setup.employee_line_ids, 1)
        row.transfer = "none"
        setup.action_read_again()
        self.assertEqual(row.transfer, "none")

    def test_linked_row_shows_what_its_link_sends(self):
        self.complete(employees=2)
        self.links()[0].transfer = "none"
        rows = self.go_to("employees").employee_line_ids.filtered("is_linked")
        self.assertEqual(sorted(rows.mapped("transfer")), ["all", "none"])

    def test_trial_starts_with_two_people_and_nothing_for_others(self):
        setup = self.go_to("employees")
        rows = self.tick(setup.employee_line_ids, 5)
        setup.all_transfer = "none"
        setup.action_set_all()
        rows[:2].transfer = "all"
        setup.default_transfer = "none"
        setup.action_complete()
        self.assertEqual(
            len(self.links().filtered(lambda link: link.transfer == "all")), 2
        )
        self.assertEqual(self.connection.default_transfer, "none")
        # a link made by hand, and the next update, begin like that
        link = self.links().create({"number": "4711"})
        self.assertEqual(link.transfer, "none")
        self.links()[-1].unlink()
        again = self.go_to("employees")
        self.assertEqual(again.default_transfer, "none")
        free = again.employee_line_ids.filtered("selectable")
        self.assertEqual(set(free.mapped("transfer")), {"none"})

    def test_hours_validated_earlier_are_counted_as_they_are_sent(self):
        setup = self.go_to("employees")
        rows = self.tick(setup.employee_line_ids, 2)
        project = (
            self.env["project.project"]
            .sudo()
            .create(
                {
                    "name": "Work",
                    "company_id": self.company.id,
                    "allow_timesheets": True,
                }
            )
        )
        for row, hours in zip(rows, (5, 3), strict=True):
            row.employee_id = (
                self.env["hr.employee"]
                .sudo()
                .create({"name": row.name, "company_id": self.company.id})
            )
            self.env["account.analytic.line"].sudo().create(
                {
                    "employee_id": row.employee_id.id,
                    "project_id": project.id,
                    "date": "2026-03-16",
                    "unit_amount": hours,
                    "tripletex_validated": True,
                }
            )
        setup.send_from = "2026-03-01"
        self.assertEqual(setup.earlier_hours, 8)
        rows[1].transfer = "none"
        setup.invalidate_recordset()
        self.assertEqual(setup.earlier_hours, 5)
        rows[0].transfer = "overtime_absence"
        setup.invalidate_recordset()
        self.assertEqual(setup.earlier_hours, 0)

    def test_summary_says_who_sends_less(self):
        setup = self.go_to("employees")
        rows = self.tick(setup.employee_line_ids, 3)
        self.assertNotIn("overtime and absence only", setup.summary)
        rows[1].transfer, rows[2].transfer = "overtime_absence", "none"
        setup.invalidate_recordset()
        self.assertIn("1 overtime and absence only, 1 nothing", setup.summary)
