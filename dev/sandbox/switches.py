"""Switches of the company: what people do in Tripletex itself."""

from . import bodies
from .clock import parse_date
from .company import ENTRY, PROJECT_ROW, ROW
from .entries import Entries
from .model import MODELS
from .paycodes import PaycodeRows

ACTIONS = {}


class ControlError(ValueError):
    """A switch that cannot be turned: answered with 400 and a sentence."""


def action(method, path):
    """Register a method of ControlApi for ``method`` and ``path``."""

    def register(function):
        ACTIONS[method, path] = function
        return function

    return register


def boolean(values, name):
    """The value of a flag; raises ControlError unless it is true or false."""
    if not isinstance(values[name], bool):
        raise ControlError(f"{name} must be true or false.")
    return values[name]


class CompanySwitches:
    """Part of ControlApi; each switch takes the JSON object."""

    @property
    def state(self):
        """The state the switches work on."""
        return self.sandbox.state

    # -- the company -------------------------------------------------------------

    def _company(self, values):
        if not values.get("company"):
            return self.state.company
        company = self.state.companies.get(int(values["company"]))
        if company is None:
            raise ControlError("No such company.")
        return company

    def _find(self, company, model, value, number="number"):
        row_id = company.find(model, value, number)
        if row_id is None:
            raise ControlError(f"No such {model}: {value}")
        return row_id

    def _change(self, company, model, row_id, values, columns):
        row = dict(company.table(model)[row_id])
        changed = {name: values[name] for name in columns if name in values}
        for name, value in changed.items():
            empty = value is None and name in ("endDate", "isProjectActivity")
            if not empty and not bodies.fits(value, MODELS[model].fields[name].kind):
                raise ControlError(f"{name} cannot be {value!r}.")
        row.update(changed)
        if model == "Project":
            row["displayName"] = f"{row['number']} {row['name']}".strip()
        elif model == "Employee":
            row["displayName"] = f"{row['firstName']} {row['lastName']}"
        # PUT /project was seen to move the version by two (MEASURED).
        row["version"] += 2 if model == "Project" else 1
        company.put(model, row)
        return {"id": row_id, "version": row["version"], **changed}

    @action("POST", "project")
    def project(self, values):
        """``project``, and any of isClosed, startDate, endDate, number, name,
        forParticipantsOnly, isOffer."""
        company = self._company(values)
        row_id = self._find(company, "Project", values["project"])
        columns = ("isClosed", "startDate", "endDate", "number", "name", "isOffer")
        columns += ("forParticipantsOnly",)
        return self._change(company, "Project", row_id, values, columns)

    @action("POST", "employee")
    def employee(self, values):
        """``employee``, and any of employeeNumber, email, firstName, lastName,
        allowInformationRegistration."""
        company = self._company(values)
        row_id = self._find(company, "Employee", values["employee"], "employeeNumber")
        columns = ("employeeNumber", "email", "firstName", "lastName")
        columns += ("allowInformationRegistration",)
        return self._change(company, "Employee", row_id, values, columns)

    @action("POST", "salary_type")
    def salary_type(self, values):
        """``salary_type``, and any of showInTimesheet, number, name."""
        company = self._company(values)
        row_id = self._find(company, "SalaryType", values["salary_type"])
        columns = ("showInTimesheet", "number", "name")
        return self._change(company, "SalaryType", row_id, values, columns)

    @action("POST", "activity")
    def activity(self, values):
        """``activity``, and any of isDisabled, activityType, isChargeable, name,
        isProjectActivity (null: Tripletex does not say)."""
        company = self._company(values)
        row_id = self._find(company, "Activity", values["activity"], "name")
        columns = ("isDisabled", "activityType", "isChargeable", "name")
        columns += ("isProjectActivity",)
        return self._change(company, "Activity", row_id, values, columns)

    @action("POST", "settings")
    def settings(self, values):
        """``require_comments``, ``default_activity`` (null: none)."""
        company = self._company(values)
        if "require_comments" in values:
            flag = "requireCommentsOnRegisteredHoursAllProjects"
            company.settings[flag] = boolean(values, "require_comments")
        if "default_activity" in values:
            wanted = values["default_activity"]
            if wanted is not None:
                wanted = self._find(company, "Activity", wanted, "name")
            company.settings["defaultProjectActivity"] = wanted

    @action("POST", "month")
    def month(self, values):
        """``month`` YYYY-MM, ``locked``, ``employee`` (absent: everybody)."""
        company, employee = self._company(values), values.get("employee")
        if employee is not None:
            employee = self._find(company, "Employee", employee, "employeeNumber")
        month = values["month"]
        parse_date(f"{month}-01")
        company.lock_month(employee, month, boolean(values, "locked"))

    @action("POST", "entry")
    def entry(self, values):
        """``id``, and ``approved`` or ``invoiced`` true or false."""
        company = self._company(values)
        row_id = self._find(company, ENTRY, values["id"])
        if "approved" in values:
            change = company.approved_entries
            (change.add if boolean(values, "approved") else change.discard)(row_id)
        if "invoiced" in values:
            invoice = company.new_id("Invoice") if boolean(values, "invoiced") else None
            company.put(ENTRY, {**company.table(ENTRY)[row_id], "invoice": invoice})

    # -- a person works in Tripletex itself --------------------------------------

    def _mapped(self, company, values, model):
        # As a body of the API, so that the same checks apply.
        control = ("action", "id", "version", "company", "with_project")
        body = {k: v for k, v in values.items() if k not in control}
        for column, other, number in (
            ("employee", "Employee", "employeeNumber"),
            ("project", "Project", "number"),
            ("activity", "Activity", "name"),
            ("salaryType", "SalaryType", "number"),
        ):
            if body.get(column) is not None:
                found = self._find(company, other, body[column], number)
                body[column] = {"id": found}
        return bodies.to_row(body, model)

    @action("POST", "person/entry")
    def person_entry(self, values):
        """A person's own hours: ``action`` create, edit (also moves) or delete.

        ``id`` for edit and delete; else employee, project, activity, date, hours,
        comment. The rules of Tripletex hold: a refusal is 409 with its message.
        """
        company = self._company(values)
        entries = Entries(self.state, company)
        columns = self._mapped(company, values, ENTRY)
        row_id = values.get("id")
        who = company.owner["employee"]
        if values["action"] == "delete":
            entries.delete(int(row_id))
            return None
        if values["action"] == "edit":
            row = entries.update(int(row_id), columns, by=who)
        else:
            row = entries.create(columns, by=who)
        return {"id": row["id"], "version": row["version"]}

    @action("POST", "person/row")
    def person_row(self, values):
        """The same for paycode rows: employee, salaryType, date, count, description;
        with ``with_project`` true also project and activity."""
        company = self._company(values)
        model = PROJECT_ROW if values.get("with_project") else ROW
        rows = PaycodeRows(company, model)
        columns = self._mapped(company, values, model)
        row_id = values.get("id")
        if values["action"] == "delete":
            rows.delete(int(row_id))
            return None
        if values["action"] == "edit":
            row = rows.update(int(row_id), columns)
        else:
            row = rows.create(columns)
        return {"id": row["id"], "version": row["version"]}
