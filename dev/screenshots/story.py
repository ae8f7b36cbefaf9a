"""The pictures of the guides in one language, in the order in which a person sees them.

Run in the virtual environment by ``make screenshots``: it says ``connected`` on
standard output when the set-up is through, and goes on when it is told so.
"""

import shutil
import sys
from pathlib import Path

from .browser import Browser

WIDE = (1280, 860)
DIALOG = ".modal-content"
ADMIN = "admin"
#: Ticks per step of the set-up: what each later picture needs.
TICKS = {"project": 6, "paycode": 3, "employee": 4}
ROOT = Path(__file__).resolve().parents[2]
STORE = ROOT / "static" / "description"


class Story:
    """Takes the pictures into ``folder``.

    :param browser: :class:`Browser`
    :param str odoo: address
    :param str key: API user key for the stand-in
    """

    def __init__(self, browser, odoo, key, folder):
        self.browser, self.odoo, self.key, self.folder = browser, odoo, key, folder

    def connect(self):
        """Log in, and go through the set-up."""
        page = self.browser
        page.size(*WIDE)
        page.open(f"{self.odoo}/web/login")
        page.type("input[name=login]", ADMIN)
        page.type("input[name=password]", ADMIN)
        page.click(".oe_login_form button[type=submit]")
        page.wait(".o_main_navbar")
        self._settings()
        self._picture("settings-not-connected")
        page.click("button[name=action_tripletex_connect].btn-primary")
        page.wait(f"{DIALOG} .o_tripletex_guide")
        page.click(f"{DIALOG} [name=environment] input[data-value=test]")
        page.type(f"{DIALOG} [name=employee_token] input", self.key)
        page.click(f"{DIALOG} button[name=action_check]")
        page.wait(f"{DIALOG} [name=right_ids] .o_data_row")
        self._dialog("setup-1-key")
        for number, kind in enumerate(TICKS, 2):
            page.click(f"{DIALOG} button[name=action_next]")
            self._tick(kind)
            self._dialog(f"setup-{number}-{kind}s")
        page.click(f"{DIALOG} button[name=action_complete]")
        page.wait(f"{DIALOG} button[name=action_close]")
        self._dialog("setup-5-done")
        page.click(f"{DIALOG} button[name=action_close]")
        page.wait(DIALOG, gone=True)

    def store(self):
        """The pictures of the addon's page in the app store."""
        self.browser.size(560, 280)
        self.browser.open(Path(__file__).with_name("banner.html").as_uri())
        self.browser.wait("ol")
        self.browser.picture(STORE / "banner.png")
        shutil.copy(self.folder / "sent-hours.png", STORE)

    def _tick(self, kind):
        rows = f"{DIALOG} [name=step_{kind}s] .o_data_row"
        box = f"{rows} .o_tripletex_tick input:not(:disabled):not(:checked)"
        for count in range(1, TICKS[kind] + 1):
            self.browser.click(box)
            self.browser.wait(
                f"{DIALOG} [name=step_{kind}s] .o_tripletex_count b", str(count)
            )

    def look(self):
        """The screens of every week."""
        page = self.browser
        self._settings()
        self._picture("settings-connected")
        self._validate()
        page.open(f"{self.odoo}/odoo/action-hr_timesheet.act_hr_timesheet_line")
        page.wait(
            ".o_list_view .o_group_header, .o_list_view .o_data_row, .o_view_nocontent"
        )
        self._picture("my-timesheets")
        page.open(f"{self.odoo}/odoo/tripletex-sent-hours")
        page.wait(".o_list_view .o_data_row, .o_list_view .o_group_header")
        self._picture("sent-hours")
        page.click(".o_data_row:has([name=state] .text-bg-warning) [name=date]")
        page.wait(".o_form_view [name=remote_hours]")
        self._picture("conflict")

    def _validate(self):
        """The first employee's week, and what one of its lines is refused for."""
        page = self.browser
        page.open(f"{self.odoo}/odoo/timesheets-to-validate")
        page.click(".o_group_header .o_group_caret")
        # a row for every employee, and one for the week
        page.wait(f".o_group_header:nth-of-type({TICKS['employee'] + 1})")
        page.click(".o_group_open + .o_group_header .o_group_caret")
        page.wait(".o_data_row")
        self._picture("to-validate")
        page.click(".o_tripletex_validate_group")
        page.wait(DIALOG)
        self._dialog("refused")

    def _settings(self):
        self.browser.open(f"{self.odoo}/odoo/settings")
        self.browser.wait("#tripletex_connection")
        self.browser.run(
            "document.querySelector('#tripletex_connection').scrollIntoView()"
        )

    def _dialog(self, name):
        """A picture of the dialog, as high as what it holds."""
        page = self.browser
        page.size(1280, 2400)
        page.wait(DIALOG)
        page.picture(self.folder / f"{name}.png", DIALOG)
        page.size(*WIDE)

    def _picture(self, name, selector=None):
        self.browser.picture(self.folder / f"{name}.png", selector)


def main(program, odoo, key, folder):
    """Take all pictures; between the two halves somebody else makes the hours."""
    browser = Browser(program)
    try:
        story = Story(browser, odoo, key, Path(folder))
        story.connect()
        print("connected", flush=True)
        sys.stdin.readline()
        story.look()
        if story.folder.name == "en":
            story.store()
    finally:
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
