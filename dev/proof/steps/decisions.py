"""What approvers decide about problems."""

from ..ledger import Figure
from .common import NOTHING


class DecisionSteps:
    """What approvers decide about problems."""

    def _entries(self, env, state):
        domain = [("company_id", "=", self.world.company_id), ("state", "=", state)]
        return env["tripletex.entry"].search(domain, order="id")

    def retry(self, rng):
        """Retry everything that failed."""

        def job(env):
            failed = self._entries(env, "failed")
            sent = self.model.sent_lines(env)
            placeless = failed.filtered(
                lambda entry: self.model.key_of_entry(entry)[0] == "line"
            )
            lines = placeless.share_ids.line_id.ids
            failed.action_retry()
            self.model.resync(env, lines, sent)
            return len(failed)

        return f"retried {self.world.do(job)}"

    def decide(self, rng):
        """Decide one conflict."""

        def job(env):
            conflicts = self._entries(env, "conflict")
            if not conflicts:
                return NOTHING
            return self.decide_one(
                rng.choice(conflicts), rng.choice(("keep", "replace", "replace", "add"))
            )

        return f"decided {self.world.do(job)}"

    def decide_one(self, entry, decision):
        """Decide and note what the person saw."""
        entry = entry.sudo()
        key = self.model.key_of_entry(entry)
        row_id, hours = entry.remote_id, round(entry.remote_hours, 2)
        moved = entry._is_moved()
        at = key
        if moved and row_id:
            at = self.ledger.key_at(key[0], int(row_id)) or key
        remote = (int(row_id), Figure(at, hours)) if row_id else (None, None)
        ours = self.model.wanted(entry.env).get(key, 0.0)
        getattr(entry.sudo(False), f"action_{decision}")()
        self.model.decided(key, decision, ours, remote, moved)
        return key, decision, f"ours {ours}, there {hours}, moved {moved}"
