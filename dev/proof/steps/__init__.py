"""The steps of a walk: what people, workers, Tripletex and bad lines do.

Each step draws from the random numbers it is given and returns a few words about what
it did. A step that finds nothing to do says so; one that Odoo or Tripletex refuses is
as good as any other.
"""

from .common import MONDAY
from .decisions import DecisionSteps
from .lines import LineSteps
from .links import LinkSteps
from .tripletex import TripletexSteps
from .workers import WorkerSteps

__all__ = [
    "MONDAY",
    "DecisionSteps",
    "LineSteps",
    "LinkSteps",
    "TripletexSteps",
    "WorkerSteps",
]
