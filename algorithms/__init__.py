"""Methods: one per file, each a function that reads like the paper. Importing a method registers it."""

from algorithms.adagrad_norm import adagrad_norm
from algorithms.arc import arc
from algorithms.armijo import armijo
from algorithms.batch_quasi_newton import batch_quasi_newton
from algorithms.batched_step_search import batched_step_search
from algorithms.chain_pursuit import chain_pursuit
from algorithms.clipped_gradient_descent import clipped_gradient_descent
from algorithms.convex_until_guilty import convex_until_guilty
from algorithms.cubic_newton import cubic_newton
from algorithms.cut_and_flow import cut_and_flow
from algorithms.cylinder_probes import cylinder_probes
from algorithms.far_probes import far_probes
from algorithms.fd_trust_region import fd_trust_region
from algorithms.follow_tube import follow_tube
from algorithms.gft import gft
from algorithms.gft_seq import gft_seq
from algorithms.gradient_descent import gradient_descent
from algorithms.grid_search import grid_search
from algorithms.guess_ahead import guess_ahead
from algorithms.heavy_ball import heavy_ball
from algorithms.implicit_gradient_transport import implicit_gradient_transport
from algorithms.kround import kround
from algorithms.lazy_cubic_newton import lazy_cubic_newton
from algorithms.lbfgs import lbfgs
from algorithms.march import march
from algorithms.minibatch_sgd import minibatch_sgd
from algorithms.newton_cg import newton_cg
from algorithms.nonlinear_cg import nonlinear_cg
from algorithms.normalized_gradient_descent import normalized_gradient_descent
from algorithms.normalized_momentum import normalized_momentum
from algorithms.outside import outside
from algorithms.page import page
from algorithms.page_online import page_online
from algorithms.parallel_cubic_newton import parallel_cubic_newton
from algorithms.parallel_restarts import parallel_restarts
from algorithms.parameter_free_agd import parameter_free_agd
from algorithms.perturbed_agd import perturbed_agd
from algorithms.picard import picard
from algorithms.plane_search import plane_search
from algorithms.projected_gradient_descent import projected_gradient_descent
from algorithms.random_probes import random_probes
from algorithms.random_search import random_search
from algorithms.randomised_smoothing import randomised_smoothing
from algorithms.restarted_agd import restarted_agd
from algorithms.restarted_heavy_ball import restarted_heavy_ball
from algorithms.scipy_methods import SCIPY_METHODS
from algorithms.sgd import sgd
from algorithms.speculative_cubic_newton import speculative_cubic_newton
from algorithms.spider import spider
from algorithms.spider_online import spider_online
from algorithms.storm import storm
from algorithms.svrg import svrg
from algorithms.third_order import third_order
from algorithms.trace import trace
from algorithms.trap1d import trap1d
from algorithms.trust_region import trust_region
from algorithms.universal_heavy_ball import universal_heavy_ball
from algorithms.vavasis import vavasis
from algorithms.wall_trap import wall_trap

__all__ = [
    "SCIPY_METHODS",
    "adagrad_norm",
    "arc",
    "armijo",
    "batch_quasi_newton",
    "batched_step_search",
    "chain_pursuit",
    "clipped_gradient_descent",
    "convex_until_guilty",
    "cubic_newton",
    "cut_and_flow",
    "cylinder_probes",
    "far_probes",
    "fd_trust_region",
    "follow_tube",
    "gft",
    "gft_seq",
    "gradient_descent",
    "grid_search",
    "guess_ahead",
    "heavy_ball",
    "implicit_gradient_transport",
    "kround",
    "lazy_cubic_newton",
    "lbfgs",
    "march",
    "minibatch_sgd",
    "newton_cg",
    "nonlinear_cg",
    "normalized_gradient_descent",
    "normalized_momentum",
    "outside",
    "page",
    "page_online",
    "parallel_cubic_newton",
    "parallel_restarts",
    "parameter_free_agd",
    "perturbed_agd",
    "picard",
    "plane_search",
    "projected_gradient_descent",
    "random_probes",
    "random_search",
    "randomised_smoothing",
    "restarted_agd",
    "restarted_heavy_ball",
    "sgd",
    "speculative_cubic_newton",
    "spider",
    "spider_online",
    "storm",
    "svrg",
    "third_order",
    "trace",
    "trap1d",
    "trust_region",
    "universal_heavy_ball",
    "vavasis",
    "wall_trap",
]
