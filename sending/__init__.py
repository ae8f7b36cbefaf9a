"""The engine that sends validated hours: plain classes, no models.

In the order in which a timesheet line passes them:

- ``preflight``: where hours go, and what stops them
- ``queue``: lines become shares of entries
- ``run``: one connection's turn in the cron
- ``exchange``: look, decide, write, store, for one batch
- ``attempts``: what a crash may leave behind
- ``decide``: one entry and what Tripletex holds give the next step
- ``kinds``: hour entries and paycode rows
- ``session``: the session that a connection or a set-up keeps
- ``pay``: how employees are paid, for the set-up
- ``refusals``: what is stored about what cannot be sent; ``words`` says it
- ``month_words``: what people read about months, and do next
- ``months``: what Tripletex holds is read back
- ``month_action``: a month is finished, reopened or approved
- ``figures``: both sides of a month, in one query
- ``locks``: how a month stands, and what of it locks hours
- ``notice``: who is told, when
- ``amounts``
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
