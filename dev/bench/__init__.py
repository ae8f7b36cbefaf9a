"""The benchmark: what the addon costs, beside a reference measured in the same run."""
