import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import {
    TripletexSentHoursKanbanRenderer,
    TripletexSentHoursListRenderer,
} from "../sent_hours/sent_hours";

const { DateTime } = luxon;
/** Milliseconds between two looks at months that wait for the cron. */
const PAUSE = 3000;

/** Show months that wait for a check or an action as they are once it is done. */
const withFollow = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.monthsOrm = useService("orm");
            let timer = null;
            onMounted(() => {
                timer = browser.setInterval(() => this.followMonths(), PAUSE);
            });
            onWillUnmount(() => browser.clearInterval(timer));
        }

        async followMonths() {
            const { root } = this.model;
            const records = root.records || [root];
            const asked = records.filter((record) => record.data.is_asked);
            if (!asked.length || this.isLooking) {
                return;
            }
            this.isLooking = true;
            try {
                const ids = asked.map((record) => record.resId);
                const rows = await this.monthsOrm.silent.read("tripletex.month", ids, [
                    "is_asked",
                ]);
                if (rows.some((row) => !row.is_asked)) {
                    await root.load();
                }
            } finally {
                this.isLooking = false;
            }
        }
    };

registry.category("views").add("tripletex_month_list", {
    ...listView,
    Controller: withFollow(ListController),
    Renderer: TripletexSentHoursListRenderer,
});
registry.category("views").add("tripletex_month_kanban", {
    ...kanbanView,
    Controller: withFollow(KanbanController),
    Renderer: TripletexSentHoursKanbanRenderer,
});
registry.category("views").add("tripletex_month_form", {
    ...formView,
    Controller: withFollow(FormController),
});

/** The first day of a month, shown as the month's name and year. */
export class TripletexMonthName extends Component {
    static template = "hr_timesheet_tripletex.MonthName";
    static props = { ...standardFieldProps };

    get text() {
        const date = this.props.record.data[this.props.name];
        return date ? date.toFormat("LLL yyyy") : "";
    }
}

registry.category("fields").add("tripletex_month_name", {
    component: TripletexMonthName,
    displayName: _t("Month"),
    supportedTypes: ["date"],
});

/** The days of a month: what is validated beside what Tripletex holds. */
export class TripletexDays extends Component {
    static template = "hr_timesheet_tripletex.Days";
    static props = { ...standardFieldProps };

    get days() {
        const days = this.props.record.data[this.props.name] || [];
        return days.map((day) => ({
            ...day,
            name: DateTime.fromISO(day.date).toFormat("ccc d."),
            isEqual: Math.abs(day.validated - day.there) < 0.005,
        }));
    }

    get hasPaycodes() {
        return this.days.some(
            (day) => day.paycode_validated || day.paycode_there || day.paycode_other
        );
    }

    hours(value) {
        return value ? formatFloat(value, { digits: [16, 2] }) : "";
    }

    sum(name) {
        const total = this.days.reduce((sum, day) => sum + (day[name] || 0), 0);
        return formatFloat(total, { digits: [16, 2] });
    }
}

registry.category("fields").add("tripletex_days", {
    component: TripletexDays,
    displayName: _t("Days"),
    supportedTypes: ["json"],
});
