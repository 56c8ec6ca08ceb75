"""One claim per file; importing a study registers it."""

from experiments.studies import (
    chain_rounds,
    chain_tight,
    gd_exact,
    hidden_directions,
    hidden_tube,
    nested_chain,
    partition_disclosure,
    resisting,
    rounds_versus_width,
    second_order,
    sequential_methods,
    slow_steps,
)

__all__ = [
    "chain_rounds",
    "chain_tight",
    "gd_exact",
    "hidden_directions",
    "hidden_tube",
    "nested_chain",
    "partition_disclosure",
    "resisting",
    "rounds_versus_width",
    "second_order",
    "sequential_methods",
    "slow_steps",
]
