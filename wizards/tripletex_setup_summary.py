from collections import Counter
from functools import cached_property

from markupsafe import Markup

from odoo.fields import Domain

from ..sending.namesakes import full_name
from .tripletex_setup_suggest import named


class Summary:
    """What Complete does, and which hours cannot be sent afterwards.

    :param setup: ``tripletex.connection.setup`` as root, with its rows
    """

    def __init__(self, setup):
        self.setup = setup
        self.env = setup.env
        self.kinds = list(setup._row_kinds().values())
        self.people = setup.employee_line_ids._to_add()

    # -- what Complete does ------------------------------------------------------

    def planned(self):
        """Return sentences that say what Complete will do, in numbers."""
        sentences = [
            kind._figures(*kind._count_to_add(self.setup)) for kind in self.kinds
        ]
        absences = self.setup.absence_line_ids
        if absences:
            sentences.append(absences._figures(len(absences.filtered("selected"))))
        sentences += [*self._sends(), self._logins(), *self._changes()]
        return sentences

    def _sends(self):
        sends = Counter(self.people.mapped("transfer"))
        if sends.keys() - {"all"}:
            yield self.env._(
                "These send: %(all)s everything, %(some)s overtime and absence only, "
                "%(none)s nothing",
                all=sends["all"],
                some=sends["overtime_absence"],
                none=sends["none"],
            )

    def _logins(self):
        makers = self.people.filtered(lambda line: line._makes_user())
        return self.env._(
            "Logins: %(users)s new, %(invited)s invited by e-mail",
            users=len(makers),
            invited=len(makers.filtered("invite")),
        )

    def _changes(self):
        counts = [kind._count_changed(self.setup) for kind in self.kinds]
        changed, accepted = (sum(figures) for figures in zip(*counts, strict=True))
        if changed:
            yield self.env._(
                "Changed in Tripletex: %(changed)s, of which Accept Change is ticked "
                "on %(accepted)s",
                changed=changed,
                accepted=accepted,
            )

    def earlier_hours(self, date):
        """Return how many hours validated earlier Complete queues.

        :param date: first day whose hours are sent
        """
        Line = self.env["account.analytic.line"]
        groups = Line._read_group(
            Line._tripletex_validated_domain()
            & Line._tripletex_timesheet_domain()
            & Domain("company_id", "=", self.setup.company_id.id)
            & Domain("date", ">=", date)
            & Domain("project_id.tripletex_excluded", "=", False)
            & self._sent_domain(),
            ["product_uom_id"],
            ["unit_amount:sum"],
        )
        return sum(Line._tripletex_to_hours(amount, uom) for uom, amount in groups)

    def _sent_domain(self):
        """Return the domain of lines that employees send, as linked and as ticked."""
        records = [*self._links, *self.people.filtered("employee_id")]
        sends = {record.employee_id.id: record.transfer for record in records}
        nothing, some = (
            [employee for employee, transfer in sends.items() if transfer == kind]
            for kind in ("none", "overtime_absence")
        )
        return Domain("employee_id", "not in", nothing) & (
            Domain("employee_id", "not in", some)
            | Domain("work_entry_type_id", "!=", False)
        )

    # -- what cannot be sent -----------------------------------------------------

    @cached_property
    def _links(self):
        """The employees' links there are."""
        links = self.setup.employee_line_ids._links(self.setup)
        return links.filtered("employee_id")

    @cached_property
    def unlinked_projects(self):
        """Open projects of Odoo without a link, unless they are marked as not sent."""
        return self.setup.project_line_ids._unlinked_projects(self.setup)

    @cached_property
    def _transfers(self):
        """What each employee sends who is linked, or ticked."""
        return [*self._links.mapped("transfer"), *self.people.mapped("transfer")]

    @property
    def can_send(self):
        """Whether anybody's hours can be sent at all."""
        return any(transfer != "none" for transfer in self._transfers) and (
            self._has_link("project_line_ids")
            or any(self.setup.absence_line_ids.mapped("selected"))
        )

    def _has_link(self, name):
        """Return whether a kind of row has a link, or gets one by Complete."""
        rows = self.setup[name]
        field = rows._odoo_field
        return bool(rows._links(self.setup).filtered(field) or rows._to_add())

    def missing(self):
        """Return sentences that say what cannot be sent, and what to do.

        They count what is linked and what is ticked: right before Complete and after.
        """
        return [
            *self._missing_people(),
            *self._missing_projects(),
            *self._missing_paycodes(),
            *self._missing_rights(),
        ]

    def _missing_people(self):
        env = self.env
        if not self._transfers:
            yield env._(
                "No employee is linked: no hours can be sent. Tick people on the step "
                "Employees, now or later with Update."
            )
        elif set(self._transfers) == {"none"}:
            yield env._(
                "All linked employees send nothing: no hours are sent. Change it "
                "under Timesheets, Configuration, Tripletex, Employees."
            )
        if unpaid := self.people._without_pay():
            yield env._(
                "Without an employment in Tripletex, so their hours cannot be paid: "
                "%(names)s",
                names=named(unpaid, lambda line: line.display_name),
            )

    def _missing_projects(self):
        env = self.env
        if not self._has_link("project_line_ids"):
            yield env._(
                "No project is linked: no hours on projects can be sent. Tick projects "
                "on the step Projects, now or later with Update."
            )
        elif self.setup.is_done and self.unlinked_projects:
            yield env._(
                "Hours on these open projects in Odoo cannot be validated, because "
                "they have no link (%(count)s): %(names)s. Link them with Update, or "
                "mark them as not sent to Tripletex.",
                count=len(self.unlinked_projects),
                names=named(self.unlinked_projects, full_name),
            )
        if not self.setup.default_activity_id:
            yield env._(
                "No activity is chosen for project hours: hours can be validated "
                "only on projects that have their own activity."
            )

    def _missing_paycodes(self):
        if not self._has_link("paycode_line_ids"):
            yield self.env._(
                "No paycode is linked: overtime and supplements cannot be sent. Tick "
                "paycodes on the step Paycodes, now or later with Update."
            )

    def _missing_rights(self):
        rights = self.setup.right_ids.filtered(lambda right: not right.is_granted)
        if rights:
            yield self.env._(
                "The API user key lacks rights: %(rights)s. Give them to the key in "
                "Tripletex, then press Update.",
                rights="; ".join(rights.mapped("name")),
            )


def bullets(sentences):
    """Return the sentences as an HTML list, or False where there are none."""
    if not sentences:
        return False
    return Markup("<ul>%s</ul>") % Markup("").join(
        Markup("<li>%s</li>") % sentence for sentence in sentences
    )
