"""One claim per file; importing a study registers it."""

from experiments.studies import (
    chain_rounds,
    chain_tight,
    finite_sum,
    gd_exact,
    hidden_directions,
    hidden_tube,
    mean_squared_smooth,
    nested_chain,
    partition_disclosure,
    resisting,
    rounds_versus_width,
    second_order,
    sequential_methods,
    slow_steps,
    stochastic_chain,
    stochastic_rates,
)

__all__ = [
    "chain_rounds",
    "chain_tight",
    "finite_sum",
    "gd_exact",
    "hidden_directions",
    "hidden_tube",
    "mean_squared_smooth",
    "nested_chain",
    "partition_disclosure",
    "resisting",
    "rounds_versus_width",
    "second_order",
    "sequential_methods",
    "slow_steps",
    "stochastic_chain",
    "stochastic_rates",
]
