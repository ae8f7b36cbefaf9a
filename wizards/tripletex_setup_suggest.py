from collections import defaultdict
from itertools import chain, islice

#: Records or rows that a sentence names before it says "…".
MOST_NAMED = 5


class Suggestions:
    """Odoo records that match rows of Tripletex, where that is unique on both sides.

    Keys (e-mail, name, number) are added with :meth:`match`, the most reliable first.
    The first key that a row shares with any record decides: where several rows or
    records have it nothing is suggested, and a weaker key does not settle that.

    :param rows: all rows as read that a record can mean, linked ones included
    :param records: all Odoo records that a row can mean, linked ones included
    :param linked: those of the records that have a link
    :param text: function that returns how a row is shown

    ``found`` has the suggested record by id of the row, ``doubts`` the sentence that
    says why nothing is suggested although something matches.
    """

    def __init__(self, rows, records, linked, text):
        self.env = records.env
        self.found = {}
        self.doubts = {}
        self._rows = rows
        self._records = records.with_context(tripletex_link=True)
        self._taken = set(linked)
        self._text = text

    def match(self, key_of_row, keys_of_record):
        """Compare rows and records by one more key; an empty key matches nothing."""
        rows, records, keys = defaultdict(list), defaultdict(list), {}
        for row in self._rows:
            rows[key_of_row(row)].append(row)
        for record in self._records:
            keys[record] = keys_of_record(record) - {False, None, ""}
            for key in keys[record]:
                records[key].append(record)
        for row in self._rows:
            matching = records.get(key_of_row(row))
            if matching and not (row["id"] in self.found or row["id"] in self.doubts):
                rivals = [rows.get(key, ()) for key in keys[matching[0]]]
                self._decide(row, matching, rivals)

    def _decide(self, row, matching, rivals):
        """Suggest the matching record, or say why not; rivals are its rows."""
        record = matching[0]
        if len(matching) > 1:
            doubt = self.env._(
                "Several in Odoo match: %(records)s. Choose the right one under Link "
                "To.",
                records=named(matching, lambda record: record.display_name),
            )
        elif sum(map(len, rivals)) > 1:
            doubt = self.env._(
                "%(record)s in Odoo matches several in Tripletex: %(rows)s. Link only "
                "the right one.",
                record=record.display_name,
                rows=named(chain(*rivals), self._text),
            )
        elif record in self._taken:
            doubt = self.env._(
                "%(record)s in Odoo matches, but is linked to another row, or "
                "suggested there. Check which row is the right one.",
                record=record.display_name,
            )
        else:
            self.found[row["id"]] = record
            self._taken.add(record)
            return
        self.doubts[row["id"]] = doubt


def named(things, text):
    """Return the first of the things as a text."""
    texts = [text(thing) for thing in islice(things, MOST_NAMED + 1)]
    if len(texts) > MOST_NAMED:
        texts[MOST_NAMED:] = ["…"]
    return ", ".join(texts)


def comparable(name):
    """Return a name as it is compared: without extra spaces and capitals."""
    return " ".join((name or "").split()).casefold()
