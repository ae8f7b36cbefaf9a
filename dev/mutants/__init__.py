"""Mutation testing: faults put into the code on purpose, to see that a test notices.

The faults are mutmut's, and two of our own (`operators.py`). mutmut's own runner leaves
out decorated functions, which most methods of models are, and starts a process per
fault, which takes Odoo ten seconds. So Odoo is loaded once per worker, and each fault
is tried in a fork of it: the function gets the mutated code (`live.py`), and the tests
that reach the changed line run, quick ones first, until one fails (`worker.py`).

Left out: what is evaluated while Odoo loads (fields, decorators, default values), texts
for people and log lines.
"""
