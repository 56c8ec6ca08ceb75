"""Single answers of an instance, and derivatives of 50 digits of what a formula says."""

import mpmath
import numpy as np
import pytest


@pytest.fixture
def ask():
    """Value and gradient (d,) of an instance at one point."""

    def answer(instance, x):
        asked = np.ones(1, dtype=bool)
        values, gradients = instance.function.evaluate(np.array([x], dtype=float), asked, asked)
        return values[0], gradients[0]

    return answer


@pytest.fixture
def in_50_digits():
    """Value and gradient, by central differences of step 1e-18, of a function of a list of mpmath numbers."""

    def differences(function, x, h="1e-18"):
        with mpmath.workdps(50):
            point, h = [mpmath.mpf(float(entry)) for entry in x], mpmath.mpf(h)
            slopes = []
            for i in range(len(point)):
                above, below = list(point), list(point)
                above[i] += h
                below[i] -= h
                slopes.append(float((function(above) - function(below)) / (2 * h)))
            return float(function(point)), np.array(slopes)

    return differences


@pytest.fixture
def hessian_in_50_digits():
    """The Hessian (d, d), by second differences of step 1e-14, of a function of a list of mpmath numbers."""

    def differences(function, x, h="1e-14"):
        with mpmath.workdps(50):
            point, h, d = [mpmath.mpf(float(entry)) for entry in x], mpmath.mpf(h), len(x)

            def at(i, a, j, b):
                moved = list(point)
                moved[i] += a * h
                moved[j] += b * h
                return function(moved)

            hessian = np.empty((d, d))
            for i in range(d):
                for j in range(i + 1):
                    corners = at(i, 1, j, 1) - at(i, 1, j, -1) - at(i, -1, j, 1) + at(i, -1, j, -1)
                    hessian[i, j] = hessian[j, i] = float(corners / (4 * h**2))
            return hessian

    return differences
