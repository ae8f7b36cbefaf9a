"""A stand-in for Tripletex: a real HTTP server that is as strict as the real one."""

from .control import ControlRefused, SandboxControl
from .server import SandboxServer
from .state import (
    ACCOUNTANT_TOKEN,
    CONSUMER_TOKEN,
    EMPLOYEE_TOKEN,
    OTHER_EMPLOYEE_TOKEN,
    Options,
)
