import { registry } from "@web/core/registry";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

/** Cards of hours to validate: where nothing is left, it says so. */
export class TripletexValidateKanbanRenderer extends KanbanRenderer {
    /** Odoo leaves cards blank that are grouped by a record and have no group. */
    get showNoContentHelper() {
        const { groups, isGrouped } = this.props.list;
        return super.showNoContentHelper || (isGrouped && !groups.length);
    }
}

registry.category("views").add("tripletex_validate_kanban", {
    ...kanbanView,
    Renderer: TripletexValidateKanbanRenderer,
});
