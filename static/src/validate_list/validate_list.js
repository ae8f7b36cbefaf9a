import { onPatched } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";

/** List of hours to validate: a whole group is validated from its header. */
export class TripletexValidateListRenderer extends ListRenderer {
    static groupRowTemplate = "hr_timesheet_tripletex.ValidateList.GroupRow";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.ui = useService("ui");
        this.headerToFocus = -1;
        onPatched(() => {
            if (this.headerToFocus >= 0) {
                this.groupHeaders[this.headerToFocus]?.focus();
                this.headerToFocus = -1;
            }
        });
    }

    get groupHeaders() {
        return [...this.tableRef.el.querySelectorAll("th.o_group_name")];
    }

    /**
     * Validate every line of the group, also those that are not loaded. The button goes
     * with the last line: its group then has the focus, for the keys to go on from there.
     */
    async validateGroup(group, ev) {
        const root = this.props.list.model.root;
        const header = this.groupHeaders.indexOf(ev.currentTarget.closest("th"));
        if (!(await root.leaveEditMode())) {
            return;
        }
        this.ui.block();
        try {
            const ids = await this.orm.search(root.resModel, group.groupDomain, {
                context: root.context,
            });
            await this.orm.call(root.resModel, "action_tripletex_validate", [ids], {
                context: root.context,
            });
        } finally {
            this.ui.unblock();
        }
        if (!ev.detail) {
            this.headerToFocus = header; // pressed with a key, not with a pointer
        }
        await root.load();
    }
}

registry.category("views").add("tripletex_validate_list", {
    ...listView,
    Renderer: TripletexValidateListRenderer,
});
