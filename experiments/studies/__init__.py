"""One claim per file; importing a study registers it."""

from experiments.studies import (
    chain_rounds,
    chain_tight,
    gd_exact,
    hidden_directions,
    hidden_tube,
    partition_disclosure,
    resisting,
    second_order,
    slow_steps,
)

__all__ = [
    "chain_rounds",
    "chain_tight",
    "gd_exact",
    "hidden_directions",
    "hidden_tube",
    "partition_disclosure",
    "resisting",
    "second_order",
    "slow_steps",
]
