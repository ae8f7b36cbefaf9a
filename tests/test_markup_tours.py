import json
import re

from odoo import fields
from odoo.tests import tagged

from .common import MONDAY
from .test_validate_tours import ValidateTourCase

#: Runs when a browser takes it for markup, and shows 49 when a template renders it.
MARKUP = (
    '<img src=x onerror="window.tripletexMarkup=1">'
    "<script>window.tripletexMarkup=1</script>{{7*7}}"
    '<t t-out="7*7"/><svg onload="window.tripletexMarkup=1">'
)
#: Opens every screen in one browser and looks for the text, as text, on each.
SCRIPT = """
(async () => {
    const screens = %s, markup = %s;
    const env = odoo.__WOWL_DEBUG__.root.env;
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
    const shown = () => {
        const inputs = [...document.querySelectorAll("input, textarea")];
        return document.body.innerText + inputs.map((i) => i.value).join("\\n");
    };
    const fails = (screen, why) => {
        throw new Error(`${screen.name}: ${why}`);
    };
    for (const screen of screens) {
        await env.services.action.doAction(screen.action, { clearBreadcrumbs: true });
        for (const tab of screen.tabs || []) {
            for (let turn = 0; !document.querySelector(tab); turn++) {
                if (turn > 1200) fails(screen, `no ${tab}`);
                await pause();
            }
            document.querySelector(tab).click();
        }
        for (let turn = 0; !shown().includes(screen.sign); turn++) {
            if (turn > 1200) fails(screen, `shows ${shown().slice(0, 500)}`);
            await pause();
        }
        if (!shown().includes(markup)) {
            fails(screen, `the text is not shown as text: ${shown().slice(0, 1500)}`);
        }
        await pause();
        if (window.tripletexMarkup) fails(screen, "the text was executed");
        if (document.querySelector('img[src="x"]')) fails(screen, "it became markup");
        if (screen.action.target === "new") {
            await env.services.action.doAction({ type: "ir.actions.act_window_close" });
        }
    }
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestMarkupTours(ValidateTourCase):
    """Names, comments and messages with markup in them are shown as text."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env.ref("base.user_admin").lang = "en_US"
        cls.sign = 0

    def marked(self):
        """A text with markup that no other screen shows."""
        type(self).sign += 1
        return f"S{self.sign}E{MARKUP}"

    def screen(self, name, model, kind, text, **action):
        """A screen that shows ``text``."""
        tabs = action.pop("tabs", [])
        action = {
            "type": "ir.actions.act_window",
            "res_model": model,
            "views": [[action.pop("view", False), kind]],
            "target": "current",
            "context": {},
        } | action
        sign = text.partition("<")[0]
        return {"name": name, "action": action, "sign": sign, "tabs": tabs}

    def open_all(self, screens):
        """Open the screens, one after the other, in one browser."""
        self.authenticate("admin", "admin")
        page = self.url_open("/odoo").text
        for address in re.findall(r'"(/web/assets/[^"]+)"', page):
            self.url_open(address, timeout=300)  # made now, not while a browser waits
        script = SCRIPT % (json.dumps(screens), json.dumps(MARKUP))
        self.browser_js(
            "/odoo",
            script,
            ready="odoo.isReady === true",
            login="admin",
            timeout=600,
        )

    # -- links -------------------------------------------------------------------

    def links(self):
        """Screens of links."""
        screens = []
        for model, values in (
            ("tripletex.project", {"number": "77"}),
            ("tripletex.paycode", {"number": "77"}),
            ("tripletex.employee", {"number": "77"}),
            ("tripletex.activity", {"tripletex_id": "77"}),
        ):
            text = self.marked()
            record = self.env[model].create(
                {"connection_id": self.connection.id, "name": text, **values}
            )
            kinds = ["list", "form"] + ["kanban"] * (model != "tripletex.activity")
            for kind in kinds:
                options = {"res_id": record.id} if kind == "form" else {}
                screens.append(
                    self.screen(f"{model} {kind}", model, kind, text, **options)
                )
        return screens

    # -- connection --------------------------------------------------------------

    def connection_with_notes(self):
        """Screens of a connection, before and after it needs attention."""
        name, owner, said, refused = (self.marked() for _index in range(4))
        connection = self.connection
        connection.write({"tripletex_company_name": name, "key_owner_name": owner})
        connection.responsible_id = self.env.ref("base.user_admin")
        self.log(self.kari).action_tripletex_validate()
        entry = self.env["tripletex.entry"].search([("date", "=", MONDAY)])
        entry.write(
            {"state": "failed", "refusal": {"code": "refused", "said": refused}}
        )
        connection._notify_responsible()
        activity = connection.activity_ids
        self.assertTrue(activity)
        model = "tripletex.connection"
        form = {"res_id": connection.id}
        screens = [
            self.screen("connections", model, "list", name),
            self.screen("connection cards", model, "kanban", name),
            self.screen("connection", model, "form", owner, **form),
            self.screen("its activity", model, "form", refused, **form),
        ]
        yield screens
        connection._set_attention(
            "rights", {"code": "answered", "message": said, "request": "1"}
        )
        yield [
            self.screen("attention and chatter", model, "form", said, **form),
            self.screen("settings", "res.config.settings", "form", said),
            {
                "name": "notification",
                "action": connection._notification("danger", f"N{said}"),
                "sign": f"N{said}".partition("<")[0],
            },
            self.screen(
                "removing",
                "tripletex.connection.remove",
                "form",
                name,
                target="new",
                context={"default_connection_id": connection.id},
            ),
        ]

    def assert_mails_are_text(self):
        mails = self.env["mail.message"].search(
            [("model", "=", "tripletex.connection")]
        )
        bodies = "".join(mails.mapped("body"))
        self.assertIn("&lt;img src=x", bodies)
        self.assertNotIn("<img src", bodies)
        self.assertNotIn("<script", bodies)
        sent = self.env["mail.mail"].search([("mail_message_id", "in", mails.ids)])
        for mail in sent:
            self.assertNotIn("<img src=x", mail.body_html)
            self.assertNotIn("49", mail.subject)

    # -- lines and sent hours ----------------------------------------------------

    def lines_and_sent_hours(self):
        """Screens of hours that failed, then of a conflict, and dialogs."""
        self.forget_other_lines()
        text, said, person, project = (self.marked() for _index in range(4))
        today = fields.Date.today()
        self.kari.name = person
        self.project.name = project
        line = self.log(self.kari, name=text, date=today)
        line.action_tripletex_validate()
        entry = self.env["tripletex.entry"].search([])
        entry.write({"state": "failed", "refusal": {"code": "refused", "said": said}})
        entry.place_name = self.marked()
        model, lines = "tripletex.entry", "account.analytic.line"
        form = {"res_id": entry.id}
        views = {
            kind: self.env.ref(
                f"hr_timesheet_tripletex.account_analytic_line_view_{kind}_to_validate"
            ).id
            for kind in ("list", "kanban")
        }
        screens = [
            self.screen("sent hours", model, "list", said),
            self.screen("people", model, "list", person),
            self.screen("projects", model, "list", project),
            self.screen("cards", model, "kanban", said),
            self.screen("refusal", model, "form", said, **form),
            self.screen("comment", model, "form", text, **form),
            self.screen("place", model, "form", entry.place_name, **form),
            self.screen("table", model, "pivot", person),
            self.screen(
                "groups", model, "list", person, context={"group_by": ["employee_id"]}
            ),
            self.screen("lines", lines, "list", text, view=views["list"]),
            self.screen("line cards", lines, "kanban", text, view=views["kanban"]),
            self.screen(
                "refused line",
                lines,
                "form",
                said,
                res_id=line.id,
                view=self.env.ref("hr_timesheet.timesheet_view_form_user").id,
            ),
        ]
        yield screens
        yield self.conflict_and_dialogs(entry)

    def conflict_and_dialogs(self, entry):
        """Screens of a conflict, and dialogs about lines and links."""
        found = self.marked()
        model, form = "tripletex.entry", {"res_id": entry.id}
        entry.write({"state": "conflict", "remote_hours": 3, "remote_comment": found})
        project_link = self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        )
        self.unknown.name = unlinked = self.marked()
        bad = self.log(self.ola, project_id=self.unknown.id, name="Unlinked")
        self.env["project.project"].search([]).tripletex_excluded = False
        screens = [
            self.screen("conflict", model, "form", found, **form),
            self.screen(
                "refused lines",
                "tripletex.line.validate",
                "form",
                unlinked,
                target="new",
                context={"default_line_ids": bad.ids},
            ),
            self.screen(
                "letting in",
                "tripletex.project.let.in",
                "form",
                unlinked,
                target="new",
                context={"default_project_ids": self.unknown.ids},
            ),
        ]
        moving = self.marked()
        project_link.write({"name": moving, "number": "88", "tripletex_id": "88"})
        screens.append(
            self.screen(
                "moving",
                "tripletex.entry.move",
                "form",
                moving,
                target="new",
                context={
                    "default_link": f"tripletex.project,{project_link.id}",
                    "default_date_from": str(MONDAY),
                    "default_date_to": str(MONDAY),
                },
            )
        )
        return screens

    # -- set-up ------------------------------------------------------------------

    def set_up(self):
        """Screens of the set-up."""
        setup = self.env["tripletex.connection.setup"].create(
            {"company_id": self.company.id, "environment": "test"}
        )
        model = "tripletex.connection.setup"
        screens = []
        company = self.marked()
        setup.write({"tripletex_company_name": company, "key_owner_name": company})
        for step, kind, values in (
            ("projects", "tripletex.setup.project", {"customer_name": "Kunde"}),
            ("paycodes", "tripletex.setup.paycode", {"show_in_timesheet": True}),
            ("employees", "tripletex.setup.employee", {"email": "a@b.example"}),
        ):
            for name in ("name", "hindrance"):
                text = self.marked()
                own = setup.copy({"company_id": self.company.id})
                own.write({"step": step, "tripletex_company_name": company})
                self.env[kind].sudo().create(
                    {"setup_id": own.id, "tripletex_id": "1", "name": "Row"}
                    | values
                    | {name: text}
                )
                screens.append(
                    self.screen(
                        f"{step} {name}",
                        model,
                        "form",
                        text,
                        res_id=own.id,
                        target="new",
                        context={"dialog_size": "extra-large"},
                    )
                )
        done = setup.copy({"company_id": self.company.id})
        done.step = "employees"
        text = self.marked()
        done.write({"is_done": True, "invitation_problem": text})
        screens.append(
            self.screen("result", model, "form", text, res_id=done.id, target="new")
        )
        return screens

    # -- all of them -------------------------------------------------------------

    def test_every_screen_and_mail_shows_markup_as_text(self):
        hours, connection = self.lines_and_sent_hours(), self.connection_with_notes()
        self.open_all([*next(hours), *self.links(), *self.set_up()])
        self.open_all([*next(hours), *next(connection)])
        self.open_all(next(connection))
        self.assert_mails_are_text()
