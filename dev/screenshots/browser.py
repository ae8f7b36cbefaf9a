"""A headless Chromium, driven through its DevTools protocol."""

import base64
import io
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

ARGUMENTS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--hide-scrollbars", "--force-color-profile=srgb"),
    *("--remote-debugging-port=0", "--remote-allow-origins=*"),
]
PATIENCE = 90
#: A picture of a screen needs no more colours than this.
COLOURS = 128


class Browser:
    """One page. Selectors are CSS; ``text`` narrows them to what contains it.

    :param str program: path of Chromium
    """

    def __init__(self, program):
        self._folder = tempfile.mkdtemp(prefix="screenshots-")
        self._process = subprocess.Popen(
            [program, *ARGUMENTS, f"--user-data-dir={self._folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Odoo takes a person's time zone from the browser at the first login.
            env={**os.environ, "TZ": "Europe/Oslo"},
        )
        self._numbers = itertools.count(1)
        self._socket = websocket.create_connection(
            self._address(), timeout=PATIENCE, suppress_origin=True
        )
        self._call("Page.enable")

    def close(self):
        """End the browser and forget what it stored."""
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _address(self):
        file = Path(self._folder) / "DevToolsActivePort"
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            if file.exists() and "\n" in (text := file.read_text()):
                address = f"http://127.0.0.1:{text.split()[0]}/json/list"
                with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                    targets = json.load(answer)
                pages = [t for t in targets if t["type"] == "page"]
                if pages:
                    return pages[0]["webSocketDebuggerUrl"]
            time.sleep(0.1)
        raise TimeoutError("Chromium does not start.")

    def _call(self, method, **parameters):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    # -- what a person does ------------------------------------------------------

    def size(self, width, height, scale=1):
        """Make the window ``width`` by ``height`` CSS pixels."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": height, "deviceScaleFactor": scale},
            mobile=False,
        )

    def open(self, address):
        """Go to an address."""
        self._call("Page.navigate", url=address)

    def run(self, script):
        """Value of a JavaScript expression."""
        found = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"]["description"])
        return found["result"].get("value")

    def wait(self, selector, text="", gone=False):
        """Wait until something is there, visible, and nothing is being loaded.

        :param bool gone: wait until it is not there instead
        :raise TimeoutError: it does not come
        """
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            try:
                if self.run(f"{_FOUND}({json.dumps([selector, text])})") != gone:
                    return
            except RuntimeError:
                pass  # between two pages there is nothing to ask
            time.sleep(0.1)
        raise TimeoutError(f"{selector} {text} does not come: {self.run(_TEXT)}")

    def click(self, selector, text=""):
        """Press what the selector finds first."""
        self.wait(selector, text)
        self.run(f"{_FIND}({json.dumps([selector, text])})[0].click()")

    def type(self, selector, text):
        """Put text into an input."""
        self.wait(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self._call("Input.insertText", text=text)

    # -- pictures ----------------------------------------------------------------

    def picture(self, file, selector=None, margin=0):
        """Take a picture of the window or of one part of it.

        :param file: where to, PNG
        :param selector: the part; without it the whole window
        :param int margin: CSS pixels around the part
        """
        self.run("document.activeElement && document.activeElement.blur()")
        self._call(
            "Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1, button="none"
        )
        time.sleep(0.5)  # transitions
        clip = {}
        if selector:
            box = self.run(f"{_BOX}({json.dumps([selector, margin])})")
            clip = {"clip": {**box, "scale": 1}}
        shot = self._call("Page.captureScreenshot", format="png", **clip)
        image = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
        file.parent.mkdir(parents=True, exist_ok=True)
        small = image.quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(file, optimize=True)


_FIND = """(([selector, text]) => [...document.querySelectorAll(selector)].filter(
    (found) => found.checkVisibility() && found.textContent.includes(text)))"""
_FOUND = (
    "((wanted) => document.readyState === 'complete' && "
    "!document.querySelector('.o_blockUI, .o_loading_indicator') && "
    f"{_FIND}(wanted).length > 0)"
)
_TEXT = "(document.body ? document.body.innerText : '').slice(0, 2000)"
_BOX = """(([selector, margin]) => {
    const box = document.querySelector(selector).getBoundingClientRect();
    return { x: Math.max(0, box.x - margin), y: Math.max(0, box.y - margin),
             width: box.width + 2 * margin, height: box.height + 2 * margin };
})"""
