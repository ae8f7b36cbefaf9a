import { Component, onWillDestroy, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

const ICONS = {
    success: "fa-check",
    info: "fa-clock-o",
    warning: "fa-exclamation-triangle",
    danger: "fa-ban",
};
/** Milliseconds between two looks, and the least between two that the list causes. */
const PAUSE = 30000;
const SHORTEST = 1500;

/** How sending stands, above the lists of those who validate or pay. */
export class TripletexStatus extends Component {
    static template = "hr_timesheet_tripletex.Status";
    static props = { list: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.icons = ICONS;
        this.state = useState({ items: [] });
        this.lastLook = 0;
        onWillStart(() => this.look());
        // whatever a button did, the list is read again after it
        onWillUpdateProps((next) => {
            if (next.list !== this.props.list) {
                this.lookSoon();
            }
        });
        const timer = browser.setInterval(() => this.look(), PAUSE);
        // one that is left before it is shown is destroyed and never unmounted
        onWillDestroy(() => {
            browser.clearInterval(timer);
            browser.clearTimeout(this.soon);
        });
    }

    async look() {
        this.lastLook = Date.now();
        this.state.items = await this.orm.silent.call(
            "tripletex.entry",
            "sending_status",
            []
        );
    }

    lookSoon() {
        browser.clearTimeout(this.soon);
        const wait = Math.max(200, this.lastLook + SHORTEST - Date.now());
        this.soon = browser.setTimeout(() => this.look(), wait);
    }

    show(item) {
        const rows = item.states.includes("failed") ? "attention" : "waiting";
        return this.action.doAction(`hr_timesheet_tripletex.tripletex_entry_action_${rows}`);
    }
}
