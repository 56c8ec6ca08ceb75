"""Methods: one per file, each a function that reads like the paper. Importing a method registers it."""

from algorithms.adagrad_norm import adagrad_norm
from algorithms.arc import arc
from algorithms.armijo import armijo
from algorithms.batched_step_search import batched_step_search
from algorithms.cubic_newton import cubic_newton
from algorithms.far_probes import far_probes
from algorithms.gradient_descent import gradient_descent
from algorithms.guess_ahead import guess_ahead
from algorithms.heavy_ball import heavy_ball
from algorithms.newton_cg import newton_cg
from algorithms.normalized_gradient_descent import normalized_gradient_descent
from algorithms.random_probes import random_probes
from algorithms.scipy_methods import SCIPY_METHODS
from algorithms.third_order import third_order
from algorithms.trace import trace
from algorithms.trust_region import trust_region

__all__ = [
    "SCIPY_METHODS",
    "adagrad_norm",
    "arc",
    "armijo",
    "batched_step_search",
    "cubic_newton",
    "far_probes",
    "gradient_descent",
    "guess_ahead",
    "heavy_ball",
    "newton_cg",
    "normalized_gradient_descent",
    "random_probes",
    "third_order",
    "trace",
    "trust_region",
]
