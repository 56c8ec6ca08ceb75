"""Hard instances: functions with claims, and an adversary. One family per file; importing a family registers it."""

from hardinstances.carmon_chain import carmon_chain
from hardinstances.chained_rosenbrock import chained_rosenbrock
from hardinstances.nesterov_chain import nesterov_chain
from hardinstances.quadratic import quadratic
from hardinstances.resisting import resisting
from hardinstances.sawtooth import sawtooth

__all__ = ["carmon_chain", "chained_rosenbrock", "nesterov_chain", "quadratic", "resisting", "sawtooth"]
