"""The addon comes, goes and comes again, in a database with hours of every state.

Each step is a process of a real Odoo, as on a customer's server.
"""

import contextlib

import pytest
from life import Life

from dev.sandbox import SandboxServer
from dev.setup import postgres, prepare, template

#: The list of modules stays, with what depends on ours (modules of the tests), and
#: notices to browsers vanish within a day.
#: Odoo notes the foreign key of a field to users once more while it deletes the fields;
#: the column and the key itself are gone (see the comparison of the schema).
NOT_OURS = {
    "ir_module_module",
    "ir_module_module_dependency",
    "bus_bus",
    "ir_model_constraint",
}
#: What Odoo forgets for every model with messages; nothing is behind it.
DANGLING = """
SELECT name FROM ir_model_data
 WHERE name LIKE '%tripletex%' AND NOT (
       model = 'ir.module.module'
    OR model = 'ir.model.inherit'
       AND NOT EXISTS (SELECT FROM ir_model_inherit i WHERE i.id = res_id)
    OR model = 'ir.model.fields.selection'
       AND NOT EXISTS (SELECT FROM ir_model_fields_selection s WHERE s.id = res_id))
"""


@pytest.fixture
def life():
    """A database that never saw the addon, and a stand-in of its own."""
    prepare()
    with contextlib.ExitStack() as stack:
        stack.enter_context(postgres.running())
        database = stack.enter_context(template.copy(with_addon=False))
        sandbox = SandboxServer(rate_limit=0, seed=7, oddities=False)
        yield Life(database, stack.enter_context(sandbox))


def held(life):
    """What Tripletex holds: sorted pairs of where and how much."""
    state = life.sandbox.control.state()
    columns = ("employee", "date", "project", "activity", "salaryType")
    return sorted(
        (tuple(str(row[column]) for column in columns), row[amount])
        for rows, amount in ((state["entries"], "hours"), (state["rows"], "count"))
        for row in rows
    )


def test_nothing_is_left_and_nothing_doubles_when_it_comes_again(life):
    schema, counts, traces = life.schema(), life.counts(), life.traces()
    assert life.install() == [], "warnings while installing"
    life.company = life.job("fill")["company"]
    before, in_tripletex = life.job("tell"), held(life)
    assert before["entries"] == {"sent": 9, "failed": 1, "conflict": 1, "pending": 2}
    assert life.upgrade() == [], "warnings while loading the same version anew"
    assert life.job("tell") == before
    life.sandbox.control.clear_calls()

    assert life.uninstall() == [], "warnings while uninstalling"
    assert life.sandbox.control.calls() == [], "Tripletex is left as it is"
    assert life.schema() == schema
    assert life.counts() == counts
    assert life.sql(DANGLING) == []
    assert life.traces().keys() - NOT_OURS <= traces.keys()

    assert life.install() == [], "warnings while installing again"
    after = life.job("again")
    assert after["made"] == before["made"], "what was there is recognised"
    assert {line[0]: line[1] for line in after["lines"].values()} == {
        line[0]: line[1] for line in before["lines"].values()
    }
    now = held(life)
    assert not set(in_tripletex) - set(now), "what was sent is as it was"
    places = [place for place, _amount in now]
    assert len(places) == len(set(places)), "nothing is there twice"
    assert len(now) == len(in_tripletex) + 2, "what was not there, and no more"
    # Equal figures need nobody; where they differ a person decides.
    assert after["entries"] == {"sent": 10, "failed": 1, "conflict": 2}


def test_enterprises_validation_outlives_it(life):
    assert life.install("timesheet_grid") == []
    line = life.job("native")["line"]
    assert life.uninstall() == []
    query = f"SELECT validated FROM account_analytic_line WHERE id = {line}"
    assert life.sql(query) == [(True,)]
