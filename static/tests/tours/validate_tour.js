import { registry } from "@web/core/registry";

/** The approver's weekly round: refused, the others validated, one group, one line. */
registry.category("web_tour.tours").add("tripletex_validate_approver", {
    steps: () => [
        {
            content: "Two employees wait, a group each",
            trigger: ".o_group_header:contains('Ola Approved'):contains('15:00')",
        },
        {
            content: "Validate the whole group whose one line would be refused",
            trigger:
                ".o_group_header:contains('Kari Refused') .o_tripletex_validate_group",
            run: "click",
        },
        {
            content: "The message says which line, why and what to do",
            trigger:
                ".o_error_dialog:contains('Kari Refused'):contains('not linked to Tripletex')",
        },
        {
            trigger: ".o_error_dialog footer .btn-primary:contains('Validate the Others')",
            run: "click",
        },
        {
            content: "One line of the group is left, the screen is up to date",
            trigger: ".o_group_header:contains('Kari Refused (1)')",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "Validate again what is left: nothing else can be validated",
            trigger:
                ".o_group_header:contains('Kari Refused') .o_tripletex_validate_group",
            run: "click",
        },
        {
            trigger: ".o_error_dialog footer .btn-primary:contains('Show Them')",
            run: "click",
        },
        {
            content: "The dialog shows what is left over",
            trigger: ".modal .o_data_row:contains('Project not linked')",
        },
        {
            trigger: ".modal footer button:contains('Close')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "Validate the other group, with the keyboard alone",
            trigger: ".o_group_header:contains('Ola Approved') .o_group_name",
            async run(helpers) {
                this.anchor.focus();
                await helpers.press("Tab");
                await helpers.press("Enter");
            },
        },
        {
            content: "Its group is gone, and the keys go on with the next one",
            trigger: ".o_group_header:contains('Kari Refused') .o_group_name:focus",
        },
        {
            trigger: "body:not(:has(.o_group_header:contains('Ola Approved')))",
        },
        {
            content: "What cannot be validated is marked, and the week's hours are told",
            trigger:
                ".o_group_header:contains('Kari Refused'):contains('1 problem'):contains('logged')",
        },
        {
            content: "Open the group that is left, and its week",
            trigger: ".o_group_header:contains('Kari Refused (1)') .o_group_caret",
            run: "click",
        },
        {
            trigger: ".o_group_header:contains('(1)'):not(:contains('Kari')) .o_group_caret",
            run: "click",
        },
        {
            content: "What stops it stands there before anybody presses",
            trigger: ".o_data_row [name='tripletex_notice']:contains('Project not linked')",
        },
    ],
});

/** The employee: a warning while logging, a locked line, and how far hours are. */
registry.category("web_tour.tours").add("tripletex_validate_employee", {
    steps: () => [
        {
            content: "Validated hours wait to be sent",
            trigger: ".o_data_row [name='tripletex_status']:contains('Waiting to be sent')",
        },
        {
            content: "Others are still to be validated",
            trigger: ".o_data_row [name='tripletex_status']:contains('To validate')",
        },
        {
            content: "No button for approvers",
            trigger: ".o_list_view:not(:has(button[name='action_tripletex_validate']))",
        },
        {
            trigger: ".o_data_row:contains('Locked work') [name='name']",
            run: "click",
        },
        {
            content: "A locked line cannot be edited in the list",
            trigger:
                ".o_data_row:contains('Locked work') [name='unit_amount'].o_readonly_modifier",
        },
    ],
});

/** The form warns at once and does not block. */
registry.category("web_tour.tours").add("tripletex_validate_warning", {
    steps: () => [
        {
            trigger: ".o_field_widget[name='project_id'] input",
            run: "edit Unknown there",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains('Unknown there')",
            run: "click",
        },
        {
            content: "The warning stands in the form before it is saved",
            trigger:
                ".alert-warning:contains('project is not linked to Tripletex'):not(:contains('employee is not linked'))",
        },
        {
            trigger: ".o_field_widget[name='unit_amount'] input",
            run: "edit 2 && click body",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is saved all the same",
            trigger: ".o_form_saved",
        },
    ],
});

/** The approver on a phone: cards instead of lists, with what matters and a button. */
registry.category("web_tour.tours").add("tripletex_validate_phone", {
    steps: () => [
        {
            content: "What stops a line stands on its card",
            trigger: ".o_kanban_record:contains('Unknown there'):contains('Project not linked')",
        },
        {
            trigger: ".o_kanban_record:contains('Storgata 12') button[name='action_tripletex_validate']",
            run: "click",
        },
        {
            content: "It is not to validate any more",
            trigger: ".o_kanban_view:not(:contains('Storgata 12'))",
        },
    ],
});

registry.category("web_tour.tours").add("tripletex_nothing_left_phone", {
    steps: () => [
        {
            trigger: ".o_kanban_view .o_view_nocontent:contains('Nothing to validate')",
        },
    ],
});

registry.category("web_tour.tours").add("tripletex_sent_hours_phone", {
    steps: () => [
        {
            content: "State and reason without scrolling sideways",
            trigger: ".o_kanban_record:contains('Needs attention'):contains('Correct the project')",
        },
        {
            trigger: ".o_kanban_record button[name='action_retry']",
            run: "click",
        },
        {
            trigger: ".o_kanban_record:contains('Waiting to be sent'):not(:has(button))",
        },
    ],
});

registry.category("web_tour.tours").add("tripletex_conflict_phone", {
    steps: () => [
        {
            content: "What was found, and no figure that denies it",
            trigger: ".o_kanban_record:contains('Found in Tripletex 4.00'):not(:contains('0.00'))",
            run: "click",
        },
        {
            content: "Nothing is promised while the company is not connected",
            trigger: ".o_form_view .alert:contains('not connected to Tripletex'):visible",
        },
    ],
});
