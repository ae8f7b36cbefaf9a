import logging
from contextlib import suppress

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..dev.sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN
from ..tools import TripletexClient
from .security_common import SecurityCase

SECRET_FIELDS = ("employee_token", "session_token")
#: Errors that count as a refusal: missing rights and unknown fields.
REFUSALS = (AccessError, UserError, ValueError, KeyError)


@tagged("post_install", "-at_install")
class TestReading(SecurityCase):
    """No user, administrators included, can read key or session."""

    def roads(self, connection, name):
        """Return all ways of a browser or program to read the field, by name."""
        model, domain = connection.browse(), [("id", "=", connection.id)]
        spec = {name: {}, "display_name": {}}
        return {
            "read": lambda: connection.read([name]),
            "read all": lambda: connection.read(),
            "search_read": lambda: model.search_read(domain, [name]),
            "web_read": lambda: connection.web_read(spec),
            "web_search_read": lambda: model.web_search_read(domain, spec),
            "web_save": lambda: connection.web_save({}, spec),
            "export": lambda: connection.export_data([name]),
            "read_group": lambda: model.formatted_read_group(domain, [name]),
            "aggregate": lambda: model.formatted_read_group(
                domain, [], [f"{name}:array_agg"]
            ),
            "web_read_group": lambda: model.web_read_group(domain, [name]),
            "name_search": lambda: model.name_search(EMPLOYEE_TOKEN),
            "copy": lambda: connection.copy_data(),
            "default": lambda: model.default_get([name]),
            "fields": lambda: model.fields_get([name]),
            "onchange": lambda: connection.onchange({}, [], spec),
            "attribute": lambda: connection[name],
            "mapped": lambda: connection.mapped(name),
            "template": lambda: (
                self.env["mail.render.mixin"]
                .with_user(connection.env.user)
                ._render_template_inline_template(
                    f"{{{{ object.{name} }}}}", connection._name, connection.ids
                )
            ),
            "message": lambda: connection.message_ids.read(
                ["body", "tracking_value_ids"]
            ),
        }

    def test_no_way_to_read_returns_a_secret(self):
        for user in self.people:
            connection = self.seen_by(user, self.connection)
            for name in SECRET_FIELDS:
                for road, go in self.roads(connection, name).items():
                    with self.subTest(user=user.login, field=name, road=road):
                        self.env.flush_all()
                        self.env.invalidate_all()
                        answer = None
                        with suppress(*REFUSALS), mute_logger("odoo.http"):
                            answer = go()
                        self.assert_silent(answer)

    def test_search_and_order_do_not_confirm_a_guess(self):
        """Searching for parts of the value would reveal it letter by letter."""
        line, entry = self.env["account.analytic.line"], self.env["tripletex.entry"]
        searches = (
            (self.connection, "employee_token"),
            (entry, "connection_id.employee_token"),
            (self.env["tripletex.project"], "connection_id.session_token"),
            (self.env["res.company"], "tripletex_connection_id.employee_token"),
            (line, "company_id.tripletex_connection_id.employee_token"),
        )
        for user in self.people:
            for records, path in searches:
                model = self.seen_by(user, records.browse())
                for operator in ("=", "!=", "like", "=like", "in"):
                    with self.subTest(user=user.login, path=path, operator=operator):
                        right, wrong = (
                            self.outcome(model, [(path, operator, guess)])
                            for guess in self.guesses(operator)
                        )
                        self.assertEqual(right, wrong)
                with self.subTest(user=user.login, path=path, order=True):
                    self.assertEqual(self.outcome(model, [], order=path), "refused")

    def guesses(self, operator):
        """Return a right and a wrong guess of key or session."""
        right, wrong = self.secrets, ["no-such-key", "nor-this"]
        if operator == "in":
            return right, wrong
        if operator in ("like", "=like"):
            return "%e%", "%wrong%"
        return right[0], wrong[0]

    def outcome(self, model, domain, **options):
        """Return the IDs found, or "refused"."""
        self.env.flush_all()
        self.env.invalidate_all()
        try:
            return model.search(domain, **options).ids
        except REFUSALS:
            return "refused"

    def test_only_administrator_reads_connection(self):
        for user in self.people - self.system:
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.seen_by(user, self.connection).read(["state"])
        self.seen_by(self.system, self.connection).read(["state"])

    def test_only_administrator_reads_consumer_token(self):
        """It is a system parameter, as Odoo's own keys are."""
        key = "hr_timesheet_tripletex.consumer_token"
        for user in self.people - self.system:
            parameters = self.env["ir.config_parameter"].with_user(user)
            for road in (
                lambda parameters=parameters: parameters.get_param(key),
                lambda parameters=parameters: parameters.search_read([], ["value"]),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    road()
        settings = self.env["res.config.settings"].with_user(self.system).create({})
        self.assert_silent(settings.read())

    def test_secrets_cannot_be_written_by_any_user(self):
        for user in self.people:
            connection = self.seen_by(user, self.connection)
            for name in SECRET_FIELDS:
                with self.subTest(user=user.login, field=name):
                    # no field of the model: there is nothing to write for anybody
                    refused = ValueError if user == self.system else AccessError
                    with self.assertRaises(refused):
                        connection.write({name: "mine"})
                    with self.assertRaises(AccessError):
                        setattr(connection, name, "mine")

    def test_administrator_of_another_company_sees_no_records(self):
        other = self.env["res.company"].create({"name": "Ukoblet AS"})
        user = self.person("stranger", "base.group_system")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for model in (
            "tripletex.connection",
            "tripletex.employee",
            "tripletex.project",
            "tripletex.paycode",
            "tripletex.activity",
            "tripletex.entry",
            "tripletex.entry.share",
        ):
            with self.subTest(model=model):
                self.assertTrue(self.env[model].search([]))
                Model = self.env[model].with_user(user)
                Model = Model.with_context(allowed_company_ids=other.ids)
                self.assertFalse(Model.search([]))


@tagged("post_install", "-at_install")
class TestLogs(SecurityCase):
    """No log record of any level contains a secret."""

    def test_sending_failures_log_no_secret(self):
        with self.assertLogs(level=logging.DEBUG) as logs:
            for kind in ("401", "500_html", "drop_after", "truncated", "429"):
                self.validated(1, name=kind)
                with self.fault(kind, path="/timesheet/*"):
                    self.send()
                self.let_time_pass()
            self.control.revoke_key()
            self.control.kill_sessions()
            self.send()
        self.assertEqual(self.connection.state, "attention")
        self.assert_silent("\n".join(logs.output))
        self.assert_silent(self.connection.message_ids.mapped("body"))
        self.assert_silent(self.connection.activity_ids.mapped("note"))
        mails = self.env["mail.mail"].search([], order="id desc", limit=20)
        self.assert_silent(mails.mapped("body_html"))

    def test_failed_query_with_a_key_is_logged_without_it(self):
        """Odoo logs failed queries with their values."""
        with self.assertLogs("odoo.sql_db", logging.ERROR) as logs:
            with suppress(psycopg2.Error), self.env.cr.savepoint():
                self.env.cr.execute(
                    "UPDATE tripletex_connection SET company_id = NULL, "
                    "secret_employee_token = %s WHERE id = %s",
                    [EMPLOYEE_TOKEN, self.connection.id],
                )
        self.assert_silent("\n".join(logs.output))
        self.assertIn("Tripletex keys", logs.output[0])

    def test_other_failed_queries_are_logged_unchanged(self):
        with self.assertLogs("odoo.sql_db", logging.ERROR) as logs:
            with suppress(psycopg2.Error), self.env.cr.savepoint():
                self.env.cr.execute("SELECT nothing FROM nowhere")
        self.assertIn("nowhere", logs.output[0])

    def test_key_in_named_log_arguments_is_removed(self):
        log = logging.getLogger("odoo.sql_db")
        with self.assertLogs(log, logging.WARNING) as logs:
            log.warning("%(count)s queries", {"count": 3})
            query = f"UPDATE x SET employee_token = '{EMPLOYEE_TOKEN}'"
            log.warning("%(query)s", {"query": query})
        self.assertIn("3 queries", logs.output[0])
        self.assert_silent(logs.output)
        self.assertIn("Tripletex keys", logs.output[1])


class TestAddress(HttpCase):
    """Addresses to which tokens may be sent."""

    def test_plain_http_to_another_host_is_refused(self):
        for address in ("http://tripletex.no/v2", "http://10.0.0.1/v2", "ftp://x/v2"):
            with self.subTest(address=address):
                with self.assertRaises(ValueError) as refused:
                    TripletexClient(address, CONSUMER_TOKEN, EMPLOYEE_TOKEN)
            self.assertNotIn(EMPLOYEE_TOKEN, str(refused.exception))
