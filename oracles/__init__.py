"""Who answers and counts: instances, claims and bounds, oracle models, the oracle, the ledger, the registries."""

from oracles.arrays import Array
from oracles.bounds import Bound, Numbers, Scope, Traits, tightest
from oracles.boxes import Box
from oracles.claims import Claim, Claims
from oracles.draws import Draws, Sample
from oracles.errors import AnswerError, Exhausted, InputError, Refused, Stop
from oracles.finite_sums import components
from oracles.functions import Function, JointCallable, KernelFunction, SeparateCallables
from oracles.goals import STATIONARITY, Goal, projected_gradient
from oracles.instances import FiniteSum, Instance, from_callable
from oracles.kernels import ForeignKernel, Kernel, compiled, foreign_kernel, kernel
from oracles.ledger import Hit, Ledger, Status
from oracles.models import Answer, ExactModel, Model, Request
from oracles.noise import NoisyModel, gaussian_noise
from oracles.oracle import Oracle
from oracles.reductions import inner, norm, norms
from oracles.referee import Measured, Referee
from oracles.registry import (
    ALGORITHMS,
    FAMILIES,
    MODELS,
    Algorithm,
    Family,
    OracleModel,
    Registry,
    algorithm,
    family,
    oracle_model,
    record_of,
)
from oracles.rewriting import asking
from oracles.segments import SegmentKernel
from oracles.trace import Remark, Step, Trace
from oracles.views import on_line, on_subspace, regularised, squared_distance

__all__ = [
    "ALGORITHMS",
    "FAMILIES",
    "MODELS",
    "STATIONARITY",
    "Algorithm",
    "Answer",
    "AnswerError",
    "Array",
    "SegmentKernel",
    "Bound",
    "Box",
    "Claim",
    "Claims",
    "Draws",
    "ExactModel",
    "Exhausted",
    "Family",
    "ForeignKernel",
    "FiniteSum",
    "Function",
    "Goal",
    "Hit",
    "InputError",
    "Instance",
    "JointCallable",
    "Kernel",
    "KernelFunction",
    "Ledger",
    "Measured",
    "Model",
    "NoisyModel",
    "Numbers",
    "Oracle",
    "OracleModel",
    "Referee",
    "Refused",
    "Remark",
    "Registry",
    "Request",
    "Sample",
    "Scope",
    "SeparateCallables",
    "Status",
    "Step",
    "Stop",
    "Trace",
    "Traits",
    "algorithm",
    "asking",
    "compiled",
    "components",
    "family",
    "foreign_kernel",
    "from_callable",
    "gaussian_noise",
    "inner",
    "kernel",
    "norm",
    "norms",
    "on_line",
    "on_subspace",
    "oracle_model",
    "projected_gradient",
    "record_of",
    "regularised",
    "squared_distance",
    "tightest",
]
