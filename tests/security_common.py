from ..dev.sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN
from .validate_common import ValidateCase


class SecurityCase(ValidateCase):
    """A connection with a key and a session, and one user of each group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls.person("portal", "base.group_portal")
        cls.people = (
            cls.portal
            | cls.worker
            | cls.approver
            | cls.manager
            | cls.system
            | cls.env.ref("base.public_user")
        )

    def setUp(self):
        super().setUp()
        self.validated(5)
        self.send()
        connection = self.connection.sudo()
        self.secrets = [EMPLOYEE_TOKEN, CONSUMER_TOKEN, connection.session_token]
        self.assertTrue(all(self.secrets))

    def assert_silent(self, answer):
        """Assert that the answer contains no secret."""
        text = repr(answer)
        for secret in self.secrets:
            self.assertNotIn(secret, text)
