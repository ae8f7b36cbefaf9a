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
    }

    /** Validate every line of the group, also those that are not loaded. */
    async validateGroup(group) {
        const root = this.props.list.model.root;
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
        await root.load();
    }
}

registry.category("views").add("tripletex_validate_list", {
    ...listView,
    Renderer: TripletexValidateListRenderer,
});
