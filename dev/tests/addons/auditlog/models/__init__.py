from . import auditlog_log
from . import base
