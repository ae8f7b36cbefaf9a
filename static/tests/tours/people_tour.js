import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/** The employee sends in everything up to today. */
registry.category("web_tour.tours").add("tripletex_people_send_in", {
    steps: () => [
        {
            content: "Hours are not sent in yet",
            trigger: ".o_data_row [name='tripletex_status']:contains('Not sent in')",
        },
        {
            trigger: ".o_control_panel button:contains('Send In')",
            run: "click",
        },
        {
            content: "The dialog says how much",
            trigger: ".modal [name='line_count']:contains('2')",
        },
        {
            trigger: ".modal footer button[name='action_send_in']",
            run: "click",
        },
        {
            content: "What was done",
            trigger: ".o_notification:contains('2 lines (15.00 hours) sent in')",
        },
        {
            trigger: ".o_list_view:not(:has([name='tripletex_status']:contains('Not sent in')))",
        },
        {
            trigger: ".o_data_row [name='tripletex_status']:contains('Sent in')",
        },
    ],
});

/** The approver rejects one of them with a reason. */
registry.category("web_tour.tours").add("tripletex_people_reject", {
    steps: () => [
        {
            content: "Only what was sent in is shown first",
            trigger: ".o_searchview_facet:contains('Sent In')",
        },
        {
            trigger: ".o_group_header:contains('Kari Refused (2)') .o_group_caret",
            run: "click",
        },
        {
            trigger: ".o_group_header:contains('(2)'):not(:contains('Kari')) .o_group_caret",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Wrong work') .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name='action_tripletex_reject']",
            run: "click",
        },
        {
            trigger: ".modal [name='reason'] input",
            run: "edit These hours belong to another project.",
        },
        {
            trigger: ".modal footer button[name='action_reject']",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('rejected')",
        },
        {
            trigger: ".o_group_header:contains('Kari Refused (1)')",
        },
    ],
});

/** The employee reads why, corrects the line and sends it in again. */
registry.category("web_tour.tours").add("tripletex_people_correct", {
    steps: () => [
        {
            content: "The list says why",
            trigger:
                ".o_data_row:contains('Wrong work'):contains('Rejected') [name='tripletex_notice']:contains('another project')",
        },
        {
            trigger: ".o_data_row:contains('Wrong work') td[name='name']",
            run: "click",
        },
        {
            trigger: ".o_data_row.o_selected_row [name='name'] input",
            run: "edit Right work",
        },
        {
            trigger: ".o_list_button_save",
            run: "click",
        },
        {
            content: "The list is not edited any more",
            trigger: ".o_list_view:not(:has(.o_selected_row)) .o_data_row:contains('Right work')",
        },
        {
            trigger: ".o_control_panel button:contains('Send In')",
            run: "click",
        },
        {
            content: "The dialog reminds of what was rejected",
            trigger: ".modal .alert-warning:contains('rejected')",
        },
        {
            trigger: ".modal footer button[name='action_send_in']",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Right work') [name='tripletex_status']:contains('Sent in')",
        },
    ],
});

/** The approver validates the whole group. */
registry.category("web_tour.tours").add("tripletex_people_validate", {
    steps: () => [
        {
            trigger: ".o_group_header:contains('Kari Refused (2)') .o_tripletex_validate_group",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('2 lines (15.00 hours) validated, being sent')",
        },
        {
            content: "The strip above the list says so, too",
            trigger: ".o_tripletex_status:contains('15.00 hours waiting to be sent')",
        },
    ],
});

/** A phone: one button validates all cards of a person. */
registry.category("web_tour.tours").add("tripletex_people_phone", {
    steps: () => [
        {
            content: "Where sending stands, on the phone too",
            trigger: ".o_tripletex_status:contains('All validated hours')",
        },
        {
            trigger: ".o_kanban_group:contains('Ola Approved') .o_tripletex_validate_group",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('2 lines (15.00 hours) validated')",
        },
        {
            trigger: ".o_kanban_view:not(:contains('Storgata 12'))",
        },
    ],
});

/** Retry keeps the row, and says what came of it. */
registry.category("web_tour.tours").add("tripletex_people_retry", {
    steps: () => [
        {
            trigger: ".o_tripletex_status button:contains('1 row needs attention')",
            run: "click",
        },
        {
            content: "A list of those alone, whatever their month",
            trigger: ".o_last_breadcrumb_item:contains('Needs Attention')",
        },
        {
            trigger: ".o_data_row:contains('Needs attention') .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name='action_retry']",
            run: "click",
        },
        {
            content: "The row stays, in its new state",
            trigger: ".o_data_row:contains('Waiting to be sent')",
        },
    ],
});

/** Open a list, go on while it asks for its status, and count what asks on. */
async function leaveEarly() {
    const { action, orm } = odoo.__WOWL_DEBUG__.root.env.services;
    const { setInterval, clearInterval } = browser;
    const timers = new Set();
    browser.setInterval = (act, pause) => {
        const timer = setInterval(act, pause);
        timers.add(timer);
        return timer;
    };
    browser.clearInterval = (timer) => {
        timers.delete(timer);
        clearInterval(timer);
    };
    const asked = new Promise((resolve) => {
        orm.call = function (model, method, ...rest) {
            if (method === "sending_status") {
                resolve();
                return new Promise(() => {}); // the answer takes long
            }
            return Object.getPrototypeOf(orm).call.call(this, model, method, ...rest);
        };
    });
    action.doAction("hr_timesheet_tripletex.tripletex_entry_action");
    await asked;
    delete orm.call;
    await action.doAction("hr_timesheet.act_hr_timesheet_line");
    Object.assign(browser, { setInterval, clearInterval });
    if (timers.size) {
        throw new Error("The list that was left still asks for its status");
    }
}

/** The approver goes on before the list is there: nothing asks for its status later. */
registry.category("web_tour.tours").add("tripletex_people_leave", {
    steps: () => [
        {
            trigger: ".o_list_view",
            run: leaveEarly,
        },
        {
            trigger: ".o_breadcrumb:contains('My Timesheets')",
        },
    ],
});
