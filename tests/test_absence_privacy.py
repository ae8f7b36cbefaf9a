from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .absence_common import AbsenceCase
from .common import MONDAY

APPROVER = "hr_timesheet.group_hr_timesheet_approver"
EXPORTED = ("place_name", "activity_id", "absence_name", "comment", "error_message")
OFFICER = "hr_holidays.group_hr_holidays_user"


@tagged("post_install", "-at_install")
class TestAbsencePrivacy(AbsenceCase):
    """What kind of absence it is tells nothing to approvers without Time Off rights."""

    def setUp(self):
        super().setUp()
        self.approver = self.person("approver", f"{APPROVER},base.group_allow_export")
        self.officer = self.person("officer", f"{APPROVER},{OFFICER}")
        self.leave(MONDAY, leave_type=self.sickness)

    def person(self, login, groups):
        return new_test_user(
            self.env,
            f"absence_{login}",
            groups=groups,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def entry(self, user):
        Entry = self.env["tripletex.entry"].with_user(user)
        entry = Entry.with_context(allowed_company_ids=self.company.ids).search([])
        self.assertEqual(len(entry), 1)
        return entry

    def everything(self, user):
        """All that a user can read of the entry and its lines, as a text."""
        entry = self.entry(user)
        readable = set(entry.fields_get(attributes=["type"])) - {"connection_id"}
        texts = [
            entry.read(list(readable)),
            entry.share_ids.read(["description", "hours"]),
        ]
        texts.append(entry.export_data(["display_name", *EXPORTED])["datas"])
        for name in ("activity_id", "place_name", "work_entry_type_id"):
            texts.append(entry._read_group([], [name], ["hours:sum"]))
        texts += entry.share_ids.line_id.mapped("tripletex_refusal")
        texts += entry.message_ids.mapped("body")
        return str(texts)

    def assert_hidden(self):
        activity = self.activity("Egenmelding")
        said = self.everything(self.approver)
        self.assertNotIn("Egenmelding", said)
        self.assertNotIn(activity.tripletex_id, said)
        self.assertNotIn(self.sickness.name, said)
        self.assertEqual(self.entry(self.approver).absence_name, "Absence")
        self.assertIn("Absence", self.entry(self.approver).display_name)

    def test_approver_reads_a_neutral_word(self):
        self.assert_hidden()
        self.settle()
        self.assert_hidden()

    def test_time_off_officer_reads_the_activity(self):
        self.assertEqual(self.entry(self.officer).absence_name, "Egenmelding")

    def test_approver_reads_their_own(self):
        self.employee.user_id = self.approver
        self.assertEqual(self.entry(self.approver).absence_name, "Egenmelding")

    def test_places_are_neither_read_nor_searched(self):
        entry = self.entry(self.approver)
        for name in ("place", "known_place", "remote_place"):
            with self.assertRaises(AccessError):
                entry.read([name])
            with self.assertRaises(AccessError):
                entry.search([(name, "like", "%")])

    def test_links_are_the_administrators(self):
        Absence = self.env["tripletex.absence"].with_user(self.approver)
        with self.assertRaises(AccessError):
            Absence.search([])

    def test_refusal_does_not_repeat_tripletex(self):
        self.control.change_activity(
            "Egenmelding",
            isProjectActivity=True,
            activityType="PROJECT_GENERAL_ACTIVITY",
        )
        self.settle()
        entry = self.entry(self.approver)
        self.assertEqual(entry.state, "failed")
        self.assertIn("not shown for absence", entry.error_message)

    def test_comment_of_a_row_found_in_tripletex_is_not_kept(self):
        self.control.person_creates_entry(
            employee=self.link(self.employee).tripletex_id,
            activity="Egenmelding",
            date=str(MONDAY),
            hours=4,
            comment="Migrene",
        )
        self.settle()
        self.assertEqual(self.entry(self.approver).state, "conflict")
        self.assertNotIn("Migrene", self.everything(self.approver))
        self.assert_hidden()
        self.entry(self.approver).action_keep()
        self.assertNotIn("Migrene", self.everything(self.approver))
