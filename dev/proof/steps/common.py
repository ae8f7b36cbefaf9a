"""What steps share: the days of a walk, and the word for having nothing to do."""

from datetime import date

MONDAY = date(2026, 3, 16)
DAYS = 3
NOTHING = "nothing to do"
