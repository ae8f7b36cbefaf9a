"""Splits of validated lines by analytic account: the same hours on several lines."""

from odoo.tools import float_compare

#: Digits of hours that count, as in shares.
DIGITS = 6


class Split:
    """What Odoo makes of validated lines when their analytic amounts are split.

    It reduces each line to its part and creates the other parts as copies. The hours,
    who validated them and what was sent of them are those of before: nothing is routed
    anew, and the sums of entries stay.

    :param lines: validated ``account.analytic.line`` records, before they are split
    """

    def __init__(self, lines):
        self._wholes = {
            line: (line.unit_amount, line._tripletex_amount()) for line in lines
        }
        self._parts = {line: line for line in lines}
        self._originals = []

    def copied(self, lines):
        """Remember of which lines the next ones are created, in this order."""
        self._originals += lines

    def created(self, copies):
        """Take the lines that were created from those copied."""
        for original, part in zip(self._originals, copies, strict=True):
            self._parts[original] |= part
        self._originals = []

    def changed(self):
        """Return the parts of lines whose hours are not those of before."""
        lines = next(iter(self._parts)).browse()
        return lines.union(*(p for p in self._parts.values() if not self._is_same(p)))

    def _is_same(self, parts):
        """Whether parts add up to their line, and none is below or at zero."""
        whole, _amount = self._wholes[parts[0]]
        amounts = [part.unit_amount for part in parts]
        return float_compare(sum(amounts), whole, DIGITS) == 0 and all(
            float_compare(part / whole, 0, DIGITS) > 0 for part in amounts if whole
        )

    def share_out(self):
        """Give the copies their parts of the shares of lines that are as before."""
        divided = {
            line: parts
            for line, parts in self._parts.items()
            if len(parts) > 1 and self._wholes[line][0] and self._is_same(parts)
        }
        if not divided:
            return
        Share = next(iter(divided)).env["tripletex.entry.share"].sudo()
        copies = []
        for share in Share.search([("line_id", "in", [line.id for line in divided])]):
            _whole, amount = self._wholes[share.line_id]
            own, *others = share._divided(divided[share.line_id], amount)
            share.write(own)
            copies += others
        Share.create(copies)
