import json
from datetime import datetime, timedelta

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..dev.sandbox import EMPLOYEE_TOKEN
from .common import TripletexGround


@tagged("post_install", "-at_install")
class TestPrograms(TripletexGround, HttpCase):
    """Programs that call Odoo over HTTP with an Odoo API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lay_ground()
        cls.connection.session_token = "session-of-the-test"
        cls.people = [
            new_test_user(
                cls.env,
                login,
                groups=groups,
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for login, groups in (
                ("program_admin", "base.group_system"),
                ("program_approver", "hr_timesheet.group_hr_timesheet_approver"),
                ("program_user", "hr_timesheet.group_hr_timesheet_user"),
            )
        ]

    def ask(self, user, method, model="tripletex.connection", **values):
        """Call a method, of the connection unless told otherwise, over JSON-2."""
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate("rpc", "test", datetime.now() + timedelta(hours=1))
        )
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json; charset=utf-8",
        }
        address = f"/json/2/{model}/{method}"
        with mute_logger("odoo.http"):
            return self.url_open(address, data=json.dumps(values), headers=headers)

    def test_answers_and_error_pages_contain_no_secret(self):
        domain, ids = [["employee_token", "=", EMPLOYEE_TOKEN]], self.connection.ids
        calls = (
            ("read", {"ids": ids}),
            ("read", {"ids": ids, "fields": ["employee_token"]}),
            ("search_read", {"domain": [], "fields": ["session_token"]}),
            ("search_count", {"domain": domain}),
            ("web_read", {"ids": ids, "specification": {}}),
            ("export_data", {"ids": ids, "fields_to_export": ["employee_token"]}),
            ("_client", {"ids": ids}),
            ("_store_session", {"ids": ids}),
            ("no_such_method", {}),
        )
        for user in self.people:
            for method, values in calls:
                with self.subTest(user=user.login, method=method):
                    text = self.ask(user, method, **values).text
                    # An error page may repeat the request, which contains the key.
                    for said in (json.dumps(domain), domain, tuple(domain[0])):
                        text = text.replace(str(said), "")
                    self.assertNotIn(EMPLOYEE_TOKEN, text)
                    self.assertNotIn("session-of-the-test", text)

    def test_refused_empty_field_answers_without_secret(self):
        """PostgreSQL's own error message would quote the row with its key."""
        setup = (
            self.env["tripletex.connection.setup"]
            .with_user(self.people[0])
            .create(
                {
                    "company_id": self.company.id,
                    "environment": "test",
                    "employee_token": EMPLOYEE_TOKEN,
                }
            )
        )
        self.env.flush_all()
        for records, names in (
            (self.connection, ("company_id", "environment", "tripletex_company_id")),
            (setup, ("company_id", "environment", "step")),
        ):
            for name in names:
                with self.subTest(model=records._name, field=name):
                    answer = self.ask(
                        self.people[0],
                        "write",
                        model=records._name,
                        ids=records.ids,
                        vals={name: False},
                    )
                    self.assertEqual(answer.status_code, 422)
                    self.assertNotIn(EMPLOYEE_TOKEN, answer.text)
                    self.assertNotIn("session-of-the-test", answer.text)

    def test_private_methods_are_refused(self):
        for method in ("_client", "_disconnect", "_set_connected", "_activate"):
            with self.subTest(method=method):
                answer = self.ask(self.people[0], method, ids=self.connection.ids)
                self.assertGreaterEqual(answer.status_code, 400)
