"""Zero-chain noise: its definition, its moments by enumeration, its constants, and the exact law of the frontier."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy import stats

from experiments import Case, run
from experiments.case import perform
from hardinstances import carmon_chain, quadratic, smoothed_zero_chain_noise, zero_chain_noise
from hardinstances.frontier_laws import chance_for, frontier_slopes, mean_squared_claims, rounds_law, smoothness_for
from hardinstances.smooth_indicator import gamma, theta
from oracles import ALGORITHMS, MODELS, InputError, Ledger, Oracle, Referee, Request, algorithm

KINDS = {"zero_chain_noise": zero_chain_noise, "smoothed_zero_chain_noise": smoothed_zero_chain_noise}
AREA = mpmath.mpf("0.088615094986765747")  # of the bump
LEVEL = 1e-3  # of the tests of fit; seeds are fixed, so that a failure is a change and not bad luck


def model_of(kind, chain, *, width=None, seed=1, **parameters):
    return KINDS[kind](chain, width, np.random.default_rng(seed), **parameters)


def ask(model, points, *, round=1, samples=None):
    points = np.atleast_2d(np.asarray(points, dtype=float))
    every = np.ones(len(points), dtype=bool)
    return model.answer(Request(points, every, every, round, None if samples is None else np.asarray(samples)))


class Bits:
    """In place of a model's draws: bits by coordinate, the same for every sample."""

    def __init__(self, bits):
        self.bits = bits

    def samples(self, request):
        return [None] * len(request.points)

    def at(self, sample, position=0):
        bit = self.bits if np.isscalar(self.bits) else self.bits[position]
        return type("Drawn", (), {"random": lambda self: 0.0 if bit else 1.0})()


def with_bits(model, points, bits):
    """The gradients at `points` with these bits, one for all coordinates or (d,)."""
    draws, model.draws = model.draws, Bits(bits)
    try:
        return ask(model, points).gradients
    finally:
        model.draws = draws


def product(kind, chain, points):
    """The true gradients, and (Theta_i d_i f)_i from the definitions, all coordinates alike."""
    gradients = ask(model_of(kind, chain, chance=1.0), points).gradients
    first_link, width, height = chain.function.parameters
    shares = np.zeros_like(gradients)
    for k, x in enumerate(np.asarray(points, dtype=float) / width):
        if kind == "zero_chain_noise":
            progress = max((i for i in range(1, len(x) + 1) if abs(x[i - 1]) > 0.25), default=0)
            shares[k] = np.arange(1, len(x) + 1) > progress
        else:
            shares[k] = theta(x)
    return gradients, shares * gradients


@pytest.fixture(params=[math.e, 1.0])
def chain(request):
    """Chains in a scale of their own."""
    return carmon_chain(length=4, smoothness=2.0, target=0.1, first_link=request.param)


def grid(chain):
    """Points with each coordinate below, between and above the thresholds 1/4 and 1/2, and near them."""
    width = chain.function.parameters[1]
    levels = (0.0, -0.2, 0.3, 0.4, -0.49, 0.51, 0.6, -1.2)
    points = np.array(list(itertools.product(levels, repeat=4)))
    return width * points[::7]


# The smooth indicator.


def test_gamma_agrees_with_quadrature_in_thirty_digits():
    mpmath.mp.dps = 30

    def bump(t):
        return mpmath.exp(-1 / (100 * (t - mpmath.mpf(1) / 4) * (mpmath.mpf(1) / 2 - t)))

    def area(end):
        return mpmath.quad(bump, mpmath.linspace(mpmath.mpf(1) / 4, end, 9))

    whole = area(mpmath.mpf(1) / 2)
    assert abs(whole - AREA) < mpmath.mpf(10) ** -17
    for t in (0.2505, 0.251, 0.26, 0.2800001, 0.3, 0.33333, 0.375, 0.4, 0.45, 0.49, 0.4991):
        assert gamma(np.array([t]))[0] == pytest.approx(float(area(mpmath.mpf(t)) / whole), abs=2e-13)
    assert float(bump(mpmath.mpf(3) / 8) / whole) == pytest.approx(5.9504, abs=5e-5), "the greatest slope"


@pytest.mark.slow
def test_gamma_rises_from_zero_to_one():
    t = np.linspace(0.2, 0.55, 200_001)
    values = gamma(t)
    assert (np.diff(values) >= -1.2e-16).all(), "but for the rounding of numbers below 1"
    assert (values[t <= 0.25] == 0).all() and (values[t >= 0.5] == 1).all()
    assert values + gamma(0.75 - t) == pytest.approx(np.ones_like(t), abs=1e-12)
    assert gamma(np.array([-5.0, 0.0, 7.0])).tolist() == [0.0, 0.0, 1.0]
    assert np.abs(np.diff(values) / np.diff(t)).max() <= 5.9504


def test_theta_lies_between_the_indicators(rng):
    for x in 0.6 * rng.uniform(-1, 1, (500, 5)):
        shares = theta(x)
        for i in range(5):
            if (np.abs(x[i:]) <= 0.25).all():
                assert shares[i] == 1.0
            if (np.abs(x[i:]) > 0.5).any():
                assert shares[i] == 0.0
        assert (np.diff(shares) >= 0).all() and (shares >= 0).all() and (shares <= 1).all()


# Moments, by enumeration of the bits.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chance", [0.05, 0.5, 1.0])
def test_the_gradient_is_unbiased_with_the_stated_variance(kind, chain, chance):
    """On a grid, against the definition coordinate by coordinate; one coordinate is disturbed at most, and what is
    not shown is zero exactly.
    """
    model, points = model_of(kind, chain, chance=chance), grid(chain)
    truth, products = product(kind, chain, points)
    zero, one = with_bits(model, points, 0), with_bits(model, points, 1)
    scale = np.abs(truth).max()
    assert zero == pytest.approx(truth - products, rel=1e-12, abs=1e-14 * scale)
    assert one == pytest.approx(truth + products * (1 / chance - 1), rel=1e-12, abs=1e-14 * scale)
    mean = chance * one + (1 - chance) * zero
    assert mean == pytest.approx(truth, rel=1e-12, abs=1e-14 * scale)
    variance = chance * ((one - mean) ** 2).sum(axis=1) + (1 - chance) * ((zero - mean) ** 2).sum(axis=1)
    assert variance == pytest.approx((products**2).sum(axis=1) * (1 - chance) / chance, rel=1e-9, abs=1e-20)
    assert ((products != 0).sum(axis=1) <= 1).all()
    bound = model.numbers["noise"] ** 2
    assert variance.max() <= bound * (1 + 1e-12)
    if chance < 1:
        assert variance.max() > 0.1 * bound and (variance > 0).mean() > 0.05, "the grid sees the noise"
    shown = zero[products == truth]
    assert (shown == 0).all() and not np.signbit(shown).any()
    assert np.array_equal(ask(model, points).values, ask(model_of(kind, chain, chance=1.0), points).values)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bound_on_the_variance_is_met(kind):
    """At x = 0 with a first link e, where the slope is e^{3/2} in units of the chain."""
    chain = carmon_chain(length=3, smoothness=2.0, target=0.1)
    model = model_of(kind, chain, noise=0.7)
    zero, one = (with_bits(model, np.zeros((1, 3)), bit)[0] for bit in (0, 1))
    p = model.chance
    mean = p * one + (1 - p) * zero
    assert p * np.sum((one - mean) ** 2) + (1 - p) * np.sum((zero - mean) ** 2) == pytest.approx(0.49, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("one_bit", [True, False])
def test_the_same_sample_at_two_points(kind, chain, one_bit, rng):
    """E|g(x, z) - g(y, z)|^2 = |grad f(x) - grad f(y)|^2 + (1 - p)/p |w(x) - w(y)|^2, with one bit for all coordinates
    as in the source, and with a bit for each as here.
    """
    chance, points = 0.2, grid(chain)
    model = model_of(kind, chain, chance=chance)
    for _ in range(60):
        pair = points[rng.integers(0, len(points), 2)]
        if rng.random() < 0.5:
            pair[1] = pair[0] + 0.1 * chain.function.parameters[1] * rng.standard_normal(4)
        expected = 0.0
        for bits in ((0,) * 4, (1,) * 4) if one_bit else itertools.product((0, 1), repeat=4):
            given = with_bits(model, pair, np.array(bits))
            ones = int(one_bit and bits[0]) if one_bit else sum(bits)
            weight = chance**ones * (1 - chance) ** ((1 if one_bit else 4) - ones)
            expected += weight * np.sum((given[0] - given[1]) ** 2)
        truth, products = product(kind, chain, pair)
        formula = np.sum((truth[0] - truth[1]) ** 2) + (1 - chance) / chance * np.sum((products[0] - products[1]) ** 2)
        assert expected == pytest.approx(formula, rel=1e-10, abs=1e-18)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_have_their_probability(kind, chain):
    """A binomial test of 3000 named samples; and two points of one round see the same bit."""
    model = model_of(kind, chain, chance=0.3, fresh=True)
    x = np.zeros((2, 4))
    x[1, 0] = 0.1 * chain.function.parameters[1]
    shown = 0
    for name in range(3000):
        gradients = ask(model, x, samples=[name, name]).gradients[:, 0]
        assert (gradients[0] == 0) == (gradients[1] == 0)
        shown += gradients[0] != 0
    assert stats.binomtest(shown, 3000, 0.3).pvalue > LEVEL
    early, late = (ask(model, x, samples=[5, 5], round=round) for round in (1, 77))
    assert np.array_equal(early.gradients, late.gradients)


@pytest.mark.parametrize("first_link", [math.e, 1.0])
def test_smoothness_in_mean_square(first_link, rng):
    """The constants bound the climbed quotient; v = 158.07 is met at (far, 0, 0.36537, 0.36537)."""
    chain = carmon_chain(length=5, first_link=first_link)
    claims = {chance: mean_squared_claims(first_link, chance) for chance in (0.01, 0.3, 1.0)}

    def quotients(x, y):
        truth, products = product("smoothed_zero_chain_noise", chain, [x, y])
        step = np.sum((x - y) ** 2)
        return np.sum((truth[0] - truth[1]) ** 2) / step, np.sum((products[0] - products[1]) ** 2) / step

    def climb(x, chance, tries):
        def value(pair):
            a, b = quotients(*pair)
            return a + (1 - chance) / chance * b

        pair = (x, x + 0.01 * rng.standard_normal(5))
        best = value(pair)
        for _ in range(tries):
            moved = pair[0] + 0.05 * rng.standard_normal(5)
            other = (moved, moved + 0.5 * (pair[1] - pair[0]) + 0.002 * rng.standard_normal(5))
            if (found := value(other)) > best:
                pair, best = other, found
        return best

    steep = np.array([1e4, 0.0, 0.36537, 0.36537, 0.0])
    move = 1e-6 * np.array([0.0, 0.0, 1.0, 1.0, 0.0])
    assert quotients(steep - move, steep + move)[1] == pytest.approx(158.07**2, rel=2e-4)
    for chance, constants in claims.items():
        for x in (steep, np.array([0.78, 0.78, 0.76, 0.3, 0.3]), rng.uniform(-1, 1, 5)):
            worst = climb(x, chance, 120)
            assert all(worst <= claim.value**2 * (1 + 1e-9) for claim in constants)
    named = {claim.tag: claim.value for claim in claims[0.01]}
    assert named["measured"] < named["derived"] < 161 / 0.1
    assert ("published" in named) == (first_link == 1.0) and named.get("published", 3280.0) == pytest.approx(3280.0)
    model = model_of("smoothed_zero_chain_noise", carmon_chain(length=3, smoothness=2.0, target=0.1), chance=0.01)
    scale = 2.0 / 134.0239
    assert model.numbers["mean_squared_smoothness"] == pytest.approx(mean_squared_claims(math.e, 0.01)[0].value * scale)


# Recipes.


def test_the_tight_recipe():
    """p = A / (A + sigma^2), A = e^3 epsilon^2 / G^2 = 1.7550 epsilon^2; then T/p is about L D sigma^2 / (231 e^4)."""
    smoothness, gap, target, noise = 1.0, 2000.0, 0.1, 4.0
    chain = carmon_chain(smoothness=smoothness, gap=gap, target=target)
    model = model_of("zero_chain_noise", chain, noise=noise)
    slope = 1.7550 * target**2
    assert model.chance == pytest.approx(slope / (slope + noise**2), rel=1e-4)
    assert model.numbers["noise"] == noise
    rounds = rounds_law(chain.dimension, model.chance).mean()
    assert rounds == pytest.approx(smoothness * gap * noise**2 / (231 * target**4), rel=2e-3)
    again = model_of("zero_chain_noise", chain, chance=model.chance)
    assert again.numbers["noise"] == pytest.approx(noise, rel=1e-12)


def test_the_published_recipe():
    """p = min(1, 4 23^2 epsilon^2 / sigma^2), the chain being built for 2 epsilon."""
    target, noise = 0.05, 20.0
    chain = carmon_chain(length=3, smoothness=1.0, target=2 * target, first_link=1.0, constants="published")
    model = model_of("zero_chain_noise", chain, noise=noise, constants="published")
    assert model.chance == pytest.approx(4 * 23**2 * target**2 / noise**2, rel=1e-8)
    assert model_of("zero_chain_noise", chain, noise=0.01, constants="published").chance == 1.0
    tight = model_of("zero_chain_noise", chain, noise=noise)
    assert tight.chance == pytest.approx(model.chance * math.e**3 / 23**2, rel=1e-3), "26.3 times less"
    assert [claim.value for claim in frontier_slopes(1.0)] == pytest.approx([4.481689, 23.0])
    assert chance_for(1.0, 3.0, "published") == 1.0 and chance_for(1.0, 3.0, "tight") == 0.9


def test_the_recipe_in_mean_square():
    """The number that is bound is the one that was asked for, and T/p about 0.0048 D L sigma / epsilon^3 for p << 1."""
    wanted, gap, target, noise = 1.0, 4000.0, 0.02, 2.0
    smoothness = smoothness_for(mean_squared_smoothness=wanted, noise=noise, target=target)
    chain = carmon_chain(smoothness=smoothness, gap=gap, target=target)
    model = model_of("smoothed_zero_chain_noise", chain, noise=noise)
    assert model.numbers["mean_squared_smoothness"] == pytest.approx(wanted, rel=1e-12)
    assert smoothness == pytest.approx(wanted * 134.0239 * math.sqrt(model.chance) / 158.07, rel=1e-3)
    rounds = rounds_law(chain.dimension, model.chance).mean()
    assert rounds == pytest.approx(0.0048 * gap * wanted * noise / target**3, rel=0.03)


# The law of the frontier.


def rounds_until_shown(model, length, width, names=None):
    """A method at the frontier: each coordinate that is shown is set, so that the next can be. The number of rounds."""
    oracle = Oracle(Referee(model, Ledger((1e-12,))))
    x, shown, rounds = np.zeros(length), 0, 0
    while shown < length:
        rounds += 1
        samples = None if names is None else names.next(width)
        gradients = oracle.gradients(np.tile(x, (width, 1)), samples=samples)
        seen = (gradients != 0).any(axis=0)
        if names is not None and seen[shown]:
            names.lucky(samples[(gradients[:, shown] != 0).argmax()])
        assert not seen[shown + 1 :].any(), "one coordinate per round"
        shown += bool(seen[shown])
        x[:shown] = 1.0
    return rounds


def fit(counts, law):
    """The p-value of chi-square in cells of about equal probability, at least 20 expected in each."""
    cells = min(10, len(counts) // 20)
    edges = np.unique(law.ppf(np.arange(1, cells) / cells))
    probabilities = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    keep = probabilities > 0
    seen = np.bincount(np.searchsorted(edges, counts), minlength=len(edges) + 1)
    return stats.chisquare(seen[keep], len(counts) * probabilities[keep]).pvalue


RUNS, LENGTH = 240, 5


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chance", [0.6, 0.25])
@pytest.mark.parametrize(("width", "fresh"), [(1, False), (4, False), (4, True)])
def test_the_rounds_have_the_exact_law(kind, chance, width, fresh):
    """Negative binomial with p, and with 1 - (1 - p)^K where the K queries have samples of their own; not the other."""
    chain, first = carmon_chain(length=LENGTH), 1000 * (len(kind) + width)
    counts = np.array(
        [
            rounds_until_shown(model_of(kind, chain, chance=chance, fresh=fresh, seed=seed), LENGTH, width)
            for seed in range(first, first + RUNS)
        ]
    )
    law = rounds_law(LENGTH, chance, width, shared=not fresh)
    assert fit(counts, law) > LEVEL
    assert counts.min() >= LENGTH and law.support()[0] == LENGTH
    for wrong in (rounds_law(LENGTH, chance * 1.4), rounds_law(LENGTH, chance, 5), rounds_law(LENGTH, chance / 1.5)):
        if abs(wrong.mean() / law.mean() - 1) > 0.2:
            assert fit(counts, wrong) < 1e-6


class LuckyFirst:
    """Samples by name; those that were lucky at one link are tried first at the next."""

    def __init__(self):
        self.known, self.queue, self.new = [], [], 0

    def next(self, width):
        while len(self.queue) < width:
            self.queue.append(self.new)
            self.new += 1
        chosen, self.queue = self.queue[:width], self.queue[width:]
        return np.array(chosen)

    def lucky(self, name):
        self.known.append(int(name))
        self.queue = list(dict.fromkeys(self.known))


@pytest.mark.slow
def test_a_lucky_sample_is_of_no_use_at_the_next_link():
    """With one bit per sample the method would need T more rounds after its first success."""
    chain, chance = carmon_chain(length=LENGTH), 0.1
    counts = [
        rounds_until_shown(model_of("zero_chain_noise", chain, chance=chance, seed=seed), LENGTH, 1, LuckyFirst())
        for seed in range(RUNS)
    ]
    assert fit(np.array(counts), rounds_law(LENGTH, chance)) > LEVEL
    assert np.median(counts) > 1 / chance + LENGTH + 20


def test_the_law_is_that_of_trials_up_to_the_last_success():
    law = rounds_law(7, 0.2)
    assert law.mean() == pytest.approx(35) and law.var() == pytest.approx(7 * 0.8 / 0.04)
    assert law.pmf(7) == pytest.approx(0.2**7) and law.pmf(6) == 0
    assert law.pmf(10) == pytest.approx(math.comb(9, 6) * 0.2**7 * 0.8**3)
    assert rounds_law(3, 0.3, 4).mean() == pytest.approx(3 / (1 - 0.7**4))
    assert rounds_law(3, 0.3, 4, shared=True).mean() == pytest.approx(10)
    assert rounds_law(3, 1e-12, 1000).mean() == pytest.approx(3e9, rel=1e-8), "no cancellation"
    assert rounds_law(3, 1.0, 5).rvs(random_state=1) == rounds_law(3, 0.3, None).rvs(random_state=1) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rotation", ["haar", "hadamard"])
def test_in_a_random_frame_the_answers_are_turned(kind, rotation, rng):
    """g(x, z) = U g_0(U'x, z) with orthonormal columns: norms, values, expectations, and a start of its own."""
    chain = carmon_chain(length=5)
    turned = model_of(kind, chain, chance=0.3, fresh=True, rotation=rotation, dimension=32)
    plain = model_of(kind, chain, chance=0.3)
    frame = turned._turn.outward(np.eye(5))  # its columns, as rows
    assert frame @ frame.T == pytest.approx(np.eye(5), abs=1e-12)
    assert turned.dimension == 32 and turned.bounds == () and turned.numbers == plain.numbers
    points = rng.standard_normal((200, 32))
    inside, bits = points @ frame.T, set()
    assert turned.truth(points).gradients == pytest.approx(plain.truth(inside).gradients @ frame, abs=1e-12)
    answers, truths = ask(turned, points), plain.truth(inside)
    assert answers.values == pytest.approx(truths.values, rel=1e-12)
    for x, found, true in zip(inside, answers.gradients @ frame.T, truths.gradients, strict=True):
        changed = np.flatnonzero(np.abs(found - true) > 1e-9)
        place, share = plain.frontier(x)
        assert set(changed) <= {place}
        if place < 5 and abs(true[place]) > 1e-6 and share == 1.0:
            bits.add(round(found[place] / true[place], 6))
    assert bits == {0.0, round(1 / 0.3, 6)}


@pytest.mark.slow
def test_following_in_a_random_frame_has_the_same_law():
    """A method that follows the directions that it is shown, which are no coordinates."""
    model = {"chance": 0.3, "rotation": "haar", "dimension": 40}
    counts = [
        run(
            ALGORITHMS["guess_ahead"],
            carmon_chain(length=LENGTH),
            width=1,
            model="zero_chain_noise",
            model_parameters=model,
            observe="all",
            seed=seed,
        ).rounds
        - 1
        for seed in range(RUNS)
    ]
    assert fit(np.array(counts), rounds_law(LENGTH, 0.3)) > LEVEL
    assert fit(np.array(counts), rounds_law(LENGTH, 0.4)) < 1e-6


# Bounds.


@pytest.mark.parametrize("chance", [1.0, 0.5, 0.02])
@pytest.mark.parametrize("confidence", [0.5, 0.99])
def test_the_lower_bounds_hold_with_their_probability(chance, confidence):
    """One round after the last coordinate is shown comes the first query that can meet the target."""
    chain = carmon_chain(length=12)
    model = model_of("zero_chain_noise", chain, chance=chance, confidence=confidence)
    exact, chernoff = model.bounds[:2]
    value, law = exact.value({"target": 3.383}), rounds_law(12, chance)
    assert value >= 13.0 and law.cdf(value - 2) <= 1 - confidence, "earlier with probability 1 - confidence at most"
    assert value == 13.0 or law.cdf(value - 1) >= 1 - confidence
    published = (12 - math.log(1 / (1 - confidence))) / (2 * chance)
    assert chernoff.value({"target": 3.383}) == pytest.approx(published) and published <= value
    assert exact.value({"target": 3.4}) is None and chernoff.value({"target": 3.4}) is None
    assert {bound.scope.methods for bound in model.bounds} == {"zero-respecting"}
    assert (exact.tag, model.bounds[2].tag) == ("measured", "derived")
    assert f"with probability {confidence:g}" in exact.statement


def test_whom_the_bounds_speak_of():
    chain = carmon_chain(length=12)
    shared = model_of("zero_chain_noise", chain, chance=0.1).bounds[0]
    four = model_of("zero_chain_noise", chain, chance=0.1, fresh=True, width=4).bounds[0]
    any_width = model_of("zero_chain_noise", chain, chance=0.1, fresh=True).bounds[0]
    assert (shared.scope.width, four.scope.width, any_width.scope.width) == (None, 4, None)
    values = [bound.value({"target": 1.0}) for bound in (shared, four, any_width)]
    assert values[0] > values[1] > values[2] == 13.0
    assert shared.exponent == 2.0
    assert model_of("zero_chain_noise", chain, noise=9.0).bounds[0].exponent == 4.0
    assert model_of("smoothed_zero_chain_noise", chain, noise=9.0).bounds[0].exponent == 3.0


@algorithm(source="a test", zero_respecting=True)
def link_by_link(oracle, x0, *, width: int, noise: float, far: float = 1e4):
    """Set what is shown; the method that the bound is met by. It asks with K equal points."""
    x = x0.copy()
    while True:
        gradients = oracle.gradients(np.zeros((width, 1)) + x)
        for i in range(x.size):
            for k in range(width):
                if gradients[k, i] != 0:
                    x[i] = far


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fresh", [True, False])
def test_a_run_counts_alike_on_both_engines_and_keeps_the_bound(kind, fresh):
    chain = carmon_chain(length=8)
    noise = {"model": kind, "model_parameters": {"chance": 0.3, "fresh": fresh}, "width": 3, "observe": "all"}
    compiled, python = (
        run(link_by_link, chain, target=0.1, engine=engine, seed=6, **noise) for engine in ("compiled", "python")
    )
    assert (compiled.engine, python.engine) == ("compiled", "python")
    for name in ("queries", "rounds", "gradient_queries", "observed", "hits", "best_merit", "status", "found"):
        assert getattr(compiled, name) == getattr(python, name), name
    assert python.status == "target" and python.queries == 3 * python.rounds
    assert python.report == {"chance": 0.3}
    assert python.rounds >= max(bound.value({"target": 0.1}) or 0 for bound in python.bounds)


def test_hits_are_judged_on_the_function_and_not_on_the_answer():
    """At x = 0 the answer is zero with probability 1 - p, but the true gradient is not small."""
    chain = carmon_chain(length=2)
    model = model_of("zero_chain_noise", chain, chance=1e-6)
    ledger = Ledger((0.1,))
    oracle = Oracle(Referee(model, ledger, observe="all"))
    for _ in range(5):
        assert not oracle.gradient(np.zeros(2)).any()
    assert not ledger.hits and ledger.best_merit == pytest.approx(math.e**1.5) and ledger.observed == 5


def test_a_case_compares_its_count_with_the_quantile():
    """Where the method is in the class: gradient descent is, and its row carries the bound with the floor's tag."""
    case = Case(
        "carmon_chain",
        "gradient_descent",
        {"length": 3},
        model="zero_chain_noise",
        model_parameters={"chance": 0.3, "confidence": 0.9},
        observe="all",
    )
    row = perform(case, seed=1)
    (at,) = row["at"]
    law = rounds_law(3, 0.3)
    assert row["status"] == "target" and row["model"] == "zero_chain_noise" and row["report"] == {"chance": 0.3}
    assert at["lower_rounds"] == law.ppf(0.1) + 1 <= at["rounds"] and at["lower_rounds_tag"] == "measured"


# Errors.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "needs one of chance and noise"),
        ({"chance": 0.5, "noise": 1.0}, "needs one of chance and noise"),
        ({"chance": 0.0}, "chance must lie in (0, 1]"),
        ({"chance": 1.5}, "chance must lie in (0, 1]"),
        ({"noise": -1.0}, "noise be positive"),
        ({"chance": 0.5, "rotation": "turned"}, "rotation must be one of hadamard, haar, got 'turned'"),
        ({"chance": 0.5, "dimension": 9}, "a dimension, here 9, needs a rotation"),
        ({"chance": 0.5, "confidence": 1.0}, "confidence must lie strictly between 0 and 1, got 1"),
        ({"chance": 0.5, "constants": "best"}, "constants must be 'tight', or 'published' with first_link=1"),
        ({"chance": 0.5, "constants": "published"}, "constants must be 'tight', or 'published' with first_link=1"),
    ],
)
def test_bad_parameters_get_one_line(kind, parameters, words):
    with pytest.raises(InputError) as caught:
        model_of(kind, carmon_chain(length=3), **parameters)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_other_functions_have_no_frontier(kind):
    with pytest.raises(InputError, match="defined on carmon_chain, and quadratic is another function"):
        model_of(kind, quadratic(dimension=3), chance=0.5)
    with pytest.raises(InputError, match="has no parameter 'chances'; did you mean 'chance'"):
        MODELS[kind].model(carmon_chain(length=3), None, np.random.default_rng(0), {"chances": 0.5})
