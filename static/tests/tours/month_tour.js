import { registry } from "@web/core/registry";

const ALL = ".o_list_view thead .o_list_record_selector input";

/** A month end in each language: what the wage office reads, and four clicks. */
const WORDS = {
    en: {
        menu: "Months",
        notValidated: "Not validated",
        equal: "Equal",
        next: "Press Finish Month",
        finished: "Finished",
        approve: "Press Approve",
        days: "Validated",
    },
    nb: {
        menu: "Måneder",
        notValidated: "Ikke godkjent",
        equal: "Likt",
        next: "Trykk på Ferdigstill måned",
        finished: "Ferdigstilt",
        approve: "Trykk på Godkjenn måned",
        days: "Godkjent",
    },
};

for (const [language, words] of Object.entries(WORDS)) {
    registry.category("web_tour.tours").add(`tripletex_month_finish_${language}`, {
        steps: () => [
            {
                content: "First click: the menu",
                trigger: `.o_menu_sections [data-menu-xmlid$='menu_tripletex_month']:contains('${words.menu}')`,
                run: "click",
            },
            {
                content: "Both sides are equal",
                trigger: `.o_data_row [name='result']:contains('${words.equal}')`,
            },
            {
                content: "What to do next",
                trigger: `.o_data_row [name='next_step']:contains('${words.next}')`,
            },
            {
                content: "Second click: all people",
                trigger: ALL,
                run: "click",
            },
            {
                content: "Third click: Finish Month",
                trigger: ".o_control_panel button[name='action_finish']",
                run: "click",
            },
            {
                content: "Fourth click: days without hours are meant",
                trigger: ".modal footer button[name='action_confirm']",
                run: "click",
            },
            {
                content: "The dialog is closed, and the people wait",
                trigger: "body:not(:has(.modal)) .o_data_row [name='next_step']",
            },
        ],
    });

    registry.category("web_tour.tours").add(`tripletex_month_approve_${language}`, {
        steps: () => [
            {
                trigger: `.o_data_row [name='state_there']:contains('${words.finished}')`,
            },
            {
                trigger: `.o_data_row [name='next_step']:contains('${words.approve}')`,
            },
            {
                trigger: ALL,
                run: "click",
            },
            {
                trigger: ".o_control_panel button[name='action_approve']",
                run: "click",
            },
            {
                content: "Nobody is selected any more: it was asked for",
                trigger: ".o_list_view:not(:has(.o_data_row_selected))",
            },
        ],
    });

    registry.category("web_tour.tours").add(`tripletex_month_phone_${language}`, {
        steps: () => [
            {
                trigger: `.o_kanban_record:contains('${words.equal}')`,
                run: "click",
            },
            {
                content: "The days side by side",
                trigger: `.o_tripletex_days th:contains('${words.days}')`,
            },
            {
                trigger: ".o_form_view button[name='action_finish'], .o_statusbar_buttons button.dropdown-toggle, .o_cp_action_menus button",
            },
        ],
    });
}
