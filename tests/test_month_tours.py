from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import TripletexCase, TripletexGround
from .ledger_common import LedgerSteps
from .month_common import MonthSteps


class TourGround(TripletexGround, HttpCase):
    """A connected company with a wage clerk, and a browser."""

    fixed_dates = False
    send = TripletexCase.send

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lay_ground()
        cls.env["res.lang"]._activate_lang("nb_NO")
        cls.clerks = {
            language: new_test_user(
                cls.env,
                f"tour_wages_{language}",
                groups="hr_timesheet.group_timesheet_manager",
                lang=lang,
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for language, lang in (("en", "en_US"), ("nb", "nb_NO"))
        }


class MonthTourCase(MonthSteps, LedgerSteps, TourGround):
    """Hours of the month to close, in Tripletex and checked."""

    def setUp(self):
        super().setUp()
        self.sandbox.reset()
        self.to_close = self.company._tripletex_month_to_close()
        for employee in self.employees:
            self.sent(7.5, date=self.to_close, employee_id=employee.id)
        self.check()

    def months(self):
        return self.env["tripletex.month"].search([("month", "=", self.to_close)])

    def walk(self, tour, language, path="tripletex-months"):
        self.start_tour(
            f"/odoo/{path}",
            f"tripletex_month_{tour}_{language}",
            login=f"tour_wages_{language}",
        )
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestMonthTours(MonthTourCase):
    """A wage clerk closes a month in five clicks, in both languages."""

    def close(self, language):
        self.company.tripletex_may_approve = True
        self.walk("finish", language, "timesheets-to-validate")
        self.assertEqual(set(self.months().mapped("asked_action")), {"finish"})
        self.check()
        self.assertEqual(set(self.months().mapped("state_there")), {"finished"})
        self.walk("approve", language)
        self.check()
        self.assertEqual(set(self.months().mapped("state_there")), {"approved"})
        last = fields.Date.end_of(self.to_close, "month")
        self.assertEqual(set(self.months().mapped("approved_until")), {last})

    def test_month_is_finished_and_approved_in_english(self):
        self.close("en")

    def test_month_is_finished_and_approved_in_norwegian(self):
        self.close("nb")


@tagged("post_install", "-at_install")
class TestMonthPhoneTours(MonthTourCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_phone_shows_the_days_of_a_month_in_norwegian(self):
        self.walk("phone", "nb")
