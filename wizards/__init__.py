from . import tripletex_connection_setup
from . import tripletex_setup_project
from . import tripletex_setup_paycode
from . import tripletex_setup_employee
from . import tripletex_setup_right
from . import tripletex_connection_remove
