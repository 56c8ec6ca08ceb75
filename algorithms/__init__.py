"""Methods: one per file, each a function that reads like the paper. Importing a method registers it."""

from algorithms.adagrad_norm import adagrad_norm
from algorithms.armijo import armijo
from algorithms.batched_step_search import batched_step_search
from algorithms.cylinder_probes import cylinder_probes
from algorithms.far_probes import far_probes
from algorithms.follow_tube import follow_tube
from algorithms.gradient_descent import gradient_descent
from algorithms.guess_ahead import guess_ahead
from algorithms.heavy_ball import heavy_ball
from algorithms.normalized_gradient_descent import normalized_gradient_descent
from algorithms.outside import outside
from algorithms.random_probes import random_probes
from algorithms.scipy_methods import SCIPY_METHODS

__all__ = [
    "SCIPY_METHODS",
    "adagrad_norm",
    "armijo",
    "batched_step_search",
    "cylinder_probes",
    "far_probes",
    "follow_tube",
    "gradient_descent",
    "guess_ahead",
    "heavy_ball",
    "normalized_gradient_descent",
    "outside",
    "random_probes",
]
