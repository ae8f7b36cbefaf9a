"""The objects Tripletex serves: their fields, kinds and addresses.

Field names follow the public description of the API (version 2.74).
"""

import pathlib
import re
from dataclasses import dataclass

HOST = "tripletex.no/v2"  # urls in answers have no scheme (MEASURED)


def described(name, pattern):
    """Return the groups of ``pattern``, which matches whole lines, in a text file.

    What the file says is explained there; its comments begin with #.
    """
    text = pathlib.Path(__file__).with_name(name).read_text(encoding="utf-8")
    return re.findall(rf"^{pattern}$", text, re.MULTILINE)


@dataclass(frozen=True)
class Field:
    """One field: its name, kind, and whether it is a list or read-only."""

    name: str
    kind: str
    many: bool
    read_only: bool

    @property
    def model(self):
        """The model of the sub-object, or None for a plain value."""
        return MODELS.get(self.kind)


@dataclass(frozen=True)
class Model:
    """One object type; ``path`` is None for objects embedded without an id."""

    name: str
    path: str
    fields: dict

    def url(self, row_id):
        """The address of one object as Tripletex writes it."""
        return f"{HOST}/{self.path}/{row_id}"


def _model(name, path, words):
    if path != "-":
        version = ["version:int"] if words else []
        words = ["id:int", *version, "url:str!", *words]
    fields = {}
    for word in words:
        field, kind = word.split(":")
        many, read_only = "[" in kind, kind.endswith("!")
        fields[field] = Field(field, kind.strip("[]!"), many, read_only)
    return Model(name, path.strip("-") or None, fields)


MODELS = {
    name: _model(name, path, words.split())
    for name, path, words in described("objects.txt", r"(\w+) (\S+)((?:\n  .*)*)")
}
