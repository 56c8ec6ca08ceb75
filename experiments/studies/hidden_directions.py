"""hidden-directions: what K queries per round see of a chain in a random frame, beside the exact laws."""

from collections.abc import Iterator

import pandas as pd
from scipy.stats import binom

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, failures_verdict, worst_of
from hardinstances.leaks import any_leak, cap_law, critical_width, haar_failure

SENTENCE = (
    "A query at distance r from what is known sees a hidden direction of a chain in a random frame with the "
    "probability p of a spherical cap, so that K queries per round do not save a round of T + 1 until K reaches about "
    "log 2 / p, and then do"
)
LEAKS, ROUNDS = "random points around the start", "the chain followed, K - 1 guesses per round"
PROBED = ((100, 2.0, 16, 1), (200, 2.0, 64, 1), (400, 2.0, 256, 1), (400, 2.5, 64, 1), (200, 2.0, 64, 10))
FRAMES = ((64, 2.0), (256, 2.0))  # dimensions, radii: p is about 0.06 and 0.0001
LENGTH = 8
FEW, MANY = (
    0.01,
    10.0,
)  # bound on the probability of a leak below which none may be seen; K / critical K above which one must


def cases(quick: bool) -> Iterator[Case]:
    """Leaks in rounds of random points; and rounds to the target against K, in several frames."""
    for dimension, radius, width, hidden in PROBED:
        yield Case(
            instance="rotated_chain",
            method="random_probes",
            instance_parameters={"length": hidden, "rotation": "haar", "dimension": dimension, "seed": 1},
            method_parameters={"radius": radius},
            targets=1e-9,
            width=width,
            max_queries=None,
            max_rounds=200 if quick else 600,
            model="disclosure_meter",
            label=LEAKS,
        )
    for dimension, radius in FRAMES:
        for width in (1, 16, 256) if quick else (1, 4, 16, 64, 256, 1024):
            for seed in range(2 if quick else 5):
                frame = {"length": LENGTH, "rotation": "haar", "dimension": dimension, "seed": seed}
                yield Case(
                    instance="rotated_chain",
                    method="guess_ahead",
                    instance_parameters=frame,
                    method_parameters={"radius": radius},
                    width=width,
                    max_rounds=4 * LENGTH,
                    model="disclosure_meter",
                    label=ROUNDS,
                )


def leaks(frame: pd.DataFrame) -> pd.DataFrame:
    """For each probe: how often a round saw something, the exact law for one hidden direction (an upper bound for
    several), its 95 % interval, and the probability of a count as far off as this one.
    """
    rows = frame[frame["label"] == LEAKS]
    found = []
    for row in rows.to_dict(orient="records"):
        radius, hidden, rounds = row["method.radius"], row["instance.length"], row["rounds"]
        law = any_leak(cap_law(row["instance.dimension"], 1 / (2 * radius)), row["K"], hidden)
        seen = row["report.rounds_beyond_start"]
        low, high = binom.interval(0.95, rounds, law)
        tail = (
            binom.sf(seen - 1, rounds, law)
            if hidden > 1
            else 2 * min(binom.cdf(seen, rounds, law), binom.sf(seen - 1, rounds, law))
        )
        found.append(
            {
                "d": row["instance.dimension"],
                "r": radius,
                "K": row["K"],
                "hidden": hidden,
                "rounds": rounds,
                "saw more": seen,
                "rate": seen / rounds,
                "law": law,
                "low": low,
                "high": high,
                "tail": min(1.0, tail),
            }
        )
    return pd.DataFrame(found)


def followed(frame: pd.DataFrame) -> pd.DataFrame:
    """For each frame and K: the rounds to the target over the seeds, beside the critical K and the bound on leaks."""
    rows = frame[frame["label"] == ROUNDS]
    found = []
    for (d, r, K), part in rows.groupby(["instance.dimension", "method.radius", "K"]):
        dimension, radius, width = int(str(d)), float(str(r)), int(str(K))
        found.append(
            {
                "d": dimension,
                "r": radius,
                "K": width,
                "K / critical K": width / critical_width(dimension, radius),
                "leak bound": min(1.0, haar_failure(dimension, LENGTH, radius, width)),
                "runs": len(part),
                "met": int(part["met"].astype(bool).sum()),
                "least": int(part["rounds"].min()),
                "mean": float(part["rounds"].mean()),
                "most": int(part["rounds"].max()),
                "leaks": int(part["report.leaks"].sum()),
            }
        )
    return pd.DataFrame(found)


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Leak rates beside the law, and rounds against K."""
    law = leaks(frame).to_dict(orient="records")
    shown = [
        {name: row[name] for name in ("d", "r", "K", "hidden", "rounds", "saw more")}
        | {
            "rate": f"{row['rate']:.4f}",
            "law": f"{'' if row['hidden'] == 1 else '<= '}{row['law']:.4f}",
            "interval": f"[{row['low'] / row['rounds']:.4f}, {row['high'] / row['rounds']:.4f}]",
        }
        for row in law
    ]
    against = [
        row
        | {
            "K / critical K": f"{row['K / critical K']:.3g}",
            "leak bound": f"{row['leak bound']:.2g}",
            "mean": f"{row['mean']:.1f}",
            "T + 1": LENGTH + 1,
        }
        for row in followed(frame).to_dict(orient="records")
    ]
    return [
        Table(
            "Rounds in which K random points at distance r saw a hidden direction",
            pd.DataFrame(shown).astype(str),
            "law: 1 - (1 - p)^K with the cap law p, exact for one hidden direction; for h of them 1 - (1 - p)^(K h), "
            "an upper estimate. interval: 95 % of that law.",
        ),
        Table(
            f"Rounds to the target, T = {LENGTH}, against K",
            pd.DataFrame(against).astype(str),
            "critical K: log 2 / p. leak bound: K sum (T - t + 1) p, at most 1. leaks: rounds with more than one new "
            "link.",
        ),
    ]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Each exact leak rate inside of its interval, the estimates not exceeded, and no round saved but by a large K."""
    law = leaks(frame)
    exact = law[law["hidden"] == 1]
    inside = exact[(exact["saw more"] >= exact["low"]) & (exact["saw more"] <= exact["high"])]
    level = 0.05 / len(law)  # all of them together are wrong with probability 0.05 at most
    lawful = Verdict(
        "holds" if (law["tail"] > level).all() else "fails",
        f"{len(inside)} of {len(exact)} exact leak rates inside of their 95 % intervals, least tail probability "
        f"{law['tail'].min():.3f}",
    )
    rounds = followed(frame)
    few, many = rounds[rounds["leak bound"] <= FEW], rounds[rounds["K / critical K"] >= MANY]
    saved = few[(few["least"] < LENGTH + 1) | (few["met"] < few["runs"])]
    kept = many[many["least"] >= LENGTH + 1]
    threshold = Verdict(
        "inconclusive" if few.empty or many.empty else "fails" if len(saved) or len(kept) else "holds",
        f"T + 1 rounds in {len(few) - len(saved)} of {len(few)} settings with a leak bound below {FEW}; fewer in "
        f"{len(many) - len(kept)} of {len(many)} with K above {MANY:g} critical K",
    )
    return worst_of(failures_verdict(frame), lawful, threshold)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Rounds against K, one curve for each dimension."""
    rounds = followed(frame)
    series = [
        Series(f"d = {dimension}, r = {radius:g}", part["K"].tolist(), part["mean"].tolist())
        for (dimension, radius), part in rounds.groupby(["d", "r"])
    ]
    widths = sorted(set(rounds["K"]))
    series.append(Series("T + 1", widths, [LENGTH + 1.0] * len(widths), theory=True))
    return [Panel(f"Rounds to the target against K, T = {LENGTH}", "K", "rounds", series)]


STUDIES.add(
    Study("hidden-directions", SENTENCE, cases, x="method.radius", tables=tables, verdict=verdict, panels=panels)
)
