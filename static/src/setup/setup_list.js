import {
    Component,
    onMounted,
    onWillStart,
    useEffect,
    useRef,
    useState,
    useSubEnv,
} from "@odoo/owl";
import { hasTouch } from "@web/core/browser/feature_detection";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { buildM2OFieldDescription, Many2OneField } from "@web/views/fields/many2one/many2one_field";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { View } from "@web/views/view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** A checkbox that is stored the moment it is ticked, without editing the row. */
export class TickField extends Component {
    static template = "hr_timesheet_tripletex.TickField";
    static props = { ...standardFieldProps };

    get label() {
        const { name, record } = this.props;
        return `${record.fields[name].string} ${record.data.name || ""}`;
    }

    async toggle() {
        const { name, record, readonly } = this.props;
        if (!readonly) {
            await record.update({ [name]: !record.data[name] }, { save: true });
        }
    }
}

registry.category("fields").add("tripletex_tick", {
    component: TickField,
    supportedTypes: ["boolean"],
    isEmpty: () => false,
    extractProps: (fieldInfo, dynamicInfo) => ({ readonly: dynamicInfo.readonly }),
});

/** Granted, needed to connect, or missing otherwise: told apart without colours. */
export class RightField extends Component {
    static template = "hr_timesheet_tripletex.RightField";
    static props = { ...standardFieldProps };

    get granted() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("tripletex_right", {
    component: RightField,
    supportedTypes: ["boolean"],
});

/** A record to link the row to; where none is chosen, what is made instead. */
export class LinkField extends Many2OneField {
    static template = "hr_timesheet_tripletex.LinkField";

    get isNew() {
        const { name, readonly, record } = this.props;
        return readonly && !record.data[name] && record.data.selectable;
    }
}

registry.category("fields").add("tripletex_link", buildM2OFieldDescription(LinkField));

/** The login to create; of people who have one, what their login may do. */
export class UserTypeField extends SelectionField {
    get string() {
        return this.props.record.data.login_kind || super.string;
    }
}

registry.category("fields").add("tripletex_user_type", {
    ...selectionField,
    component: UserTypeField,
});

class NoMenu extends Component {
    static template = "hr_timesheet_tripletex.NoMenu";
    static props = ["*"];
}

/** Its cells carry their label along: on a phone the rows are cards, see setup.scss. */
export class SetupListRenderer extends ListRenderer {
    static recordRowTemplate = "hr_timesheet_tripletex.SetupList.RecordRow";
}

/** The list inside the set-up tells the set-up about itself and its changes. */
export class SetupListController extends ListController {
    static components = { ...ListController.components, CogMenu: NoMenu };

    setup() {
        super.setup();
        this.env.tripletexSetup?.register(this.model);
        let isFirst = true;
        useEffect(
            () => {
                if (!isFirst) {
                    this.showFromTop();
                }
                isFirst = false;
            },
            () => [JSON.stringify([this.props.domain, this.props.groupBy])]
        );
    }

    /**
     * On a phone the dialog scrolls, not the list: a person who turned the page or searched
     * far down would be shown the end of what came, or what stands below it.
     */
    showFromTop() {
        if (this.env.isSmall) {
            this.rootRef.el?.scrollIntoView();
        }
    }

    onPageChangeScroll() {
        super.onPageChangeScroll();
        this.showFromTop();
    }

    async onRecordSaved(record) {
        await super.onRecordSaved(record);
        this.env.tripletexSetup?.changed();
    }
}

registry.category("views").add("tripletex_setup_list", {
    ...listView,
    Controller: SetupListController,
    Renderer: SetupListRenderer,
});

/**
 * A searchable, paged list of what Tripletex offers, inside the set-up's form. Rows are
 * read a page at a time and stored one by one, so thousands of them stay quick.
 */
export class SetupList extends Component {
    static template = "hr_timesheet_tripletex.SetupList";
    static components = { View };
    static props = { ...standardWidgetProps, resModel: String, context: Object };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ selected: 0, total: 0 });
        this.model = null;
        const setupId = this.props.record.resId;
        this.base = [["setup_id", "=", setupId]];
        useSubEnv({
            tripletexSetup: {
                register: (model) => {
                    this.model = model;
                },
                changed: () => this.onChanged(),
            },
        });
        // one object for good: a new one would make the list load again
        this.viewProps = {
            type: "list",
            resModel: this.props.resModel,
            domain: this.base,
            context: {
                show_departments: this.props.record.data.has_departments,
                ...this.props.context,
            },
            display: { searchPanel: false },
            noBreadcrumbs: true,
            showButtons: false,
            allowSelectors: false,
            allowOpenAction: false,
            searchViewId: false, // the model's own; none is loaded without this
            loadIrFilters: false,
            searchMenuTypes: ["filter", "groupBy"],
        };
        this.refreshForm = useDebounced(() => this.reloadForm(), 300);
        useBus(this.props.record.model.bus, "NEED_LOCAL_CHANGES", ({ detail }) => {
            const edited = this.model?.root.leaveEditMode?.();
            if (edited) {
                detail.proms.push(edited);
            }
        });
        onWillStart(() => Promise.all([this.count(), this.findChanges()]));
        const root = useRef("root");
        onMounted(() => {
            // on a screen to touch the keyboard would cover the list
            if (!hasTouch()) {
                root.el.querySelector(".o_searchview_input")?.focus();
            }
        });
    }

    /**
     * Keys that mean something else here than Odoo takes them for: its search bar keeps
     * Tab to itself, and Escape among the rows would throw key and ticks away.
     */
    onKeydown(ev) {
        const isSearch = ev.target.classList.contains("o_searchview_input");
        if (isSearch && ev.target.value) {
            return; // the suggestions below it need both
        }
        if (ev.key === "Escape" || (ev.key === "Tab" && isSearch)) {
            ev.stopPropagation();
        }
    }

    async count() {
        const [selected, total] = await Promise.all([
            this.orm.searchCount(this.props.resModel, [
                ...this.base,
                ["selected", "=", true],
            ]),
            this.orm.searchCount(this.props.resModel, this.base),
        ]);
        Object.assign(this.state, { selected, total });
    }

    /** Columns about changes in Tripletex take room, and are shown where there are any. */
    async findChanges() {
        const changed = [...this.base, ["change", "!=", false]];
        const count = await this.orm.searchCount(this.props.resModel, changed, { limit: 1 });
        this.viewProps.context.show_changes = Boolean(count);
    }

    async onChanged() {
        await this.count();
        if (this.props.record.data.step === "employees") {
            this.refreshForm(); // the summary below the list counts the ticks
        }
    }

    async reloadForm() {
        const record = this.props.record;
        if (record.isInEdition && (await record.isDirty())) {
            await record.save();
        } else {
            await record.load();
        }
    }

    async tickShown(ticked) {
        await this.model.root.leaveEditMode();
        await this.orm.call("tripletex.connection.setup", "action_tick", [
            this.props.record.resId,
            this.props.resModel,
            this.model.root.domain,
            ticked,
        ]);
        await this.model.load();
        await this.onChanged();
    }
}

registry.category("view_widgets").add("tripletex_setup_list", {
    component: SetupList,
    extractProps: ({ attrs, options }) => ({
        resModel: attrs.model,
        context: options.context || {},
    }),
});
