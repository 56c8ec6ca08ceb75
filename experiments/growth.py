"""How counts grow along a column of a frame: curves, fits, the table and the figure that show them."""

from typing import Any

import pandas as pd

from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.tables import COUNTING, Table
from oracles import Status


def cell(row: pd.Series, y: str) -> str:
    """A count for a table: `n`; `> n` where a budget ended the run; the status where something else did."""
    if row["met"]:
        return f"{row[y]:.0f}"
    if row["status"] in (Status.BUDGET, Status.TIMEOUT):
        return f"> {row[y]:.0f}"
    return str(row["status"])


def curves_of(frame: pd.DataFrame, x: str) -> list[tuple[str, int, pd.DataFrame]]:
    """The rows that belong together along x: one instance, method and width, and equal parameters, but for those that
    go along with x. Each with a name that tells it from the others, its width and its rows.
    """
    identity = ["label", "instance", "method", "K"]
    parameters = [name for name in frame.columns if name.startswith(("instance.", "method.")) and name != x]
    within = [*identity, x]
    varying = [name for name in parameters if frame.groupby(within, dropna=False)[name].nunique(dropna=False).max() > 1]
    named = [name for name in ("label", "instance") if frame[name].nunique() > 1]
    curves = []
    for _, rows in frame.groupby([*identity, *varying], sort=False, dropna=False):
        first = rows.iloc[0]
        details = [str(first[name]) for name in named]
        for key in varying:
            if not pd.isna(first[key]):
                value = f"{first[key]:.6g}" if isinstance(first[key], float) else first[key]
                details.append(f"{key.partition('.')[2]}={value}")
        name = f"{first['method']} ({', '.join(details)})" if details else str(first["method"])
        curves.append((name, int(first["K"]), rows))
    return curves


def fit_of(rows: pd.DataFrame, x: str, y: str) -> Fit | None:
    """The power law of the counts that were met, in x, or in 1/x where x is the target."""
    met = rows[rows["met"].astype(bool)]
    return power_law((1 / met[x] if x == "target" else met[x]).tolist(), met[y].tolist())


def growth_table(title: str, frame: pd.DataFrame, x: str, y: str, exponent: float | None) -> Table:
    """One row for each curve, one column for each x; the fitted exponent; the theorems at the last x."""
    values = sorted(frame[x].dropna().unique(), reverse=x == "target")
    last = values[-1] if values else None
    heads = {value: f"{symbol(x)}={value:.4g}" for value in values}
    fitted = f"exponent in {'1/' if x == 'target' else ''}{symbol(x)}"
    rows = [_theory_row(frame, x, y, heads, fitted, exponent)]
    for name, width, group in curves_of(frame, x):
        at: dict[Any, pd.Series] = {value: averaged(rows) for value, rows in group.groupby(x)}
        end = at.get(last)
        fit = fit_of(group, x, y)
        nowhere = "failed" if group[x].isna().any() else ""
        rows.append(
            {
                "method": name,
                "K": str(width),
                **{heads[value]: cell(at[value], y) if value in at else nowhere for value in values},
                fitted: str(fit) if fit else "too few",
                "queries": cell(end, "queries") if end is not None else nowhere,
                "/ lower": _ratio(end, f"lower_{y}", y),
                "upper bound": _upper(end),
            }
        )
    caption = f"The last three columns are those of {heads.get(last, 'no case')}. {COUNTING}"
    return Table(title, pd.DataFrame(rows).fillna(""), caption)


def averaged(rows: pd.DataFrame) -> pd.Series:
    """The row at one x; of several that met the target, the first with their mean counts, else one that did not."""
    if not rows["met"].all():
        return rows[~rows["met"].astype(bool)].iloc[0]
    first = rows.iloc[0].copy()
    for counted in ("rounds", "queries"):
        if len(rows) > 1 and counted in rows:
            first[counted] = rows[counted].mean()
    return first


def symbol(x: str) -> str:
    """The symbol of a column in a table: T for a length, eps for a target, else the parameter's own name."""
    name = x.rpartition(".")[2]
    return {"length": "T", "target": "eps"}.get(name, name)


def _theory_row(
    frame: pd.DataFrame, x: str, y: str, heads: dict[Any, str], fitted: str, exponent: float | None
) -> dict[str, str]:
    """The lower bound in the same columns."""
    column = f"lower_{y}"
    cells = {}
    tags = set()
    for value, head in heads.items():
        rows = frame[frame[x] == value]
        bounds = rows[column].dropna() if column in rows else pd.Series(dtype=float)
        cells[head] = f"{bounds.max():.0f}" if len(bounds) else ""
        tags |= set(rows.get(f"{column}_tag", pd.Series(dtype=object)).dropna())
    name = f"lower bound ({', '.join(sorted(tags))})" if tags else "theory"
    return {"method": name, "K": "any", **cells, fitted: "" if exponent is None else f"theory: {exponent:g}"}


def _ratio(row: pd.Series | None, bound: str, y: str) -> str:
    if row is None or not row["met"] or pd.isna(row.get(bound)):
        return ""
    return f"{row[y] / row[bound]:.3g}"


def _upper(row: pd.Series | None) -> str:
    """The method's own upper bound with its tag, in queries unless it says rounds."""
    if row is None:
        return ""
    for counted in ("queries", "rounds"):
        if not pd.isna(row.get(f"upper_{counted}")):
            unit = "" if counted == "queries" else " rounds"
            return f"{row[f'upper_{counted}']:.0f}{unit} ({row[f'upper_{counted}_tag']})"
    return ""


def growth_panel(title: str, frame: pd.DataFrame, x: str, y: str) -> Panel:
    """Counts against x, one curve for each method and width, with the lower bound as theory's line."""
    series = []
    column = f"lower_{y}"
    if column in frame and frame[column].notna().any():
        bound = frame.dropna(subset=[column]).groupby(x)[column].max()
        series.append(Series("lower bound", bound.index.tolist(), bound.tolist(), theory=True))
    for name, width, group in curves_of(frame, x):
        met = group[group["met"].astype(bool)]
        ordered = met.groupby(x, as_index=False)[y].mean()
        if len(ordered):
            series.append(
                Series(name if width == 1 else f"{name}, K={width}", ordered[x].tolist(), ordered[y].tolist())
            )
    return Panel(title, symbol(x), y, series, falling=x == "target")
