import math
import random
from contextlib import suppress
from datetime import date
from unittest.mock import patch

import psycopg2

from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..dev.sandbox import EMPLOYEE_TOKEN
from ..sending.decide import Decision
from .common import MONDAY, TripletexCase
from .setup_common import SetupCase

#: ValueError is raised by Odoo itself for text that is not a number.
REFUSED = (RedirectWarning, UserError, ValueError)
#: Dates that often cause errors: first and last date, leap day, the nights when
#: Norwegian clocks change, first and last day of a year.
DATES = (
    date(1, 1, 1),
    date(1970, 1, 1),
    date(1999, 12, 31),
    date(2024, 2, 29),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 12, 31),
    date(2099, 12, 31),
    date(2100, 1, 1),
    date(9999, 12, 31),
)
SENDER = "odoo.addons.hr_timesheet_tripletex.sending.run"
DESCRIPTIONS = {
    "long": "Arbeid på tak. " * 267,
    "emoji": "Snekring 👷🏽‍♀️🏗️ ferdig ✅",
    "right to left": "\u202eתיקון גג\u202c ועוד",
    "html": "<script>alert('x')</script> & <b>fett</b> &amp;",
    "control characters": "a\tb\nc\rd\x01e\x7ff\u2028g\u200bh",
    "quotes": "\"'`\\ ''; DROP TABLE account_analytic_line; --",
    "percent": "100 % %s %(name)s {0} {{x}} ${y}",
    "combining": "a\u030a e\u0301 Z̸͑",
    "only spaces": "   \u00a0 ",
}


@tagged("post_install", "-at_install")
class TestBadHours(TripletexCase):
    """Unusual input in a line is sent correctly, or refused or failed with a reason."""

    def try_to_validate(self, **values):
        """Return the validated line, or None where Odoo refuses it."""
        try:
            with self.env.cr.savepoint():
                line = self.log(**values)
                line.action_tripletex_validate()
                self.env.flush_all()
        except REFUSED:
            return None
        return line

    def settle(self, line):
        """Send until nothing waits; assert that unsent entries state a reason."""
        for _run in range(3):
            self.let_time_pass()
            self.send()
        for entry in self.entries_of(line):
            self.assertIn(entry.state, ("sent", "failed", "conflict"))
            if entry.state != "sent":
                self.assertTrue(entry.error_message)

    def test_negative_and_non_numeric_hours_are_refused(self):
        for hours in (-1, -7.5, -1e300, math.nan, -math.inf):
            with self.subTest(hours=hours):
                self.assertFalse(self.try_to_validate(hours=hours))
        self.send()
        self.assertEqual(self.held(), [])

    def test_hours_that_round_to_zero_are_validated_and_sent_nowhere(self):
        for hours in (0, -0.0, 0.001, 0.0049):
            with self.subTest(hours=hours):
                self.assertTrue(self.try_to_validate(hours=hours).tripletex_validated)
        self.send()
        self.assertEqual(self.held(), [])

    def test_more_than_24_hours_are_refused(self):
        for hours in (24.01, 25, 1e6, 1e15, 1e300, math.inf):
            with self.subTest(hours=hours):
                self.assertFalse(self.try_to_validate(hours=hours))
        self.send()
        self.assertEqual(self.held(), [])

    def test_smallest_and_largest_hours_are_rounded_and_sent(self):
        for hours, sent in ((0.005, 0.01), (0.01, 0.01), (23.995, 24.0), (24, 24.0)):
            with self.subTest(hours=hours):
                self.sandbox.reset()
                line = self.try_to_validate(hours=hours)
                self.settle(line)
                self.assertEqual(self.held(), [sent])
                line.action_tripletex_invalidate()
                line.unlink()
                self.env["tripletex.entry"].search([]).unlink()

    def test_without_strict_check_impossible_hours_fail_with_reason(self):
        self.company.tripletex_strict = False
        self.assertFalse(self.try_to_validate(hours=-1))
        for hours in (25, 1e9):
            with self.subTest(hours=hours):
                line = self.try_to_validate(hours=hours)
                self.assertEqual(line.tripletex_state, "failed")
                self.assertTrue(self.entries_of(line).error_message)
                self.settle(line)
                self.assertEqual(self.held(), [])
                line.action_tripletex_invalidate()

    def test_random_hours_of_one_entry_are_rounded_once(self):
        rng = random.Random(7)
        total = 0
        lines = self.env["account.analytic.line"]
        for _number in range(40):
            hours = rng.choice((rng.random() / 3, rng.randrange(60) / 60, 0.005))
            line = self.try_to_validate(hours=hours)
            if line:
                lines += line
        total = sum(round(line.unit_amount * 10**6) for line in lines) / 10**6
        self.settle(lines)
        [held] = self.held()
        self.assertLess(abs(held - total), 0.005 + 1e-9)
        self.assertEqual(round(held, 2), held)

    def test_unusual_dates_are_sent_or_refused_with_reason(self):
        for day in DATES:
            with self.subTest(day=day):
                self.sandbox.reset()
                line = self.try_to_validate(hours=2, date=day)
                if line:
                    self.settle(line)
                    there = {e["date"]: e["hours"] for e in self.control.entries()}
                    is_sent = line.tripletex_state == "sent"
                    self.assertEqual(there, {str(day): 2.0} if is_sent else {})
                    line.action_tripletex_invalidate()
                    self.settle(line)
                    self.env["tripletex.entry"].search([]).unlink()
        self.sandbox.reset()
        ordinary = self.validated(3, date="2026-03-17")
        self.settle(ordinary)
        self.assertEqual(ordinary.tripletex_state, "sent", "is not blocked")

    def test_unusual_dates_do_not_block_other_lines_of_batch(self):
        """Send all dates in one batch, including the first and last possible."""
        lines = self.env["account.analytic.line"]
        for index, day in enumerate((*DATES, MONDAY)):
            line = self.try_to_validate(hours=1 + index, date=day)
            lines += line or lines.browse()
        self.settle(lines)
        good = [line for line in lines if line.date == MONDAY]
        self.assertEqual(good[0].tripletex_state, "sent")

    def test_unusual_descriptions_are_sent_once(self):
        """Queueing an unchanged description again must not send it again."""
        for name, text in DESCRIPTIONS.items():
            with self.subTest(name=name):
                self.sandbox.reset()
                line = self.try_to_validate(hours=2, name=text)
                self.settle(line)
                [entry] = self.control.entries()
                self.assertLessEqual(len(entry["comment"]), 255)
                self.control.clear_calls()
                self.connection._queue_earlier("2026-01-01")
                self.settle(line)
                self.assertEqual(self.control.calls(method="PUT"), [])
                self.assertEqual(self.control.calls(method="POST"), [])
                line.action_tripletex_invalidate()
                self.settle(line)
                self.assertEqual(self.held(), [])
                line.unlink()

    def test_html_in_description_is_sent_unchanged(self):
        line = self.try_to_validate(hours=2, name=DESCRIPTIONS["html"])
        self.settle(line)
        [entry] = self.control.entries()
        self.assertEqual(entry["comment"], DESCRIPTIONS["html"])

    def test_edited_hours_become_conflict_and_replace_restores_them(self):
        line = self.validated(2)
        self.send()
        [entry] = self.control.entries()
        self.control.person_edits_entry(entry["id"], hours=23.99, comment="x" * 3000)
        self.correct(line, unit_amount=3)
        self.settle(line)
        self.assertEqual(line.tripletex_state, "conflict")
        self.entries_of(line).action_replace()
        self.settle(line)
        self.assertEqual(self.held(), [3.0])


@tagged("post_install", "-at_install")
class TestBadLinks(TripletexCase):
    """Ids and numbers as people and other systems write them."""

    def link(self, **values):
        employee = self.env["hr.employee"].create(
            {"name": "Ny", "company_id": self.company.id}
        )
        return self.env["tripletex.employee"].create(
            {"connection_id": self.connection.id, "employee_id": employee.id} | values
        )

    def test_unknown_64_bit_id_is_kept_and_hours_fail(self):
        binding = self.link(tripletex_id=str(2**63 - 1), number="99")
        self.env.flush_all()
        binding.invalidate_recordset()
        self.assertEqual(int(binding.tripletex_id), 2**63 - 1)
        line = self.validated(2, employee_id=binding.employee_id.id)
        self.send()
        # No employee of Tripletex has this ID.
        self.assertEqual((self.held(), line.tripletex_state), ([], "failed"))

    def test_entry_ids_above_32_bits_are_kept(self):
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.send()
        for entry in self.entries_of(line):
            self.assertGreater(int(entry.tripletex_id), 2**31)
        self.correct(line, unit_amount=3)
        self.send()
        self.assertEqual((self.held(), self.held_rows()), ([3.0], [3.0]))

    def test_spaces_around_number_are_removed(self):
        row = next(
            row
            for row in self._rows("list_employees")
            if row["employeeNumber"]
            and not self.env["tripletex.employee"].search_count(
                [("number", "=", row["employeeNumber"])]
            )
        )
        binding = self.link(number=f"  {row['employeeNumber']}\u00a0\t")
        self.assertEqual(binding.number, row["employeeNumber"])
        line = self.validated(2, employee_id=binding.employee_id.id)
        self.send()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertEqual(self.control.entries()[0]["employee"], row["id"])

    def test_number_with_leading_zeros_is_a_different_number(self):
        number = self.env["tripletex.employee"].search([], limit=1).number
        binding = self.link(number=f"00{number}")
        line = self.validated(2, employee_id=binding.employee_id.id)
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([], "failed"))

    def test_blank_numbers_are_refused(self):
        for number in ("", "   ", "\u00a0"):
            with self.subTest(number=number), self.env.cr.savepoint():
                with self.assertRaises(UserError):
                    self.link(number=number)

    def test_invalid_tripletex_ids_are_refused(self):
        for text in ("abc", "1.5", "-1", "1e3", "²", "99999999999999999999999"):
            with self.subTest(text=text):
                with self.assertRaisesRegex(UserError, "not a valid Tripletex ID"):
                    with self.env.cr.savepoint():
                        self.link(tripletex_id=text, number=f"n{text}")

    def test_internal_error_on_one_entry_does_not_block_others(self):
        """An unexpected exception on one row leaves the other rows to be sent."""
        bad = self.validated(2)
        good = self.validated(3, date="2026-03-17") + self.validated(
            4, employee_id=self.employees[1].id
        )
        original = Decision.next_step

        def stumble(decision):
            entry = decision.entry
            if entry.share_ids.line_id == bad:
                raise TypeError("ours")
            return original(decision)

        self.run_with(stumble, times=8)
        self.assertEqual(self.held(), [3.0, 4.0])
        self.assertEqual(set(good.mapped("tripletex_state")), {"sent"})
        entry = self.entries_of(bad)
        self.assertEqual(entry.state, "pending")
        self.assertIn("server's log", entry.error_message)
        self.let_time_pass()
        self.send()
        self.assertEqual(self.held(), [2.0, 3.0, 4.0])

    def test_database_error_on_one_entry_does_not_block_others(self):
        """A lost database connection ends the cron; an unfit value does not."""
        bad, _good = self.validated(2), self.validated(3, date="2026-03-17")
        original = Decision.next_step

        def stumble(decision):
            entry = decision.entry
            if entry.share_ids.line_id == bad:
                entry.env.cr.execute("SELECT 2147483648::integer")
            return original(decision)

        with mute_logger("odoo.sql_db"):
            self.run_with(stumble, times=8)
        self.assertEqual(self.held(), [3.0])
        self.assertIn("server's log", self.entries_of(bad).error_message)

    def run_with(self, next_step, times):
        """Let the cron run ``times`` times with another ``Decision.next_step``."""
        cron = self.env.ref("hr_timesheet_tripletex.ir_cron_send")
        with patch.object(Decision, "next_step", next_step), mute_logger(SENDER):
            for _run in range(times):
                self.let_time_pass()
                with self.enter_registry_test_mode():
                    cron.method_direct_trigger()
                self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestBadSetup(SetupCase):
    """The set-up refuses values that its screens cannot send."""

    def test_invalid_keys_are_refused(self):
        keys = (
            "",
            " ",
            "\x00",
            "x" * 100_000,
            "😀",
            "'; DROP TABLE tripletex_connection; --",
            "a\r\nX-Injected: 1",
            EMPLOYEE_TOKEN.upper(),
            EMPLOYEE_TOKEN[:-1],
        )
        for key in keys:
            with self.subTest(key=key[:40]), self.env.cr.savepoint():
                with self.assertRaises(UserError):
                    self.start(token=key).action_next()
        self.assertFalse(self.connection)

    def test_unknown_choices_are_refused(self):
        setup = self.go_to("employees")
        for name, value in (
            ("step", "nowhere"),
            ("environment", "moon"),
            ("send_from", "someday"),
        ):
            with self.subTest(name=name):
                written = False
                with suppress(ValueError, TypeError, psycopg2.Error):
                    with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                        setup.write({name: value})
                        written = True
                self.env.invalidate_all()
                self.assertFalse(written)

    def test_unselectable_rows_create_no_links(self):
        setup = self.go_to("employees")
        greyed = setup.employee_line_ids.filtered(lambda line: not line.selectable)
        if greyed:
            greyed.selected = True
        setup.action_complete()
        links = self.env["tripletex.employee"].search([])
        self.assertFalse(set(links.mapped("number")) & set(greyed.mapped("number")))

    def test_numbers_from_tripletex_are_stripped_and_blank_ones_ignored(self):
        """A number that is only white space counts as no number."""
        setup = self.go_to("employees")
        spaced, blank = setup.employee_line_ids.filtered("selectable")[:2]
        project = setup.project_line_ids.filtered("selectable")[0]
        for row, number in ((spaced, " 4711\u00a0"), (blank, "  ")):
            self.control.change_employee(int(row.tripletex_id), employeeNumber=number)
        self.control.change_project(int(project.tripletex_id), number=" ")
        setup = self.go_to("employees")
        self.assertNotIn(
            project.tripletex_id, setup.project_line_ids.mapped("tripletex_id")
        )
        rows = setup.employee_line_ids.grouped("tripletex_id")
        self.assertEqual(rows[spaced.tripletex_id].number, "4711")
        self.assertFalse(rows[blank.tripletex_id].selectable)
        rows[spaced.tripletex_id].selected = True
        setup.action_complete()
        row = self.go_to("employees").employee_line_ids.filtered("is_linked")
        self.assertFalse(row.change)

    def test_projects_with_equal_names_are_created_separately(self):
        """Projects are matched by number, never by name."""
        projects = sorted(self.sandbox.state.company.table("Project"))[:2]
        for project, name in zip(projects, ("Taket", "TAKET"), strict=True):
            self.control.change_project(project, name=name)
        self.complete(projects=3)
        links = self.env["tripletex.project"].search([])
        same = links.filtered(lambda link: (link.name or "").lower() == "taket")
        self.assertEqual(len(same.project_id), len(same))

    def test_unusual_send_from_dates_are_stored(self):
        for day in ("0001-01-01", "9999-12-31", "2024-02-29"):
            with self.subTest(day=day):
                setup = self.go_to("employees")
                setup.send_from = day
                setup.action_complete()
                self.assertEqual(str(self.connection.send_from), day)
