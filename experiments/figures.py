"""Log-log figures with theory's line, and the data of their curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from oracles import InputError

FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Series:
    """One curve; theory's is drawn as a line, a measured one with its points."""

    name: str
    x: list[float]
    y: list[float]
    theory: bool = False


@dataclass(frozen=True)
class Panel:
    """One pair of axes, both logarithmic; falling: x runs from large to small, as targets do."""

    title: str
    x: str
    y: str
    series: list[Series]
    falling: bool = False


def save(name: str, panels: Sequence[Panel], folder: Path, formats: Sequence[str] = ("png", "svg")) -> list[Path]:
    """Write `name`.<format> for each format, and `name`.csv with the data of the curves; return the paths."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    for format in formats:
        if format not in FORMATS:
            raise InputError(f"a figure's format must be one of {', '.join(FORMATS)}, got {format!r}")
    styles = _styles(panels)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        figure, grid = plt.subplots(
            1, len(panels), figsize=(6.4 * len(panels), 5.6), squeeze=False, layout="constrained"
        )
        for axes, panel in zip(grid[0], panels, strict=True):
            _draw(axes, panel, styles)
        handles = {
            text: handle for axes in grid[0] for handle, text in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=8, frameon=False)
        paths = [folder / f"{name}.{format}" for format in formats]
        for path in paths:
            figure.savefig(path, dpi=160)
        plt.close(figure)
        data = folder / f"{name}.csv"
        curves(panels).to_csv(data, index=False)
    except OSError as error:
        raise InputError(f"the figure cannot be written to {folder}: {error.strerror}") from None
    return [*paths, data]


def curves(panels: Sequence[Panel]) -> pd.DataFrame:
    """The data of the curves: panel, series, x, y."""
    rows = [
        {"panel": panel.title, "series": series.name, panel.x: x, panel.y: y}
        for panel in panels
        for series in panel.series
        for x, y in zip(series.x, series.y, strict=True)
    ]
    return pd.DataFrame(rows)


def _styles(panels: Sequence[Panel]) -> dict[str, dict[str, Any]]:
    """Colour and marker by the name of the series, the same in every panel."""
    import matplotlib

    markers, colours = "osD^v<>PX*hpd8", matplotlib.colormaps["tab20"].colors  # type: ignore[attr-defined]
    names = dict.fromkeys(series.name for panel in panels for series in panel.series if not series.theory)
    return {
        name: {"color": colours[k % len(colours)], "marker": markers[k % len(markers)]} for k, name in enumerate(names)
    }


def _draw(axes: Any, panel: Panel, styles: dict[str, dict[str, Any]]) -> None:
    for series in panel.series:
        if series.theory:
            axes.plot(series.x, series.y, color="black", linestyle="--", linewidth=1.5, label=series.name, zorder=1)
        else:
            axes.plot(series.x, series.y, label=series.name, linewidth=1, markersize=4, **styles[series.name])
    axes.set(xscale="log", yscale="log", xlabel=panel.x, ylabel=panel.y, title=panel.title)
    axes.grid(True, which="major", alpha=0.3)
    if panel.falling:
        axes.invert_xaxis()
