"""Which function answers which call."""

import re
from dataclasses import dataclass

from . import errors

_ROUTES = []


@dataclass(frozen=True)
class Route:
    """One operation; ``template`` stands for its path in logs."""

    method: str
    template: str
    pattern: object
    function: object
    resource: str
    open: bool


def route(method, template, *, resource, open=False):
    """Register a handler for ``method`` and ``template`` (``/project/{id}``).

    ``resource`` names what rights are about; ``open`` needs no session.
    """

    def register(function):
        expression = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        _ROUTES.append(
            Route(method, template, re.compile(expression), function, resource, open)
        )
        return function

    return register


def find(method, path):
    """Return the Route and its path values.

    Literal paths win over ``{id}``. Raises 400/4000 for a known path with another
    method, else 404/6000.
    """
    found = []
    for item in _ROUTES:
        match = item.pattern.fullmatch(path)
        if match:
            found.append((item, match.groupdict()))
    literal = [pair for pair in found if not pair[1]]
    # A literal path hides the {id} of the same place, whatever the method.
    for item, values in literal or found:
        if item.method == method:
            return item, values
    if found:
        raise errors.method_not_allowed()
    raise errors.not_found()


def template_of(path):
    """The template of ``path`` for logs; a session token never shows."""
    matches = [item for item in _ROUTES if item.pattern.fullmatch(path)]
    for item in sorted(matches, key=lambda item: "{" in item.template):
        return item.template
    return path
