"""Hard instances: functions with claims, and oracles made for them. One family per file; importing it registers it."""

from hardinstances.carmon_chain import carmon_chain
from hardinstances.chained_rosenbrock import chained_rosenbrock
from hardinstances.disjoint_chains import disjoint_chains
from hardinstances.nesterov_chain import nesterov_chain
from hardinstances.quadratic import quadratic
from hardinstances.sawtooth import sawtooth
from hardinstances.zero_chain_noise import smoothed_zero_chain_noise, zero_chain_noise

__all__ = [
    "carmon_chain",
    "chained_rosenbrock",
    "disjoint_chains",
    "nesterov_chain",
    "quadratic",
    "sawtooth",
    "smoothed_zero_chain_noise",
    "zero_chain_noise",
]
