"""Turning the stand-in's switches from another process."""

import functools
import json
import urllib.error
import urllib.request

from .switches import SIGNATURES


class ControlRefused(Exception):
    """The stand-in did not accept the switch; the text says why."""


class SandboxControl:
    """One method for each of ``switches.Switches``, called as declared there.

    Methods raise ControlRefused, and OSError when the stand-in is not there.
    """

    def __init__(self, root_url):
        self.root_url = root_url.rstrip("/").removesuffix("/v2")
        # Never through a proxy: the stand-in is on this machine.
        handler = urllib.request.ProxyHandler({})
        self._opener = urllib.request.build_opener(handler)

    def __getattr__(self, name):
        if name not in SIGNATURES:
            raise AttributeError(name)
        return functools.partial(self._turn, name)

    def _turn(self, switch, /, *args, **kwargs):
        values = dict(SIGNATURES[switch].bind(None, *args, **kwargs).arguments)
        values.update(values.pop("columns", {}))
        del values["self"]
        return self.call(switch, values)

    def call(self, switch, values):
        """Turn a switch by its name; prefer the methods."""
        address, body = (
            f"{self.root_url}/control/{switch}",
            json.dumps(values, default=str),
        )
        try:
            with self._opener.open(address, body.encode(), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as problem:
            with problem:
                text = json.loads(problem.read() or b"{}").get("error", "")
            raise ControlRefused(text or f"HTTP {problem.code}") from None
