import { onMounted, onWillUnmount } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

const READING = ["action_next", "action_check", "action_read_again"];

// Each step opens the set-up anew, a little before or after the former dialog goes.
const shown = new Set();

/**
 * Says what is going on while Tripletex is read, and takes the set-up away, with its
 * key and its session, when the dialog is left before Complete.
 */
export class SetupFormController extends FormController {
    setup() {
        super.setup();
        this.uiService = useService("ui");
        this.ormService = useService("orm");
        this.blocked = false;
        this.isPressed = false;
        onMounted(() => shown.add(this));
        onWillUnmount(() => {
            shown.delete(this);
            this.unblock();
            const { resId, data } = this.model.root;
            const isLeft =
                !this.isPressed &&
                ![...shown].some((other) => other.model.root.resId === resId);
            if (resId && isLeft && !data.is_done) {
                this.ormService.call("tripletex.connection.setup", "action_leave", [resId]);
            }
        });
    }

    unblock() {
        if (this.blocked) {
            this.blocked = false;
            this.uiService.unblock();
        }
    }

    async beforeExecuteActionButton(clickParams) {
        const proceed = await super.beforeExecuteActionButton(clickParams);
        if (proceed === false || clickParams.special) {
            return proceed;
        }
        this.isPressed = true;
        const message = READING.includes(clickParams.name)
            ? _t("Reading from Tripletex…")
            : clickParams.name === "action_complete"
            ? _t("Connecting, and creating what you ticked…")
            : "";
        if (message) {
            this.blocked = true;
            this.uiService.block({ message, delay: 300 });
        }
        return proceed;
    }

    async afterExecuteActionButton(clickParams) {
        this.unblock();
        await super.afterExecuteActionButton(clickParams);
        this.isPressed = false;
    }
}

registry.category("views").add("tripletex_setup_form", {
    ...formView,
    Controller: SetupFormController,
});
