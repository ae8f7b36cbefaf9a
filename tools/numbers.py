"""Numbers as Tripletex and people write them: texts, of any characters and length."""

import re

#: Characters of a number that Odoo can link: links are found through an index of
#: PostgreSQL, which holds at most 2,704 bytes a row.
LONGEST_NUMBER = 100


def is_id(text):
    """Return whether a text is an id: Tripletex's are 64-bit numbers (DOCUMENTED).

    ``str.isdigit`` accepts "²", and ``int`` refuses more than 4,300 digits.
    """
    return bool(re.fullmatch("[0-9]{1,19}", text)) and 0 < int(text) < 2**63


def is_too_long(number):
    """Return whether a number cannot be linked because of its length."""
    return len(number or "") > LONGEST_NUMBER


def natural_key(number):
    """Return a sort key of any number of digits that puts project 9 before 10."""
    return [
        (0, len(digits), digits) if digits else (1, 0, text.lower())
        for zeros, digits, text in re.findall(
            r"(0*(?=[0-9]))([0-9]+)|([^0-9]+)", number or ""
        )
    ]
