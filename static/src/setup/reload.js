import { registry } from "@web/core/registry";

const actions = registry.category("actions");

/**
 * Show what is on the screen as it is now, and in the settings, which start at the top
 * then, the block that the button belongs to.
 */
async function reload(env, action) {
    await actions.get("soft_reload")(env, action);
    document.querySelector("#tripletex_connection")?.scrollIntoView({ block: "center" });
}

actions.add("hr_timesheet_tripletex.reload", reload);
