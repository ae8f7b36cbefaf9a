"""Hours and comments: rounding, equality and sums."""

from decimal import ROUND_HALF_UP, Context, Decimal

from odoo.tools import float_compare

HUNDREDTH = Decimal("0.01")
#: Enough digits for every float, so that a huge number is refused without an error.
ANY_SIZE = Context(prec=400)
#: Longest comment we send. ASSUMED: no limit is documented or recorded; a longer one
#: could be refused, so ours stays within what every text column holds.
COMMENT_MAX_LENGTH = 255


def round_hours(hours):
    """Round to two decimals, half up.

    :param hours: Decimal, or a float whose sixth decimal is the last that counts
    :return: Decimal with two decimals; 0 for infinity and NaN
    """
    if not isinstance(hours, Decimal):
        hours = Decimal(f"{hours:.6f}")
    if not hours.is_finite():
        return Decimal(0)
    return hours.quantize(HUNDREDTH, ROUND_HALF_UP, ANY_SIZE)


def same_hours(one, other):
    """Return whether two floats, in hours, are equal to the hundredth."""
    return float_compare(one, other, precision_digits=2) == 0


def same_text(one, other):
    """Return whether two comments (text or None) are equal, white space aside."""
    return " ".join((one or "").split()) == " ".join((other or "").split())


def sum_parts(parts):
    """Sum what lines contribute to one entry; each description appears once.

    :param parts: list of (hours as float, description or None)
    :return: (Decimal hours with two decimals, comment or None)
    """
    # numeric columns arrive as floats: back to six decimals, so that the sum is exact
    hours = sum(Decimal(f"{hours:.6f}") for hours, _name in parts)
    names = dict.fromkeys(
        " ".join(name.split())
        for _hours, name in parts
        if name and name.strip() not in ("", "/")
    )
    return round_hours(hours), join_comments(names) or None


def join_comments(names):
    """Join descriptions to one comment of at most ``COMMENT_MAX_LENGTH`` characters.

    :param names: texts, in their order
    """
    comment = "; ".join(names)
    if len(comment) > COMMENT_MAX_LENGTH:
        comment = comment[: COMMENT_MAX_LENGTH - 1].rstrip() + "…"
    return comment
