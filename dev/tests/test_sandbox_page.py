"""The stand-in's page and its command line."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from dev.sandbox import SandboxControl
from dev.sandbox.faults import KINDS
from dev.sandbox.switches import LOOKING, SIGNATURES, parameters

ROOT = Path(__file__).resolve().parents[2]


def test_page_shows_what_is_held_and_escapes_it(api, control):
    api.post_entry(hours=6.75, comment="<script>alert(1)</script>")
    control.fault("drop_after", times=3)
    page = requests.get(api.sandbox.root_url, timeout=30).text
    assert "6.75" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "Fjordbygg Demo AS" in page
    assert "connection lost after the write was kept: 3 more" in page
    for kind in KINDS:
        assert f'<option value="{kind}">' in page


def test_page_has_a_form_for_each_switch(api):
    page = requests.get(api.sandbox.root_url, timeout=30).text
    for name in set(SIGNATURES) - set(LOOKING):
        form = page.partition(f'data-switch="{name}"')[2].partition("</form>")[0]
        fields = set(re.findall(r'name="(\w+)"', form))
        wanted = set()
        for parameter in parameters(name):
            columns = getattr(parameter.annotation, "names", parameter.name)
            wanted |= set(columns.split())
        assert fields == wanted, name


def test_other_web_sites_cannot_press_the_buttons(api):
    address = f"{api.sandbox.root_url}/control/reset"
    for headers in ({"Origin": "https://example.com"}, {"Host": "example.com"}):
        answer = requests.post(address, headers=headers, timeout=30)
        assert answer.status_code == 403
    headers = {"Origin": api.sandbox.root_url}
    assert requests.post(address, headers=headers, timeout=30).status_code == 200


@pytest.fixture
def command():
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "dev.sandbox", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        line = process.stdout.readline()
        assert line.startswith("Tripletex stand-in: http://127.0.0.1:")
        assert line.rstrip().endswith("/v2")
        return line.split()[-1]

    yield start
    for process in started:
        process.terminate()
        assert process.wait(timeout=30) == 0
        process.stdout.close()


def switch(name, **values):
    return "--switch", f"{name} {json.dumps(values)}" if values else name


def test_command_line(command):
    address = command(
        *("--port", "0", "--projects", "4", "--salary-types", "6", "--employees", "3"),
        *("--activities", "2", "--seed", "9", "--rate-limit", "0", "--plain"),
        *switch("fault", kind="500_json", times=2, method="POST", path="/timesheet/*"),
        *switch("mix", rates={"drop_before": 0.1, "500_html": 0.1}, seed=9),
        *switch("lock_month", month="2026-03", employee=2),
        *(*switch("close_project", project=3), *switch("require_comments")),
        *switch("show_salary_type", salary_type=2001),
        *switch("revoke_rights", resources=["timesheet/entry:write"]),
        *switch("advance_clock", seconds=3600),
    )
    control = SandboxControl(address)
    state = control.state()
    counts = state["counts"]
    assert (counts["projects"], counts["salaryTypes"]) == (4, 6)
    assert (counts["employees"], counts["activities"]) == (3, 2)
    assert state["faults"][0]["times"] == 2
    assert state["mix"]["rates"] == {"drop_before": 0.1, "500_html": 0.1}
    assert state["mix"]["seed"] == 9
    assert state["months"][0]["approvedUntilDate"] == "2026-03-31"
    assert state["rights"]["revoked"] == ["timesheet/entry:write"]
    assert state["settings"]["requireCommentsOnRegisteredHoursAllProjects"] is True
    assert state["rate"]["limit"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (switch("fault", kind="nonsense"), "kind must be one of"),
        (switch("nonsense"), "No such switch"),
        (["--switch", "fault kind=500_json"], "Expecting value"),
        (["--switch", "fault []"], "must be a JSON object"),
        (switch("close_project", project=999), "No such Project: 999"),
        (["--port", "99999999"], "not free"),
    ],
)
def test_command_line_mistakes_end_with_a_sentence(arguments, words):
    done = subprocess.run(
        [sys.executable, "-m", "dev.sandbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode
    assert words in done.stderr
    assert "Traceback" not in done.stderr
