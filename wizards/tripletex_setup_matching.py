from collections import Counter, defaultdict

from odoo import fields, models
from odoo.tools import email_normalize

from .tripletex_setup_reading import natural_key

#: Prefix of the payroll codes of work entry types that are made here: codes are
#: unique, and other countries' packages use bare numbers.
CODE_PREFIX = "TT"


class TripletexConnectionSetup(models.TransientModel):
    """Each row's values, and the Odoo record that it most likely means."""

    _inherit = "tripletex.connection.setup"

    # ------------------------------------------------------------------
    # Projects
    # ------------------------------------------------------------------

    def _set_project_lines(self, rows):
        links = self._links("tripletex.project", "project_id")
        offered = []
        for row in rows:
            link = links.of(str(row["id"]), row["number"])
            # numbered and open ones are offered; linked ones show what became of them
            if link or (row["number"] and not row["isClosed"]):
                offered.append((row, link))
        offered.sort(key=lambda pair: natural_key(pair[0]["number"]))
        suggested = self._projects_by_name([row for row, link in offered if not link])
        self._upsert_lines(
            "tripletex.setup.project",
            [
                self._project_values(row, link)
                | {"project_id": suggested.get(row["id"], False)}
                for row, link in offered
            ],
            keep=("project_id",),
        )

    def _project_values(self, row, link):
        vals = {
            "tripletex_id": str(row["id"]),
            "number": row["number"] or False,
            "name": row["name"] or row["displayName"],
            "customer_name": row["customerName"] or False,
            "start_date": fields.Date.to_date(row["startDate"]) or False,
            "end_date": fields.Date.to_date(row["endDate"]) or False,
            "is_closed": bool(row["isClosed"]),
            "is_internal": bool(row["isInternal"]),
        }
        return vals | self._link_values(
            link, vals, ("number", "name", "is_closed", "start_date", "end_date")
        )

    def _projects_by_name(self, rows):
        """Odoo projects without a link, by the Tripletex project of the same name.

        Only where the name is unique on both sides.

        :return: dict of Tripletex project id to project id
        """
        counts = Counter(row["name"].strip().lower() for row in rows)
        linked = self._bindings("tripletex.project").project_id
        projects = defaultdict(list)
        for project in self.env["project.project"].search(
            [
                ("company_id", "in", (self.company_id.id, False)),
                ("is_template", "=", False),
                ("id", "not in", linked.ids),
            ]
        ):
            projects[(project.name or "").strip().lower()].append(project.id)
        found = {}
        for row in rows:
            name = row["name"].strip().lower()
            if name and counts[name] == 1 and len(projects.get(name, ())) == 1:
                found[row["id"]] = projects[name][0]
        return found

    # ------------------------------------------------------------------
    # Paycodes
    # ------------------------------------------------------------------

    def _set_paycode_lines(self, rows):
        links = self._links("tripletex.paycode", "work_entry_type_id")
        pairs = [
            (row, links.of(str(row["id"]), row["number"]))
            for row in rows
            if row["number"]
        ]
        pairs.sort(
            key=lambda pair: (
                not pair[0]["showInTimesheet"],
                natural_key(pair[0]["number"]),
            )
        )
        suggested = self._types_by_number([row["number"] for row, _link in pairs])
        self._upsert_lines(
            "tripletex.setup.paycode",
            [
                self._paycode_values(row, link)
                | {
                    "work_entry_type_id": suggested.get(row["number"], False)
                    if not link
                    else False
                }
                for row, link in pairs
            ],
            keep=("work_entry_type_id",),
        )

    def _paycode_values(self, row, link):
        vals = {
            "tripletex_id": str(row["id"]),
            "number": row["number"],
            "name": row["name"],
            "show_in_timesheet": bool(row["showInTimesheet"]),
        }
        vals |= self._link_values(link, vals, ("number", "name", "show_in_timesheet"))
        if not vals["show_in_timesheet"] and not link:
            vals["reason"] = self.env._(
                "Tick “Vis i timeliste” on this salary type in Tripletex before hours "
                "use it."
            )
        return vals

    def _types_by_number(self, numbers):
        """Work entry types without a link that stand for these salary types.

        :return: dict of salary type number to work entry type id
        """
        linked = self._bindings("tripletex.paycode").work_entry_type_id
        found = {}
        for kind in self._work_entry_types(numbers) - linked:
            number = kind.external_code or kind.code.removeprefix(CODE_PREFIX)
            found.setdefault(number, kind.id)
        return found

    def _work_entry_types(self, numbers):
        return self.env["hr.work.entry.type"].search(
            [
                ("country_id", "in", (self.company_id.country_id.id, False)),
                "|",
                ("external_code", "in", numbers),
                ("code", "in", [f"{CODE_PREFIX}{number}" for number in numbers]),
            ]
        )

    # ------------------------------------------------------------------
    # Employees
    # ------------------------------------------------------------------

    def _set_employee_lines(self, rows):
        links = self._links("tripletex.employee", "employee_id")
        counts = Counter(row["employeeNumber"] for row in rows)
        pairs = []
        for row in rows:
            link = links.of(str(row["id"]), row["employeeNumber"])
            pairs.append((self._employee_values(row, link, counts), link, row))
        pairs.sort(key=lambda triple: (not triple[0]["selectable"], triple[0]["name"]))
        suggested = self._employees_for(
            [row for vals, _link, row in pairs if vals["selectable"]]
        )
        departments = self._departments_by_name()
        vals_list = []
        for vals, _link, row in pairs:
            employee = suggested.get(row["id"], self.env["hr.employee"])
            department = (vals["department_name"] or "").strip().lower()
            vals["employee_id"] = employee.id
            vals["department_id"] = employee.department_id.id or departments.get(
                department, False
            )
            vals_list.append(vals)
        self._upsert_lines(
            "tripletex.setup.employee", vals_list, keep=("employee_id", "department_id")
        )

    def _employee_values(self, row, link, counts):
        name = row["displayName"] or f"{row['firstName']} {row['lastName']}".strip()
        vals = {
            "tripletex_id": str(row["id"]),
            "number": row["employeeNumber"] or False,
            "name": name,
            "email": row["email"] or False,
            "department_name": (row["department"] or {}).get("name") or False,
        }
        vals |= self._link_values(link, vals, ("number", "name", "email"))
        hindrance = vals.pop("reason")
        if not link:
            hindrance, blocks = self._employee_hindrance(row, counts)
            vals["selectable"] = not blocks
        return vals | {"hindrance": hindrance}

    def _employee_hindrance(self, row, counts):
        """What stands in the way on Tripletex's side, and whether it forbids a tick."""
        if not row["employeeNumber"] and not row["email"]:
            return self.env._(
                "Enter employee number and e-mail in Tripletex first."
            ), True
        if not row["employeeNumber"]:
            return self.env._("Enter the employee number in Tripletex first."), True
        if not row["email"]:
            return self.env._("Enter the e-mail address in Tripletex first."), True
        if counts[row["employeeNumber"]] > 1:
            return (
                self.env._(
                    "Several people have this number in Tripletex. Correct it there."
                ),
                True,
            )
        if row["allowInformationRegistration"] is False:
            return self.env._(
                "Tripletex takes no hours for this person at present."
            ), False
        return False, False

    def _employees_for(self, rows):
        """Odoo employees to suggest: by number, then by e-mail, then by name.

        An employee is suggested once, and only where the match is the only one.

        :return: dict of Tripletex employee id to ``hr.employee``
        """
        linked = self._bindings("tripletex.employee").employee_id
        employees = self.env["hr.employee"].search(
            [("company_id", "=", self.company_id.id), ("id", "not in", linked.ids)]
        )
        found, taken = {}, set()
        for ours, theirs in self._employee_keys():
            by_key = defaultdict(list)
            for employee in employees:
                for key in ours(employee):
                    by_key[key].append(employee)
            for row in rows:
                candidates = by_key.get(theirs(row), ())
                if row["id"] in found or len(candidates) != 1:
                    continue
                if candidates[0] not in taken:
                    taken.add(candidates[0])
                    found[row["id"]] = candidates[0]
        return found

    def _employee_keys(self):
        """Pairs of functions: keys of an Odoo employee, key of a Tripletex row."""
        keys = [
            (
                lambda employee: (
                    {
                        email_normalize(employee.work_email or "") or None,
                        email_normalize(employee.user_id.login or "") or None,
                    }
                    - {None}
                ),
                lambda row: email_normalize(row["email"] or "") or None,
            ),
            (
                lambda employee: {(employee.name or "").strip().lower()},
                lambda row: row["displayName"].strip().lower(),
            ),
        ]
        if "registration_number" in self.env["hr.employee"]._fields:
            # Odoo's payroll keeps an employee number; Community has none
            keys.insert(
                0,
                (
                    lambda employee: {employee.registration_number} - {False, ""},
                    lambda row: row["employeeNumber"],
                ),
            )
        return keys

    def _departments_by_name(self):
        departments = self.env["hr.department"].search(
            [("company_id", "in", (self.company_id.id, False))]
        )
        return {(d.name or "").strip().lower(): d.id for d in departments}
