import { registry } from "@web/core/registry";

const openSettings = [
    {
        content: "The last block of General Settings",
        trigger: "#tripletex_connection",
    },
];

const connect = [
    ...openSettings,
    {
        trigger: "#tripletex_connection button:contains('Connect to Tripletex')",
        run: "click",
    },
    {
        content: "The name to type is shown with a button to copy it",
        trigger: ".modal .o_tripletex_copy:contains('GrønnJobb') .o_clipboard_button",
    },
    {
        content: "Who opens it can paste at once",
        trigger: ".modal .o_field_widget[name='employee_token'] input:focus",
    },
];

const next = {
    trigger: ".modal-footer button[name='action_next']:visible:enabled",
    run: "click",
};

const typeKey = (key) => ({
    trigger: ".modal .o_field_widget[name='employee_token']:visible input",
    run: `edit ${key}`,
});

const row = (text) => `.modal .o_tripletex_setup_list .o_data_row:contains('${text}')`;

const counted = (text) => ({ trigger: `.modal .o_tripletex_count:contains('${text}')` });

const search = (text) => [
    {
        trigger: ".modal .o_searchview_input",
        run: `edit ${text}`,
    },
    {
        trigger: ".o_searchview_autocomplete .o-dropdown-item:first",
        run: "click",
    },
    {
        content: "Only what was searched for is shown",
        trigger: `.modal .o_list_renderer:not(:has(.o_data_row:not(:contains('${text}'))))`,
    },
];

/** From Settings to Complete, reading only the screen. */
registry.category("web_tour.tours").add("tripletex_setup", {
    steps: () => [
        ...connect,
        typeKey("test-employee-token"),
        {
            content: "See which rights the key has",
            trigger: ".modal-footer button[name='action_check']",
            run: "click",
        },
        {
            trigger: ".modal [name='right_ids'] .o_data_row:contains('Read projects') .fa-check",
        },
        {
            content: "The key is not on the screen any more",
            trigger:
                ".modal .o_field_widget[name='employee_token']:visible input[placeholder^='Entered']:placeholder-shown",
        },
        next,
        {
            content: "Projects, and whose they are",
            trigger: ".modal [name='step_projects'] .o_data_row",
        },
        {
            trigger: ".modal .o_field_widget[name='tripletex_company_name']:visible",
        },
        {
            content: "Escape among the rows keeps what was done so far",
            trigger: ".modal .o_searchview_input:focus",
            run: "press Escape",
        },
        {
            content: "What is made where nothing is linked",
            trigger: ".modal .o_data_row:eq(0) td[name='project_id']:contains('New project')",
        },
        {
            content: "All that are shown",
            trigger: ".modal .o_tripletex_tick_all",
            run: "click",
        },
        counted("20 of 20"),
        {
            trigger: ".modal .o_tripletex_tick_none",
            run: "click",
        },
        counted("0 of 20"),
        {
            content: "One by one",
            trigger: ".modal .o_data_row:eq(0) td[name='selected'] input:not(:checked)",
            run: "click",
        },
        counted("1 of 20"),
        {
            trigger: ".modal .o_data_row:eq(1) td[name='selected'] input:not(:checked)",
            run: "click",
        },
        counted("2 of 20"),
        {
            content: "Link one to a project of ours instead of making it",
            trigger: ".modal .o_data_row:eq(1) td[name='project_id']",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:eq(1) td[name='project_id'] input",
            run: "edit Ours already",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Ours already')",
            run: "click",
        },
        next,
        {
            content: "Paycodes: those shown in Tripletex's timesheet",
            trigger: ".modal [name='step_paycodes'] .o_data_row",
        },
        {
            trigger: ".modal .o_data_row:eq(0) td[name='selected'] input:not(:checked)",
            run: "click",
        },
        counted("1 of"),
        {
            content: "Back, and the ticks are still there",
            trigger: ".modal-footer button[name='action_back']",
            run: "click",
        },
        { trigger: ".modal [name='step_projects'] .o_data_row" },
        counted("2 of 20"),
        {
            trigger: row("Ours already"),
        },
        next,
        { trigger: ".modal [name='step_paycodes'] .o_data_row" },
        counted("1 of"),
        next,
        { trigger: ".modal [name='step_employees'] .o_data_row:eq(15)" },
        {
            content: "What Complete does, and what about earlier hours, is in sight",
            trigger: ".modal [name='outcome'] [name='send_earlier'] input",
            run({ anchor }) {
                const footer = document.querySelector(".modal-footer");
                const { bottom } = anchor.getBoundingClientRect();
                if (bottom > footer.getBoundingClientRect().top) {
                    throw new Error(`The choice stands at ${bottom}, below the footer`);
                }
            },
        },
        { trigger: ".modal [name='missing']:contains('No employee is linked')" },
        ...search("Kari"),
        {
            content: "Found by name",
            trigger: ".modal .o_data_row:contains('Kari') td[name='selected'] input:not(:checked)",
            run: "click",
        },
        counted("1 of"),
        {
            content: "The summary follows the ticks",
            trigger: ".modal [name='summary']:contains('Employees: 1 new')",
        },
        { trigger: ".modal [name='summary']:contains('Projects: 1 new, 1 linked')" },
        {
            content: "Nothing is missing any more",
            trigger: ".modal [name='outcome']:not(:has([name='missing']))",
        },
        {
            trigger: ".modal-footer button[name='action_complete']",
            run: "click",
        },
        {
            content: "What was made",
            trigger: ".modal [name='result']:contains('Employees: 1 new')",
        },
        {
            trigger: ".modal-footer button[name='action_close']",
            run: "click",
        },
        {
            content: "Settings show the connection at once",
            trigger: "#tripletex_connection .badge:contains('Connected'):visible",
            run({ anchor }) {
                const { top, bottom } = anchor.getBoundingClientRect();
                if (top < 0 || bottom > window.innerHeight) {
                    throw new Error("The connection is out of sight.");
                }
            },
        },
        {
            trigger: "#tripletex_connection button:contains('Update'):visible",
        },
    ],
});

const link = (field, text) => [
    {
        trigger: `.modal .o_data_row:eq(0) td[name='${field}']`,
        run: "click",
    },
    {
        trigger: `.modal .o_data_row:eq(0) td[name='${field}'] input`,
        run: `edit ${text}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item:contains('${text}')`,
        run: "click",
    },
    {
        trigger: `.modal .o_data_row:eq(0) td[name='${field}'] input:value(${text})`,
    },
    {
        content: "It stays chosen",
        trigger: ".modal .o_data_row:eq(0) td[name='selected'] input:not(:checked)",
        run: "click",
    },
    {
        trigger: ".modal .o_tripletex_count:contains('1 of')",
    },
];

/** A system administrator without any right in HR or Project links one of each. */
registry.category("web_tour.tours").add("tripletex_setup_linking", {
    steps: () => [
        ...connect,
        typeKey("test-employee-token"),
        next,
        { trigger: ".modal [name='step_projects'] .o_data_row" },
        ...link("project_id", "Ours already"),
        next,
        { trigger: ".modal [name='step_paycodes'] .o_data_row" },
        ...link("work_entry_type_id", "Ours too"),
        next,
        { trigger: ".modal [name='step_employees'] .o_data_row" },
        ...link("employee_id", "Ella Ours"),
        {
            trigger: ".modal [name='summary']:contains('Employees: 0 new, 1 linked')",
        },
        {
            trigger: ".modal-footer button[name='action_complete']",
            run: "click",
        },
        {
            trigger: ".modal [name='result']:contains('Paycodes: 0 new, 1 linked')",
        },
        {
            trigger: ".modal-footer button[name='action_close']",
            run: "click",
        },
        {
            trigger: "#tripletex_connection .badge:contains('Connected'):visible",
        },
    ],
});

/** A bad day: a wrong key, a right that is missing, a change of mind. */
registry.category("web_tour.tours").add("tripletex_setup_bad_day", {
    steps: () => [
        ...connect,
        next,
        {
            content: "Nothing typed",
            trigger: ".o_error_dialog:contains('Enter the API user key')",
        },
        { trigger: ".o_error_dialog footer button", run: "click" },
        { trigger: "body:not(:has(.o_error_dialog))" },
        typeKey("worn-out-key"),
        next,
        {
            content: "A wrong key gets its own sentence",
            trigger: ".o_error_dialog:contains('does not accept this API user key')",
        },
        { trigger: ".o_error_dialog footer button", run: "click" },
        { trigger: "body:not(:has(.o_error_dialog))" },
        typeKey("test-employee-token"),
        next,
        {
            content: "A right is missing, and which one",
            trigger: ".o_error_dialog:contains('Ansattinformasjon')",
        },
        { trigger: ".o_error_dialog footer button", run: "click" },
        { trigger: "body:not(:has(.o_error_dialog))" },
        {
            trigger: ".modal-footer button[name='action_check']",
            run: "click",
        },
        {
            content: "The list has a cross for it",
            trigger: ".modal [name='right_ids'] .o_data_row:contains('Read employees') .fa-times",
        },
        {
            content: "Leave",
            trigger: ".modal-footer button:contains('Cancel')",
            run: "click",
        },
        { trigger: "body:not(:has(.modal))" },
        {
            trigger: "#tripletex_connection button:contains('Connect to Tripletex')",
        },
    ],
});

/** Update shows what is linked; Remove takes it all away again. */
registry.category("web_tour.tours").add("tripletex_setup_update_remove", {
    steps: () => [
        ...openSettings,
        {
            trigger: "#tripletex_connection button:contains('Update'):visible",
            run: "click",
        },
        {
            content: "It starts at Projects: linked rows are grey and cannot be ticked",
            trigger:
                ".modal .o_data_row:contains('Linked already') td[name='selected'] input:disabled",
        },
        {
            content: "Both companies are named",
            trigger: ".modal [name='companies']:contains('Odoo:'):contains('Tripletex:')",
        },
        {
            trigger: ".modal-footer button[name='action_back']:visible",
            run: "click",
        },
        {
            content: "The key is unchanged unless another is pasted",
            trigger:
                ".modal .o_field_widget[name='employee_token']:visible input[placeholder^='Unchanged']",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        { trigger: "body:not(:has(.modal))" },
        {
            trigger: "#tripletex_connection button:contains('Remove'):visible",
            run: "click",
        },
        {
            trigger: ".modal .alert:contains('All validated hours are in Tripletex')",
        },
        {
            trigger: ".modal-footer button[name='action_remove']:visible",
            run: "click",
        },
        {
            content: "Settings offer to connect again",
            trigger: "#tripletex_connection button:contains('Connect to Tripletex'):visible",
        },
    ],
});
