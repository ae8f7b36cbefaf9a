"""Client for the Tripletex v2 API: plain Python over requests, no Odoo in it."""

from .client import TripletexClient, today_in_oslo
from .errors import (
    AddressRefused,
    AlreadyExists,
    BrokenAnswer,
    ConsumerTokenRefused,
    KeyRefused,
    Locked,
    NewSession,
    NoConnection,
    NotFound,
    RateLimited,
    Refused,
    ResultTooLarge,
    RightsMissing,
    ServerTrouble,
    StaleVersion,
    TripletexError,
    TryLater,
)
from .shapes import is_id, is_too_long, natural_key
from .transport import checked_base_url
