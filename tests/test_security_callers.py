import inspect
from contextlib import suppress
from xmlrpc.client import Fault

from odoo.exceptions import AccessError, UserError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..dev.sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN
from .common import TripletexGround
from .test_security_reading import REFUSALS, SecurityCase

ADDON = "odoo.addons.hr_timesheet_tripletex."
#: Who may call which public method, by RPC or button. Add new public methods here.
ADMINISTRATORS = {
    "account.analytic.line": ["action_tripletex_carry_over"],
    "res.config.settings": [
        "action_tripletex_confirm_move",
        "action_tripletex_connect",
        "action_tripletex_problems",
        "action_tripletex_remove",
        "action_tripletex_test",
        "action_tripletex_waiting",
    ],
    "tripletex.connection": [
        "action_confirm_move",
        "action_remove",
        "action_send_now",
        "action_test",
        "action_update",
    ],
    "tripletex.connection.remove": ["action_remove"],
    "tripletex.connection.setup": [
        "action_back",
        "action_check",
        "action_complete",
        "action_leave",
        "action_next",
        "action_read_again",
        "action_set_all",
        "action_tick",
    ],
    "tripletex.absence": ["action_empty_link"],
    "tripletex.employee": ["action_empty_link", "set_transfer"],
    "tripletex.employee.transfer": ["action_apply"],
    "tripletex.entry.move": ["action_move"],
    "tripletex.paycode": ["action_empty_link"],
    "tripletex.project": ["action_empty_link"],
}
APPROVERS = {
    "account.analytic.line": [
        "action_tripletex_entries",
        "action_tripletex_invalidate",
        "action_tripletex_open_send_in",  # hours of others
        "action_tripletex_send_in",
        "action_tripletex_validate",
        "tripletex_weeks",
    ],
    "tripletex.entry": [
        "action_add",
        "action_adjust",
        "action_decide",
        "action_keep",
        "action_replace",
        "action_retry",
        "sending_status",
    ],
    "tripletex.entry.decide": ["action_confirm"],
    "tripletex.line.invalidate": ["action_invalidate"],
    "tripletex.line.reject": ["action_reject"],
    "tripletex.line.validate": ["action_show_refused", "action_validate_others"],
    "tripletex.month": [
        "action_approve",
        "action_check",
        "action_finish",
        "action_reopen",
        "action_view_entries",
        "action_view_lines",
    ],
    "tripletex.month.finish": ["action_confirm"],
}
EMPLOYEES = {"tripletex.line.send.in": ["action_send_in"]}
PROJECT_MANAGERS = {
    "project.project": ["tripletex_let_in"],
    "tripletex.project.let.in": ["action_let_in"],
}
TIMESHEET_ADMINISTRATORS = {"tripletex.connection": ["health"]}
#: These only open a screen, and the screen checks rights itself.
SCREENS = {
    "account.analytic.line": [
        "action_tripletex_ask_invalidate",
        "action_tripletex_reject",
    ],
    "tripletex.connection": ["action_view_problems", "action_view_waiting"],
    "tripletex.connection.setup": ["action_close"],
    "tripletex.line.validate": [
        "action_open_employees",
        "action_open_paycodes",
        "action_open_projects",
        "action_update_connection",
    ],
}
OWN_DIALOGS = (
    "tripletex.connection.remove",
    "tripletex.employee.transfer",
    "tripletex.entry.decide",
    "tripletex.entry.move",
    "tripletex.line.invalidate",
    "tripletex.line.reject",
    "tripletex.line.send.in",
    "tripletex.line.validate",
    "tripletex.month.finish",
    "tripletex.project.let.in",
)
ARGUMENTS = {
    "set_transfer": ["overtime_absence", "2026-03-01"],
    "action_tick": ["tripletex.setup.project", [], True],
    "tripletex_let_in": ["2026-03-01"],
    "tripletex_weeks": [[]],
}


@tagged("post_install", "-at_install")
class TestCallers(SecurityCase):
    """Every public method refuses users outside its groups."""

    def setUp(self):
        super().setUp()
        self.company.tripletex_send_in = True
        someone = self.employees[1].id
        self.open_line = self.log(3, date="2026-03-19", employee_id=someone)
        # Record methods are called on these.
        self.records = {
            "account.analytic.line": self.validated(2, date="2026-03-17"),
            "project.project": self.project,
            "tripletex.connection": self.connection,
        }
        for model in ("entry", "employee", "paycode", "project"):
            model = f"tripletex.{model}"
            self.records[model] = self.env[model].search([], limit=1)
        for model, values in self.created(someone).items():
            self.records[model] = self.env[model].sudo().create(values)
        finish = {"month_ids": self.records["tripletex.month"].ids}
        Finish = self.env["tripletex.month.finish"]
        self.records[Finish._name] = Finish.create(finish)

    def created(self, someone):
        """Values of the records that only these tests need, by model."""
        of_connection = {"connection_id": self.connection.id}
        march = {"date_from": "2026-03-01", "date_to": "2026-03-31"}
        validated, entry = (
            self.records[name].ids
            for name in ("account.analytic.line", "tripletex.entry")
        )
        internal = self.connection.default_internal_activity_id.id
        return {
            "res.config.settings": {},
            "tripletex.absence": of_connection
            | {"work_entry_type_id": self.overtime.id, "activity_id": internal},
            "tripletex.connection.remove": of_connection,
            "tripletex.connection.setup": {
                "company_id": self.company.id,
                "environment": "test",
                "employee_token": "",
            },
            "tripletex.employee.transfer": {
                "link_ids": self.records["tripletex.employee"].ids
            },
            "tripletex.entry.decide": {"entry_ids": entry},
            "tripletex.entry.move": march
            | {"link": f"tripletex.connection,{self.connection.id}"},
            "tripletex.line.invalidate": {"line_ids": validated},
            "tripletex.line.reject": {"line_ids": self.open_line.ids, "reason": "No"},
            "tripletex.line.send.in": {"date_to": march["date_to"]},
            "tripletex.line.validate": {"line_ids": self.log(3, date="2026-03-18").ids},
            "tripletex.month": of_connection
            | {"company_id": self.company.id, "employee_id": someone}
            | {"month": march["date_from"]},
            "tripletex.project.let.in": {"project_ids": self.project.ids},
        }

    def call(self, user, model, method):
        """Call as a browser does, and roll the result back."""
        records = self.records[model]
        if method.endswith("send_in") and model == self.open_line._name:
            records = self.open_line
        is_of_model = getattr(getattr(type(records), method), "_api_model", False)
        arguments = [] if is_of_model else [records.ids]
        arguments += ARGUMENTS.get(method, [])
        with self.env.cr.savepoint() as savepoint:
            self.env.flush_all()
            if model in OWN_DIALOGS:  # the user who opened a dialog may use it
                query = f'UPDATE "{records._table}" SET create_uid = %s'
                self.env.cr.execute(query, [user.id])
            self.env.invalidate_all()
            try:
                return call_kw(
                    self.seen_by(user, records.browse()), method, arguments, {}
                )
            finally:
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def is_refused(self, user, model, method):
        """Return whether rights are missing; other errors count as permitted."""
        try:
            self.call(user, model, method)
        except AccessError:
            return True
        except UserError:
            return False
        return False

    def assert_refused(self, people, methods):
        self.control.clear_calls()
        for user in people:
            for model, names in methods.items():
                for name in names:
                    with self.subTest(user=user.login, model=model, method=name):
                        with self.assertRaises(AccessError):
                            self.call(user, model, name)
        self.assertEqual(self.control.calls(), [], "nothing was asked of Tripletex")

    def test_administrators_methods_refuse_everybody_else(self):
        self.assert_refused(self.people - self.system, ADMINISTRATORS)

    def test_approvers_methods_refuse_everybody_else(self):
        outsiders = self.people - self.system - self.approver - self.manager
        self.assert_refused(outsiders, APPROVERS)

    def test_employees_methods_refuse_everybody_else(self):
        outsiders = self.people.filtered(
            lambda user: not user.has_group("hr_timesheet.group_hr_timesheet_user")
        )
        self.assertTrue(outsiders)
        self.assert_refused(outsiders, EMPLOYEES)

    def test_project_managers_methods_refuse_everybody_else(self):
        outsiders = self.people.filtered(
            lambda user: not user.has_group("project.group_project_manager")
        )
        self.assertTrue(outsiders)
        self.assert_refused(outsiders, PROJECT_MANAGERS)

    def test_timesheet_administrators_methods_refuse_everybody_else(self):
        outsiders = self.people - self.system - self.manager
        self.assert_refused(outsiders, TIMESHEET_ADMINISTRATORS)

    def test_methods_that_open_screens_return_no_secret(self):
        for user in self.people:
            for model, names in SCREENS.items():
                for name in names:
                    with self.subTest(user=user.login, model=model, method=name):
                        with suppress(*REFUSALS):
                            self.assert_silent(self.call(user, model, name))

    def test_permitted_groups_are_not_refused(self):
        """A method that refuses everybody would pass the tests above."""
        for user, methods in (
            (self.system, ADMINISTRATORS),
            (self.approver, APPROVERS),
            (self.worker, EMPLOYEES),
            (self.manager, TIMESHEET_ADMINISTRATORS),
        ):
            for model, names in methods.items():
                for name in names:
                    with self.subTest(model=model, method=name):
                        self.assertFalse(self.is_refused(user, model, name))

    def test_every_public_method_is_listed_in_this_file(self):
        known = {
            (model, name)
            for table in (
                ADMINISTRATORS,
                APPROVERS,
                EMPLOYEES,
                PROJECT_MANAGERS,
                TIMESHEET_ADMINISTRATORS,
                SCREENS,
            )
            for model, names in table.items()
            for name in names
        }
        self.assertEqual(set(self.public_methods()), known)

    def public_methods(self):
        """Yield (model, method) of this addon that can be called by RPC."""
        for model, Model in self.env.registry.items():
            if Model._abstract:
                continue
            for name, method in inspect.getmembers(Model, inspect.isfunction):
                if name.startswith("_") or getattr(method, "_api_private", False):
                    continue
                if not method.__module__.startswith(ADDON) or hasattr(BaseModel, name):
                    continue
                others = [c for c in Model.__mro__ if name in vars(c)]
                if all(c.__module__.startswith((ADDON, "odoo.api")) for c in others):
                    yield model, name


@tagged("post_install", "-at_install")
class TestTemplates(SecurityCase):
    """Templates of mails and reports can contain expressions."""

    EXPRESSIONS = (
        "user.company_id.sudo().tripletex_connection_id.employee_token",
        "user.company_id.sudo().tripletex_connection_id.session_token",
        "env['ir.config_parameter'].sudo().search([('key', '=', "
        "'hr_timesheet_tripletex.consumer_token')]).consumer_token",
    )

    def render(self, user, expression, engine):
        """Return the rendered template of the user's partner."""
        text = {
            "inline_template": f"{{{{ {expression} }}}}",
            "qweb": f'<p><t t-out="{expression}"/></p>',
        }[engine]
        mixin = self.env["mail.render.mixin"].with_user(user)
        partner = user.partner_id
        return mixin._render_template(text, partner._name, partner.ids, engine=engine)

    def test_templates_of_other_users_contain_no_secret(self):
        for user in self.people - self.system:
            for expression in self.EXPRESSIONS:
                for engine in ("inline_template", "qweb"):
                    with self.subTest(user=user.login, text=expression, engine=engine):
                        answer = None
                        with suppress(*REFUSALS), mute_logger("odoo.http"):
                            answer = self.render(user, expression, engine)
                        self.assert_silent(answer)

    def test_templates_of_administrators_contain_the_secrets(self):
        """Proves that the expressions of the test above are valid."""
        for expression, secret in zip(
            self.EXPRESSIONS,
            (EMPLOYEE_TOKEN, self.secrets[2], CONSUMER_TOKEN),
            strict=True,
        ):
            answer = self.render(self.system, expression, "inline_template")
            self.assertIn(secret, repr(answer))

    def test_reports_contain_no_secret(self):
        view = self.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "key": "hr_timesheet_tripletex.test_report",
                "arch": '<t t-name="hr_timesheet_tripletex.test_report">'
                '<t t-foreach="docs" t-as="o"><p t-out="o.employee_token"/>'
                '<p t-out="o.session_token"/></t></t>',
            }
        )
        report = self.env["ir.actions.report"].create(
            {
                "name": "Connections",
                "model": "tripletex.connection",
                "report_type": "qweb-html",
                "report_name": view.key,
            }
        )
        for user in self.people:
            with self.subTest(user=user.login):
                answer = None
                with suppress(Exception):  # QWeb wraps the error
                    answer = report.with_user(user)._render_qweb_html(
                        view.key, self.connection.ids
                    )
                self.assert_silent(answer)


@tagged("post_install", "-at_install")
class TestPages(TripletexGround, HttpCase):
    """Addresses an administrator can open in a browser, besides the screens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lay_ground()
        cls.connection.session_token = "session-of-the-test"
        admin = cls.env.ref("base.user_admin")
        admin.company_ids |= cls.company
        admin.company_id = cls.company

    def assert_silent(self, text):
        for secret in (EMPLOYEE_TOKEN, CONSUMER_TOKEN, "session-of-the-test"):
            self.assertNotIn(secret, text)

    def test_pages_and_error_pages_contain_no_secret(self):
        self.authenticate("admin", "admin")
        record = f"tripletex.connection/{self.connection.id}"
        question = f"model=tripletex.connection&id={self.connection.id}"
        for address in (
            "/odoo",
            "/odoo/settings",
            f"/odoo/{record}",
            f"/web/content/{record}/employee_token",
            f"/web/content?{question}&field=session_token",
            f"/web/image/{record}/employee_token",
            f"/web/image?{question}&field=session_token",
            f"/report/html/no.such.report/{self.connection.id}",
            f"/json/1/{record}",
            "/no-such-page?employee_token=1",
        ):
            with self.subTest(address=address), mute_logger("odoo.http"):
                self.assert_silent(self.url_open(address).text)

    def test_xml_rpc_answers_contain_no_secret(self):
        database, ids = self.env.cr.dbname, self.connection.ids
        uid = self.xmlrpc_common.login(database, "admin", "admin")
        self.assertTrue(uid)
        for method, *arguments in (
            ("read", ids),
            ("read", ids, ["employee_token"]),
            ("search_read", [], ["session_token"]),
            ("export_data", ids, ["employee_token"]),
            ("formatted_read_group", [], ["employee_token"]),
            ("_client", ids),
            ("no_such_method", ids),
        ):
            with self.subTest(method=method), mute_logger("odoo.http", "odoo.service"):
                try:
                    answer = self.xmlrpc_object.execute_kw(
                        *(database, uid, "admin", "tripletex.connection", method),
                        arguments,
                    )
                except Fault as fault:
                    answer = fault.faultString
                self.assert_silent(repr(answer))
