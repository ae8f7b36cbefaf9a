from .setup_common import ProjectSetupCase


class TestSetupLinks(ProjectSetupCase):
    """Rows that are linked already when the set-up is opened again."""

    def test_linked_projects_are_grey_and_unchanged(self):
        self.complete(projects=3)
        bindings = self.bindings()
        bindings[0].project_id.name = "Renamed in Odoo"
        setup = self.go_to("employees")
        linked = setup.project_line_ids.filtered("is_linked")
        self.assertEqual(set(linked.mapped("number")), set(bindings.mapped("number")))
        self.assertFalse(any(linked.mapped("selectable")))
        self.assertTrue(all(linked.mapped("reason")))
        self.assertFalse(any(linked.mapped("change")), "nothing changed in Tripletex")
        linked.selected = True
        self.assertFalse(any(linked.mapped("selected")), "cannot be ticked")
        self.tick(setup.project_line_ids, 2)
        setup.action_complete()
        self.assertEqual(len(self.bindings()), 5)
        self.assertEqual(bindings[0].project_id.name, "Renamed in Odoo")

    def test_number_linked_to_another_project_is_grey_with_remark(self):
        self.complete(projects=1)
        number = self.bindings().number
        self.bindings().write({"tripletex_id": "999", "number": number})
        line = self.offered().filtered("is_linked")
        self.assertFalse(line.selectable)
        self.assertIn("another row", line.reason)

    def test_change_is_taken_over_only_where_ticked(self):
        self.complete(projects=3)
        first, second, _third = self.bindings()
        for binding in (first, second):  # the third one stays as it is
            self.control.change_project(
                int(binding.tripletex_id), name="Renamed there", isClosed=True
            )
        setup = self.go_to("employees")
        changed = setup.project_line_ids.filtered("change")
        self.assertEqual(len(changed), 2, "closed ones are shown when linked")
        self.assertIn("Renamed there", changed[0].change)
        changed.filtered(lambda r: r.number == first.number).accept_change = True
        setup.action_complete()
        self.assertEqual((first.name, first.is_closed), ("Renamed there", True))
        self.assertNotEqual(second.name, "Renamed there")
        self.assertFalse(second.is_closed)

    def test_links_with_number_only_accept_changes(self):
        """Links created by hand have no id yet."""
        self.complete(projects=0)
        numbers = self.offered()[:3].mapped("number")
        for number in numbers:
            project = self.env["project.project"].sudo().create({"name": number})
            self.env["tripletex.project"].sudo().create(
                {
                    "connection_id": self.connection.id,
                    "number": number,
                    "project_id": project.id,
                }
            )
        setup = self.go_to("employees")
        rows = setup.project_line_ids.filtered("change")
        self.assertEqual(rows.mapped("number"), numbers)
        rows.accept_change = True
        setup.action_complete()
        self.assertIn("Changes accepted: 3", setup.result)
        for binding, row in zip(self.bindings().sorted("id"), rows, strict=True):
            self.assertEqual(
                (binding.tripletex_id, binding.name), (row.tripletex_id, row.name)
            )

    def test_summary_counts_changes_to_accept(self):
        self.complete(projects=2)
        self.assertNotIn("Accept Change", str(self.go_to("employees").summary))
        for binding in self.bindings():
            self.control.close_project(int(binding.tripletex_id))
        setup = self.go_to("employees")
        self.assertIn("2, of which Accept Change is ticked on 0", str(setup.summary))
        setup.project_line_ids.filtered("change")[0].accept_change = True
        setup.invalidate_recordset(["summary"])
        self.assertIn("2, of which Accept Change is ticked on 1", str(setup.summary))

    def test_link_takes_over_new_number(self):
        self.complete(projects=1)
        binding = self.bindings()
        project = binding.project_id
        self.control.change_project(int(binding.tripletex_id), number="90210")
        setup = self.go_to("employees")
        line = setup.project_line_ids.filtered("is_linked")
        self.assertEqual(line.number, "90210")
        line.accept_change = True
        setup.action_complete()
        self.assertEqual(binding.number, "90210")
        self.assertEqual(binding.project_id, project)

    def test_accepting_without_link_changes_nothing(self):
        self.complete(projects=1)
        binding = self.bindings()
        self.control.change_project(int(binding.tripletex_id), name="Renamed there")
        setup = self.go_to("employees")
        setup.project_line_ids.filtered("change").accept_change = True
        binding.unlink()
        setup.action_complete()
        self.assertTrue(setup.is_done)
        self.assertFalse(self.bindings())

    def test_emptied_link_is_used_again(self):
        self.complete(projects=1)
        binding = self.bindings()
        binding.project_id = False
        self.complete(projects=1)
        self.assertEqual(self.bindings(), binding, "the same link is used")
        self.assertTrue(binding.project_id)

    def test_emptied_link_follows_renumbered_project(self):
        """A number was given to another project: the link keeps its own project."""
        self.complete(projects=1)
        binding = self.bindings()
        number = binding.number
        binding.project_id = False
        other = self.offered().filtered(lambda r: r.number != number)[0]
        self.control.change_project(int(binding.tripletex_id), number="8888")
        self.control.change_project(int(other.tripletex_id), number=number)
        setup = self.go_to("employees")
        rows = setup.project_line_ids.filtered(
            lambda r: r.number in (number, "8888") and r.selectable
        )
        self.assertEqual(len(rows), 2)
        rows.selected = True
        setup.action_complete()
        links = {b.tripletex_id: (b.number, b.project_id) for b in self.bindings()}
        self.assertEqual(
            links, {r.tripletex_id: (r.number, r.project_id) for r in rows}
        )
        self.assertEqual(binding.number, "8888")

    def test_number_of_another_project_creates_new_link(self):
        """Sent hours stay with the project that had the number when they were sent."""
        self.complete(projects=1)
        binding = self.bindings()
        number, tripletex_id = binding.number, binding.tripletex_id
        binding.project_id = False
        other = self.offered().filtered(lambda r: r.number != number)[0]
        self.control.change_project(int(tripletex_id), number="8888", isClosed=True)
        self.control.change_project(int(other.tripletex_id), number=number)
        setup = self.go_to("employees")
        setup.project_line_ids.filtered(lambda r: r.number == number).selected = True
        setup.action_complete()
        self.assertEqual(binding.tripletex_id, tripletex_id)
        new = self.bindings() - binding
        self.assertEqual((new.number, new.tripletex_id), (number, other.tripletex_id))

    def test_link_with_number_only_marks_row_as_linked(self):
        self.complete(projects=0)
        number = self.offered()[0].number
        self.env["tripletex.project"].sudo().create(
            {
                "connection_id": self.connection.id,
                "number": number,
                "project_id": self.env["project.project"]
                .sudo()
                .create({"name": "By hand"})
                .id,
            }
        )
        line = self.offered().filtered(lambda r: r.number == number)
        self.assertTrue(line.is_linked)
