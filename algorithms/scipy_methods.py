"""The gradient-based methods of `scipy.optimize.minimize`, stopped and counted by the oracle.

Tolerances are zero: a method ends by `Stop`, or by itself where it can go no further. Line-search methods ask for
value and gradient together, as SciPy would with ``jac=True``; the others ask for them apart, as SciPy does.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from oracles import Array, Oracle, algorithm, norm

FOREVER = 10**9  # iterations; the oracle ends the run
SMALLEST_RADIUS = 1e-200  # of a trust region: at zero, trust-constr would go on for ever without asking
DIFFERENCE = 1.5e-8  # relative step of a Hessian-vector product by differences of gradients

JOINT: Mapping[str, Mapping[str, float]] = {
    "CG": {"gtol": 0.0, "maxiter": FOREVER},
    "BFGS": {"gtol": 0.0, "xrtol": 0.0, "maxiter": FOREVER},
    "L-BFGS-B": {"gtol": 0.0, "ftol": 0.0, "maxcor": 10, "maxiter": FOREVER, "maxfun": FOREVER},
    "TNC": {"gtol": 0.0, "ftol": 0.0, "xtol": 0.0, "maxfun": FOREVER},
    "SLSQP": {"ftol": 0.0, "maxiter": FOREVER},
}
APART: Mapping[str, Mapping[str, float]] = {
    "Newton-CG": {"xtol": 0.0, "maxiter": FOREVER},
    "trust-constr": {"gtol": 0.0, "xtol": SMALLEST_RADIUS, "barrier_tol": 0.0, "maxiter": FOREVER},
    "trust-ncg": {"gtol": 0.0, "maxiter": FOREVER},
    "trust-krylov": {"gtol": 0.0, "maxiter": FOREVER},
}

COSTS = {
    "joint": "one query per trial of the line search, value and gradient together.",
    "apart": "values and gradients in queries of their own, each in a round of its own.",
    "products": "values and gradients in queries of their own; a Hessian-vector product is two gradient queries.",
}
STEPS = {
    "CG": "x+ = x + a d, d+ = -g+ + b d with the factor of Polak and Ribiere, a by a search for the Wolfe conditions",
    "BFGS": "x+ = x - a H g, H the inverse Hessian as all steps so far show it, a by a search for the Wolfe conditions",
    "L-BFGS-B": "x+ = x - a H g, H from the last ten steps, a by the search of More and Thuente",
    "TNC": "x+ = x + a d, d from conjugate gradients on H d = -g, broken off early, H by differences of gradients",
    "SLSQP": "x+ = x + a d, d from a least-squares problem with a quasi-Newton matrix, here without constraints",
    "Newton-CG": "x+ = x + a d, d from conjugate gradients on H d = -g, the better the smaller |g|, H by differences",
    "trust-constr": "x+ = x + d, d from a quasi-Newton model in a trust region, here without constraints",
    "trust-ncg": "x+ = x + d, d from conjugate gradients on the quadratic model, which end at the border of a ball",
    "trust-krylov": "x+ = x + d, d the minimiser of the quadratic model in the trust region and a growing Krylov space",
}
USES = {
    "CG": "the usual conjugate gradients, beside `nonlinear_cg`; on long runs the count depends on the last digits.",
    "BFGS": "small dimensions: it keeps a matrix, O(d^2) memory and arithmetic.",
    "L-BFGS-B": "the practical reference among sequential methods; `lbfgs` is the same method, compiled.",
    "TNC": "many variables and cheap gradients; the differences are queries like all others.",
    "SLSQP": "small dimensions, to compare with what is run where there are constraints.",
    "Newton-CG": "where conjugate gradients need few products, near a minimiser above all.",
    "trust-constr": "small dimensions, to compare with what is run where there are constraints.",
    "trust-ncg": "where there are saddle points: negative curvature is followed to the border.",
    "trust-krylov": "hard steps of the trust region; equal runs were seen to differ, so take many.",
}

UNREPEATABLE = ("trust-krylov",)  # equal runs were seen to differ, a few in a thousand to ask at an infinite point


def scipy_method(method: str) -> Callable[..., Any]:
    """The method of SciPy's that has this name, as a method of ours; it returns SciPy's result."""
    products = method in ("trust-ncg", "trust-krylov")

    def minimize(oracle: Oracle, x0: Array) -> Any:
        from scipy.optimize import minimize as scipy_minimize

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if method in JOINT:
                joint = oracle.value_and_gradient
                return scipy_minimize(joint, x0, jac=True, method=method, options=dict(JOINT[method]))
            return scipy_minimize(
                oracle.value,
                x0,
                jac=oracle.gradient,
                hessp=_hessian_vector(oracle) if products else None,
                method=method,
                options=dict(APART[method]),
            )

    minimize.__name__ = f"scipy:{method}"
    minimize.__doc__ = f"""The method {method} of scipy.optimize.minimize with all tolerances zero: {STEPS[method]}.

    Cost: {COSTS["joint" if method in JOINT else "products" if products else "apart"]}

    Use: {USES[method]}
    """
    return minimize


def _hessian_vector(oracle: Oracle) -> Callable[[Array, Array], Array]:
    """(x, v) -> (grad f(x + h v) - grad f(x)) / h. Two gradient queries."""

    def product(x: Array, v: Array) -> Array:
        length = norm(v)
        if length == 0.0:
            return np.zeros_like(v)
        h = DIFFERENCE * max(1.0, norm(x)) / length
        difference = oracle.gradient(x + h * v) - oracle.gradient(x)
        return np.asarray(difference / h)

    return product


def _register() -> dict[str, Callable[..., Any]]:
    register = [(name, scipy_method(name)) for name in (*JOINT, *APART)]
    source = "scipy.optimize.minimize"
    return {
        f"scipy:{name}": algorithm(
            name=f"scipy:{name}", source=source, zero_respecting=True, deterministic=name not in UNREPEATABLE
        )(method)
        for name, method in register
    }


SCIPY_METHODS = _register()
