"""Methods: one per file, each a function that reads like the paper. Importing a method registers it."""

from algorithms.adagrad_norm import adagrad_norm
from algorithms.arc import arc
from algorithms.armijo import armijo
from algorithms.batched_step_search import batched_step_search
from algorithms.clipped_gradient_descent import clipped_gradient_descent
from algorithms.convex_until_guilty import convex_until_guilty
from algorithms.cubic_newton import cubic_newton
from algorithms.cylinder_probes import cylinder_probes
from algorithms.far_probes import far_probes
from algorithms.follow_tube import follow_tube
from algorithms.gradient_descent import gradient_descent
from algorithms.guess_ahead import guess_ahead
from algorithms.heavy_ball import heavy_ball
from algorithms.lbfgs import lbfgs
from algorithms.newton_cg import newton_cg
from algorithms.nonlinear_cg import nonlinear_cg
from algorithms.normalized_gradient_descent import normalized_gradient_descent
from algorithms.outside import outside
from algorithms.parameter_free_agd import parameter_free_agd
from algorithms.perturbed_agd import perturbed_agd
from algorithms.random_probes import random_probes
from algorithms.restarted_agd import restarted_agd
from algorithms.restarted_heavy_ball import restarted_heavy_ball
from algorithms.scipy_methods import SCIPY_METHODS
from algorithms.third_order import third_order
from algorithms.trace import trace
from algorithms.trust_region import trust_region
from algorithms.universal_heavy_ball import universal_heavy_ball

__all__ = [
    "SCIPY_METHODS",
    "adagrad_norm",
    "arc",
    "armijo",
    "batched_step_search",
    "clipped_gradient_descent",
    "convex_until_guilty",
    "cubic_newton",
    "cylinder_probes",
    "far_probes",
    "follow_tube",
    "gradient_descent",
    "guess_ahead",
    "heavy_ball",
    "lbfgs",
    "newton_cg",
    "nonlinear_cg",
    "normalized_gradient_descent",
    "outside",
    "parameter_free_agd",
    "perturbed_agd",
    "random_probes",
    "restarted_agd",
    "restarted_heavy_ball",
    "third_order",
    "trace",
    "trust_region",
    "universal_heavy_ball",
]
