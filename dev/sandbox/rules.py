"""What Tripletex accepts as hours on a project."""

from . import errors


def activity_fits(company, activity, project):
    """Whether ``activity`` can be used on ``project`` (None: internal time).

    General project activities need no link unless the project says so (MEASURED); a
    project's own activity must be linked. Internal activities belong to no project.
    """
    kind = activity["activityType"]
    if activity["isDisabled"]:
        return False
    if project is None:
        # That project activities are refused without a project is ASSUMED.
        return kind in ("GENERAL_ACTIVITY", None)
    if kind == "GENERAL_ACTIVITY":
        return False
    linked = {
        company.table("ProjectActivity")[link]["activity"]
        for link in project["projectActivities"]
    }
    if kind == "PROJECT_SPECIFIC_ACTIVITY":
        return activity["id"] in linked
    if project["generalProjectActivitiesPerProjectOnly"]:
        return activity["id"] in linked
    return True


def is_participant(company, employee_id, project):
    """Whether the employee takes part in the project."""
    table = company.table("ProjectParticipant")
    return any(table[p]["employee"] == employee_id for p in project["participants"])


def project_problem(company, project, employee_id, date):
    """The text key of what hinders hours on the project that day, or None.

    The start date's refusal is MEASURED. Closed, ended and not a participant are
    reasons Tripletex documents for its own screens; their answers here are ASSUMED.
    """
    if date < project["startDate"]:
        return "before_start"
    if project["isClosed"]:
        return "project_closed"
    if project["endDate"] and date > project["endDate"]:
        return "after_end"
    if project["forParticipantsOnly"] and not is_participant(
        company, employee_id, project
    ):
        return "not_participant"
    return None


def project_is_open(company, project, employee_id, date):
    """Whether the employee may register hours on the project that day."""
    return project_problem(company, project, employee_id, date) is None


def check_project(company, project, employee_id, date):
    """Raise the 422 that belongs to ``project_problem``."""
    problem = project_problem(company, project, employee_id, date)
    if problem:
        day = project["endDate" if problem == "after_end" else "startDate"]
        raise errors.invalid(None, problem, project=project["displayName"], date=day)


def check_references(company, row, **models):
    """Raise 404/6000 when an id is unknown, never saying which (MEASURED)."""
    for column, model in models.items():
        value = row.get(column)
        if value is not None and value not in company.table(model):
            raise errors.not_found()


def check_required(row, *columns):
    """Raise 422/18000 naming every column that is null, in this order (MEASURED)."""
    absent = [column for column in columns if row.get(column) is None]
    if absent:
        raise errors.required(absent)


def check_employee(company, employee_id):
    """Raise 422 when no hours may be registered on the person (ASSUMED answer)."""
    if not company.table("Employee")[employee_id]["allowInformationRegistration"]:
        raise errors.invalid("employee.id", "no_registration")


def check_new(row):
    """A POST carries neither id nor version (DOCUMENTED; the answer is ASSUMED)."""
    for column in ("id", "version"):
        if row.get(column) is not None:
            raise errors.invalid(column, "must_be_empty", f"null.{column}")


def check_version(old, version):
    """Raise 409/8000 when a version was sent and is not the present one (MEASURED)."""
    if version is not None and version != old["version"]:
        raise errors.stale()


def next_version(old, new):
    """The version after a write: unmoved when nothing changed (MEASURED)."""
    same = {k: v for k, v in old.items() if not k.startswith("_")} == {
        k: v for k, v in new.items() if not k.startswith("_")
    }
    return old["version"] if same else old["version"] + 1
