"""``make bench``: print every comparison as a ratio, and save the numbers as JSON."""

import json
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.special import ndtr

from benchmarks.timing import side_by_side
from hardinstances import carmon_chain
from oracles import Array, ExactModel, Ledger, Oracle, Referee, from_callable
from oracles.kernels import answer_points

SAVED = Path("results/bench.json")


def chain_in_numpy(x: Array) -> tuple[float, Array]:
    """The published chain in its own units, with numpy and SciPy alone."""
    size, sign = np.abs(x), np.where(x < 0, -1.0, 1.0)
    active = size > 0.5184
    p = np.where(active, 2 * size - 1, 1.0)
    psi = np.where(active, np.exp(1 - 1 / p**2), 0.0)
    slope = 4 * psi / p**3
    density = np.exp(0.5 - 0.5 * x**2)
    signs, weights = np.concatenate([[1.0], sign[:-1]]), np.concatenate([[1.0], psi[:-1]])
    phi = np.sqrt(2 * np.pi * np.e) * ndtr(signs * x)
    gradient = -weights * density
    gradient[:-1] -= slope[:-1] * phi[1:]
    return float(-(signs * weights * phi).sum()), gradient


def rows() -> list[dict[str, object]]:
    """Each comparison: what, the seconds of both sides, their ratio."""
    found: list[dict[str, object]] = []
    rng = np.random.default_rng(0)
    for length in (10, 100, 1000, 10_000):
        chain = carmon_chain(length=length, first_link=1.0)
        points = rng.uniform(-2, 2, (1, length))
        kernel, parameters = chain.function.kernel, chain.function.parameters  # type: ignore[attr-defined]
        times = side_by_side(
            {
                "numpy and scipy": lambda points=points: chain_in_numpy(points[0]),
                "kernel": lambda points=points, k=kernel, p=parameters: answer_points(k, points, p),
            }
        )
        found.append(_row(f"chain, T = {length}: numpy and scipy / kernel", times, "numpy and scipy", "kernel"))
    for dimension in (2, 1000):

        def bare(x: Array) -> tuple[float, Array]:
            return 0.0, x

        instance = from_callable(bare, start=np.ones(dimension))
        oracle = Oracle(Referee(ExactModel(instance), Ledger((1e-100,))))
        times = side_by_side(
            {
                "counted": lambda x=instance.start, o=oracle: o.value_and_gradient(x),
                "bare": lambda x=instance.start: bare(x),
            }
        )
        row = _row(f"a counted query in Python, d = {dimension}: over the bare function", times, "counted", "bare")
        row["microseconds over"] = 1e6 * (times["counted"] - times["bare"])
        found.append(row)
    return found


def _row(what: str, times: dict[str, float], above: str, below: str) -> dict[str, object]:
    return {"what": what, "seconds": times, "ratio": times[above] / times[below]}


def main() -> None:
    """Measure, print, save."""
    found = rows()
    table = Table(box=None)
    for column in ("comparison", "ratio", "microseconds over"):
        table.add_column(column, justify="left" if column == "comparison" else "right")
    for row in found:
        over = f"{row['microseconds over']:.2f}" if "microseconds over" in row else ""
        table.add_row(str(row["what"]), f"{row['ratio']:.2f}", over)
    Console(width=110).print(table)
    SAVED.parent.mkdir(exist_ok=True)
    SAVED.write_text(json.dumps(found, indent=1))
    print(f"saved in {SAVED}")


if __name__ == "__main__":
    main()
