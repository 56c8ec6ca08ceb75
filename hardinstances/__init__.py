"""Hard instances: functions with claims. One family per file; importing a family registers it."""

from hardinstances.carmon_chain import carmon_chain
from hardinstances.chained_rosenbrock import chained_rosenbrock
from hardinstances.nesterov_chain import nesterov_chain
from hardinstances.projected_chain import projected_chain
from hardinstances.quadratic import quadratic
from hardinstances.rotated_chain import rotated_chain
from hardinstances.sawtooth import sawtooth
from hardinstances.transforms import rotated, scaled, soft_projected, walled
from hardinstances.walled_chain import walled_chain

__all__ = [
    "carmon_chain",
    "chained_rosenbrock",
    "nesterov_chain",
    "projected_chain",
    "quadratic",
    "rotated",
    "rotated_chain",
    "sawtooth",
    "scaled",
    "soft_projected",
    "walled",
    "walled_chain",
]
