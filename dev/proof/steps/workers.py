"""What the servers do."""


class WorkerSteps:
    """What the servers do."""

    def cron(self, rng):
        """A run of the sending."""
        self.world.cron()
        return "ran"

    def later(self, rng):
        """Pauses are over, and the sending runs."""
        self.world.let_time_pass()
        self.world.cron()
        return "ran after the pauses"

    def two_workers(self, rng):
        """Two runs at the same time."""
        self.world.let_time_pass()
        self.world.parallel(self.world.cron, self.world.cron)
        return "ran twice at once"

    def worker_and_user(self, rng):
        """A run while an approver works."""
        self.world.let_time_pass()
        step = rng.choice((self.validate, self.invalidate, self.correct))
        _none, told = self.world.parallel(self.world.cron, lambda: step(rng))
        return f"ran while an approver {told}"

    def worker_and_removal(self, rng):
        """A run while an administrator removes the connection."""
        self.world.let_time_pass()
        _none, removed = self.world.parallel(self.world.cron, self.world.disconnect)
        left = self.world.keys_left()
        if left:
            self.ledger.violations.append(f"{left} removed connections hold a key")
        return f"ran while the connection was removed: {removed}"

    def worker_dies(self, rng):
        """A worker is killed somewhere in its run."""
        if rng.random() < 0.7:
            self.world.let_time_pass()
        at, after = rng.randint(1, 7), rng.random() < 0.5
        return f"died at commit {at}: {self.world.cron_dies(at, after)}"
