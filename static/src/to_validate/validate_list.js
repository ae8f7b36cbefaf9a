import { onPatched } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { TripletexStatus } from "../status/status";
import { TripletexValidateModel, useGroupActions, useGroupNotes } from "./groups";

/** List of hours to validate: a whole group is validated from its header. */
export class TripletexValidateListRenderer extends ListRenderer {
    static template = "hr_timesheet_tripletex.ListRenderer";
    static groupRowTemplate = "hr_timesheet_tripletex.ValidateList.GroupRow";
    static components = { ...ListRenderer.components, TripletexStatus };

    setup() {
        super.setup();
        this.groupActions = useGroupActions();
        this.notes = useGroupNotes();
        this.headerToFocus = -1;
        onPatched(() => {
            if (this.headerToFocus >= 0) {
                const headers = this.groupHeaders;
                const index = Math.min(this.headerToFocus, headers.length - 1);
                const next = headers[index] || document.querySelector(".o_searchview_input");
                next?.focus();
                this.headerToFocus = -1;
            }
        });
    }

    get groupHeaders() {
        return [...(this.tableRef.el?.querySelectorAll("th.o_group_name") || [])];
    }

    /**
     * Validate every line of the group, also those that are not loaded. The group goes
     * with its last line: the next one then has the focus, for the keys to go on there.
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
    Model: TripletexValidateModel,
    Renderer: TripletexValidateListRenderer,
});
