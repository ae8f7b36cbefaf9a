"""Seeded master data: the same arguments give the same company."""

import datetime
import random

from . import names
from .company import Company
from .model import MODELS

EMPTY = {"str": "", "int": 0, "num": 0.0, "bool": False}


def fill_company(company, *, today, seed, oddities, **wanted):
    """Fill ``company`` with rows: ``wanted`` gives the number of departments,
    activities, salary_types, employees and projects.

    With ``oddities`` some rows are as awkward as real ones: see the single
    functions. The first ten projects and the first thirteen employees are always
    plain. ``today`` is only used for projects that begin later or have ended.
    """
    rng = random.Random(seed)
    company.owner = _key_owner(company)
    _departments(company, wanted["departments"])
    _activities(company, wanted["activities"])
    _salary_types(company, wanted["salary_types"])
    _employees(company, rng, wanted["employees"], oddities)
    _projects(company, rng, wanted["projects"], oddities, today)
    usable = [
        row
        for row in company.table("Activity").values()
        if row["activityType"] == "PROJECT_GENERAL_ACTIVITY"
    ]
    usable.sort(key=lambda row: not row["isChargeable"])
    default = usable[0]["id"] if usable else None
    company.settings = {
        "id": company.new_id("TimesheetSettings"),
        "version": 0,
        # The six flags as recorded (MEASURED).
        "timeClock": False,
        "timesheetCompleted": True,
        "flexBalance": True,
        "vacationBalance": True,
        "showDetailedTimeSheet": False,
        "requireCommentsOnRegisteredHoursAllProjects": False,
        "defaultProjectActivity": default,
    }


def new_company(ids, name, organization_number):
    """Return an empty company."""
    return Company(ids.next("Company"), name, organization_number, ids)


def _key_owner(company):
    # actualEmployeeId is the key's own hidden user, another id (MEASURED).
    return {
        "employee": company.new_id("Employee"),
        "actual": company.new_id("Employee"),
    }


def blank(model_name, **values):
    """A row with every field of the model empty, then ``values``.

    Empty texts are "" and not null, absent objects null, absent lists [] (MEASURED).
    """
    row = {}
    for field in MODELS[model_name].fields.values():
        if field.name not in ("url", "changes"):
            row[field.name] = [] if field.many else EMPTY.get(field.kind)
    row.update(values)
    return row


def _put(company, model_name, **values):
    values.setdefault("id", company.new_id(model_name))
    return company.put(model_name, blank(model_name, **values))


def _departments(company, count):
    for index in range(count):
        name = names.DEPARTMENTS[index % len(names.DEPARTMENTS)]
        if index >= len(names.DEPARTMENTS):
            name = f"{name} {index // len(names.DEPARTMENTS) + 1}"
        number = str(index) if index else ""
        _put(
            company,
            "Department",
            name=name,
            departmentNumber=number,
            displayName=f"{number} {name}".strip(),
        )


def _activities(company, count):
    wanted = set(names.ACTIVITY_ORDER[:count])
    chosen = [row for i, row in enumerate(names.ACTIVITIES) if i in wanted]
    for index in range(len(chosen), count):
        chosen.append((f"Aktivitet {index + 1}", "PROJECT_GENERAL_ACTIVITY", True))
    for index, (name, kind, chargeable) in enumerate(chosen):
        _put(
            company,
            "Activity",
            name=name,
            number=str(index) if index >= len(names.ACTIVITIES) else "",
            activityType=kind,
            isProjectActivity=kind != "GENERAL_ACTIVITY",
            isGeneral=kind != "PROJECT_SPECIFIC_ACTIVITY",
            isDisabled=name.startswith("Utgått"),
            isChargeable=chargeable,
            displayName=name,
            deletable=name != "Ferie",
        )


def _salary_types(company, count):
    chosen = list(names.SALARY_TYPES[:count])
    for index in range(count - len(chosen)):
        chosen.append((str(2300 + index), f"Tillegg {index + 1}"))
    debit = company.new_id("Account")
    for number, name in sorted(chosen):
        wage = number.startswith("2")
        _put(
            company,
            "SalaryType",
            number=number,
            name=name,
            showInTimesheet=number in names.SHOWN_SALARY_TYPES,
            isSickPayable=number in ("2000", "2001"),
            isVacationPayable=wage,
            isTaxable=wage,
            payStatementCodeCode="111-A" if wage else "",
            accountNumberDebit=debit,
            isPayrollTaxable=wage,
        )


def _employees(company, rng, count, oddities):
    """Every 15th has no number, every 15th no e-mail, every 30th may register nothing.

    Two contacts come on top: lists leave them out by default (DOCUMENTED). All hold an
    invented national id and bank account so that a call which asks for too much shows
    it; month 13 and the missing bank make both impossible numbers.
    """
    departments = list(company.table("Department")) or [None]
    owner = company.owner["employee"]
    for index in range(count + 2 * oddities):
        odd = index % 30 if oddities else 0
        contact = index >= count
        first = names.FIRST_NAMES[index % len(names.FIRST_NAMES)]
        last = names.LAST_NAMES[rng.randrange(len(names.LAST_NAMES))]
        _put(
            company,
            "Employee",
            id=company.new_id("Employee") if index else owner,
            version=1,
            firstName=first,
            lastName=last,
            displayName=f"{first} {last}",
            employeeNumber="" if odd in (13, 28) or contact else str(index + 1),
            email="" if odd in (14, 29) else _email(first, last, index),
            phoneNumberMobileCountry=161,
            nationalIdentityNumber=f"0113{rng.randrange(10**7):07d}",
            internationalId=blank("InternationalId", intAmeldingType=None),
            bankAccountNumber=f"0000{rng.randrange(10**7):07d}",
            userType=None,
            allowInformationRegistration=odd != 27 and not contact,
            isContact=contact,
            department=departments[index % len(departments)],
            holidayAllowanceEarned=blank("HolidayAllowanceEarned"),
            isAuthProjectOverviewURL=True,
            companyId=company.id,
        )


def _email(first, last, index):
    text = f"{first}.{last}.{index + 1}".lower()
    for sign, plain in (("å", "a"), ("ø", "o"), ("æ", "ae")):
        text = text.replace(sign, plain)
    return f"{text}@example.com"


def _projects(company, rng, count, oddities, today):
    """Of twenty: ten plain, then one for participants only, a sub-project, one open to
    linked activities only, an internal one, closed, not begun, ended, an offer, closed,
    and one without a number."""
    manager = next(iter(company.table("Employee")), None)
    ended = today.replace(day=1) - datetime.timedelta(days=1)
    kinds = {
        10: {"forParticipantsOnly": True},
        12: {"generalProjectActivitiesPerProjectOnly": True},
        13: {"isInternal": True},
        14: {"isClosed": True},
        15: {"startDate": f"{today.year + 1}-01-01"},
        16: {"endDate": ended.isoformat()},
        17: {"isOffer": True},
        18: {"isClosed": True},
    }
    for index in range(count):
        odd = index % 20 if oddities else 0
        word = names.PROJECT_WORDS[rng.randrange(len(names.PROJECT_WORDS))]
        place = names.PROJECT_PLACES[rng.randrange(len(names.PROJECT_PLACES))]
        number = {13: f"INT-{index + 1:03d}", 19: ""}.get(odd, str(index + 1))
        values = {
            "startDate": f"{rng.randrange(2019, 2024)}-01-01",
            "customerName": rng.choice(names.CUSTOMERS),
            **kinds.get(odd, {}),
        }
        if odd == 11:
            values["mainProject"] = next(iter(company.table("Project")))
        _project(company, number, f"{word} {place}", manager, values)


def _project(company, number, name, manager, values):
    project_id = company.new_id("Project")
    shown = f"{number} {name}".strip()
    customer = None
    if values.get("isInternal"):
        values["customerName"] = ""
    else:
        customer = company.new_id("Customer")
    participants, activities = [], []
    if manager:
        participants = [_link(company, "ProjectParticipant", project_id, manager)]
    if values.get("generalProjectActivitiesPerProjectOnly"):
        activity = _own_activity(company)
        activities = [_link(company, "ProjectActivity", project_id, activity)]
    _put(
        company,
        "Project",
        id=project_id,
        name=name,
        number=number,
        displayName=shown,
        hierarchyNameAndNumber=shown,
        hierarchyLevel=1 if values.get("mainProject") else 0,
        projectManager=manager,
        customer=customer,
        displayNameFormat="NAME_STANDARD",
        vatType=3,
        currency=1,
        participants=participants,
        numberOfProjectParticipants=len(participants),
        projectActivities=activities,
        invoiceDueDate=14,
        invoiceDueDateType="DAYS",
        accessType="WRITE",
        **values,
    )


def _link(company, model_name, project_id, other_id):
    other = "employee" if model_name == "ProjectParticipant" else "activity"
    return _put(company, model_name, project=project_id, **{other: other_id})["id"]


def _own_activity(company):
    # A project's own activity if there is one, else any that projects can use.
    rows = company.table("Activity").values()
    for kind in ("PROJECT_SPECIFIC_ACTIVITY", "PROJECT_GENERAL_ACTIVITY"):
        for row in rows:
            if row["activityType"] == kind:
                return row["id"]
    return None
