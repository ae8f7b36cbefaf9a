import { onWillUnmount } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { TripletexStatus } from "../status/status";

const WAITING = ["pending", "sending"];
/** Milliseconds between two looks at hours that are sent again, and how many. */
const PAUSE = 2000;
const LOOKS = 15;

/** Follows hours that are sent again until Tripletex has answered. */
function useRetry() {
    const orm = useService("orm");
    const notification = useService("notification");
    let timer = null;
    let isGone = false;
    onWillUnmount(() => {
        isGone = true;
        browser.clearTimeout(timer);
    });

    function tell(rows) {
        const failed = rows.filter((row) => ["failed", "conflict"].includes(row.state));
        const sent = rows.filter((row) => row.state === "sent");
        if (failed.length) {
            const reason = failed[0].error_message || "";
            notification.add(
                failed.length === 1
                    ? _t("1 row still needs attention. %s", reason)
                    : _t("%(count)s rows still need attention. %(reason)s", {
                          count: failed.length,
                          reason,
                      }),
                { type: "warning" }
            );
        } else if (sent.length) {
            notification.add(_t("The hours are in Tripletex."), { type: "success" });
        }
    }

    /**
     * @param {Number[]} ids of the hours
     * @param {Function} reload shows them as they are now, and no fewer
     */
    return async function follow(ids, reload) {
        for (let look = 0; look < LOOKS && !isGone; look++) {
            const rows = await orm.silent.read("tripletex.entry", ids, [
                "state",
                "error_message",
            ]);
            if (isGone) {
                return;
            }
            const isDone = !rows.some((row) => WAITING.includes(row.state));
            if (!look || isDone) {
                await reload();
            }
            if (isDone) {
                return tell(rows);
            }
            await new Promise((resolve) => {
                timer = browser.setTimeout(resolve, PAUSE);
            });
        }
    };
}

/** Add to a controller of many rows that *Retry* shows its result and keeps the rows. */
const withRetry = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.followRetry = useRetry();
        }

        async afterExecuteActionButton(clickParams) {
            await super.afterExecuteActionButton(clickParams);
            if (clickParams.name === "action_retry") {
                const { root } = this.model;
                const shown = root.records.map((record) => record.resId);
                const chosen = root.selection.map((record) => record.resId);
                this.followRetry(chosen.length ? chosen : shown, () =>
                    this.model.load({ domain: [["id", "in", shown]] })
                );
            }
        }
    };

export class TripletexSentHoursListRenderer extends ListRenderer {
    static template = "hr_timesheet_tripletex.ListRenderer";
    static components = { ...ListRenderer.components, TripletexStatus };
}

export class TripletexSentHoursKanbanRenderer extends KanbanRenderer {
    static template = "hr_timesheet_tripletex.KanbanRenderer";
    static components = { ...KanbanRenderer.components, TripletexStatus };
}

export class TripletexSentHoursFormController extends FormController {
    setup() {
        super.setup();
        this.followRetry = useRetry();
    }

    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        if (clickParams.name === "action_retry") {
            const { root } = this.model;
            this.followRetry([root.resId], () => root.load());
        }
    }
}

registry.category("views").add("tripletex_sent_hours_list", {
    ...listView,
    Controller: withRetry(ListController),
    Renderer: TripletexSentHoursListRenderer,
});
registry.category("views").add("tripletex_sent_hours_kanban", {
    ...kanbanView,
    Controller: withRetry(KanbanController),
    Renderer: TripletexSentHoursKanbanRenderer,
});
registry.category("views").add("tripletex_sent_hours_form", {
    ...formView,
    Controller: TripletexSentHoursFormController,
});
