"""Names for invented Norwegian master data."""

FIRST_NAMES = (
    "Kari Ola Nina Per Ingrid Lars Solveig Knut Astrid Bjørn Marit Øyvind Randi Geir "
    "Silje Torbjørn Hanne Åse Eirik Liv Magnus Turid Sindre Gunn Henrik Berit Håkon "
    "Ragnhild Stian Wenche"
).split()

LAST_NAMES = (
    "Testvik Prøveland Eksempelsen Demoberg Fiktivdal Tenktnes Dummyhaug Skisserud "
    "Kladdeby Utkastmo Øvingås Malstad Mønsterli Forsøkvåg Ønskeby Skyggefjell "
    "Påfunnhagen Oppdiktsen Luftslottet Ideholm"
).split()

CUSTOMERS = (
    "Fjelltopp AS",
    "Kystbygg AS",
    "Nordlys Energi AS",
    "Havørn Rederi AS",
    "Granli Barnehage SA",
    "Sølvskogen Eiendom AS",
)

PROJECT_WORDS = (
    "Rehabilitering",
    "Nybygg",
    "Vedlikehold",
    "Tilbygg",
    "Kontorflytting",
    "Datamigrering",
    "Takomlegging",
    "Rørlegging",
    "Våtromsarbeid",
    "Elektroanlegg",
)

PROJECT_PLACES = (
    "Storgata 12",
    "Nordre skole",
    "Ås sykehjem",
    "Bryggen",
    "Lillevik brygge",
    "Øvre Å",
    "Fagerhøy",
    "Sentrum kontor",
    "Hovedlageret",
    "Solsiden",
)

DEPARTMENTS = ("Avdeling", "Bygg", "Elektro", "Rør", "Administrasjon", "Service")

# (name, type, chargeable); the first four are those of every new company (MEASURED).
ACTIVITIES = (
    ("Administrasjon", "GENERAL_ACTIVITY", False),
    ("Ferie", "GENERAL_ACTIVITY", False),
    ("Prosjektadministrasjon", "PROJECT_GENERAL_ACTIVITY", False),
    ("Fakturerbart arbeid", "PROJECT_GENERAL_ACTIVITY", True),
    ("Reisetid", "PROJECT_GENERAL_ACTIVITY", True),
    ("Overtid 50 %", "PROJECT_GENERAL_ACTIVITY", True),
    ("Overtid 100 %", "PROJECT_GENERAL_ACTIVITY", True),
    ("Befaring", "PROJECT_SPECIFIC_ACTIVITY", True),
    ("Eldre aktivitet", None, False),
    ("Utgått aktivitet", "PROJECT_GENERAL_ACTIVITY", False),
)

# The order in which activities are made when only a few are wanted: one that can be
# used on a project comes first.
ACTIVITY_ORDER = (3, 2, 0, 1, 4, 5, 6, 7, 8, 9)

# (number, name); the numbers are those of a new company (MEASURED).
SALARY_TYPES = (
    ("2001", "Timelønn"),
    ("2007", "Overtid 50 %"),
    ("2008", "Overtid 100 %"),
    ("2000", "Fastlønn"),
    ("2006", "Overtid 40 %"),
    ("2011", "Uregelmessige tillegg - arbeidet tid"),
    ("2004", "Helligdagstillegg"),
    ("2005", "Overtidsgodtgjørelse"),
    ("2002", "Bonus"),
    ("2003", "Faste tillegg"),
    ("2009", "Utbetalt fleksisaldo"),
    ("2012", "Uregelmessige tillegg - ikke-arbeidet tid"),
    ("2013", "Helligdagsgodtgjørelse"),
    ("2018", "Sykelønn - fastlønn"),
    ("2019", "Sykelønn - timelønn"),
    ("2023", "Sluttvederlag"),
    ("2025", "Honorar"),
    ("1001", "Forskudd på lønn"),
    ("5001", "Kilometergodtgjørelse bil"),
    ("5009", "Smusstillegg"),
)

# Ticked "Vis i timeliste" at the start; in a new company none is (MEASURED).
SHOWN_SALARY_TYPES = ("2007", "2008", "2006", "2011", "2004")

# Rights of the key and their numbers, as the API names them (MEASURED).
RIGHTS = {
    "ROLE_ADMINISTRATOR": 1,
    "AUTH_HOURS_COMPANY": 6,
    "AUTH_PROJECT_MANAGER_COMPANY": 11,
    "AUTH_HOURLIST": 46,
    "AUTH_HOURLIST_SETTINGS": 48,
    "AUTH_EMPLOYEE_INFO": 61,
    "AUTH_PROJECT_INFO": 92,
    "AUTH_WAGE_ADMIN_SETTINGS": 116,
    "AUTH_COMPANY_WAGE_ADMIN": 117,
    "AUTH_COMPANY_EMPLOYEE_ADMIN": 119,
    "AUTH_WAGE_INFORMATION": 144,
}

# Which rights a resource needs: a guess (ASSUMED), documented nowhere.
RESOURCE_RIGHTS = {
    "project": ("AUTH_PROJECT_INFO", "AUTH_PROJECT_MANAGER_COMPANY"),
    "employee": ("AUTH_EMPLOYEE_INFO", "AUTH_COMPANY_EMPLOYEE_ADMIN"),
    "salary/type": ("AUTH_WAGE_ADMIN_SETTINGS", "AUTH_WAGE_INFORMATION"),
    "timesheet/entry": ("AUTH_HOURS_COMPANY", "AUTH_HOURLIST"),
    "timesheet/salaryTypeSpecification": ("AUTH_COMPANY_WAGE_ADMIN",),
    "timesheet/salaryProjectTypeSpecification": ("AUTH_COMPANY_WAGE_ADMIN",),
    "timesheet/settings": ("AUTH_HOURLIST_SETTINGS",),
}
