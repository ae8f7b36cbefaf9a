"""Refusals in the shape Tripletex gives them.

The envelope, the codes and the wording marked MEASURED below were seen in
recorded answers; texts marked ASSUMED were never seen anywhere and only stand
for "Tripletex says no here": nothing may depend on their words.
"""

import uuid

LINK = "https://tripletex.no/v2-docs/"

# Texts by key, Norwegian then English: Tripletex answers in the language of the
# user the key hangs on (MEASURED), so both are served.
TEXTS = {
    # MEASURED
    "validation": ("Validering feilet.", "Validation failed."),
    "null": ("Kan ikke være null.", "Cannot be null."),
    "over_24": ("Kan ikke være over 24", "Cannot be over 24"),
    "unknown_field": (
        "Feltet eksisterer ikke i objektet.",
        "The field does not exist in the object.",
    ),
    "wrong_type": (
        "Verdien er ikke av korrekt type for dette feltet.",
        "The value is not of the correct type for this field.",
    ),
    "before_start": (
        "Startdato for prosjektet {project} er {date}. Det kan ikke registreres "
        "timer før denne datoen.",
        "The start date of the project {project} is {date}. Hours cannot be "
        "registered before this date.",
    ),
    "activity_unusable": (
        "Aktiviteten kan ikke benyttes.",
        "The activity cannot be used.",
    ),
    "entry_exists": (
        "Det er allerede registrert timer på den ansatte på denne dagen, "
        "aktiviteten og prosjektet. Oppdater antall timer som allerede er ført.",
        "Hours are already registered on the employee on this day, activity and "
        "project. Update the number of hours already registered.",
    ),
    # ASSUMED
    "must_be_empty": ("Feltet må være tomt.", "The field must be empty."),
    "id_mismatch": (
        "Feltet er ikke likt id i adressen.",
        "The field differs from the id in the address.",
    ),
    "negative": ("Kan ikke være under 0", "Cannot be under 0"),
    "not_positive": ("Må være over 0", "Must be over 0"),
    "above_max": ("Kan ikke være over {limit}", "Cannot be over {limit}"),
    "after_end": (
        "Sluttdato for prosjektet {project} er {date}. Det kan ikke registreres "
        "timer etter denne datoen.",
        "The end date of the project {project} is {date}. Hours cannot be "
        "registered after this date.",
    ),
    "project_closed": (
        "Prosjektet {project} er avsluttet.",
        "The project {project} is closed.",
    ),
    "not_participant": (
        "Den ansatte er ikke deltaker på prosjektet {project}.",
        "The employee is not a participant of the project {project}.",
    ),
    "no_registration": (
        "Det kan ikke registreres timer på den ansatte.",
        "Hours cannot be registered on the employee.",
    ),
    "comment_required": (
        "Kommentar må fylles ut.",
        "A comment must be filled in.",
    ),
    "not_in_timesheet": (
        "Lønnsarten vises ikke i timelisten.",
        "The salary type is not shown in the timesheet.",
    ),
    "row_exists": (
        "Det er allerede registrert en rad på den ansatte på denne dagen og "
        "lønnsarten.",
        "A row is already registered on the employee on this day and salary type.",
    ),
    "locked": (
        "Timene er låst og kan ikke endres.",
        "The hours are locked and cannot be changed.",
    ),
}


class ApiError(Exception):
    """An answer that refuses.

    ``text`` is a key of TEXTS or the literal message; ``problems`` is a list of
    ``(field, text key or literal, path)`` for ``validationMessages``, or None.
    ``values`` fills the places in the texts.
    """

    def __init__(self, status, code, text, *, developer=None, problems=None, **values):
        super().__init__(f"{status}/{code}")
        self.status = status
        self.code = code
        self.text = text
        self.developer = developer
        self.problems = problems
        self.values = values

    def _say(self, key, language):
        texts = TEXTS.get(key)
        if texts is None:
            return key
        return texts[1 if language == "en" else 0].format(**self.values)

    def body(self, language="no", request_id=None):
        """Return the error envelope as a dict, in ``language`` (``no``/``en``)."""
        messages = None
        if self.problems is not None:
            messages = [
                {
                    "field": field,
                    "message": self._say(text, language),
                    "path": path,
                    "rootId": None,
                }
                for field, text, path in self.problems
            ]
        return {
            "status": self.status,
            "code": self.code,
            "message": self._say(self.text, language),
            "link": LINK,
            "developerMessage": self.developer,
            "validationMessages": messages,
            "requestId": request_id or new_request_id(),
        }

    def without_place(self):
        """Return the same refusal that no longer tells which field or row it means.

        A batch fails with one message whose field and path are null (MEASURED).
        """
        if not self.problems:
            return self
        return ApiError(
            self.status,
            self.code,
            self.text,
            developer=self.developer,
            problems=[(None, self.problems[0][1], None)],
            **self.values,
        )


def new_request_id():
    """Return a fresh request id, as in the header x-tlx-request-id."""
    return str(uuid.uuid4())


def unauthorized(missing=False):
    """401 code 3000: session missing, wrong, deleted or expired (MEASURED)."""
    why = (
        "The Authorization header is missing."
        if missing
        else "Check login info in Authorization header."
    )
    return ApiError(401, 3000, "Unauthorized", developer=f"Could not log in. {why}")


def foreign_object():
    """401 code 9000: the object belongs to another company (MEASURED, 2017)."""
    return ApiError(401, 9000, "Attempt to read unauthorized object.")


def forbidden(message="You do not have permission to access this feature."):
    """403 code 9000: rights or module missing (MEASURED)."""
    return ApiError(403, 9000, message)


def not_found():
    """404 code 6000, never saying which id it means (MEASURED)."""
    return ApiError(404, 6000, "Object not found")


def method_not_allowed():
    """A 405 comes as 400 code 4000 (MEASURED)."""
    return ApiError(400, 4000, "HTTP 405 Method Not Allowed")


def exists(text):
    """409 code 7000 with nothing but a message (MEASURED for hour entries)."""
    return ApiError(409, 7000, text)


def stale():
    """409 code 8000: the version sent is not the present one (MEASURED)."""
    return ApiError(409, 8000, "RevisionException")


def locked():
    """409 code 10000; the code is DOCUMENTED, its use for hours ASSUMED."""
    return ApiError(409, 10000, "locked")


def missing(*fields):
    """422 code 15000: required query parameters or the body missing (MEASURED)."""
    problems = [(field, "null", None) for field in fields]
    return ApiError(422, 15000, "Validation failed", problems=problems)


def out_of_range(field, text, **values):
    """422 code 15000 for a query value outside its bounds (ASSUMED shape)."""
    problems = [(field, text, None)]
    return ApiError(422, 15000, "Validation failed", problems=problems, **values)


def not_mapped(problems):
    """422 code 16000: unknown fields or wrong types in a body (MEASURED)."""
    return ApiError(422, 16000, "Request mapping failed", problems=problems)


def required(fields):
    """422 code 18000: required body fields are null (MEASURED)."""
    problems = [(field, "null", f"null.{field}") for field in fields]
    return ApiError(422, 18000, "validation", problems=problems)


def invalid(field, text, path=None, **values):
    """422 code 18000: a rule of Tripletex refuses the row (MEASURED shape).

    Checks of a single value give its path and no developer message.
    """
    return ApiError(
        422,
        18000,
        "validation",
        developer=None if path else "VALIDATION_ERROR",
        problems=[(field, text, path)],
        **values,
    )


def wrong_token(name):
    """422 code 18000 on session create.

    MEASURED for ``consumerToken``; for ``employeeToken`` only the wording of the
    message is REPORTED, the field ASSUMED to follow the same pattern.
    """
    words = "consumer" if name == "consumerToken" else "employee"
    message = f"The {words} token is invalid or does not exist."
    problems = [(f"arg:{name}", message, f"arg:{name}")]
    return ApiError(422, 18000, "validation", problems=problems)


def illegal_field(name, model):
    """400 code 11000: the fields filter names a field that is not there (MEASURED)."""
    return ApiError(
        400,
        11000,
        f"Illegal field in fields filter: {name}. {name} does not match a field "
        f"in the model: {model}DTO",
    )


def not_a_number(value):
    """422 code 21000 for a path or query value that must be a number (MEASURED)."""
    return ApiError(
        422,
        21000,
        f'Wrong data format! Expected number. For input string: "{value}"',
    )


def bad_list(name):
    """422 code 12000: a comma list holds something else than numbers.

    The status is MEASURED (the specification says 400), the text ASSUMED.
    """
    return ApiError(422, 12000, f"Illegal value in list parameter: {name}")


def bad_json():
    """422 code 22000: the body is no JSON (code DOCUMENTED, text ASSUMED)."""
    return ApiError(422, 22000, "Invalid JSON")


def bad_sorting(name):
    """422 code 17000: sorting by a field that is not there (ASSUMED)."""
    return ApiError(422, 17000, f"Illegal sorting field: {name}")


def too_large():
    """422 code 23000: more than 10,000 rows match (DOCUMENTED text and code)."""
    return ApiError(422, 23000, "Result set too large. Limit of 10.000 reached.")


def too_many_requests():
    """429; no body was ever recorded, so the envelope and its code are ASSUMED."""
    return ApiError(429, 429, "Too Many Requests")


def internal():
    """500 code 1002 with a null message (MEASURED)."""
    return ApiError(500, 1002, None)
