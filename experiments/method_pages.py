"""The pages of the methods, for `make docs`: what is known of each, and one figure of its runs."""

import inspect
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import algorithms  # noqa: F401
import hardinstances  # noqa: F401
from experiments.figures import Panel, Series, save
from experiments.present import describe, summary
from experiments.runner import run
from oracles import ALGORITHMS, FAMILIES, Algorithm, InputError

ROUNDS = 2000  # of a run in a figure
WIDTH = 16
FURTHER = 1.1  # from one point of a curve to the next
REFERENCE, ON_BOXES = "gradient_descent", "projected_gradient_descent"


class Scene(NamedTuple):
    """What a run in a figure is asked on: an instance, who answers, and the target at which it ends."""

    title: str
    family: str
    parameters: Mapping[str, Any]
    target: float
    model: str = "exact"
    model_parameters: Mapping[str, Any] = {}


EXACT = (
    Scene("the hard chain, 20 links", "carmon_chain", {"length": 20}, 3.382),
    Scene("chained Rosenbrock, d = 10", "chained_rosenbrock", {"dimension": 10}, 1e-4),
)
NOISY = (
    Scene(
        "cosine mixture, noise 1/10", "cosine_mixture", {"dimension": 10}, 1e-3, "gaussian_noise", {"deviation": 0.1}
    ),
)
SMOOTH = (Scene("cosine mixture, d = 5", "cosine_mixture", {"dimension": 5}, 1e-6),)
FINITE = (Scene("cosine mixture, n = 100", "cosine_mixture", {"dimension": 10, "components": 100}, 1e-3, "components"),)
LINE = (Scene("cosine mixture, d = 1", "cosine_mixture", {"dimension": 1}, 1e-3),)
SQUARE = (Scene("hidden staircase, 2 cells", "hidden_staircase", {"cells": 2}, 1 / 360),)


def scenes(record: Algorithm) -> tuple[Scene, ...]:
    """Where a method is shown: with components or noise if it wants to know of them, in the dimensions that it is made
    for, else with exact answers in more of them.
    """
    if record.dimensions is not None or record.name == ON_BOXES:
        return LINE if record.dimensions == 1 else SQUARE
    if "components" in record.numbers:
        return FINITE
    if "third_order_smoothness" in record.numbers:
        return SMOOTH  # nobody claims it of the others
    return NOISY if {"noise", "mean_squared_smoothness"} & set(record.numbers) else EXACT


def panels(record: Algorithm) -> Iterator[Panel]:
    """The least gradient norm so far against the rounds, beside gradient descent's."""
    for scene in scenes(record):
        reference = ON_BOXES if scene in SQUARE else REFERENCE
        shown = [ALGORITHMS[reference], record] if record.name != reference else [record]
        series = [curve for method in shown if (curve := _curve(method, scene)).x]
        yield Panel(scene.title, "rounds", "least gradient norm so far", series)


def _curve(record: Algorithm, scene: Scene) -> Series:
    """One run; empty where the method cannot be run there."""
    width = WIDTH if "width" in record.numbers and record.dimensions != 3 else None
    try:
        outcome = run(
            record,
            FAMILIES[scene.family].instance(scene.parameters),
            target=scene.target,
            width=width,
            max_queries=100 * ROUNDS,
            max_rounds=ROUNDS,
            model=scene.model,
            model_parameters=scene.model_parameters,
            engine="python",
            trace=True,
        )
    except InputError:
        return Series(record.name, [], [])
    assert outcome.trace is not None
    name = record.name if width is None else f"{record.name}, K = {width}"
    steps = [step for step in outcome.trace.steps if step.best_merit < math.inf]
    rounds, merits = list[float](), list[float]()
    for step in steps:
        if not rounds or step.round >= FURTHER * rounds[-1] or step is steps[-1]:
            rounds.append(float(step.round))
            merits.append(step.best_merit)
    return Series(name, rounds, merits)


def page(record: Algorithm) -> str:
    """The page of a method: the statement, cost, use, guarantees, source, figure and code."""
    data = describe(record, {})
    known = [word.replace("_", "-") for word in ("zero_respecting", "deterministic") if data[word]]
    lines = [
        f"# {record.name}",
        "",
        f"```text\n{record.name}{data['signature']}\n\n{data['documentation'].rstrip()}\n```",
        "",
        f"Source: {record.source}. Class: {', '.join(known) or 'nothing is assumed'}; order {data['order']}.",
        "",
        f"![The least gradient norm against the rounds](figures/{figure_name(record)}.svg)",
        "",
        "## Guarantees",
        "",
        *(f"- {bound['side']}, {bound['tag']} ({bound['source']}): `{bound['statement']}`" for bound in data["bounds"]),
    ]
    if not data["bounds"]:
        lines.append("None that this project states as a bound on a count.")
    code = inspect.getsource(record.function)
    return "\n".join([*lines, "", "## Code", "", f"```python\n{code.rstrip()}\n```", ""])


def figure_name(record: Algorithm) -> str:
    """The name of a method's files."""
    return record.name.replace(":", "-")


def contents() -> str:
    """The page that lists the methods."""
    lines = ["# Methods", "", "| method | order | rounds or queries at most | |", "|---|---|---|---|"]
    for name in sorted(ALGORITHMS):
        record = ALGORITHMS[name]
        bounds = [bound for bound in record.bounds if bound.side == "upper" and bound.exponent is not None]
        rates = sorted({f"ε^-{bound.exponent:.3g} {bound.counted}" for bound in bounds})
        text = summary(record.function).replace("|", "\\|")
        lines.append(
            f"| [{name}](methods/{figure_name(record)}.md) | {record.traits.order} | {', '.join(rates)} | {text} |"
        )
    return "\n".join([*lines, ""])


def write_figure(record: Algorithm, folder: Path) -> Path:
    """The figure of a method's page, as SVG."""
    return save(figure_name(record), list(panels(record)), folder, ("svg",))[0]
