import { useState, useSubEnv } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KanbanHeader } from "@web/views/kanban/kanban_header";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { TripletexStatus } from "../status/status";
import { TripletexValidateModel, useGroupActions, useGroupNotes } from "./groups";

/** A person's, or week's, cards: all of them are validated from their header. */
export class TripletexValidateKanbanHeader extends KanbanHeader {
    static template = "hr_timesheet_tripletex.ValidateKanban.Header";

    setup() {
        super.setup();
        this.groupActions = useGroupActions();
        this.weeks = useState(this.env.groupNotes.state);
    }

    get note() {
        return this.env.groupNotes.of(this.group, this.weeks);
    }

    async validateGroup() {
        if (await this.groupActions.run("action_tripletex_validate", this.group)) {
            await this.props.list.model.load();
        }
    }
}

/** Cards of hours to validate: where nothing is left, it says so. */
export class TripletexValidateKanbanRenderer extends KanbanRenderer {
    static template = "hr_timesheet_tripletex.KanbanRenderer";
    static components = {
        ...KanbanRenderer.components,
        KanbanHeader: TripletexValidateKanbanHeader,
        TripletexStatus,
    };

    setup() {
        super.setup();
        useSubEnv({ groupNotes: useGroupNotes() });
    }

    /** Odoo leaves cards blank that are grouped by a record and have no group. */
    get showNoContentHelper() {
        const { groups, isGrouped } = this.props.list;
        return super.showNoContentHelper || (isGrouped && !groups.length);
    }
}

registry.category("views").add("tripletex_validate_kanban", {
    ...kanbanView,
    Model: TripletexValidateModel,
    Renderer: TripletexValidateKanbanRenderer,
});
