import { onWillStart, onWillUpdateProps, useComponent, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatFloatTime } from "@web/views/fields/formatters";
import { RelationalModel } from "@web/model/relational_model/relational_model";

/** A group whose last line was validated is gone; Odoo keeps it, with nothing in it. */
export class TripletexValidateModel extends RelationalModel {
    async _loadGroupedList(config) {
        delete config.currentGroups;
        return super._loadGroupedList(config);
    }
}

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

/**
 * Tell how many lines of a group cannot be validated, and of a person's weeks the hours logged
 * and expected. The list does not wait for it.
 *
 * To be used by a renderer.
 *
 * @returns {Object} `state` to be observed, and the method `of` that returns the texts
 *  `{ problems, hours }` of a group, either of them or both empty
 */
export function useGroupNotes() {
    const component = useComponent();
    const orm = useService("orm");
    const state = useState({ weeks: [] });

    async function look({ list }) {
        const isKnown = list.isGrouped && !list.model.useSampleModel;
        state.weeks = isKnown
            ? await orm.silent.call(list.resModel, "tripletex_weeks", [list.domain])
            : [];
    }

    onWillStart(() => {
        look(component.props);
    });
    onWillUpdateProps((next) => {
        if (next.list !== component.props.list) {
            look(next);
        }
    });

    /** The weeks of a group, or nothing where it is not one of a person or week. */
    function weeksOf(group, groups, weeks) {
        for (const candidate of groups) {
            const { name } = candidate.groupByField;
            let own = [];
            if (name === "employee_id") {
                own = weeks.filter((w) => w.employee_id === candidate.serverValue);
            } else if (name === "date") {
                const { from, to } = candidate.range || {};
                const isWeek = from && to.diff(from, "days").days === 7;
                own = weeks.filter((week) => isWeek && week.week === from.toISODate());
            }
            if (candidate.id === group.id) {
                return own;
            }
            const found = weeksOf(group, candidate.list.groups || [], own);
            if (found) {
                return found;
            }
        }
    }

    function of(group, { weeks: all } = state) {
        const weeks = weeksOf(group, component.props.list.groups || [], all) || [];
        const sum = (name) => weeks.reduce((total, week) => total + week[name], 0);
        const problems = sum("problems");
        const isRegular = weeks.length && weeks.every((week) => week.expected !== null);
        return {
            problems:
                problems && (problems === 1 ? _t("1 problem") : _t("%s problems", problems)),
            hours:
                isRegular &&
                _t("%(logged)s of %(expected)s logged", {
                    // as the sums beside it
                    logged: formatFloatTime(sum("logged")),
                    expected: formatFloatTime(sum("expected")),
                }),
        };
    }
    return { state, of };
}
