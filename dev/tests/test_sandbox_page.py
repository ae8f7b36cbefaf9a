"""The stand-in's page and its command line."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from dev.sandbox import SandboxControl
from dev.sandbox.faults import KINDS

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


def test_command_line(command):
    address = command(
        *("--port", "0", "--projects", "4", "--salary-types", "6", "--employees", "3"),
        *("--activities", "2", "--seed", "9", "--rate-limit", "0", "--plain"),
        *("--fault", "500_json:times=2:method=POST:path=/timesheet/*"),
        *("--mix", "drop_before=0.1,500_html=0.1", "--lock-month", "2026-03:2"),
        *("--close-project", "3", "--show-salary-type", "2001", "--require-comments"),
        *("--revoke-rights", "timesheet/entry:write", "--clock-offset", "3600"),
    )
    control = SandboxControl(address)
    state = control.state()
    counts = state["counts"]
    assert (counts["projects"], counts["salaryTypes"]) == (4, 6)
    assert (counts["employees"], counts["activities"]) == (3, 2)
    assert state["faults"][0]["times"] == 2
    assert state["mix"]["rates"] == {"drop_before": 0.1, "500_html": 0.1}
    assert state["mix"]["seed"] == 9
    assert state["lockedMonths"][0]["month"] == "2026-03"
    assert state["rights"]["revoked"] == ["timesheet/entry:write"]
    assert state["settings"]["requireCommentsOnRegisteredHoursAllProjects"] is True
    assert state["rate"]["limit"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "nonsense"], "Unknown fault"),
        (["--mix", "500_json=much"], "could not convert"),
        (["--close-project", "999"], "No such Project: 999"),
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
