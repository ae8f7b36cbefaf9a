from . import test_send_conflicts
from . import test_send_failures
from . import test_send_hours
from . import test_setup_complete
