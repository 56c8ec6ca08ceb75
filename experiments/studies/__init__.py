"""One claim per file; importing a study registers it."""

from experiments.studies import (
    chain_rounds,
    chain_tight,
    finite_sum,
    gd_exact,
    hidden_directions,
    mean_squared_smooth,
    partition_disclosure,
    resisting,
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
    "mean_squared_smooth",
    "partition_disclosure",
    "resisting",
    "slow_steps",
    "stochastic_chain",
    "stochastic_rates",
]
