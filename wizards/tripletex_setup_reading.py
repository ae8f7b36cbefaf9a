import re

from odoo import api, models

from ..tools import RightsMissing

#: Lists that are read with the key, and shown on their own step.
STEP_LISTS = {"projects", "paycodes", "employees"}
#: Activity types that fit every project (MEASURED); an empty type says nothing.
GENERAL_PROJECT_TYPES = ("PROJECT_GENERAL_ACTIVITY", "")


class TripletexConnectionSetup(models.TransientModel):
    """What is read becomes rows to tick; those that are linked already say so."""

    _inherit = "tripletex.connection.setup"

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    def _keep_answers(self, who, answers):
        """Turn what was read with the key into rows: the steps need no second read."""
        settings = answers["settings"]
        if isinstance(settings, RightsMissing):
            settings = {}
        rows = {
            name: [] if isinstance(answers[name], RightsMissing) else answers[name]
            for name in ("activities", *STEP_LISTS)
        }
        owner = next((e for e in rows["employees"] if e["id"] == who["employeeId"]), {})
        self.write(
            {
                "key_owner_id": str(who["employeeId"]),
                "key_owner_name": owner.get("displayName") or False,
                "require_comments": bool(
                    settings.get("requireCommentsOnRegisteredHoursAllProjects")
                ),
                "fresh_lists": ",".join(sorted(STEP_LISTS)),
            }
        )
        self._set_activities(rows["activities"], settings.get("defaultProjectActivity"))
        self._set_project_lines(rows["projects"])
        self._set_paycode_lines(rows["paycodes"])
        self._set_employee_lines(rows["employees"])

    def _enter_step(self):
        """Read the step's list, unless it was read with the key a moment ago."""
        if self.step == "key":
            return
        fresh = set(filter(None, (self.fresh_lists or "").split(",")))
        if self.step in fresh:
            self.fresh_lists = ",".join(sorted(fresh - {self.step}))
            return
        with self._tripletex() as client:
            if self.step == "projects":
                closed = bool(self._bindings("tripletex.project"))
                self._set_project_lines(client.list_projects(closed=closed))
            elif self.step == "paycodes":
                self._set_paycode_lines(self._salary_types(client))
            else:
                self._set_employee_lines(client.list_employees())

    def _salary_types(self, client):
        try:
            return client.list_salary_types()
        except RightsMissing:
            return []  # shown among the rights; connecting makes sense without

    def _set_activities(self, rows, preset):
        """Keep the activities for this set-up, and choose the defaults.

        Each gets a row of the set-up's own, which Complete hands to the connection or
        merges into the one that the connection has.

        :param preset: ``defaultProjectActivity`` of Tripletex's settings, or None
        """
        Activity = self.env["tripletex.activity"]
        own = {a.tripletex_id: a for a in Activity.search([("setup_id", "=", self.id)])}
        create = []
        for row in rows:
            if row["isDisabled"]:
                continue
            vals = self._activity_values(row)
            activity = own.pop(vals["tripletex_id"], None)
            if activity:
                activity.write(vals)
            else:
                create.append(vals)
        Activity.union(*own.values()).unlink()
        Activity.create(create)
        self._set_default_activities(preset)

    def _activity_values(self, row):
        kind = row["activityType"]
        is_project = row["isProjectActivity"]
        if is_project is None:
            is_project = kind.startswith("PROJECT") if kind else True
        return {
            "setup_id": self.id,
            "company_id": self.company_id.id,
            "tripletex_id": str(row["id"]),
            "number": row["number"] or False,
            "name": row["name"] or str(row["id"]),
            "activity_type": kind or False,
            "is_project_activity": is_project,
            "is_chargeable": bool(row["isChargeable"]),
        }

    def _activities(self):
        """Activities to choose from: those just read, as the connection knows them."""
        Activity = self.env["tripletex.activity"]
        setup_id = self._origin.id  # a form that is not stored yet has none
        own = Activity.search([("setup_id", "=", setup_id)]) if setup_id else Activity
        known = Activity.search(
            [
                ("connection_id", "!=", False),
                ("connection_id", "=", self.connection_id.id),
                ("tripletex_id", "in", own.mapped("tripletex_id")),
            ]
        )
        known_ids = set(known.mapped("tripletex_id"))
        return known | own.filtered(lambda a: a.tripletex_id not in known_ids)

    @api.depends("connection_id")
    def _compute_activity_ids(self):
        for setup in self:
            setup.activity_ids = setup.sudo()._activities()

    def _set_default_activities(self, preset):
        """Preset: the connection's choice, Tripletex's default, the only usable one."""
        activities = self._activities()
        project = activities.filtered("is_project_activity")
        general = project.filtered(
            lambda a: (a.activity_type or "") in GENERAL_PROJECT_TYPES
        )
        internal = activities - project
        preset_id = str(preset["id"]) if preset else None
        if self.default_activity_id not in project:
            self.default_activity_id = (
                (self.connection_id.default_activity_id & project)
                or project.filtered(lambda a: a.tripletex_id == preset_id)
                or (general if len(general) == 1 else False)
            )
        if self.default_internal_activity_id not in internal:
            self.default_internal_activity_id = (
                self.connection_id.default_internal_activity_id & internal
            ) or (internal if len(internal) == 1 else False)

    def _upsert_lines(self, model, vals_list, keep=()):
        """Bring the offered rows in line with what was read; ticks stay.

        :param keep: fields that a person may have changed since: only set on rows
            that are new
        """
        Line = self.env[model]
        existing = {
            line.tripletex_id: line
            for line in Line.search([("setup_id", "=", self.id)])
        }
        create = []
        for sequence, vals in enumerate(vals_list):
            vals["sequence"] = sequence
            line = existing.pop(vals["tripletex_id"], None)
            if not line:
                create.append(vals | {"setup_id": self.id})
                continue
            changed = {
                name: value
                for name, value in vals.items()
                if name not in keep
                and line._fields[name].convert_to_cache(value, line)
                != line._fields[name].convert_to_cache(line[name], line)
            }
            if not changed.get("selectable", True):
                changed["selected"] = False
            if changed:
                line.write(changed)
        Line.union(*existing.values()).unlink()
        Line.create(create)

    # ------------------------------------------------------------------
    # Links made earlier
    # ------------------------------------------------------------------

    def _links(self, model, field):
        """Index of the known connection's links that are in use."""
        bindings = self._bindings(model) if self.connection_id else self.env[model]
        return LinkIndex(bindings.filtered(field))

    def _link_values(self, link, vals, compared):
        """Values of a row that say it is linked, and what changed since."""
        if not link:
            return {
                "selectable": True,
                "is_linked": False,
                "reason": False,
                "change": False,
            }
        changes = []
        if link.tripletex_id in (False, vals["tripletex_id"]):
            changes = [
                self._change_text(link, name, vals[name])
                for name in compared
                if (link[name] or False) != (vals[name] or False)
            ]
        return {
            "selectable": False,
            "is_linked": True,
            "reason": self._linked_text(link, vals),
            "change": "; ".join(changes) or False,
        }

    def _linked_text(self, link, vals):
        if link.tripletex_id not in (False, vals["tripletex_id"]):
            return self.env._(
                "The number is linked already, to another row in Tripletex. Correct "
                "the link under Timesheets, Configuration, Tripletex."
            )
        return self.env._("Linked already.")

    def _change_text(self, link, name, value):
        field = link._fields[name]
        label = field._description_string(self.env)
        if field.type == "boolean":
            return f"{label}: {'✓' if value else '–'}"
        return f"{label}: {link[name] or '–'} → {value or '–'}"


def natural_key(number):
    """Sort key under which project 9 comes before project 10."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part.lower())
        for part in re.findall(r"\d+|\D+", number or "")
    ]


class LinkIndex:
    """Finds the link of a row by number, which is what counts, then by id."""

    def __init__(self, bindings):
        self.by_number = {b.number: b for b in bindings if b.number}
        self.by_id = {b.tripletex_id: b for b in bindings if b.tripletex_id}

    def of(self, tripletex_id, number):
        """The link, or None. A row renumbered in Tripletex is found by its id."""
        return self.by_number.get(number) or self.by_id.get(tripletex_id)
