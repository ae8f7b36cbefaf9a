from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MONDAY
from .validate_common import ValidateCase

OPEN, HIDDEN = "Ryddet lager", "Oppkjøp av Hemmelig AS"


@tagged("post_install", "-at_install")
class TestAccessPrivate(ValidateCase):
    """Texts and names follow the visibility of the projects that they are about."""

    def setUp(self):
        super().setUp()
        self.approver.group_ids |= self.env.ref("base.group_allow_export")
        self.public, self.private = self.env["project.project"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    "allow_timesheets": True,
                    "privacy_visibility": visibility,
                }
                for name, visibility in (
                    ("Lager", "employees"),
                    ("Prosjekt Hemmelig", "followers"),
                )
            ]
        )

    def internal(self, project):
        """Hours on the project are internal time in Tripletex."""
        return self.env["tripletex.project"].create(
            {
                "connection_id": self.connection.id,
                "project_id": project.id,
                "is_internal": True,
                "name": project.name,
            }
        )

    def merged(self, is_private_first=False):
        """One row of internal time of both projects."""
        (self.public + self.private).mapped(self.internal)
        lines = [
            {"hours": 2, "project_id": self.public.id, "name": OPEN},
            {"hours": 3, "project_id": self.private.id, "name": HIDDEN},
        ]
        for values in reversed(lines) if is_private_first else lines:
            line = self.validated(**values)
        entry = self.entries_of(line)
        self.assertEqual(entry.hours, 5)
        return entry

    def texts(self, seen):
        """All that a person can read of an entry, on every road."""
        names = [
            name
            for name in seen.fields_get()
            if name not in ("message_ids", "share_ids")
        ]
        spec = {name: {} for name in names}
        self.env.flush_all()
        self.env.invalidate_all()
        spec["share_ids"] = {"fields": {"description": {}, "line_id": {}}}
        return repr(
            [
                seen.read(names),
                seen.web_read(spec),
                seen.export_data(["comment", "display_name", "share_ids/description"]),
                seen.share_ids.read(),
                seen.formatted_read_group([], ["employee_id", "project_id"]),
                seen.name_search("Hemmelig"),
            ]
        )

    def test_outside_approver_reads_visible_parts_only(self):
        entry = self.merged()
        seen = self.seen_by(self.approver, entry)
        self.assertEqual(self.seen_by(self.approver, entry.search([])), seen)
        self.assertEqual(seen.comment, OPEN)
        self.assertNotIn("Hemmelig", self.texts(seen))
        self.send()
        self.assertNotIn("Hemmelig", self.texts(seen))

    def test_private_part_that_came_first_is_hidden_as_well(self):
        seen = self.seen_by(self.approver, self.merged(is_private_first=True))
        self.assertEqual(seen.comment, OPEN)
        self.assertNotIn("Hemmelig", self.texts(seen))

    def test_what_is_sent_is_the_whole_text(self):
        self.merged()
        self.send()
        [row] = self.control.entries()
        self.assertEqual(row["comment"], f"{OPEN}; {HIDDEN}")

    def test_follower_and_administrators_read_the_whole_text(self):
        entry = self.merged()
        self.private.message_subscribe(self.leader.partner_id.ids)
        for user in (self.leader, self.manager, self.system):
            with self.subTest(user=user.login):
                seen = self.seen_by(user, entry)
                self.assertEqual(seen.comment, f"{OPEN}; {HIDDEN}")
        self.send()
        self.assertIn(HIDDEN, self.seen_by(self.leader, entry).shown_sent_comment)

    def test_searches_do_not_confirm_what_is_hidden(self):
        entry = self.merged()
        Entry = self.env["tripletex.entry"]
        for user, finds in (
            (self.approver, False),
            (self.manager, True),
            (self.system, True),
        ):
            for domain in (
                [("comment", "ilike", "Hemmelig")],
                [("comment", "like", "Oppkj")],
                [("comment", "ilike", HIDDEN[-5:])],
            ):
                with self.subTest(user=user.login, domain=domain):
                    found = self.seen_by(user, Entry).search(domain)
                    self.assertEqual(bool(found), finds)
        seen = self.seen_by(self.approver, Entry)
        self.assertEqual(seen.search([("comment", "ilike", "lager")]), entry)
        self.assertEqual(seen.search([("comment", "not ilike", "Hemmelig")]), entry)
        for name in ("full_comment", "sent_comment", "remote_comment"):
            for user in (self.approver, self.manager):
                with self.subTest(field=name), self.assertRaises(AccessError):
                    self.seen_by(user, Entry).search([(name, "ilike", "a")])
        with self.assertRaises(AccessError):
            seen.search([], order="full_comment")

    def test_conflict_does_not_show_what_is_hidden(self):
        entry = self.merged()
        self.send()
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=1)
        self.env["account.analytic.line"].search(
            [("project_id", "=", self.public.id)]
        ).action_tripletex_invalidate()
        self.send()
        self.assertEqual(entry.state, "conflict")
        self.assertIn(HIDDEN, entry.remote_comment)
        self.assertNotIn("Hemmelig", self.texts(self.seen_by(self.approver, entry)))
        self.assertIn(HIDDEN, self.seen_by(self.manager, entry).shown_remote_comment)

    def test_hidden_text_that_still_stands_in_tripletex_stays_hidden(self):
        for act in ("invalidated", "deleted"):
            with self.subTest(act), self.env.cr.savepoint() as savepoint:
                entry = self.merged()
                self.send()
                line = self.env["account.analytic.line"].search(
                    [("project_id", "=", self.private.id)]
                )
                line.action_tripletex_invalidate()
                if act == "deleted":
                    line.unlink()
                self.env.invalidate_all()
                self.assertIn(HIDDEN, entry.sent_comment)
                seen = self.seen_by(self.approver, entry)
                self.assertEqual(seen.comment, OPEN)
                self.assertNotIn("Hemmelig", self.texts(seen))
                savepoint.rollback()
            self.env.invalidate_all(flush=False)
            self.sandbox.reset()

    def test_paycode_row_of_two_projects_shows_visible_parts_only(self):
        for project, row in zip(
            self.public + self.private, self._rows("list_projects")[-2:], strict=True
        ):
            self.env["tripletex.project"].create(
                {
                    "connection_id": self.connection.id,
                    "project_id": project.id,
                    "tripletex_id": str(row["id"]),
                    "number": row["number"],
                }
            )
        self.paycode.transfer_as = "paycode"
        values = {"work_entry_type_id": self.overtime.id}
        self.company.tripletex_strict = False
        self.validated(2, project_id=self.public.id, name=OPEN, **values)
        line = self.validated(3, project_id=self.private.id, name=HIDDEN, **values)
        entry = self.entries_of(line)
        self.assertEqual((entry.kind, entry.hours), ("paycode", 5))
        seen = self.seen_by(self.approver, entry)
        self.assertEqual(seen.comment, OPEN)
        self.assertNotIn("Hemmelig", self.texts(seen))

    def test_names_of_links_follow_their_project(self):
        links = (self.public + self.private).mapped(self.internal)
        visible, hidden = links
        Link = self.seen_by(self.approver, self.env["tripletex.project"])
        self.assertIn(visible, Link.search([]))
        self.assertNotIn(hidden, Link.search([]))
        self.assertFalse(Link.name_search("Hemmelig"))
        self.assertFalse(Link.search([("name", "ilike", "Hemmelig")]))
        groups = Link.formatted_read_group([], ["name"], ["__count"])
        self.assertNotIn("Hemmelig", repr(groups))
        with self.assertRaises(AccessError):
            self.seen_by(self.approver, hidden).read(["name"])
        self.private.message_subscribe(self.approver.partner_id.ids)
        self.assertEqual(self.seen_by(self.approver, hidden).name, self.private.name)
        for user in (self.manager, self.system):
            self.assertTrue(self.seen_by(user, hidden).name)

    def test_line_that_moved_does_not_name_the_private_project_it_left(self):
        self.project.privacy_visibility = "followers"
        line = self.validated(4)
        self.send()
        self.control.lock_month(f"{MONDAY:%Y-%m}")
        self.correct(line, project_id=self.projects[1].id)
        self.send()
        seen = self.seen_by(self.approver, line)
        self.assertTrue(seen.tripletex_refusal)
        self.assertNotIn(self.project.name, seen.tripletex_refusal)
        manager = self.seen_by(self.manager, line)
        self.assertIn(self.project.name, manager.tripletex_refusal)
