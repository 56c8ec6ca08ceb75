"""Pictures of a run in one or two dimensions: the function, the queries coloured by round, and the boxes of a trapping
method with their walls; still or moving.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.figures import FORMATS
from experiments.recorder import Recorder
from experiments.results import Run
from experiments.runner import run
from oracles import MODELS, Algorithm, Array, InputError, Instance, Model, OracleModel

MOVING = "gif"
GRID = 400  # points per axis of the contours
LEVELS = 40
DRAWN = 4000  # the most queries of one round that are drawn, evenly taken from it
FRAMES = 100  # the most pictures of an animation; later rounds then share one
FAR = 0.02  # of the queries, on each side of each coordinate, may lie outside of what is drawn
MARGIN = 0.08  # around the others, relative


@dataclass(frozen=True)
class Picture:
    """A run with the points of every round: rounds[j] (K_j, d), d = 1 or 2. region: the corners (d,) of what is drawn,
    in place of the domain, else of where all but the farthest queries are.
    """

    instance: Instance
    run: Run
    rounds: Sequence[Array]
    region: tuple[Array, Array] | None = None

    @property
    def corners(self) -> tuple[Array, Array]:
        """The lower and the upper corner (d,) of what is drawn."""
        if self.region is not None:
            return self.region
        if self.instance.domain is not None:
            return self.instance.domain.lower, self.instance.domain.upper
        points = np.concatenate(self.rounds)
        low, high = np.quantile(points[np.isfinite(points).all(axis=1)], [FAR, 1 - FAR], axis=0)
        low, high = np.minimum(low, self.instance.start), np.maximum(high, self.instance.start)
        margin = MARGIN * np.where(high > low, high - low, max(float((high - low).max()), 1.0))
        return low - margin, high + margin

    @property
    def title(self) -> str:
        """What ran on what, and its counts."""
        counts = f"{self.run.queries} queries in {self.run.rounds} rounds"
        return f"{self.run.method} on {self.instance.name}, target {self.run.targets[-1]:.3g}: {counts}"


def picture(
    method: Algorithm,
    instance: Instance,
    *,
    model: OracleModel | str = "exact",
    model_parameters: Mapping[str, Any] | None = None,
    region: Sequence[float] | None = None,
    **options: Any,
) -> Picture:
    """Run a method as `run` does, with the same options, in the Python engine, and keep what it asks.

    region: low and high of x1, then of x2, to be drawn.

    Errors: `InputError` where d is more than 2, or nothing was asked; and those of `run`.
    """
    if instance.dimension > 2:
        raise InputError(f"a picture needs d = 1 or 2, {instance.name} has d = {instance.dimension}")
    corners = None if region is None else _corners(region, instance.dimension)
    kind = MODELS[model] if isinstance(model, str) else model
    kept: list[Recorder] = []

    def recorded(instance: Instance, width: int | None, rng: np.random.Generator) -> Model:
        kept.append(Recorder(kind.model(instance, width, rng, model_parameters or {})))
        return kept[-1]

    outcome = run(method, instance, model=recorded, engine="python", trace=True, **options)
    rounds = [points for recorder in kept for points in recorder.rounds]
    if not rounds:
        raise InputError(f"{outcome.method} asked nothing: {outcome.message}")
    return Picture(instance, outcome, rounds, corners)


def _corners(region: Sequence[float], dimension: int) -> tuple[Array, Array]:
    sides = np.array(region, dtype=float)
    if sides.shape != (2 * dimension,) or not np.isfinite(sides).all() or not (sides[::2] < sides[1::2]).all():
        raise InputError(f"a region is low and high of each of {dimension} coordinates, got {list(region)}")
    return sides[::2], sides[1::2]


def save_all(picture: Picture, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write METHOD-INSTANCE.<format> for each format; return the paths."""
    return [save(picture, folder / f"{picture.run.method}-{picture.instance.name}.{format}") for format in formats]


def save(picture: Picture, file: Path) -> Path:
    """Write the picture as PNG, SVG or PDF, or as an animation, a GIF, round by round; return the path.

    Queries are coloured by their round. Of a round of more than 4000 queries 4000 are drawn.
    """
    form = file.suffix.removeprefix(".")
    if form not in (*FORMATS, MOVING):
        raise InputError(f"a picture's format must be one of {', '.join((*FORMATS, MOVING))}, got {form!r}")
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.animation import FuncAnimation, PillowWriter

    figure, axes = plt.subplots(figsize=(7.2, 6.4), layout="constrained")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        drawing = Drawing(picture, figure, axes)
        if form == MOVING:
            frames = list(shared(len(picture.rounds), FRAMES))
            FuncAnimation(figure, drawing.until, frames=frames).save(file, writer=PillowWriter(fps=4), dpi=90)
        else:
            drawing.until(len(picture.rounds))
            figure.savefig(file, dpi=160)
    except OSError as error:
        raise InputError(f"the picture cannot be written to {file}: {error.strerror or error}") from None
    finally:
        plt.close(figure)
    return file


def shared(rounds: int, frames: int) -> Iterator[int]:
    """Up to which round each frame shows: every round, or so many frames, evenly spaced, with the last round."""
    yield from np.unique(np.ceil(np.linspace(1, rounds, min(rounds, frames))).astype(int)).tolist()


class Drawing:
    """The axes of one picture: the function is drawn once, the queries up to a round each time."""

    def __init__(self, picture: Picture, figure: Any, axes: Any) -> None:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        self.picture, self.axes = picture, axes
        self.values = [self._values(points) for points in picture.rounds] if picture.instance.dimension == 1 else []
        self.colour = ScalarMappable(Normalize(1, max(len(picture.rounds), 2)), cmap="plasma")
        trace = picture.run.trace
        self.traps = [(one.round, one.data["trap"]) for one in (trace.remarks if trace else []) if "trap" in one.data]
        self._background()
        figure.colorbar(self.colour, ax=axes, label="round", shrink=0.6)
        self.drawn: list[Any] = []

    def _values(self, points: Array) -> Array:
        everywhere = np.ones(len(points), dtype=bool)
        return self.picture.instance.function.evaluate(np.ascontiguousarray(points), everywhere, ~everywhere)[0]

    def _background(self) -> None:
        from matplotlib.colors import BoundaryNorm

        (low, high), axes = self.picture.corners, self.axes
        sides = [np.linspace(a, b, GRID) for a, b in zip(low, high, strict=True)]
        axes.set_title(self.picture.title, fontsize=9)
        axes.set_xlabel("x1")
        if len(sides) == 1:
            axes.plot(sides[0], self._values(sides[0][:, None]), color="grey", linewidth=1)
            axes.set_ylabel("f")
            return
        grid = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1)
        values = self._values(grid.reshape(-1, 2)).reshape(GRID, GRID).T
        levels = np.unique(np.quantile(values[np.isfinite(values)], np.linspace(0, 1, LEVELS)))
        if len(levels) > 1:
            shades = BoundaryNorm(levels, 256)
            axes.contourf(*sides, values, levels=levels, norm=shades, cmap="Greys_r", alpha=0.75)
        axes.set(ylabel="x2", xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        axes.set_aspect("equal" if 0.2 < (high[1] - low[1]) / (high[0] - low[0]) < 5 else "auto")

    def until(self, last: int) -> list[Any]:
        """Draw the queries and the boxes of the rounds 1 .. last, and nothing else."""
        while self.drawn:
            self.drawn.pop().remove()
        traps = [(round, trap) for round, trap in self.traps if round <= last]
        if self.picture.instance.dimension == 2 and traps:
            for round, trap in traps:
                self._box(round, trap)
            xs, ys = np.array([trap["x"] for _, trap in traps]).T
            self.drawn += self.axes.plot(xs, ys, color="black", linewidth=0.8, marker="x", markersize=4, zorder=5)
        for j, points in enumerate(self.picture.rounds[:last]):
            chosen = np.unique(np.linspace(0, len(points) - 1, min(len(points), DRAWN)).astype(int))
            ys = points[chosen, 1] if points.shape[1] == 2 else self.values[j][chosen]
            colour = self.colour.to_rgba(np.array([j + 1.0]))
            size = 12 if len(points) == 1 else 3
            self.drawn.append(self.axes.scatter(points[chosen, 0], ys, s=size, color=colour, zorder=3, linewidths=0))
        return self.drawn

    def _box(self, round: int, trap: Mapping[str, Any]) -> None:
        """The sides of a box: walls, which have a certificate, as lines; faces on the domain's boundary dotted."""
        (x1, y1), (x2, y2) = trap["lower"], trap["upper"]
        colour = self.colour.to_rgba(np.array([float(round)]))
        for axis, (low, high) in enumerate(zip(trap["lower"], trap["upper"], strict=True)):
            for at, wall in ((low, trap["lower_walls"][axis]), (high, trap["upper_walls"][axis])):
                ends = ([at, at], [y1, y2]) if axis == 0 else ([x1, x2], [at, at])
                style = "-" if wall else ":"
                self.drawn += self.axes.plot(*ends, color=colour[0], linewidth=1.2, linestyle=style, zorder=4)
