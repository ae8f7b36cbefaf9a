import { registry } from "@web/core/registry";

/**
 * Show what is on the screen as it is now, and in the settings, which start at the top
 * then, the block that the button belongs to.
 */
async function reload(env) {
    const { currentController } = env.services.action;
    if (currentController) {
        await env.services.action.restore(currentController.jsId);
    }
    document.querySelector("#tripletex_connection")?.scrollIntoView({ block: "center" });
}

registry.category("actions").add("hr_timesheet_tripletex.reload", reload);
