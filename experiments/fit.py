"""Fits of growth laws, with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Fit:
    """y = constant * x**slope (power law) or y = constant + slope * x (linear), by least squares.

    low, high: the confidence interval of the slope, from Student's t; it measures how well the points follow the law,
    as the counts of deterministic methods carry no noise. points: how many; a fit has at least three.
    """

    slope: float
    low: float
    high: float
    constant: float
    points: int

    def __str__(self) -> str:
        return f"{self.slope:.2f} [{self.low:.2f}, {self.high:.2f}] ({self.points})"


def power_law(x: Sequence[float], y: Sequence[float]) -> Fit | None:
    """Log y = log constant + slope log x over the pairs with positive numbers; None with fewer than three x."""
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if a > 0 and b > 0]
    fit = linear([np.log(a) for a, _ in pairs], [np.log(b) for _, b in pairs])
    return None if fit is None else Fit(fit.slope, fit.low, fit.high, float(np.exp(fit.constant)), fit.points)


def linear(x: Sequence[float], y: Sequence[float]) -> Fit | None:
    """Y = constant + slope x; None with fewer than three different x."""
    if len(set(x)) < 3:
        return None
    result = stats.linregress(np.asarray(x, float), np.asarray(y, float))
    error = float(result.stderr) if np.ptp(y) > 0 else 0.0  # equal counts: SciPy divides 0 by 0
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, len(x) - 2)) * error
    slope = float(result.slope)
    return Fit(slope, slope - half, slope + half, float(result.intercept), len(x))
