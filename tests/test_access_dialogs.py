import json
from contextlib import suppress

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import TripletexGround

ADDON = "hr_timesheet_tripletex"
#: What a program of another company gets for what it must not do.
REFUSALS = (AccessError, UserError, ValueError, KeyError)
#: The dialog about the hours of the user who opened it.
NAMES_NOTHING = "tripletex.line.send.in"
#: Texts of company A that nobody of company B may see.
NAME, EMAIL = "Kari Hemmelig", "kari@hemmelig.example"


class TwoCompanies(TripletexGround):
    """Company A with an unfinished set-up and dialogs; an administrator of B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lay_ground()
        cls.other = cls.env["res.company"].create({"name": "Nabobygg AS"})
        cls.own_system = cls._user("own", cls.company)
        cls.stranger = cls._user("stranger", cls.other)
        cls.line = cls.log(cls, 5)
        cls.line.action_tripletex_validate()
        cls.entry = cls.entries_of(cls, cls.line)
        cls.entry.state = "conflict"
        cls.month = cls.env["tripletex.month"].create(
            {
                "connection_id": cls.connection.id,
                "company_id": cls.company.id,
                "employee_id": cls.employee.id,
                "month": "2026-03-01",
            }
        )
        cls.setup = (
            cls.as_user(cls.own_system)["tripletex.connection.setup"]
            .create(
                {
                    "company_id": cls.company.id,
                    "environment": "test",
                    "employee_token": "",
                }
            )
            .sudo()
        )
        cls.setup.key_owner_name = NAME
        cls.rows = cls._rows_of_setup()

    @classmethod
    def _user(cls, login, company):
        return new_test_user(
            cls.env,
            f"tripletex_{login}",
            password=f"tripletex_{login}",
            groups=(
                "base.group_system,hr_timesheet.group_timesheet_manager,"
                "project.group_project_manager"
            ),
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    @classmethod
    def _rows_of_setup(cls):
        common = {"setup_id": cls.setup.id, "name": NAME}
        absence = {"setup_id": cls.setup.id, "leave_types": NAME}
        absence["work_entry_type_id"] = cls.overtime.id
        Absence = cls.env["tripletex.setup.absence"].sudo()
        return {"tripletex.setup.absence": Absence.create(absence)} | {
            model: cls.env[model].sudo().create(common | vals)
            for model, vals in (
                ("tripletex.setup.project", {"tripletex_id": "1"}),
                ("tripletex.setup.paycode", {"tripletex_id": "1"}),
                ("tripletex.setup.employee", {"tripletex_id": "1", "email": EMAIL}),
                ("tripletex.setup.client", {"tripletex_id": "1"}),
                ("tripletex.setup.right", {}),
            )
        }

    @classmethod
    def as_user(cls, user):
        """The environment of a user in the user's company."""
        context = {"allowed_company_ids": user.company_id.ids}
        return cls.env(user=user, su=False, context=context)

    @classmethod
    def dialog_values(cls):
        """Values of each dialog that names records of company A."""
        return {
            "tripletex.connection.remove": {"connection_id": cls.connection.id},
            "tripletex.entry.decide": {
                "entry_ids": [(6, 0, cls.entry.ids)],
                "decision": "keep",
            },
            "tripletex.entry.move": {
                "link": f"tripletex.connection,{cls.connection.id}",
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            },
            "tripletex.line.invalidate": {"line_ids": [(6, 0, cls.line.ids)]},
            "tripletex.line.reject": {
                "line_ids": [(6, 0, cls.line.ids)],
                "reason": "No",
            },
            "tripletex.line.validate": {"line_ids": [(6, 0, cls.line.ids)]},
            "tripletex.employee.transfer": {
                "link_ids": [(6, 0, cls.env["tripletex.employee"].search([]).ids)],
                "transfer": "none",
            },
            "tripletex.month.finish": {"month_ids": [(6, 0, cls.month.ids)]},
            "tripletex.project.let.in": {"project_ids": [(6, 0, cls.project.ids)]},
            "tripletex.connection.setup": {
                "company_id": cls.company.id,
                "environment": "test",
                "send_from": "2026-01-01",
                "step": "employees",
            },
        }


@tagged("post_install", "-at_install")
class TestAccessDialogs(TwoCompanies, TransactionCase):
    """Set-ups and dialogs of a company are closed to administrators of another."""

    def stored(self):
        """A stored record of every transient model, of company A."""
        env = self.as_user(self.own_system)
        records = {
            model: env[model].create(vals)
            for model, vals in self.dialog_values().items()
            if model != "tripletex.connection.setup"
        }
        records[NAMES_NOTHING] = env[NAMES_NOTHING].create({})
        return records | self.rows | {"tripletex.connection.setup": self.setup}

    def transient_models(self):
        return {
            name
            for name, Model in self.env.registry.items()
            if name.startswith("tripletex.") and Model._transient
        }

    def test_every_dialog_is_in_this_test_and_has_a_rule(self):
        self.assertEqual(self.transient_models(), set(self.stored()))
        for name in self.transient_models():
            rules = self.env["ir.rule"].search([("model_id.model", "=", name)])
            self.assertTrue(rules, name)
            if name != NAMES_NOTHING:
                self.assertTrue(self.env[name]._named_fields, name)

    def test_no_road_leads_into_a_dialog_of_another_company(self):
        for model, record in self.stored().items():
            seen = record.with_env(self.as_user(self.stranger))
            for road, go in self.roads(seen).items():
                with self.subTest(model=model, road=road):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        go()
                    self.env.invalidate_all()
            self.assertTrue(record.exists())
            self.assertFalse(seen.search([]))
            self.assertFalse(seen.search_read([]))
            self.assertFalse(seen.name_search(NAME))
            [total] = seen.formatted_read_group([], [], ["__count"])
            self.assertEqual(total["__count"], 0)

    def roads(self, seen):
        roads = {
            "read": lambda: seen.read(),
            "web_read": lambda: seen.web_read({"display_name": {}}),
            "export": lambda: seen.export_data(["display_name"]),
            "write": lambda: seen.write({"create_date": "2026-01-01"}),
            "web_save": lambda: seen.web_save({}, {"display_name": {}}),
            "unlink": lambda: seen.unlink(),
            "copy": lambda: seen.copy(),
        }
        if seen._name == "tripletex.connection.setup":
            roads |= {
                name: getattr(seen, name)
                for name in (
                    *("action_next", "action_back", "action_check", "action_set_all"),
                    *("action_read_again", "action_complete", "action_leave"),
                )
            }
        return roads

    def test_dialog_that_names_records_of_another_company_is_refused(self):
        env = self.as_user(self.stranger)
        for model, vals in self.dialog_values().items():
            for road, go in {
                "create": lambda model=model, vals=vals: env[model].create(vals),
                "web_save": lambda model=model, vals=vals: env[model].web_save(
                    vals, {"display_name": {}}
                ),
                "onchange": lambda model=model, vals=vals: env[model].onchange(
                    vals, list(vals), self.spec(model)
                ),
            }.items():
                with self.subTest(model=model, road=road):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        go()
                    self.env.invalidate_all()

    def spec(self, model):
        return {
            name: {}
            for name, field in self.env[model]._fields.items()
            if field.groups != fields.NO_ACCESS
        }

    def test_own_dialog_cannot_be_turned_to_another_company(self):
        env = self.as_user(self.stranger)
        own = env["tripletex.connection.setup"].create(
            {"company_id": self.other.id, "environment": "test"}
        )
        row = self.env["tripletex.setup.project"].sudo()
        row = row.create({"setup_id": own.id, "tripletex_id": "7"}).with_env(env)
        for act in (
            lambda: own.write({"connection_id": self.connection.id}),
            lambda: own.write({"company_id": self.company.id}),
            lambda: row.write({"setup_id": self.setup.id}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                act()  # an access error is one, too
            self.env.invalidate_all()
        self.assertEqual(own.company_id, self.other)

    def test_own_administrator_uses_every_dialog(self):
        """Rules that refuse everybody would pass the tests above."""
        env = self.as_user(self.own_system)
        for model, record in self.stored().items():
            with self.subTest(model=model):
                self.assertTrue(record.with_env(env).read())
        for model, vals in self.dialog_values().items():
            with self.subTest(model=model):
                answer = env[model].onchange(vals, list(vals), self.spec(model))
                self.assertIn("value", answer)

    def test_dialogs_of_a_colleague_are_closed(self):
        colleague = self._user("colleague", self.company)
        for model, record in self.stored().items():
            if model.startswith(("tripletex.setup", "tripletex.connection.setup")):
                continue
            with self.subTest(model=model), self.assertRaises(AccessError):
                record.with_env(self.as_user(colleague)).read()


@tagged("post_install", "-at_install")
class TestAccessDialogsByRpc(TwoCompanies, HttpCase):
    """The same through the web client's own calls."""

    def call(self, model, method, *arguments, **options):
        """The answer of a call as the web client makes it, or None when refused."""
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": model,
                        "method": method,
                        "args": arguments,
                        "kwargs": options,
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        self.assertNotIn(NAME, answer.text)
        self.assertNotIn(EMAIL, answer.text)
        self.assertNotIn("Hemmelig", answer.text)
        return answer.json().get("result")

    def test_calls_of_another_company_are_refused(self):
        self.authenticate(self.stranger.login, self.stranger.login)
        model, ids = "tripletex.connection.setup", self.setup.ids
        with mute_logger("odoo.http"), suppress(*REFUSALS):
            for method, *arguments in (
                ("read", ids, ["key_owner_name"]),
                ("web_read", ids, {"employee_line_ids": {"fields": {"email": {}}}}),
                ("export_data", ids, ["key_owner_name"]),
                ("write", ids, {"company_id": self.other.id}),
                ("action_complete", ids),
                ("unlink", ids),
            ):
                with self.subTest(method=method):
                    self.assertIsNone(self.call(model, method, *arguments))
            self.assertEqual(
                self.call(model, "search_read", [], ["key_owner_name"]), []
            )
            self.assertEqual(self.call(model, "name_search", NAME), [])
            self.assertEqual(
                self.call("tripletex.setup.employee", "search_read", [], ["email"]), []
            )
            remove = "tripletex.connection.remove"
            vals = {"connection_id": self.connection.id}
            self.assertIsNone(self.call(remove, "create", [vals]))
            spec = {"unsent_count": {}, "unsent_hours": {}}
            self.assertIsNone(
                self.call(remove, "onchange", [], vals, ["connection_id"], spec)
            )
        self.env.invalidate_all()
        self.assertEqual(self.setup.company_id, self.company)
