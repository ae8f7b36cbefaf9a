"""Seeded master data: the same arguments give the same company. All is invented."""

import datetime
import random

from .model import MODELS

FIRST_NAMES = """
Kari Ola Nina Per Ingrid Lars Solveig Knut Astrid Bjørn Marit Øyvind Randi Geir Silje
Torbjørn Hanne Åse Eirik Liv Magnus Turid Sindre Gunn Henrik Berit Håkon Ragnhild Stian
Wenche
""".split()
LAST_NAMES = """
Testvik Prøveland Eksempelsen Demoberg Fiktivdal Tenktnes Dummyhaug Skisserud Kladdeby
Utkastmo Øvingås Malstad Mønsterli Forsøkvåg Ønskeby Skyggefjell Påfunnhagen Oppdiktsen
Luftslottet Ideholm
""".split()
CUSTOMERS = (
    "Fjelltopp AS,Kystbygg AS,Nordlys Energi AS,Havørn Rederi AS,Granli Barnehage SA,"
    "Sølvskogen Eiendom AS"
).split(",")
PROJECT_WORDS = """
Rehabilitering Nybygg Vedlikehold Tilbygg Kontorflytting Datamigrering Takomlegging
Rørlegging Våtromsarbeid Elektroanlegg
""".split()
PROJECT_PLACES = (
    "Storgata 12,Nordre skole,Ås sykehjem,Bryggen,Lillevik brygge,Øvre Å,Fagerhøy,"
    "Sentrum kontor,Hovedlageret,Solsiden"
).split(",")
DEPARTMENTS = "Avdeling Bygg Elektro Rør Administrasjon Service".split()
GENERAL, ON_PROJECTS = "GENERAL_ACTIVITY", "PROJECT_GENERAL_ACTIVITY"
SPECIFIC = "PROJECT_SPECIFIC_ACTIVITY"
# (name, type, chargeable); the first four are those of every new company (MEASURED).
ACTIVITIES = (
    ("Administrasjon", GENERAL, False),
    ("Ferie", GENERAL, False),
    ("Prosjektadministrasjon", ON_PROJECTS, False),
    ("Fakturerbart arbeid", ON_PROJECTS, True),
    ("Reisetid", ON_PROJECTS, True),
    ("Overtid 50 %", ON_PROJECTS, True),
    ("Overtid 100 %", ON_PROJECTS, True),
    ("Befaring", SPECIFIC, True),
    ("Eldre aktivitet", None, False),
    ("Utgått aktivitet", ON_PROJECTS, False),
)
# Internal activities that customers make for absence: that some are not paid is said by
# no field (DOCUMENTED).
ABSENCES = ("Egenmelding", "Sykdom uten lønn", "Avspasering", "Permisjon uten lønn")
# The order in which activities are made when only a few are wanted: one that can be
# used on a project comes first.
ACTIVITY_ORDER = (3, 2, 0, 1, 4, 5, 6, 7, 8, 9)
# The numbers are those of a new company (MEASURED).
SALARY_TYPES = """\
2001 Timelønn,2007 Overtid 50 %,2008 Overtid 100 %,2000 Fastlønn,2006 Overtid 40 %,\
2011 Uregelmessige tillegg - arbeidet tid,2004 Helligdagstillegg,\
2005 Overtidsgodtgjørelse,2002 Bonus,2003 Faste tillegg,2009 Utbetalt fleksisaldo,\
2012 Uregelmessige tillegg - ikke-arbeidet tid,2013 Helligdagsgodtgjørelse,\
2018 Sykelønn - fastlønn,2019 Sykelønn - timelønn,2023 Sluttvederlag,2025 Honorar,\
1001 Forskudd på lønn,5001 Kilometergodtgjørelse bil,5009 Smusstillegg""".split(",")
# Ticked "Vis i timeliste" at the start; in a new company none is (MEASURED).
SHOWN_SALARY_TYPES = ("2007", "2008", "2006", "2011", "2004")

LATIN = str.maketrans({"å": "a", "ø": "o", "æ": "ae"})
EMPTY = {"str": "", "int": 0, "num": 0.0, "bool": False}


def fill_company(company, size, seed, today):
    """Fill ``company`` with as many rows as ``size`` (Options) says.

    With ``size.oddities`` some rows are as awkward as real ones: see the single
    functions. The first ten projects and the first thirteen employees are always
    plain. ``today`` is only used for projects that begin later or have ended.
    """
    rng = random.Random(seed)
    # actualEmployeeId is the key's own hidden user, another id (MEASURED).
    owner, actual = company.new_id("Employee"), company.new_id("Employee")
    company.owner = {"employee": owner, "actual": actual}
    _departments(company, size.departments)
    _activities(company, size.activities)
    _absences(company, size.absences)
    _salary_types(company, size.salary_types, size.oddities)
    _employees(company, rng, size.employees, size.oddities)
    _projects(company, rng, size.projects, size.oddities, today)
    first = {"fromDate": "2010-01-01", "hoursPerDay": 7.5}
    _put(company, "CompanyStandardTime", **first)
    activities = company.table("Activity").values()
    usable = [row for row in activities if row["activityType"] == ON_PROJECTS]
    usable.sort(key=lambda row: not row["isChargeable"])
    # The flags as recorded (MEASURED).
    company.settings = blank(
        "TimesheetSettings",
        id=company.new_id("TimesheetSettings"),
        **dict.fromkeys(("timesheetCompleted", "flexBalance", "vacationBalance"), True),
        defaultProjectActivity=usable[0]["id"] if usable else None,
    )


def blank(model_name, **values):
    """A row with every field of the model empty, then ``values``.

    Empty texts are "" and not null, absent objects null, absent lists [] (MEASURED).
    """
    fields = MODELS[model_name].fields.values()
    empty = {f.name: [] if f.many else EMPTY.get(f.kind) for f in fields}
    empty.pop("url", None)
    return {**empty, **values}


def _put(company, model_name, **values):
    values.setdefault("id", company.new_id(model_name))
    return company.put(model_name, blank(model_name, **values))


def _departments(company, count):
    for index in range(count):
        turn, place = divmod(index, len(DEPARTMENTS))
        name = f"{DEPARTMENTS[place]} {turn + 1}" if turn else DEPARTMENTS[place]
        number = str(index or "")
        names = {"name": name, "displayName": f"{number} {name}".strip()}
        _put(company, "Department", departmentNumber=number, **names)


def _activities(company, count):
    wanted = set(ACTIVITY_ORDER[:count])
    chosen = [row for i, row in enumerate(ACTIVITIES) if i in wanted]
    for index in range(len(chosen), count):
        chosen.append((f"Aktivitet {index + 1}", ON_PROJECTS, True))
    for index, (name, kind, chargeable) in enumerate(chosen):
        _put(
            company,
            "Activity",
            name=name,
            number=str(index) if index >= len(ACTIVITIES) else "",
            activityType=kind,
            isProjectActivity=kind != GENERAL,
            isGeneral=kind != SPECIFIC,
            isDisabled=name.startswith("Utgått"),
            isChargeable=chargeable,
            displayName=name,
            deletable=name != "Ferie",
        )


def _absences(company, count):
    for name in ABSENCES[:count]:
        names = {"name": name, "displayName": name, "deletable": True}
        kind = {"activityType": GENERAL, "isGeneral": True}
        _put(company, "Activity", **names, **kind)


def _salary_types(company, count, oddities):
    """One on top is inactive: no field says so (MEASURED), only a filter."""
    chosen = [tuple(line.split(" ", 1)) for line in SALARY_TYPES[:count]]
    for index in range(count - len(chosen)):
        chosen.append((str(2300 + index), f"Tillegg {index + 1}"))
    if oddities:
        chosen.append(("2999", "Utgått tillegg"))
    debit = company.new_id("Account")
    for number, name in sorted(chosen):
        wage = number.startswith("2")
        _put(
            company,
            "SalaryType",
            number=number,
            name=name,
            showInTimesheet=number in SHOWN_SALARY_TYPES,
            isSickPayable=number in ("2000", "2001"),
            isVacationPayable=wage,
            isTaxable=wage,
            payStatementCodeCode="111-A" if wage else "",
            accountNumberDebit=debit,
            isPayrollTaxable=wage,
            _inactive=number == "2999",
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
        first = FIRST_NAMES[index % len(FIRST_NAMES)]
        last = rng.choice(LAST_NAMES)
        email = f"{first}.{last}.{index + 1}@example.com".lower().translate(LATIN)
        _put(
            company,
            "Employee",
            id=company.new_id("Employee") if index else owner,
            version=1,
            firstName=first,
            lastName=last,
            displayName=f"{first} {last}",
            employeeNumber="" if odd in (13, 28) or contact else str(index + 1),
            email="" if odd in (14, 29) else email,
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
    # One person without employment, to be warned about; a third has hourly wages.
    for index, employee in enumerate(list(company.table("Employee"))):
        if index != 6:
            kind = "MONTHLY_WAGE" if (index + 1) % 3 else "HOURLY_WAGE"
            company.employ(employee, kind, "2020-01-01")


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
        kinds[11] = {"mainProject": next(iter(company.table("Project")), None)}
        word, place = rng.choice(PROJECT_WORDS), rng.choice(PROJECT_PLACES)
        number = {13: f"INT-{index + 1:03d}", 19: ""}.get(odd, str(index + 1))
        values = {
            "startDate": f"{rng.randrange(2019, 2024)}-01-01",
            "customerName": rng.choice(CUSTOMERS),
            **kinds.get(odd, {}),
        }
        _project(company, number, f"{word} {place}", manager, values)


def _project(company, number, name, manager, values):
    project_id = company.new_id("Project")
    shown = f"{number} {name}".strip()
    internal = values.get("isInternal")
    if internal:
        values["customerName"] = ""
    participants, activities = [], []
    if manager:
        linked = {"project": project_id, "employee": manager}
        participants = [_put(company, "ProjectParticipant", **linked)["id"]]
    if values.get("generalProjectActivitiesPerProjectOnly"):
        # A project's own activity if there is one, else any that projects can use.
        rows = reversed(company.table("Activity").values())
        ids = {row["activityType"]: row["id"] for row in rows}
        own = ids.get(SPECIFIC, ids.get(ON_PROJECTS))
        linked = {"project": project_id, "activity": own}
        activities = [_put(company, "ProjectActivity", **linked)["id"]]
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
        customer=None if internal else company.new_id("Customer"),
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
