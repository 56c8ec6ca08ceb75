"""One claim per file; importing a study registers it."""

from experiments.studies import chain_rounds, gd_exact, hidden_directions, partition_disclosure, resisting, slow_steps

__all__ = ["chain_rounds", "gd_exact", "hidden_directions", "partition_disclosure", "resisting", "slow_steps"]
