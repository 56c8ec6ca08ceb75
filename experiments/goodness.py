"""Goodness of fit of counts to a discrete law, exact in its level."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIMULATIONS = 9999


def cramer_von_mises(counts: NDArray[np.int64], law: Any) -> NDArray[np.float64]:
    """The statistic of each row (R, N): N sum over the support of (empirical cdf - cdf)^2 times the probability.

    Source: Choulakian, Lockhart, Stephens, Canad. J. Statist. 22 (1994).
    """
    least, most = int(law.support()[0]), int(max(counts.max(), law.ppf(1 - 1e-9)))
    values = np.arange(least, most + 1)
    cells = np.clip(counts, least - 1, most + 1) - (least - 1)
    rows = np.arange(len(counts))[:, None] * (len(values) + 2)
    seen = np.bincount((cells + rows).ravel(), minlength=len(counts) * (len(values) + 2))
    empirical = seen.reshape(len(counts), -1).cumsum(axis=1)[:, 1:-1] / counts.shape[1]
    distances: NDArray[np.float64] = ((empirical - law.cdf(values)) ** 2 @ law.pmf(values)) * counts.shape[1]
    return distances


def fit_probability(counts: Any, law: Any, seed: int = 0) -> float:
    """The probability that as many draws from the law are as far off as these counts, by the statistic above.

    Simulated, so that it holds for any number of counts and any discrete law: over the law, the result is at most a
    given level with that probability or less. It is not below 1 / (1 + SIMULATIONS).
    """
    found = np.atleast_2d(np.asarray(counts, dtype=np.int64))
    drawn = law.rvs(size=(SIMULATIONS, found.shape[1]), random_state=np.random.default_rng(seed))
    as_far = cramer_von_mises(drawn, law) >= cramer_von_mises(found, law)[0] * (1 - 1e-12)
    return float((1 + as_far.sum()) / (1 + SIMULATIONS))
