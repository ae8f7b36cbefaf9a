import json
from datetime import datetime, timedelta

from odoo.tests import HttpCase, new_test_user, tagged

from .common import MONDAY

ADDRESS = "/json/2/tripletex.connection/health"


@tagged("post_install", "-at_install")
class TestConnectionHealth(HttpCase):
    """Monitoring reads ``health`` with an Odoo API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company, cls.other = cls.env["res.company"].create(
            [{"name": "Healthy AS"}, {"name": "Somebody Else AS"}]
        )
        cls.connection = cls._connect(cls.company, "1")
        cls._connect(cls.other, "2")
        cls.watcher = cls._user("watcher", "hr_timesheet.group_timesheet_manager")

    @classmethod
    def _connect(cls, company, tripletex_id, **values):
        return (
            cls.env["tripletex.connection"]
            .sudo()
            .create(
                {"company_id": company.id, "tripletex_company_id": tripletex_id}
                | values
            )
        )

    @classmethod
    def _user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            groups=group,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def _entry(self, key, state, hours):
        return self.env["tripletex.entry"].create(
            {
                "connection_id": self.connection.id,
                "kind": "hours",
                "place": key,
                "date": MONDAY,
                "state": state,
                "hours": hours,
            }
        )

    def _ask(self, user):
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate("rpc", "monitoring", datetime.now() + timedelta(hours=1))
        )
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json; charset=utf-8",
        }
        return self.url_open(ADDRESS, data=json.dumps({}), headers=headers)

    def test_health_counts_entries_of_own_company_by_state(self):
        self._entry("a", "sent", 7.5)
        self._entry("b", "sent", 2.25)
        self._entry("c", "failed", 1)
        self.connection.last_sent_at = datetime(2026, 3, 16, 9, 30)
        answer = self._ask(self.watcher)
        self.assertEqual(answer.status_code, 200, answer.text)
        [company] = answer.json()
        self.assertEqual(company["company"], "Healthy AS")
        self.assertEqual(company["state"], "connected")
        self.assertEqual(company["last_sent_at"], "2026-03-16 09:30:00")
        self.assertEqual(
            company["entries"],
            {"pending": 0, "sending": 0, "sent": 2, "failed": 1, "conflict": 0},
        )
        self.assertEqual(company["hours"]["sent"], 9.75)
        self.assertFalse(company["ok"])

    def test_waiting_hours_are_ok_and_attention_is_not(self):
        self._entry("a", "sent", 7.5)
        self._entry("b", "pending", 7.5)
        [company] = self._ask(self.watcher).json()
        self.assertTrue(company["ok"])
        self.connection.state = "attention"
        [company] = self._ask(self.watcher).json()
        self.assertFalse(company["ok"])

    def test_removed_connection_is_shown_until_an_active_one_exists(self):
        self.connection.state = "disconnected"
        [company] = self._ask(self.watcher).json()
        self.assertEqual(company["state"], "disconnected")
        self.assertFalse(company["ok"])
        self._connect(self.company, "3")
        [company] = self._ask(self.watcher).json()
        self.assertEqual(company["state"], "connected")

    def test_answer_contains_no_secret(self):
        self.connection.employee_token = "keyA"
        self.connection.session_token = "sessionB"
        answer = self._ask(self.watcher)
        self.assertNotIn("keyA", answer.text)
        self.assertNotIn("sessionB", answer.text)

    def test_approver_is_refused_and_administrator_is_answered(self):
        approver = self._user("curious", "hr_timesheet.group_hr_timesheet_approver")
        self.assertEqual(self._ask(approver).status_code, 403)
        system = self._user("system", "base.group_system")
        self.assertEqual(self._ask(system).status_code, 200)
