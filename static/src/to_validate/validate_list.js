import { onPatched } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { TripletexStatus } from "../status/status";
import { useGroupActions } from "./group_actions";

/** List of hours to validate: a whole group is validated from its header. */
export class TripletexValidateListRenderer extends ListRenderer {
    static template = "hr_timesheet_tripletex.ListRenderer";
    static groupRowTemplate = "hr_timesheet_tripletex.ValidateList.GroupRow";
    static components = { ...ListRenderer.components, TripletexStatus };

    setup() {
        super.setup();
        this.groupActions = useGroupActions();
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
        const header = this.groupHeaders.indexOf(ev.currentTarget.closest("th"));
        if (!(await this.groupActions.run("action_tripletex_validate", group))) {
            return;
        }
        if (!ev.detail) {
            this.headerToFocus = header; // pressed with a key, not with a pointer
        }
        await group.model.load();
    }
}

registry.category("views").add("tripletex_validate_list", {
    ...listView,
    Renderer: TripletexValidateListRenderer,
});
