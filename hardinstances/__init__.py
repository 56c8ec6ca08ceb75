"""Hard instances: functions with claims, and oracles made for them. One family per file; importing it registers it."""

from hardinstances.carmon_chain import carmon_chain
from hardinstances.chained_rosenbrock import chained_rosenbrock
from hardinstances.disclosure import disclosure_meter
from hardinstances.disjoint_chains import disjoint_chains
from hardinstances.half_chain import half_chain
from hardinstances.nesterov_chain import nesterov_chain
from hardinstances.projected_chain import projected_chain
from hardinstances.quadratic import quadratic
from hardinstances.regularised_chain import regularised_chain
from hardinstances.resisting import resisting_oracle
from hardinstances.rotated_chain import rotated_chain
from hardinstances.saddle_chain import saddle_chain
from hardinstances.sawtooth import sawtooth
from hardinstances.slow_cubic import slow_cubic
from hardinstances.slow_descent import slow_descent
from hardinstances.transforms import rotated, scaled, soft_projected, walled
from hardinstances.walled_chain import walled_chain
from hardinstances.zero_chain_noise import smoothed_zero_chain_noise, zero_chain_noise
from hardinstances.zigzag import zigzag

__all__ = [
    "carmon_chain",
    "chained_rosenbrock",
    "disclosure_meter",
    "disjoint_chains",
    "half_chain",
    "nesterov_chain",
    "projected_chain",
    "quadratic",
    "regularised_chain",
    "resisting_oracle",
    "rotated",
    "rotated_chain",
    "saddle_chain",
    "sawtooth",
    "scaled",
    "slow_cubic",
    "slow_descent",
    "smoothed_zero_chain_noise",
    "soft_projected",
    "walled",
    "walled_chain",
    "zero_chain_noise",
    "zigzag",
]
