"""The finite sum of disjoint chains: its identities, its constants, and the counts that it enforces."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from experiments import run
from hardinstances import carmon_chain, disjoint_chains
from hardinstances.block_bounds import finished_for, kept_norm
from oracles import InputError, algorithm

J = 11.233929 * 134.0239 / 3.383**2  # gap per link times smoothness over floor^2
WORST = np.array([0.7814, 0.7820, 0.7604, 30.0])  # where the Hessian of the chain is steepest
AT_ZERO = math.e * math.sqrt(math.e)  # the gradient norm of a chain that is at 0, or whose next coordinate is


def ask(function, x):
    one = np.ones(1, dtype=bool)
    values, gradients = function.evaluate(np.ascontiguousarray(x, dtype=float)[None], one, one)
    return values[0], gradients[0]


def component_gradients(instance, x):
    return np.array([ask(term, x)[1] for term in instance.finite_sum.terms])


@pytest.mark.parametrize(("components", "length", "first_link"), [(1, 4, math.e), (3, 2, 1.0), (7, 5, math.e)])
def test_the_sum_is_the_mean_of_chains_on_its_blocks(components, length, first_link, rng):
    instance = disjoint_chains(components=components, length=length, first_link=first_link)
    chain = carmon_chain(length=length, first_link=first_link)
    assert instance.dimension == components * length and len(instance.finite_sum.terms) == components
    for _ in range(20):
        x = rng.standard_normal(instance.dimension)
        value, gradient = ask(instance.function, x)
        blocks = [ask(chain.function, block) for block in x.reshape(components, length)]
        assert value == pytest.approx(np.mean([block[0] for block in blocks]), rel=1e-13)
        assert gradient == pytest.approx(np.concatenate([block[1] for block in blocks]) / components, rel=1e-13)
        squares = sum(np.sum(block[1] ** 2) for block in blocks)
        assert gradient @ gradient == pytest.approx(squares / components**2, rel=1e-12)
        assert instance.progress(x[None])[0] == sum(chain.progress(x.reshape(components, length)))
    assert instance.claims.value("gap") == chain.claims.value("gap")
    far = ask(instance.function, np.full(instance.dimension, 60.0))[0]
    drop = ask(instance.function, np.zeros(instance.dimension))[0] - far
    assert 0 <= instance.claims.value("gap") - drop <= 1e-3 * length


@pytest.mark.parametrize("components", [1, 2, 5])
def test_smoothness_in_the_mean_of_each_and_of_the_sum(components, rng):
    """Climbed over pairs, and nearly met at the steepest point of one chain: the constants cannot be lowered."""
    instance = disjoint_chains(components=components, length=4)
    each, mean, whole = (
        claims.value(name)
        for claims, name in (
            (instance.finite_sum.claims, "component_smoothness"),
            (instance.finite_sum.claims, "mean_squared_smoothness"),
            (instance.claims, "smoothness"),
        )
    )
    assert (each, mean, whole) == pytest.approx((134.0239, 134.0239 / components**0.5, 134.0239 / components))

    def quotients(x, y):
        differences = component_gradients(instance, x) - component_gradients(instance, y)
        norms = np.linalg.norm(differences, axis=1) / np.linalg.norm(x - y)
        total = np.linalg.norm(differences.mean(axis=0)) / np.linalg.norm(x - y)
        return np.array([norms.max(), math.sqrt((norms**2).mean()), total])

    best = np.zeros(3)
    for _ in range(150):
        x = rng.uniform(-1.2, 1.2, instance.dimension)
        best = np.maximum(best, quotients(x, x + 0.05 * rng.standard_normal(instance.dimension)))
    assert (best <= np.array([each, mean, whole]) * (1 + 1e-9)).all()
    steep = np.concatenate([WORST, np.zeros(4 * components - 4)])
    direction = np.zeros(4 * components)
    direction[:4] = steepest_direction(WORST)
    assert quotients(steep - 5e-6 * direction, steep + 5e-6 * direction) == pytest.approx([each, mean, whole], rel=1e-5)


def steepest_direction(x):
    """The eigenvector of the chain's Hessian at x for the eigenvalue of largest modulus, by differences."""
    chain = carmon_chain(length=4)
    columns = [(ask(chain.function, x + e)[1] - ask(chain.function, x - e)[1]) / 2e-6 for e in 1e-6 * np.eye(4)]
    values, vectors = np.linalg.eigh(np.array(columns))
    return vectors[:, np.abs(values).argmax()]


@pytest.mark.parametrize("components", [4, 5, 16])
@pytest.mark.parametrize("calibration", ["average", "individual"])
def test_the_scaled_sum_is_in_its_class(components, calibration):
    smoothness, gap, target = 2.0, 900.0, 0.3
    instance = disjoint_chains(
        components=components, smoothness=smoothness, gap=gap, target=target, calibration=calibration
    )
    name = {"average": "mean_squared_smoothness", "individual": "component_smoothness"}[calibration]
    assert instance.finite_sum.claims.value(name) == pytest.approx(smoothness, rel=1e-12)
    assert target < instance.claims.value("floor") == pytest.approx(target, rel=1e-8)
    share = math.ceil(components / 2) / components  # 1/2 for even n, as on paper
    slower = math.sqrt(components) if calibration == "average" else components
    length = instance.dimension // components
    assert length == math.floor(0.5 + share * smoothness * gap / (slower * J * target**2))
    longer = disjoint_chains(
        components=components, smoothness=smoothness, length=length + 1, target=target, calibration=calibration
    )
    assert instance.claims.value("gap") <= gap < longer.claims.value("gap")
    queries = next(bound for bound in instance.finite_sum.bounds if bound.counted == "queries")
    assert queries.value({"target": target}) == (components // 2 + 1) * length + 1
    assert queries.value({"target": target}) > components * length / 2
    if components % 2 == 0:
        rate = smoothness * gap / (4 * J * target**2) * (math.sqrt(components) if calibration == "average" else 1.0)
        assert components * length / 2 == pytest.approx(rate, abs=components / 4 + 1e-9)


@pytest.mark.parametrize("components", [1, 2, 5, 6])
def test_the_floor_holds_while_half_of_the_blocks_are_unfinished(components, rng):
    """With the other blocks at infinity and these at the point of least gradient, the floor is met from above."""
    instance, chain = disjoint_chains(components=components, length=4), carmon_chain(length=4)
    floor = instance.claims.value("floor")
    unfinished = math.ceil(components / 2)
    for _ in range(200):
        x = 2 * rng.standard_normal((components, 4))
        x[rng.permutation(components)[:unfinished], -1] = rng.uniform(-0.5, 0.5, unfinished)
        assert np.linalg.norm(ask(instance.function, x.ravel())[1]) >= floor

    def norm(y):
        return np.linalg.norm(ask(chain.function, [*y, 0.5])[1])

    found = min(
        (minimize(norm, start, method="Nelder-Mead") for start in rng.uniform(-1, 1, (20, 3))), key=lambda f: f.fun
    )
    assert 3.383 < found.fun < 3.45
    x = np.full((components, 4), 1e6)
    x[:unfinished] = [*found.x, 0.5]
    met = np.linalg.norm(ask(instance.function, x.ravel())[1])
    assert met == pytest.approx(floor * found.fun / 3.383, rel=1e-6)


@pytest.mark.parametrize("components", [1, 2, 3, 10, 99, 1000])
def test_blocks_to_finish(components):
    """As many as leave u - 1 unfinished, where sqrt(u) floors still keep the norm above the target."""
    for unfinished in {1, 2, components // 2 + 1, components} & set(range(1, components + 1)):
        at = kept_norm(unfinished, components, 3.383)
        assert finished_for(at, components, 3.383) == components - unfinished + 1
        assert finished_for(at * (1 + 1e-9), components, 3.383) == components - unfinished
        assert finished_for(at * (1 - 1e-9), components, 3.383) == components - unfinished + 1
    assert finished_for(1e-9, components, 3.383) == components


@algorithm(source="a test", zero_respecting=True)
def block_by_block(oracle, x0, *, components: int, far: float = 1e4):
    """Ask each component until it shows nothing new; then the next."""
    x, length = x0.copy(), x0.size // components
    for name in range(components):
        for _ in range(length):
            gradient = oracle.gradient(x, sample=name)
            x[gradient != 0] = far
    while True:
        oracle.gradient(x, sample=0)


@algorithm(source="a test", zero_respecting=True)
def all_blocks_at_once(oracle, x0, *, components: int, far: float = 1e4):
    """Ask all components in each round."""
    x = x0.copy()
    while True:
        gradients = oracle.gradients(np.tile(x, (components, 1)), samples=np.arange(components))
        x[(gradients != 0).any(axis=0)] = far


@pytest.mark.parametrize("target", [1.75, 1.5, 1.2, 1.0, 0.5, 0.01])
def test_component_queries_are_counted_and_not_fewer_than_the_bound(target):
    """A chain at 0, or far out up to a coordinate that is 0, has the same norm: the count is known to the query."""
    components, length = 6, 4
    instance = disjoint_chains(components=components, length=length)
    outcome = run(block_by_block, instance, target=target, model="components", observe="all")
    still = math.floor((target * components / AT_ZERO) ** 2)
    assert outcome.hits[0].charged == outcome.hits[0].round == (components - still) * length + 1
    for bound in outcome.bounds:
        value = bound.value({"target": target})
        counted = outcome.hits[0].charged if bound.counted == "queries" else outcome.hits[0].round
        assert value is None or value <= counted
    (sharp,) = [bound for bound in outcome.bounds if bound.counted == "queries" and bound.tag == "measured"]
    if target <= kept_norm(components, components, 3.383):
        assert sharp.value({"target": target}) >= length + 1
    assert sharp.value({"target": 0.01}) == components * length + 1, "met by this method"


@pytest.mark.parametrize("model", ["components", "exact"])
def test_rounds_are_met_by_the_bound(model):
    """With all components in one round, or none at all, T + 1 rounds are needed and enough."""
    components, length = 5, 6
    instance = disjoint_chains(components=components, length=length)

    @algorithm(source="a test", zero_respecting=True)
    def everywhere(oracle, x0):
        x = x0.copy()
        while True:
            x[oracle.gradient(x) != 0] = 1e4

    if model == "exact":
        outcome = run(everywhere, instance, engine="python", target=0.01)
    else:
        outcome = run(all_blocks_at_once, instance, model=model, target=0.01, observe="all")
        assert outcome.hits[0].charged == components * (length + 1)
    assert outcome.hits[0].round == length + 1
    rounds = [bound.value({"target": 0.01}) for bound in outcome.bounds if bound.counted == "rounds"]
    assert rounds == [length + 1.0, length + 1.0]
    assert instance.bounds[0].value({"target": 1.6}) is None


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"components": 0, "length": 3}, "needs components >= 1, got 0"),
        ({"components": 2}, "each component of disjoint_chains is a chain, and carmon_chain needs length"),
        ({"components": 2, "length": 0}, "length of carmon_chain must be positive"),
        ({"components": 2, "length": 2, "calibration": "mean"}, "must be 'average' or 'individual', got 'mean'"),
        ({"components": 50, "smoothness": 1.0, "gap": 1.0, "target": 0.1}, "too small for one link"),
        ({"components": 2, "length": 2, "smoothness": 1.0, "target": -1.0}, "target of carmon_chain must be positive"),
        ({"components": 2, "length": 2, "smoothness": 0.0, "target": 1.0}, "smoothness of carmon_chain must be"),
    ],
)
def test_bad_parameters_get_one_line(parameters, words):
    with pytest.raises(InputError) as caught:
        disjoint_chains(**parameters)
    assert words in str(caught.value) and "\n" not in str(caught.value)
