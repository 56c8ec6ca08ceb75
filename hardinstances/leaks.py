"""How likely K queries are to show what they should not: exact laws and bounds, to be put beside measurements.

A link is hidden from a query x while |Y| <= 1/2 for its coordinate Y = <v, x>, the direction v being random. Radii and
thresholds are in the units of the chain. The sections are those of the theorems: a Haar frame (columns uniform on
spheres), a random partition into blocks (v = (1_P - 1_Q) / sqrt(2b)), a tube through random waypoints.
"""

import math

# A Haar frame.


def cap_law(dimension: int, threshold: float) -> float:
    """P(|<v, w>| >= s) for v uniform on the unit sphere of R^m and a fixed unit w: I_{1 - s^2}((m - 1)/2, 1/2)."""
    if threshold >= 1:
        return 1.0 if dimension == 1 and threshold == 1 else 0.0
    if dimension == 1 or threshold <= 0:
        return 1.0
    from scipy.special import betainc  # slow to import, and only needed here

    return float(betainc((dimension - 1) / 2, 0.5, 1 - threshold**2))


def cap_bound(dimension: int, threshold: float) -> float:
    """Above cap_law: 2 exp(-m s^2 / 2)."""
    return 2 * math.exp(-dimension * threshold**2 / 2)


def haar_failure(dimension: int, length: int, radius: float, width: int) -> float:
    """K sum_{t=1..T} (T - t + 1) p_{d-t+1}(1/(2R)): a bound on the probability that T rounds of K queries within R show
    more than one column per round.
    """
    columns = ((length - t + 1, cap_law(dimension - t + 1, 1 / (2 * radius))) for t in range(1, length + 1))
    return width * sum(hidden * leak for hidden, leak in columns)


def haar_failure_bound(dimension: int, length: int, radius: float, width: int) -> float:
    """Above haar_failure: K T (T + 1) exp(-(d - T) / (8 R^2))."""
    return width * length * (length + 1) * math.exp(-(dimension - length) / (8 * radius**2))


def haar_dimension(length: int, radius: float, width: int, failure: float) -> int:
    """The least d with haar_failure_bound at most delta: T + 8 R^2 log(K T (T + 1) / delta), rounded up."""
    return length + math.ceil(8 * radius**2 * math.log(width * length * (length + 1) / failure))


def critical_width(dimension: int, radius: float) -> float:
    """The K at which the next column is seen early in a round with probability 1/2, nearly: log 2 / p_m(1/(2r))."""
    return math.log(2) / cap_law(dimension, 1 / (2 * radius))


# Any direction: what K independent queries make of the probability q of one.


def any_leak(single: float, width: int, hidden: int = 1) -> float:
    """1 - (1 - q)^{K h}: some of K queries shows some of h hidden directions; exact for h = 1, independent queries."""
    return -math.expm1(width * hidden * math.log1p(-single)) if single < 1 else 1.0


# A random partition: blocks of size b, of which d coordinates are still undisclosed.


def dense_leak(dimension: int, radius: float) -> float:
    """P(|Y| > 1/2) for x with no structure and no mean: nearly erfc(sqrt((d - 1)/2) / (2R)), Y having the variance
    R^2 / (d - 1) exactly.
    """
    return math.erfc(math.sqrt((dimension - 1) / 2) / (2 * radius))


def sparse_leak(dimension: int, block: int, radius: float, support: int) -> float:
    """P(|Y| > 1/2) for x with m equal entries R/sqrt(m): P(|n+ - n-| > sqrt(2 b m) / (2R)), exact, n+ and n- being
    hypergeometric: how many of the m fall into the one block and into the other.
    """
    rest = dimension - 2 * block
    needed = math.sqrt(2 * block * support) / (2 * radius)
    total = _log_choose(dimension, support)
    probability = 0.0
    for above in range(min(support, block) + 1):
        for below in range(max(0, support - above - rest), min(support - above, block) + 1):
            if abs(above - below) > needed:
                ways = _log_choose(block, above) + _log_choose(block, below)
                probability += math.exp(ways + _log_choose(rest, support - above - below) - total)
    return probability


def least_useful_support(block: int, radius: float) -> int:
    """The least m whose sparse_leak is not 0: floor(b / (2 R^2)) + 1."""
    return math.floor(block / (2 * radius**2)) + 1


def partition_leak_bound(block: int, radius: float, arrangement: str = "paired") -> float:
    """Above P(|Y| > 1/2) for every x within R: 2 exp(-b / (8 R^2)) for paired blocks, 2 exp(-b / (16 R^2)) for
    consecutive ones (Hoeffding over the swaps within pairs).
    """
    return 2 * math.exp(-block / ({"paired": 8, "consecutive": 16}[arrangement] * radius**2))


def partition_failure_bound(block: int, length: int, radius: float, width: int) -> float:
    """K r (r + 1) exp(-b / (8 R^2)): a bound on the probability that r rounds of K queries within R show more than one
    new link of the paired chain per round.
    """
    return width * length * (length + 1) * math.exp(-block / (8 * radius**2))


def partition_block(length: int, radius: float, width: int, failure: float) -> int:
    """The least b with partition_failure_bound at most delta: 8 R^2 log(K r (r + 1) / delta), rounded up."""
    return math.ceil(8 * radius**2 * math.log(width * length * (length + 1) / failure))


def partition_width(block: int, length: int, radius: float, failure: float) -> int:
    """The greatest K with partition_failure_bound at most delta, rounded down; at most 10^18."""
    logarithm = math.log(failure / (length * (length + 1))) + block / (8 * radius**2)
    return math.floor(math.exp(min(logarithm, 18 * math.log(10))))


# A tube through waypoints drawn from a ball of radius beta in R^m.


def tube_failure_bound(dimension: int, waypoints: int, width: int, spread: float = 4.0) -> float:
    """N K (2/beta)^m: a bound on the probability that N rounds of K queries pass more than one waypoint per round."""
    return waypoints * width * (2 / spread) ** dimension


def cylinder_law(dimension: int, radius: float) -> float:
    """P(|y - c| < 1) for y uniform in a ball that holds the unit ball around c: (1/radius)^m, wherever the tube is."""
    return radius**-dimension


def ball_overlap(dimension: int, radius: float, other: float, apart: float) -> float:
    """The volume that two balls in R^m share, as a part of the second: two caps, cut off by one hyperplane."""
    if apart >= radius + other:
        return 0.0
    if apart <= abs(radius - other):
        return min(1.0, (radius / other) ** dimension)
    cut = (apart**2 + radius**2 - other**2) / (2 * apart)  # from the first centre
    return (radius / other) ** dimension * _cap(dimension, cut / radius) + _cap(dimension, (apart - cut) / other)


def axis_law(dimension: int, place: float, spread: float = 4.0) -> float:
    """P(|(1 - s) v + s w| < 1) for v, w uniform in the ball of radius beta: that a query at y = 0 hits the tube where
    it is s of the way to the next waypoint. Below (1/(beta max(s, 1 - s)))^m <= (2/beta)^m.
    """
    from scipy.integrate import quad

    s = max(place, 1 - place)

    def density(part: float) -> float:  # of |v| = part beta, and w within 1/s of a point (1 - s)/s beta part away
        return dimension * part ** (dimension - 1) * ball_overlap(dimension, 1 / s, spread, (1 - s) / s * spread * part)

    kink = (spread - 1 / s) / (spread * (1 - s) / s) if s < 1 else 1.0  # from here on the small ball leaves the large
    points = [kink] if 0 < kink < 1 else None
    return float(quad(density, 0, 1, points=points, epsabs=0, epsrel=1e-10)[0])


def _cap(dimension: int, height: float) -> float:
    """The part of the unit ball in R^m with x_1 >= h, -1 <= h <= 1: half of I_{1 - h^2}((m + 1)/2, 1/2) for h >= 0."""
    from scipy.special import betainc

    half = 0.5 * float(betainc((dimension + 1) / 2, 0.5, max(0.0, 1 - height**2)))
    return half if height >= 0 else 1 - half


def _log_choose(n: int, k: int) -> float:
    return float(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)) if 0 <= k <= n else -math.inf
