"""make screenshots: the guides' pictures, in the order in which a person sees them."""

import io
import shutil
from contextlib import contextmanager

from PIL import Image
from playwright.sync_api import Error, sync_playwright

from ..commands import run
from ..setup import chromium, paths, postgres, prepare, process, template
from ..setup.progress import SetupError, step

LANGUAGES = {"en": "en_US", "nb": "nb_NO"}
FOLDER = paths.ROOT / "docs" / "images"
STORE = paths.ROOT / "static" / "description"
SCENE = "from dev.screenshots import scene; scene.{}(env, {!r})\n"
SCENE_ADVICE = "The pictures' company could not be made; the end of the log says why."
PATIENCE = 90_000  # milliseconds
#: A picture of a screen needs no more colours than this.
COLOURS = 128
WIDE = {"width": 1280, "height": 860}
HIGH = {"width": 1280, "height": 2400}
DIALOG = ".modal-content"
ROWS = ".o_list_view .o_group_header, .o_list_view .o_data_row"
LOADING = ".o_blockUI, .o_loading_indicator"
#: Ticks per step of the set-up: what each later picture needs.
TICKS = {"project": 6, "paycode": 3, "employee": 4}


def screenshots(arguments):
    """Take the pictures of the given languages (``en``, ``nb``), else of both.

    :raise SetupError: there is no browser, or a screen is not as expected
    """
    for word in arguments:
        if word not in LANGUAGES:
            raise SetupError(f"{word} is not one of {', '.join(LANGUAGES)}.")
    prepare()
    if not chromium.ensure():
        raise SetupError("Pictures need Chromium: install it and run this again.")
    with postgres.running():
        for word in arguments or LANGUAGES:
            with template.copy() as database, run.tripletex() as access:
                take(word, database, access, Story(FOLDER / word))
    return 0


def take(word, database, access, story):
    """Let a story happen in a copy of the template, in a language (``en``, ``nb``)."""
    config = process.write_config(database)

    def scene(name):
        script = SCENE.format(name, LANGUAGES[word])
        process.run_script(config, script, "screenshots.log", SCENE_ADVICE, **access)

    scene("company")
    with (
        run.serving(database, run.choose_port()) as (_odoo, address),
        step(f"Pictures ({word})"),
        _page() as page,
    ):
        story.page, story.odoo = page, address
        try:
            story.connect(access["TRIPLETEX_EMPLOYEE_TOKEN"])
            scene("week")
            story.look()
            scene("month")
            story.months()
            if word == "en":
                story.store()
        except Error as error:
            raise SetupError(f"A screen is not as expected: {error}") from error


@contextmanager
def _page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find())
        # Odoo takes a person's time zone from the browser at the first login.
        context = browser.new_context(viewport=WIDE, timezone_id="Europe/Oslo")
        context.set_default_timeout(PATIENCE)
        yield context.new_page()
        browser.close()


class Story:
    """Takes the pictures into ``folder``; page and Odoo's address come later."""

    def __init__(self, folder):
        self.folder = folder

    def connect(self, key):
        """Log in, and go through the set-up with an API user key."""
        page = self.page
        page.goto(f"{self.odoo}/web/login")
        for field in ("login", "password"):
            page.fill(f"input[name={field}]", "admin")
        page.click(".oe_login_form button[type=submit]")
        self._wait(".o_main_navbar")
        self._settings("settings-not-connected")
        page.click("button[name=action_tripletex_connect].btn-primary")
        self._wait(f"{DIALOG} .o_tripletex_guide")
        page.click(f"{DIALOG} [name=environment] input[data-value=test]")
        page.fill(f"{DIALOG} [name=employee_token] input", key)
        page.click(f"{DIALOG} button[name=action_check]")
        self._wait(f"{DIALOG} [name=right_ids] .o_data_row")
        self._dialog("setup-1-key")
        for number, kind in enumerate(TICKS, 2):
            page.click(f"{DIALOG} button[name=action_next]")
            self._tick(kind)
            self._dialog(f"setup-{number}-{kind}s")
        page.click(f"{DIALOG} button[name=action_complete]")
        self._wait(f"{DIALOG} button[name=action_close]")
        self._dialog("setup-5-done")
        page.click(f"{DIALOG} button[name=action_close]")
        page.locator(DIALOG).wait_for(state="detached")

    def _tick(self, kind):
        step_ = f"{DIALOG} [name=step_{kind}s]"
        box = f"{step_} .o_tripletex_tick input:not(:disabled):not(:checked)"
        for count in range(1, TICKS[kind] + 1):
            self.page.locator(box).first.click()
            self._wait(f"{step_} .o_tripletex_count b:has-text('{count}')")

    def look(self):
        """The screens of every week."""
        page = self.page
        self._settings("settings-connected")
        self._validate()
        page.goto(f"{self.odoo}/odoo/action-hr_timesheet.act_hr_timesheet_line")
        self._wait(f"{ROWS}, .o_view_nocontent")
        self._picture("my-timesheets")
        page.goto(f"{self.odoo}/odoo/tripletex-sent-hours")
        self._wait(ROWS)
        self._picture("sent-hours")
        conflict = ".o_data_row:has([name=state] .text-bg-warning) [name=date]"
        page.locator(conflict).first.click()
        self._wait(".o_form_view [name=remote_hours]")
        self._picture("conflict")

    def months(self):
        """The month end: the board, and the month that differs."""
        self.page.goto(f"{self.odoo}/odoo/action-{run.MONTHS}")
        self._wait(ROWS)
        self._picture("months")
        self.page.locator(".o_data_row .text-bg-danger").first.click()
        self._wait(".o_form_view [name=days] td")
        self._picture("month")

    def _validate(self):
        """The first employee's week, and what one of its lines is refused for."""
        page = self.page
        page.goto(f"{self.odoo}/odoo/timesheets-to-validate")
        page.locator(".o_group_header .o_group_caret").first.click()
        # a row for every employee, and one for the week
        self._wait(f".o_group_header:nth-of-type({TICKS['employee'] + 1})")
        page.locator(".o_group_open + .o_group_header .o_group_caret").first.click()
        self._wait(".o_data_row")
        self._picture("to-validate")
        page.locator(".o_tripletex_validate_group").first.click()
        self._dialog("refused")

    def store(self):
        """The pictures of the addon's page in the app store."""
        self.page.set_viewport_size({"width": 560, "height": 280})
        self.page.goto((paths.ROOT / "dev/screenshots/banner.html").as_uri())
        _save(self.page.screenshot(), STORE / "banner.png")
        shutil.copy(self.folder / "months.png", STORE)

    def _settings(self, name):
        self.page.goto(f"{self.odoo}/odoo/settings")
        block = self.page.locator("#tripletex_connection")
        block.evaluate("block => block.scrollIntoView()")
        self._picture(name)

    def _wait(self, selector):
        """Wait until something is there, visible, and nothing is being loaded."""
        self.page.locator(selector).first.wait_for()
        self.page.locator(LOADING).first.wait_for(state="hidden")

    def _dialog(self, name):
        """A picture of the dialog, as high as what it holds."""
        self.page.set_viewport_size(HIGH)
        self._wait(DIALOG)
        self._picture(name, DIALOG)
        self.page.set_viewport_size(WIDE)

    def _settle(self, selector):
        self._wait(selector)
        self.page.evaluate("document.activeElement && document.activeElement.blur()")
        self.page.mouse.move(1, 1)
        self.page.wait_for_timeout(500)  # transitions

    def _picture(self, name, selector="body"):
        self._settle(selector)
        part = self.page if selector == "body" else self.page.locator(selector)
        _save(part.screenshot(), self.folder / f"{name}.png")


def _save(shot, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
