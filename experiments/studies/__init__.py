"""One claim per file; importing a study registers it."""

from experiments.studies import (
    chain_rounds,
    chain_tight,
    gd_exact,
    hidden_directions,
    partition_disclosure,
    resisting,
    rounds_versus_width,
    slow_steps,
)

__all__ = [
    "chain_rounds",
    "chain_tight",
    "gd_exact",
    "hidden_directions",
    "partition_disclosure",
    "resisting",
    "rounds_versus_width",
    "slow_steps",
]
