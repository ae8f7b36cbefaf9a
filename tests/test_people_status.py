from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..sending.refusals import refusal
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestPeopleStatus(ValidateCase):
    """What stands above the lists of everyone who validates or pays."""

    def status(self, user=None):
        self.env.flush_all()
        entries = self.seen_by(user or self.approver, self.env["tripletex.entry"])
        return entries.sending_status()

    def texts(self, user=None):
        return [item["text"] for item in self.status(user)]

    def test_everything_sent(self):
        self.validated()
        self.send()
        [item] = self.status()
        self.assertEqual(item["level"], "success")
        self.assertIn("in Tripletex", item["text"])

    def test_hours_waiting_say_how_many_and_since_when(self):
        for user in (self.approver, self.manager, self.system):
            user.tz = "Europe/Oslo"
        lines = self.validated() + self.validated(project_id=self.projects[1].id)
        self.set_validated_at(lines, "08:12:00")
        [item] = self.status()
        self.assertEqual(item["level"], "info")
        self.assertIn("15.00 hours waiting", item["text"])
        self.assertRegex(item["text"], r"(09|10):12")

    def set_validated_at(self, lines, time):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_analytic_line SET tripletex_validated_at = %s "
            "WHERE id = ANY(%s)",
            [f"{fields.Date.today()} {time}", lines.ids],
        )

    def test_overtime_on_two_rows_counts_once(self):
        self.validated(work_entry_type_id=self.overtime.id)
        self.assertIn("7.50 hours", self.texts()[0])

    def test_tripletex_that_does_not_answer_is_named(self):
        self.validated()
        with self.fault("drop_before", times=None, path="/timesheet/entry"):
            self.send()
        [item] = self.status()
        self.assertEqual(item["level"], "warning")
        self.assertIn("7.50 hours waiting", item["text"])
        self.assertIn("does not answer", item["text"])

    def test_pause_that_tripletex_asked_for_is_named(self):
        self.validated()
        later = fields.Datetime.now() + timedelta(minutes=5)
        self.connection.next_attempt_at = later
        self.assertIn("pause until", self.texts()[0])

    def test_stopped_sending_says_why_and_who_was_told(self):
        self.validated()
        self.connection._set_attention("key", refusal("key"))
        [item] = self.status()
        self.assertEqual(item["level"], "danger")
        self.assertIn("Tripletex refuses the API user key", item["text"])
        # who has the activity about it
        told = self.connection.activity_ids.user_id
        self.assertTrue(told)
        for user in told:
            self.assertIn(user.name, item["text"])
        self.assertIn("7.50 hours are waiting", item["text"])

    def test_stopped_sending_names_who_was_told_in_place_of_the_responsible(self):
        other = self.env["res.users"].create({"name": "Eva Leder", "login": "eva"})
        self.connection._set_attention("key", refusal("key"))
        self.connection.told = {"troubles": [], "users": other.ids}
        [item] = self.status()
        self.assertIn("Eva Leder has been told", item["text"])
        self.connection.told = False
        self.assertNotIn("told", self.status()[0]["text"])

    def test_rows_that_need_attention_are_counted(self):
        lines = self.validated() + self.validated(project_id=self.projects[1].id)
        self.entries_of(lines).write({"state": "failed"})
        [item] = self.status()
        self.assertEqual(item["level"], "warning")
        self.assertIn("2 rows need attention", item["text"])
        self.assertEqual(item["states"], ["failed", "conflict"])

    def test_approver_is_told_about_rows_that_they_may_read(self):
        line = self.validated()
        self.entries_of(line).write({"state": "failed"})
        self.project.privacy_visibility = "followers"
        self.assertIn("All validated hours", self.texts()[0])
        self.assertIn("1 row needs attention", self.texts(self.manager)[0])

    def test_nothing_of_other_companies_is_told(self):
        self.validated()
        other = self.env["res.company"].create({"name": "Other AS"})
        self.approver.company_ids |= other
        entries = self.env["tripletex.entry"].with_user(self.approver)
        entries = entries.with_context(allowed_company_ids=other.ids)
        self.assertEqual(entries.sending_status(), [])

    def test_status_of_two_companies_names_them(self):
        other = self.env["res.company"].create({"name": "Annen AS"})
        self.env["tripletex.connection"].create(
            {
                "company_id": other.id,
                "state": "connected",
                "tripletex_company_id": "4711",
            }
        )
        self.approver.company_ids |= other
        entries = self.env["tripletex.entry"].with_user(self.approver)
        both = (self.company | other).ids
        texts = [
            item["text"]
            for item in entries.with_context(allowed_company_ids=both).sending_status()
        ]
        self.assertEqual(len(texts), 2)
        for text, company in zip(
            texts, sorted((self.company | other).mapped("name")), strict=True
        ):
            self.assertTrue(text.startswith(f"{company}: "), text)

    def test_company_that_is_not_connected_has_no_status(self):
        self.connection.state = "disconnected"
        self.assertEqual(self.status(), [])

    def test_employee_may_not_ask(self):
        with self.assertRaises(AccessError):
            self.status(self.worker)

    def test_queries_do_not_grow_with_lines(self):
        counts = []
        self.status()
        for count in (1, 12):
            for _number in range(count):
                self.validated(0.5)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.status()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertLessEqual(counts[1], 12)
