"""Hard instances: functions with claims, and oracles made for them. One family per file; importing it registers it."""

from hardinstances.bump1d import bump1d
from hardinstances.carmon_chain import carmon_chain
from hardinstances.carmon_chain_distance import carmon_chain_distance
from hardinstances.carmon_chain_order import carmon_chain_order
from hardinstances.chain_two import chain_two
from hardinstances.chained_rosenbrock import chained_rosenbrock
from hardinstances.cosine_mixture import cosine_mixture
from hardinstances.disclosure import disclosure_meter
from hardinstances.disjoint_chains import disjoint_chains
from hardinstances.gate_chain import gate_chain
from hardinstances.half_chain import half_chain
from hardinstances.hidden_staircase import free_staircase, hidden_staircase
from hardinstances.hidden_tube import hidden_tube
from hardinstances.nested_chain import nested_chain
from hardinstances.nesterov_chain import nesterov_chain
from hardinstances.partition_chain import partition_chain
from hardinstances.projected_chain import projected_chain
from hardinstances.quadratic import quadratic
from hardinstances.regularised_chain import regularised_chain
from hardinstances.resisting import resisting_oracle
from hardinstances.resisting_line import resisting_line
from hardinstances.rotated_chain import rotated_chain
from hardinstances.saddle_chain import saddle_chain
from hardinstances.sawtooth import sawtooth
from hardinstances.sharp_chain import sharp_chain
from hardinstances.slow_cubic import slow_cubic
from hardinstances.slow_descent import slow_descent
from hardinstances.snake2d import snake2d
from hardinstances.spline_chain import spline_chain
from hardinstances.transforms import rotated, scaled, soft_projected, walled
from hardinstances.walled_chain import walled_chain
from hardinstances.zero_chain_noise import smoothed_zero_chain_noise, zero_chain_noise
from hardinstances.zigzag import zigzag

__all__ = [
    "bump1d",
    "carmon_chain",
    "carmon_chain_distance",
    "carmon_chain_order",
    "chain_two",
    "chained_rosenbrock",
    "cosine_mixture",
    "disclosure_meter",
    "disjoint_chains",
    "free_staircase",
    "gate_chain",
    "half_chain",
    "hidden_staircase",
    "hidden_tube",
    "nested_chain",
    "nesterov_chain",
    "partition_chain",
    "projected_chain",
    "quadratic",
    "regularised_chain",
    "resisting_line",
    "resisting_oracle",
    "rotated",
    "rotated_chain",
    "saddle_chain",
    "sawtooth",
    "scaled",
    "sharp_chain",
    "slow_cubic",
    "slow_descent",
    "smoothed_zero_chain_noise",
    "snake2d",
    "soft_projected",
    "spline_chain",
    "walled",
    "walled_chain",
    "zero_chain_noise",
    "zigzag",
]
