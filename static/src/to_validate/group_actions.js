import { useService } from "@web/core/utils/hooks";

/** Actions of lines, for all lines of a group, also those that are not loaded. */
export function useGroupActions() {
    const orm = useService("orm");
    const ui = useService("ui");
    const action = useService("action");
    return {
        /** Return whether the method was called; edited lines are saved before. */
        async run(method, group) {
            const root = group.model.root;
            if (!(await root.leaveEditMode())) {
                return false;
            }
            ui.block();
            let result;
            try {
                const options = { context: root.context };
                const ids = await orm.search(root.resModel, group.groupDomain, options);
                result = await orm.call(root.resModel, method, [ids], options);
            } finally {
                ui.unblock();
            }
            await action.doAction(result);
            return true;
        },
    };
}
