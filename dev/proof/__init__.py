"""Proof that hours arrive exactly once: random work, kills and restarts.

``walk`` does what people, workers, bad lines and Tripletex do, in random order, on a
real database against the stand-in, and compares both sides whenever all is quiet.
``kill`` kills real Odoo processes while they send. Both are run by ``make soak``; a
short walk is part of the addon's tests. ``life`` installs and uninstalls.
"""
