"""No screen of ours shuts people out: axe-core looks at each, in both languages.

What it finds on Odoo's own screens too – menus, search bar, list, form, dialog – is
Odoo's: it is printed, and left to Odoo.
"""

import re

from axe_playwright_python.sync_playwright import Axe

from dev.commands import run
from dev.screenshots import story
from dev.setup import chromium, postgres, prepare, template

OURS, LINES = "hr_timesheet_tripletex", "action-hr_timesheet.timesheet_action_all"
#: Screens that Odoo brings, of the kinds that ours are made of.
ODOOS = """action-base.action_res_users action-base.action_res_users/2
action-hr.open_view_employee_list_my action-project.open_view_project_all settings
action-hr_timesheet.timesheet_action_report_by_employee?view_type=pivot""".split()
LINKS = "project", "paycode", "absence", "employee", "activity", "connection"
SCREENS = ["timesheets-to-validate", "tripletex-sent-hours", "tripletex-months"]
SCREENS += [f"action-{OURS}.tripletex_{kind}_action" for kind in LINKS]
#: What is pressed on a screen, one after the other, until a dialog is there.
CHECK = "thead .o_list_record_selector input"
DIALOGS = [
    ("settings", "#tripletex_connection button[name=action_tripletex_remove]"),
    ("settings", "#tripletex_connection div:not(.alert) > .btn-primary"),
    (LINES, CHECK, "button[name=action_tripletex_ask_invalidate]"),
    (LINES, "button[name=action_tripletex_open_send_in]"),
    ("tripletex-needs-attention", CHECK, "button[name=action_decide]"),
]
SIZES = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


class Look(story.Story):
    """Goes where the pictures are taken, and lets axe look instead of a camera."""

    def __init__(self):
        super().__init__(None)
        self.found, self.odoos = {}, {}

    def months(self):
        """At the end: Odoo's screens, then ours in both languages and sizes."""
        super().months()
        for path in ODOOS:
            self._open(path)
            self.odoos |= self._violations()
        for language in story.LANGUAGES.values():
            self._speak(language)
            for path, *buttons in DIALOGS:
                self._open(path)
                for button in buttons:
                    self.page.locator(button).locator("visible=true").first.click()
                self._picture(f"{path} {buttons[-1]} {language}", story.DIALOG)
            for size in SIZES:
                self.page.set_viewport_size(size)
                for path in SCREENS:
                    self._open(path)
                    self._picture(f"{path} {language} {size['width']}")
            self.page.set_viewport_size(story.WIDE)

    def _open(self, path):
        self.page.goto(f"{self.odoo}/odoo/{path}")
        self._wait(".o_view_controller, .o_form_view, .o_settings_container")

    def _speak(self, language):
        call = {"model": "res.users", "method": "write", "kwargs": {}}
        call["args"] = [[2], {"lang": language}]
        address = f"{self.odoo}/web/dataset/call_kw"
        self.page.request.post(address, data={"params": call})

    def _picture(self, name, selector="body"):
        self._settle(selector)
        for mark, markup in self._violations().items():
            self.found.setdefault(mark, f"{mark[0]} on {name}: {markup}")

    def _violations(self):
        """What axe finds: dict of (rule, tag, classes) to an element's markup."""
        marks = {}
        for violation in Axe().run(self.page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                for node in violation["nodes"]:
                    markup = node["html"].partition(">")[0]
                    classes = re.search(r' class="([^"]*)', markup)
                    words = frozenset(classes[1].split() if classes else ())
                    marks[violation["id"], markup.split()[0], words] = markup[:200]
        return marks


def test_no_serious_violation_on_our_screens():
    prepare()
    assert chromium.ensure()
    look = Look()
    with postgres.running(), template.copy() as database, run.tripletex() as access:
        story.take("nb", database, access, look)
    ours = look.found.keys() - look.odoos.keys()
    print("Odoo's own:", *sorted({mark[0] for mark in look.found.keys() - ours}))
    assert not ours, "\n".join(sorted(look.found[mark] for mark in ours))
