"""Refusals in the shape Tripletex gives them.

The envelope, the codes and the wording marked MEASURED below were seen in recorded
answers; texts marked ASSUMED were never seen anywhere and only stand for "Tripletex
says no here": nothing may depend on their words.
"""

import uuid

from .model import described

LINK = "https://tripletex.no/v2-docs/"

#: By key, in Norwegian and English.
TEXTS = {key: words for key, *words in described("texts.txt", r"(\w+): (.+) \| (.+)")}
#: By key, the arguments of the ApiError.
PLAIN = {
    key: (int(status), int(code), None if text == "-" else text, developer or None)
    for key, status, code, text, developer in described(
        "refusals.txt", r"(\w+) (\d+) (\d+) (.+?)(?: \| (.+))?"
    )
}


class ApiError(Exception):
    """An answer that refuses; ``text`` is a key of TEXTS or the literal message.

    ``problems``: (field, text, path) of each validation message; ``values`` fill texts.
    """

    def __init__(self, status, code, text, developer=None, problems=None, **values):
        super().__init__(f"{status}/{code}")
        self.status, self.code, self.text = status, code, text
        self.developer, self.problems, self.values = developer, problems, values

    def _say(self, key, language):
        texts = TEXTS.get(key)
        if texts is None:
            return key
        return texts[language == "en"].format(**self.values)

    def body(self, language="no"):
        """Return the error envelope as a dict, in ``language`` (``no``/``en``)."""
        keys = ("field", "message", "path", "rootId")
        messages = self.problems and [
            dict(zip(keys, (field, self._say(text, language), path, None), strict=True))
            for field, text, path in self.problems
        ]
        return {
            "status": self.status,
            "code": self.code,
            "message": self._say(self.text, language),
            "link": LINK,
            "developerMessage": self.developer,
            "validationMessages": messages,
            "requestId": str(uuid.uuid4()),
        }

    def without_place(self):
        """Return the same refusal that no longer tells which field or row it means.

        A batch fails with one message whose field and path are null (MEASURED).
        """
        problems = self.problems and [(None, self.problems[0][1], None)]
        return ApiError(
            self.status, self.code, self.text, self.developer, problems, **self.values
        )


def refusal(name):
    """A refusal of PLAIN."""
    return ApiError(*PLAIN[name])


def missing(*fields):
    """Required query parameters or the body missing (MEASURED)."""
    problems = [(field, "null", None) for field in fields]
    return ApiError(422, 15000, "Validation failed", None, problems)


def out_of_range(field, text, **values):
    """A query value outside its bounds (ASSUMED shape)."""
    problems = [(field, text, None)]
    return ApiError(422, 15000, "Validation failed", None, problems, **values)


def not_mapped(problems):
    """Unknown fields or wrong types in a body (MEASURED)."""
    return ApiError(422, 16000, "Request mapping failed", None, problems)


def required(fields):
    """Required body fields are null (MEASURED)."""
    problems = [(field, "null", f"null.{field}") for field in fields]
    return ApiError(422, 18000, "validation", None, problems)


def invalid(field, text, path=None, **values):
    """A rule of Tripletex refuses the row (MEASURED shape).

    Checks of a single value give its path and no developer message.
    """
    developer = None if path else "VALIDATION_ERROR"
    problems = [(field, text, path)]
    return ApiError(422, 18000, "validation", developer, problems, **values)


def wrong_token(name):
    """A wrong token on session create: MEASURED for ``consumerToken``.

    For ``employeeToken`` only the wording is REPORTED, the field is ASSUMED.
    """
    words = name.removesuffix("Token")
    message = f"The {words} token is invalid or does not exist."
    return invalid(f"arg:{name}", message, f"arg:{name}")


def illegal_field(name, model):
    """The fields filter names a field that is not there (MEASURED)."""
    text = f"Illegal field in fields filter: {name}. {name} does not match a field "
    return ApiError(400, 11000, f"{text}in the model: {model}DTO")
