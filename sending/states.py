"""Groups of the states of an entry (``tripletex.entry.state``)."""

#: Waits to be sent, or is being sent.
WAITING = ("pending", "sending")
#: Stays until a person acts.
NEEDS_ATTENTION = ("failed", "conflict")
STATES = (*WAITING, *NEEDS_ATTENTION, "sent")
