"""hidden-tube: what K queries per round hit of a tube through random waypoints, and the law of its bound."""

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd
from scipy.integrate import quad
from scipy.stats import binom, binomtest

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.growth import growth_table
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of
from hardinstances.leaks import axis_law, cylinder_law, tube_failure_bound
from hardinstances.tube_kernel import MOUTH, SPREAD, smoothstep

SENTENCE = (
    "A query ahead of what is known hits a hidden tube in R^{1+m} with a probability below 2^-m, so that a tube of N "
    "waypoints, of the order of sqrt(L distance / epsilon) or sqrt(L gap) / epsilon, needs N + 1 rounds unless K "
    "reaches 2^m / N, and one method needs no more"
)
HITS, FOLLOWED, DESCENT = "random points of a cylinder", "the tube followed, K - 2 guesses", "descent"
BY_DISTANCE, BY_GAP = "L = 1, distance 200", "L = 1, gap 1"
LAWS: dict[str, tuple[dict[str, float], float]] = {
    BY_DISTANCE: ({"smoothness": 1.0, "distance": 200.0}, 0.5),
    BY_GAP: ({"smoothness": 1.0, "gap": 1.0}, 1.0),
}
SLAB = 8
LONG = 2**17  # waypoints of the tube that random points are thrown at: most of them meet a slab of their own
LENGTH = 16  # of the tubes that are followed
HIGH = 40  # m so large that the bound speaks of all K here
FEW = 0.01  # a bound on the probability of a saved round so small that none may be
LIKELY = 0.9  # the probability of a saved round from which on some must be
CLOSE = 0.03  # how far the exponents of the bound may be off: N is rounded down


def cases(quick: bool) -> Iterator[Case]:
    """Hits of random points; tubes that are followed, descended, and scaled to a class at falling targets."""
    yield from hit_cases(200 if quick else 400)
    yield from followed_cases((2, 66, 258) if quick else (2, 18, 66, 258, 1026), 5 if quick else 20)
    for length in (2, 4, 8) if quick else (2, 4, 8, 16, 32):
        tube = {"length": length, "dimension": HIGH + 1}
        for method, width in (("gradient_descent", 1), ("batched_step_search", 1), ("batched_step_search", 16)):
            yield Case("hidden_tube", method, tube, width=width, max_queries=20_000_000, label=DESCENT)
    for label, (numbers, exponent) in LAWS.items():
        largest = 1e-6 if exponent < 1 else 3e-5
        for k in range(3 if quick else 6):
            target = largest * (0.1 if quick else 0.4) ** (k / 2 / exponent)
            scaled = {**numbers, "target": target, "dimension": HIGH + 1}
            yield Case("hidden_tube", "batched_step_search", scaled, width=16, max_rounds=5000, label=label)


def hit_cases(rounds: int) -> Iterator[Case]:
    """Points of cylinders around the part of the tube that lies between hidden waypoints, 64 per round."""
    for m in (2, 3, 4, 6):
        for radius in (SPREAD + 1, SPREAD, 0.0):
            yield Case(
                instance="hidden_tube",
                method="cylinder_probes",
                instance_parameters={"length": LONG, "dimension": m + 1, "slab": SLAB, "seed": 1},
                method_parameters={"near": MOUTH + SLAB, "far": MOUTH + SLAB * LONG, "radius": radius},
                targets=1e-9,
                width=64,
                max_queries=None,
                max_rounds=rounds,
                model="disclosure_meter",
                label=HITS,
            )


def followed_cases(widths: tuple[int, ...], seeds: int) -> Iterator[Case]:
    """Tubes of 16 waypoints in three small dimensions and a large one, followed with guesses at the end."""
    for m in (2, 3, 4, 24):
        for width in widths:
            for seed in range(seeds):
                yield Case(
                    instance="hidden_tube",
                    method="follow_tube",
                    instance_parameters={"length": LENGTH, "dimension": m + 1, "slab": SLAB, "seed": seed},
                    method_parameters={"length": LENGTH, "slab": SLAB, "radius": SPREAD + 1},
                    width=width,
                    max_queries=None,
                    max_rounds=4 * LENGTH,
                    model="disclosure_meter",
                    label=FOLLOWED,
                )


@cache
def hit_law(m: int, radius: float) -> float | None:
    """The probability of a hit over the draw: exact in the wide cylinder, and on the axis as a mean over the slab."""
    if radius == 0:
        return float(quad(lambda u: axis_law(m, smoothstep(u)[0], SPREAD), 0, 1, points=[0.5], epsrel=1e-8)[0])
    return cylinder_law(m, radius) if radius >= SPREAD + 1 else None


def saved_law(m: int, width: int) -> float:
    """The probability that one of K - 2 guesses per round hits the end of the tube in a round that still saves one."""
    return -math.expm1((width - 2) * (LENGTH - 1) * math.log1p(-cylinder_law(m, SPREAD + 1)))


def two_sided(count: int, trials: int, law: float) -> float:
    """The probability of a count as far off as this one."""
    return float(min(1.0, 2 * min(binom.cdf(count, trials, law), binom.sf(count - 1, trials, law))))


def clopper_pearson(count: int, trials: int, level: float) -> tuple[float, float]:
    """The exact interval of a binomial probability."""
    low, high = binomtest(count, trials).proportion_ci(1 - level, method="exact")
    return float(low), float(high)


def hits(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """For each cylinder: the rate of hits per query with its 95 % interval, the law where there is one, 2^-m, and the
    least rate that is not excluded at the level of all rows together.
    """
    rows = frame[frame["label"] == HITS].to_dict(orient="records")
    found = []
    for row in rows:
        m, radius = int(row["instance.dimension"]) - 1, float(row["method.radius"])
        queries, seen = int(row["queries"]), int(row["report.queries_beyond_start"])
        law = hit_law(m, radius)
        low, high = clopper_pearson(seen, queries, 0.05)
        found.append(
            {"m": m, "radius": radius, "queries": queries, "hits": seen, "rate": seen / queries}
            | {"low": low, "high": high, "law": law, "bound": 2.0**-m}
            | {"least": clopper_pearson(seen, queries, 0.1 / len(rows))[0]}
            | {"tail": None if law is None else two_sided(seen, queries, law)}
        )
    return found


def followed(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """For each m and K: the rounds to the target over the seeds, and how many runs saved one, beside law and bound."""
    found = []
    rows = frame[frame["label"] == FOLLOWED]
    for (dimension, K), part in rows.groupby(["instance.dimension", "K"]):
        m, width, saved = int(str(dimension)) - 1, int(str(K)), int((part["rounds"] <= LENGTH).sum())
        law = saved_law(m, width)
        found.append(
            {"m": m, "K": width, "K N / 2^m": width * LENGTH / 2**m}
            | {"bound": min(1.0, tube_failure_bound(m, LENGTH, width, SPREAD)), "law": law}
            | {"runs": len(part), "met": int(part["met"].astype(bool).sum()), "saved": saved}
            | {"least": int(part["rounds"].min()), "mean": float(part["rounds"].mean())}
            | {"most": int(part["rounds"].max()), "tail": two_sided(saved, len(part), law)}
        )
    return found


def slopes(frame: pd.DataFrame) -> dict[str, Fit | None]:
    """The exponents of N, one less than the bound, in 1/target."""
    laws = {label: frame[frame["label"] == label].sort_values("target") for label in LAWS}
    return {
        label: power_law((1 / rows["target"]).tolist(), (rows["lower_rounds"] - 1).tolist())
        for label, rows in laws.items()
    }


def scales(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """N at each target, beside the scale that it is a constant times of: sqrt(L distance / eps), sqrt(L gap) / eps."""
    found = []
    for label, (numbers, exponent) in LAWS.items():
        for row in frame[frame["label"] == label].to_dict(orient="records"):
            N, size = row["lower_rounds"] - 1, numbers.get("distance", numbers.get("gap", 0.0))
            scale = math.sqrt(numbers["smoothness"] * size) / row["target"] ** exponent
            found.append(
                {"fixed": label, "target": row["target"], "N": N, "N / scale": N / scale}
                | {"tag": row["lower_rounds_tag"], "met": bool(row["met"]), "rounds": row["rounds"]}
            )
    return found


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Rates of hits, rounds against K, descent beside the bound, and the bound against the target."""
    rates = [
        {name: f"{row[name]:g}" for name in ("m", "radius", "queries", "hits")}
        | {"rate": f"{row['rate']:.3g}", "interval": f"[{row['low']:.3g}, {row['high']:.3g}]"}
        | {"law": "" if row["law"] is None else f"{row['law']:.3g}", "bound 2^-m": f"{row['bound']:.3g}"}
        for row in hits(frame)
    ]
    rounds = [
        {name: row[name] for name in ("m", "K")}
        | {name: f"{row[name]:.2g}" for name in ("K N / 2^m", "bound", "law")}
        | {"runs": row["runs"], "met": row["met"], "saved a round": row["saved"]}
        | {"least": row["least"], "mean": f"{row['mean']:.1f}", "most": row["most"], "N + 1": LENGTH + 1}
        for row in followed(frame)
    ]
    against = [
        {"fixed": row["fixed"], "eps": f"{row['target']:.3g}", "N": f"{row['N']:.0f} ({row['tag']})"}
        | {"N / scale": f"{row['N / scale']:.4f}"}
        | {"batched search, K = 16": f"{'' if row['met'] else '> '}{row['rounds']}"}
        for row in scales(frame)
    ]
    exponents = [f"{label}: {fit}, theory {LAWS[label][1]:g}" for label, fit in slopes(frame).items()]
    return [
        Table(
            "Hits of random points in a cylinder around the hidden part of the tube",
            pd.DataFrame(rates).astype(str),
            "law: 5^-m in the cylinder of radius 5, which holds the tube; on its axis, radius 0, a mean over the slab. "
            "interval: 95 %, Clopper and Pearson's, as if no two queries met the same slab.",
        ),
        Table(
            f"Rounds to the target, N = {LENGTH}, against K",
            pd.DataFrame(rounds).astype(str),
            "bound: N K 2^-m, at most 1, on the probability that a round is saved by any method. law: that of this "
            "method, 1 - (1 - 5^-m)^((K - 2) (N - 1)).",
        ),
        growth_table(f"Rounds of descent against N, m = {HIGH}, own units",
                     frame[frame["label"] == DESCENT], "instance.length", "rounds", 1.0),
        Table(
            f"Waypoints of the tube against the target, m = {HIGH}",
            pd.DataFrame(against).astype(str),
            "scale: sqrt(L distance / eps) and sqrt(L gap) / eps. The bound is N + 1 rounds. Exponents in 1/eps at "
            + "; ".join(exponents),
        ),
    ]  # fmt: skip


def hits_verdict(frame: pd.DataFrame) -> Verdict:
    """Every rate as its law says, and none above 2^-m; all together wrong with probability 0.05 at most for each."""
    rates = hits(frame)
    lawful = [row for row in rates if row["tail"] is not None]
    least = min(row["tail"] for row in lawful)
    above = [row for row in rates if row["least"] > row["bound"]]
    return Verdict(
        "fails" if above or least <= 0.05 / len(lawful) else "holds",
        f"{len(rates) - len(above)} of {len(rates)} rates of hits not above 2^-m, least tail probability of "
        f"{len(lawful)} exact laws {least:.3f}",
    )


def rounds_verdict(frame: pd.DataFrame) -> Verdict:
    """N + 1 rounds, no more and no fewer, where the bound excludes luck; fewer where luck is likely; and as the law of
    the guesses says in between.
    """
    rounds = followed(frame)
    few, many = [row for row in rounds if row["bound"] <= FEW], [row for row in rounds if row["law"] >= LIKELY]
    off = [row for row in few if not row["least"] == row["most"] == LENGTH + 1 or row["met"] < row["runs"]]
    kept = [row for row in many if row["mean"] > LENGTH]
    least = min(row["tail"] for row in rounds)
    wrong = off or kept or least <= 0.05 / len(rounds)
    return Verdict(
        "fails" if wrong else "holds" if few and many else "inconclusive",
        f"exactly N + 1 rounds in {len(few) - len(off)} of {len(few)} settings with a bound on luck below {FEW}; fewer "
        f"in {len(many) - len(kept)} of {len(many)} where luck is likely, least tail probability {least:.3f}",
    )


def slopes_verdict(frame: pd.DataFrame) -> Verdict:
    """The exponents of the bound beside theory's."""
    fits = slopes(frame)
    off = [label for label, fit in fits.items() if fit is None or abs(fit.slope - LAWS[label][1]) > CLOSE]
    return Verdict(
        "inconclusive" if None in fits.values() else "fails" if off else "holds",
        "; ".join(f"exponent of N at {label}: {fit}, theory {LAWS[label][1]:g}" for label, fit in fits.items()),
    )


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No count below its bound; hits, rounds against K, and the exponents of the bound as theory says."""
    parts = (hits_verdict(frame), rounds_verdict(frame), slopes_verdict(frame))
    return worst_of(failures_verdict(frame), bounds_verdict(frame), *parts)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Rounds against K, one curve for each m; and the bound against the target."""
    rounds = pd.DataFrame(followed(frame))
    series = [Series(f"m = {m}", part["K"].tolist(), part["mean"].tolist()) for m, part in rounds.groupby("m")]
    widths = sorted(set(rounds["K"]))
    series.append(Series("N + 1", widths, [LENGTH + 1.0] * len(widths), theory=True))
    bounds = []
    for label in LAWS:
        rows = frame[frame["label"] == label].sort_values("target")
        bounds.append(Series(f"N + 1, {label}", rows["target"].tolist(), rows["lower_rounds"].tolist()))
    return [
        Panel(f"Rounds to the target against K, N = {LENGTH}", "K", "rounds", series),
        Panel(f"The bound against the target, m = {HIGH}", "target", "rounds", bounds, falling=True),
    ]


STUDIES.add(Study("hidden-tube", SENTENCE, cases, tables=tables, verdict=verdict, panels=panels))
