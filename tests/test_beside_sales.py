from odoo.fields import Command
from odoo.tests import tagged

from .beside_common import BesideCase


@tagged("post_install", "-at_install")
class TestBesideSales(BesideCase):
    """With OCA's modules that say which hours are invoiced."""

    needs = "sale_timesheet_line_exclude sale_timesheet_invoice_link"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        product = cls.env["product.product"].create(
            {
                "name": "Hour",
                "type": "service",
                "invoice_policy": "delivery",
                "service_type": "timesheet",
                "uom_id": cls.env.ref("uom.product_uom_hour").id,
                "list_price": 100,
            }
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.env["res.partner"].create({"name": "Customer"}).id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 10})
                ],
            }
        )
        cls.order.action_confirm()
        cls.project.write(
            {
                "allow_billable": True,
                "partner_id": cls.order.partner_id.id,
                "sale_line_id": cls.order.order_line.id,
            }
        )
        cls.env.user.group_ids |= cls.env.ref(
            "sale_timesheet_line_exclude.group_exclude_from_sale_order"
        )

    def test_validated_hours_are_taken_off_the_order_and_stay_in_tripletex(self):
        line = self.approved(self.log(task_id=self.task().id))
        self.assertEqual(line.so_line, self.order.order_line)
        self.control.clear_calls()
        line.exclude_from_sale_order = True
        self.env.flush_all()
        self.assertFalse(line.so_line)
        self.assertTrue(line.tripletex_validated)
        self.send()
        self.assertEqual((self.held(), self.control.calls()), ([7.5], []))

    def test_hours_that_are_not_invoiced_are_sent_like_any(self):
        self.approved(self.log(task_id=self.task().id, exclude_from_sale_order=True))
        self.assertEqual(self.held(), [7.5])
