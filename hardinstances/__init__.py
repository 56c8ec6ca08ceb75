"""Hard instances: functions with claims. One family per file; importing a family registers it."""

from hardinstances.carmon_chain import carmon_chain
from hardinstances.carmon_chain_distance import carmon_chain_distance
from hardinstances.carmon_chain_order import carmon_chain_order
from hardinstances.chain_two import chain_two
from hardinstances.chained_rosenbrock import chained_rosenbrock
from hardinstances.gate_chain import gate_chain
from hardinstances.hidden_tube import hidden_tube
from hardinstances.nested_chain import nested_chain
from hardinstances.nesterov_chain import nesterov_chain
from hardinstances.partition_chain import partition_chain
from hardinstances.quadratic import quadratic
from hardinstances.sawtooth import sawtooth
from hardinstances.sharp_chain import sharp_chain
from hardinstances.spline_chain import spline_chain

__all__ = [
    "carmon_chain",
    "carmon_chain_distance",
    "carmon_chain_order",
    "chain_two",
    "chained_rosenbrock",
    "gate_chain",
    "hidden_tube",
    "nested_chain",
    "nesterov_chain",
    "partition_chain",
    "quadratic",
    "sawtooth",
    "sharp_chain",
    "spline_chain",
]
