"""Cubic regularisation in rounds: the Hessian by differences in one, eight regularisations in the next."""

import numpy as np

from algorithms.differences import difference_hessian, stencil
from algorithms.rounds import in_rounds
from algorithms.subproblems import cubic_step, quadratic
from oracles import Array, Oracle, algorithm, asking, compiled
