from unittest import SkipTest

from .validate_common import ValidateCase


class BesideCase(ValidateCase):
    """A company whose people use other modules for their hours as well."""

    #: Modules without which a class of tests means nothing.
    needs = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = set(cls.needs.split()) - cls.env.registry._init_modules
        if missing:
            raise SkipTest(f"needs {', '.join(sorted(missing))} to be installed")

    def task(self, project=None, **values):
        return self.env["project.task"].create(
            {"name": "Task", "project_id": (project or self.project).id} | values
        )

    def approved(self, line):
        """Validate as the approver does, and send."""
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.send()
        return line
