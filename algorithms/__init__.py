"""Methods: one per file, each a function that reads like the paper. Importing a method registers it."""

from algorithms.adagrad_norm import adagrad_norm
from algorithms.armijo import armijo
from algorithms.batch_quasi_newton import batch_quasi_newton
from algorithms.batched_step_search import batched_step_search
from algorithms.chain_pursuit import chain_pursuit
from algorithms.far_probes import far_probes
from algorithms.fd_trust_region import fd_trust_region
from algorithms.gradient_descent import gradient_descent
from algorithms.guess_ahead import guess_ahead
from algorithms.heavy_ball import heavy_ball
from algorithms.implicit_gradient_transport import implicit_gradient_transport
from algorithms.lazy_cubic_newton import lazy_cubic_newton
from algorithms.minibatch_sgd import minibatch_sgd
from algorithms.normalized_gradient_descent import normalized_gradient_descent
from algorithms.normalized_momentum import normalized_momentum
from algorithms.page import page
from algorithms.page_online import page_online
from algorithms.parallel_cubic_newton import parallel_cubic_newton
from algorithms.parallel_restarts import parallel_restarts
from algorithms.picard import picard
from algorithms.plane_search import plane_search
from algorithms.random_probes import random_probes
from algorithms.randomised_smoothing import randomised_smoothing
from algorithms.scipy_methods import SCIPY_METHODS
from algorithms.sgd import sgd
from algorithms.speculative_cubic_newton import speculative_cubic_newton
from algorithms.spider import spider
from algorithms.spider_online import spider_online
from algorithms.storm import storm
from algorithms.svrg import svrg

__all__ = [
    "SCIPY_METHODS",
    "adagrad_norm",
    "armijo",
    "batch_quasi_newton",
    "batched_step_search",
    "chain_pursuit",
    "far_probes",
    "fd_trust_region",
    "gradient_descent",
    "guess_ahead",
    "heavy_ball",
    "implicit_gradient_transport",
    "lazy_cubic_newton",
    "minibatch_sgd",
    "normalized_gradient_descent",
    "normalized_momentum",
    "page",
    "page_online",
    "parallel_cubic_newton",
    "parallel_restarts",
    "picard",
    "plane_search",
    "random_probes",
    "randomised_smoothing",
    "sgd",
    "speculative_cubic_newton",
    "spider",
    "spider_online",
    "storm",
    "svrg",
]
