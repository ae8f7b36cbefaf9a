"""No screen of ours shuts people out: axe-core looks at each, in both languages."""

from axe_playwright_python.sync_playwright import Axe

from dev.commands import run
from dev.screenshots import story
from dev.setup import chromium, postgres, prepare, template

OURS = "hr_timesheet_tripletex."
#: English last: its set-up is completed.
LANGUAGES = [story.LANGUAGES[word] for word in ("nb", "en")]
ADMINISTRATOR = 2
LINE, ENTRY, MONTH = "account.analytic.line", "tripletex.entry", "tripletex.month"
CONNECTION, EMPLOYEE = "tripletex.connection", "tripletex.employee"
LINKS = "project", "paycode", "absence", "employee", "activity", "connection"
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
CONTENT, DIALOG = ".o_action_manager .o_content", story.DIALOG
UPDATE = "#tripletex_connection div:not(.alert) > [name=action_tripletex_connect]"
SETTINGS = ".o_settings_container:has(#tripletex_connection)"
GRAVE = "serious", "critical"
#: Parts of Odoo's that are the same on its own screens; ours are around them.
ODOOS = [
    # search, pager, switch of views
    ".o_control_panel",
    # boxes to tick in lists: the heading of the column names them, no label does
    ".o_list_table .o-checkbox",
    # the menu of a list's columns: a button with a picture alone
    ".o_optional_columns_dropdown",
    # a picture without a text, beside the person's name
    ".o_m2o_avatar",
    # the tabs of a form: their list is not marked as one
    ".o_notebook_headers",
    # the button that copies a text: a picture alone
    ".o_clipboard_button",
    # a field of choices, with attributes that no input has
    ".o_select_menu",
    # tags, named by an attribute that their element may not have
    ".o_tag",
    # rows that Odoo greys, as they cannot be changed
    ".o_list_table tr.text-muted",
    # the help of a setting
    ".o_setting_right_pane > .text-muted",
    # messages, activities and followers
    ".o-mail-Form-chatter",
]
#: Presses a button of the server's, as the button of a screen does.
PRESS = """([resModel, name, resIds]) =>
    odoo.__WOWL_DEBUG__.root.env.services.action.doActionButton(
        { type: "object", name, resModel, resIds, context: {} }
    )
"""
OPEN = """([action, options]) =>
    odoo.__WOWL_DEBUG__.root.env.services.action.doAction(action, options)
"""

TO_VALIDATE = f"{OURS}account_analytic_line_action_to_validate"
CARDS = [TO_VALIDATE, f"{OURS}tripletex_entry_action", f"{OURS}tripletex_month_action"]
CARDS += ["hr_timesheet.act_hr_timesheet_line"]
LISTS = CARDS + [f"{OURS}tripletex_{kind}_action" for kind in LINKS]
#: Odoo has another form of lines, for accountants.
FORM_OF_LINES = {"form_view_ref": "hr_timesheet.timesheet_view_form_user"}
#: Forms, by the records that they are opened with.
FORMS = [
    (LINE, [("tripletex_rejected", "!=", False)]),
    (LINE, [("tripletex_has_problem", "=", True)]),
    (LINE, [("tripletex_state", "=", "failed")]),
    (ENTRY, [("state", "=", "conflict")]),
    (ENTRY, [("state", "=", "failed")]),
    (ENTRY, [("state", "=", "sent")]),
    (MONTH, [("is_equal", "=", False)]),
    (MONTH, [("state_there", "=", "finished")]),
    *((f"tripletex.{kind}", []) for kind in LINKS if kind != "absence"),
]
#: Pressed with no line selected, it asks up to which date.
NONE = [("id", "=", False)]
#: Dialogs, by the button that opens them and the record it is pressed on.
BUTTONS = [
    (LINE, "action_tripletex_reject", [("tripletex_sent_in", "!=", False)]),
    (LINE, "action_tripletex_open_send_in", NONE),
    (LINE, "action_tripletex_ask_invalidate", [("tripletex_state", "=", "sent")]),
    (ENTRY, "action_decide", [("state", "=", "conflict")]),
    (MONTH, "action_finish", [("cause", "=", "not_validated")]),
    (CONNECTION, "action_remove", []),
]
PROJECT, EXCLUDED = "project.project", [("tripletex_excluded", "=", True)]
#: Opened by the button of a refusal.
REFUSED = {
    "type": "ir.actions.act_window",
    "name": "Refused",
    "res_model": "tripletex.line.validate",
    "views": [[False, "form"]],
    "target": "new",
}
#: Other dialogs, most of the menu of actions, by the record that they are opened for.
MENU = [
    (f"{OURS}tripletex_entry_move_action_employee", EMPLOYEE, []),
    (f"{OURS}tripletex_employee_transfer_action", EMPLOYEE, []),
    (f"{OURS}tripletex_project_let_in_action", PROJECT, EXCLUDED),
    (REFUSED, LINE, [("tripletex_has_problem", "=", True)]),
]


class Look(story.Story):
    """Goes through the demonstration and lets axe-core look instead of a camera."""

    def __init__(self):
        super().__init__(None)
        self.found, self.language, self.seen = {}, None, set()

    def connect(self, key):
        """The settings and the set-up: to its last step, and then to its end."""
        self.page.set_viewport_size(WIDE)
        # nothing is looked at while it fades in
        self.page.emulate_media(reduced_motion="reduce")
        self._log_in()
        for language in LANGUAGES:
            self._speak(language)
            self._settings("settings, not connected")
            self._set_up(key)
            if language != LANGUAGES[-1]:
                self._close()
        self._end_set_up()

    def look(self):
        """Nothing: these screens are looked at with those of the months."""

    def months(self):
        """Every other screen, with rows in every state."""
        self._exclude_a_project()
        for language in LANGUAGES:
            self._speak(language)
            self._lists()
            self._forms()
            self._dialogs()
            self._cards()
            self._settings("settings, connected")
            self.page.click(UPDATE)
            self._wait(f"{DIALOG} .o_tripletex_setup_list .o_data_row")
            self._look("set-up, Update", DIALOG)
            self._close()

    def _set_up(self, key):
        page = self.page
        page.click("button[name=action_tripletex_connect].btn-primary")
        self._wait(f"{DIALOG} .o_tripletex_guide")
        page.click(f"{DIALOG} [name=environment] input[data-value=test]")
        page.fill(f"{DIALOG} [name=employee_token] input", key)
        page.click(f"{DIALOG} button[name=action_check]")
        self._wait(f"{DIALOG} [name=right_ids] .o_data_row")
        self._look("set-up, key", DIALOG)
        for kind in story.TICKS:
            page.click(f"{DIALOG} button[name=action_next]")
            self._tick(kind)
            self._look(f"set-up, {kind}s", DIALOG)

    def _end_set_up(self):
        self.page.click(f"{DIALOG} button[name=action_complete]")
        self._wait(f"{DIALOG} button[name=action_close]")
        self._look("set-up, done", DIALOG)
        self.page.click(f"{DIALOG} button[name=action_close]")
        self.page.locator(DIALOG).wait_for(state="detached")

    def _lists(self):
        for action in LISTS:
            self._open(action)
            if action == TO_VALIDATE:
                self._unfold()
            self._look(action)

    def _unfold(self):
        """Show the lines of the first person's first week."""
        for header in ".o_group_header", ".o_group_open + .o_group_header":
            self.page.locator(f"{header} .o_group_caret").first.click()
            self._wait(f"{header}.o_group_open")
        self._wait(".o_data_row")

    def _forms(self):
        for model, domain in FORMS:
            [record] = self._call(model, "search", domain, limit=1)
            window = {"type": "ir.actions.act_window", "res_model": model}
            window |= {"res_id": record, "views": [[False, "form"]]}
            context = FORM_OF_LINES if model == LINE else {}
            self._open(window, additionalContext=context)
            self._look(f"form of {model} {domain}")
            if model == MONTH:
                self.page.click(".o_notebook_headers [name=checks]")
                self._look("checks of a month")

    def _dialogs(self):
        for model, method, domain in BUTTONS:
            record = self._call(model, "search", domain, limit=1)
            self.page.evaluate(PRESS, [model, method, record])
            self._look(f"{model} {method}", DIALOG)
            self._close()
        for action, model, domain in MENU:
            record = self._call(model, "search", domain, limit=1)
            context = {"active_model": model, "active_id": record[0]}
            context |= {"active_ids": record, "default_line_ids": record}
            self._open(action, additionalContext=context)
            self._look(str(action), DIALOG)
            self._close()

    def _cards(self):
        self.page.set_viewport_size(PHONE)
        for action in CARDS:
            self._open(action, viewType="kanban")
            self._look(f"{action} on a phone")
        self.page.set_viewport_size(WIDE)

    # -- getting there -----------------------------------------------------------

    def _log_in(self):
        self.page.goto(f"{self.odoo}/web/login")
        for field in ("login", "password"):
            self.page.fill(f"input[name={field}]", "admin")
        self.page.click(".oe_login_form button[type=submit]")
        self._wait(".o_main_navbar")

    def _speak(self, language):
        self.language = language
        self._call("res.users", "write", [ADMINISTRATOR], {"lang": language})
        self.page.goto(f"{self.odoo}/odoo")
        self._wait(".o_main_navbar")

    def _exclude_a_project(self):
        linked = [("tripletex_project_ids", "!=", False)]
        project = self._call("project.project", "search", linked, limit=1)
        values = {"tripletex_excluded": True}
        self._call("project.project", "write", project, values)

    def _call(self, model, method, *args, **kwargs):
        call = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        address = f"{self.odoo}/web/dataset/call_kw"
        answer = self.page.request.post(address, data={"params": call}).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]

    def _open(self, action, **options):
        options.setdefault("clearBreadcrumbs", True)
        self.page.evaluate(OPEN, [action, options])

    def _settings(self, name):
        self._open("base_setup.action_general_configuration")
        self._look(name, SETTINGS)

    def _close(self):
        dialogs = self.page.locator(DIALOG)
        texts = dialogs.all_inner_texts()
        assert len(texts) == 1, texts  # a second one would say what went wrong
        dialogs.locator(".btn-close").click()
        dialogs.wait_for(state="detached")

    # -- looking -----------------------------------------------------------------

    def _look(self, name, part=CONTENT):
        self._wait(part)
        context = {"include": [[part]], "exclude": [[odoos] for odoos in ODOOS]}
        options = {"resultTypes": ["violations"]}
        if name in self.seen:
            # colours are the same in every language, and take longest to look at
            options["rules"] = {"color-contrast": {"enabled": False}}
        self.seen.add(name)
        answer = Axe().run(self.page, context, options).response
        for violation in answer["violations"]:
            if violation["impact"] in GRAVE:
                nodes = [node["html"][:200] for node in violation["nodes"]]
                where = f"{name} ({self.language})"
                self.found.setdefault((violation["id"], nodes[0]), where)


def test_no_serious_violation_on_any_screen():
    prepare()
    assert chromium.ensure(), "install Chromium: apt-get install chromium"
    look = Look()
    with postgres.running(), template.copy() as database, run.tripletex() as access:
        story.take("nb", database, access, look)
    found = [f"{rule} in {where}: {html}" for (rule, html), where in look.found.items()]
    assert not found, "\n".join(found)
