import { registry } from "@web/core/registry";

const next = {
    trigger: ".modal-footer button[name='action_next']:visible:enabled",
    run: "click",
};

const counted = (text) => ({ trigger: `.modal .o_tripletex_count:contains('${text}')` });

const isOutside = (element) => {
    const { left, right } = element.getBoundingClientRect();
    return left < 0 || right > window.innerWidth;
};

const isWide = (element) =>
    ["auto", "scroll"].includes(getComputedStyle(element).overflowX) &&
    element.scrollWidth > element.clientWidth + 1;

/** Nothing has to be scrolled sideways, and nothing stands beside the screen. */
const fits = (step) => ({
    content: `${step} fits on the screen`,
    trigger: `.modal [name='${step}']`,
    run() {
        const all = [...document.querySelectorAll(".modal-body, .modal-body *")];
        const shown = all.filter((element) => element.checkVisibility());
        const wrong = shown.find((element) => isWide(element) || isOutside(element));
        if (wrong) {
            throw new Error(`${wrong.outerHTML.slice(0, 200)} does not fit`);
        }
    },
});

const tick = (row) => ({
    trigger: `.modal .o_data_row${row} td[name='selected'] input:enabled:not(:checked)`,
    run: "click",
});

/** The list begins below the search, however far down somebody was. */
const fromTheTop = {
    content: "The first row is in sight",
    trigger: ".modal .o_data_row:eq(0)",
    run() {
        const [row, panel] = [".modal .o_data_row", ".modal .o_control_panel"].map(
            (selector) => document.querySelector(selector).getBoundingClientRect()
        );
        if (row.top < panel.bottom - 1 || row.bottom > window.innerHeight) {
            throw new Error(`The first row stands at ${row.top}`);
        }
    },
};

const toTheEnd = {
    trigger: ".modal-body",
    run() {
        this.anchor.scrollTop = this.anchor.scrollHeight;
    },
};

/** From Settings to Complete on a phone. */
registry.category("web_tour.tours").add("tripletex_setup_phone", {
    steps: () => [
        {
            trigger: "#tripletex_connection button:contains('Connect to Tripletex')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='employee_token']:visible input",
            run: "edit test-employee-token",
        },
        {
            trigger: ".modal-footer button[name='action_check']",
            run: "click",
        },
        {
            content: "A right, and below it its name in Tripletex",
            trigger:
                ".modal [name='right_ids'] .o_kanban_record:contains('Read projects'):contains('Prosjektinformasjon') .fa-check",
        },
        fits("step_key"),
        next,
        {
            content: "A card says what a row is linked to, and names what it says",
            trigger:
                ".modal .o_data_row:eq(0) td[data-label='Link To']:contains('New project'):visible",
        },
        fits("step_projects"),
        tick(":eq(0)"),
        counted("1 of"),
        toTheEnd,
        {
            content: "The next page",
            trigger: ".modal .o_pager_next:visible",
            run: "click",
        },
        { trigger: ".modal .o_pager_previous:enabled" },
        { trigger: ".modal .o_data_row:eq(0):not(:has(input:checked))" },
        fromTheTop,
        tick(":eq(0)"),
        counted("2 of"),
        next,
        { trigger: ".modal [name='step_paycodes'] .o_data_row" },
        fits("step_paycodes"),
        {
            content: "What is sent as what is chosen on the card",
            trigger: ".modal .o_data_row:eq(0) td[name='transfer_as']",
            run: "click",
        },
        {
            trigger: ".modal .o_selected_row td[name='transfer_as'] input:visible",
        },
        fits("step_paycodes"),
        next,
        {
            content: "Why a person cannot be ticked",
            trigger:
                ".modal .o_data_row:has(td[name='selected'] input:disabled) td[name='reason']:contains('in Tripletex first'):visible",
        },
        fits("step_employees"),
        toTheEnd,
        {
            trigger: ".modal .o_control_panel button:has(.fa-search)",
            run: "click",
        },
        {
            trigger: ".modal .o_searchview_input",
            run: "edit Kari",
        },
        {
            trigger: ".o_searchview_autocomplete .o-dropdown-item:first",
            run: "click",
        },
        {
            content: "Only what was searched for is shown",
            trigger: ".modal .o_list_renderer:not(:has(.o_data_row:not(:contains('Kari'))))",
        },
        fromTheTop,
        tick(":contains('Kari')"),
        counted("1 of"),
        fits("step_employees"),
        { trigger: ".modal [name='summary']:contains('Employees: 1 new')" },
        { trigger: ".modal [name='summary']:contains('Projects: 2 new')" },
        {
            trigger: ".modal-footer button[name='action_complete']",
            run: "click",
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
