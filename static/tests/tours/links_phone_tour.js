import { registry } from "@web/core/registry";

const card = (text) => `.o_kanban_record:contains('${text}')`;

/** An administrator on a phone: what is linked stands on cards, and can be linked. */
registry.category("web_tour.tours").add("tripletex_links_phone", {
    steps: () => [
        {
            content: "Number, name and the record in Odoo, without scrolling sideways",
            trigger: `${card("1000")}:contains('Storgata there'):contains('Storgata 12')`,
        },
        {
            content: "A linked and open one has no mark",
            trigger: `${card("Storgata there")}:not(:has(.badge:visible))`,
        },
        {
            content: "What is not linked, or closed in Tripletex, says so",
            trigger: `${card("Warehouse there")}:contains('Closed'):contains('Not linked')`,
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name='project_id'] input",
            run: "click",
        },
        {
            content: "On a phone the records to choose from are cards, too",
            trigger: ".modal .o_kanban_record:contains('Unknown there')",
            run: "click",
        },
        {
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        {
            content: "It can be unlinked from here as well",
            trigger: ".o_form_saved button[name='action_empty_link']",
        },
        {
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            trigger: `${card("Warehouse there")}:contains('Unknown there')`,
        },
    ],
});

registry.category("web_tour.tours").add("tripletex_paycodes_phone", {
    steps: () => [
        {
            content: "A salary type that people do not see in Tripletex",
            trigger: `${card("Overtime there")}:contains('Hidden in the timesheet')`,
            run: "click",
        },
        { trigger: ".o_form_view .o_field_widget[name='transfer_as']" },
    ],
});

registry.category("web_tour.tours").add("tripletex_employees_phone", {
    steps: () => [
        {
            trigger: `${card("Kari Refused")}:not(:has(.badge:visible))`,
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name='employee_id'] input",
        },
    ],
});
