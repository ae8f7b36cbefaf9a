"""The engine that sends validated hours: plain classes, no models.

In the order in which a timesheet line passes them:

- ``preflight``: where hours go, and what stops them
- ``problems``: the same question about all open lines, asked of the database
- ``absences``: which time off is sent
- ``plan``: what becomes of the shares of one line
- ``queue``: lines become shares of entries; ``moves``: from one row to another;
  ``split``: how the parts of a split line share them
- ``run``: whose turn it is, and one connection's turn in the cron
- ``numbers``: the ids of links that were made by hand
- ``exchange``: look, decide, write, store, for one batch
- ``kinds``: hour entries and paycode rows
- ``decide``: one entry and what Tripletex holds give the next step
- ``attempts``: what a crash may leave behind

Months: ``months`` reads back what Tripletex holds, ``month_action`` finishes, reopens
or approves, ``figures`` is both sides in one query, ``locks`` tells how a month stands
and what of it locks hours, ``month_words`` is what people read.

What people are told: ``refusals`` is what is stored about what cannot be sent and
``words`` says it, with ``namesakes`` telling people and projects of one name apart;
``notice`` is who is told, when; ``status`` how sending stands.

And ``session``, which a connection or a set-up keeps, ``pay``: how employees are paid,
``amounts``: rounding and equality.
"""

#: States of an entry that wait, or are being sent.
WAITING = ("pending", "sending")
#: States of an entry that stay until a person acts.
NEEDS_ATTENTION = ("failed", "conflict")
STATES = (*WAITING, *NEEDS_ATTENTION, "sent")
#: What an employee sends, from most to least.
TRANSFERS = [
    ("all", "Everything"),
    ("overtime_absence", "Overtime and absence only"),
    ("none", "Nothing"),
]
