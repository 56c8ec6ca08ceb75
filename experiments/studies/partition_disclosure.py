"""partition-disclosure: what K queries per round see of a chain in random blocks, beside the exact laws."""

import math
from collections.abc import Iterator
from itertools import product

import pandas as pd
from scipy.stats import binom, multivariate_hypergeom

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, failures_verdict, worst_of
from hardinstances.leaks import any_leak, least_useful_support, partition_failure_bound, sparse_leak

SENTENCE = (
    "A sparse guess within a ball of radius R tells a hidden pair of blocks of b coordinates apart with an exact "
    "hypergeometric probability, so that the blocks of r links are disclosed in r rounds, one link per round, while b "
    "is well above 8 R^2 log K, and in fewer below"
)
LEAKS, ROUNDS = "sparse guesses around the start", "the chain followed, K - 1 sparse guesses per round"
RADIUS = 2.0
PROBED = ((16, 16), (24, 64), (32, 256), (48, 256))  # blocks b and widths K, two links
LENGTH = 16
PER_LINK = 2  # blocks
FEW = 0.01  # a bound on the probability of a leak so small that no round may be saved
LIKELY = 3.0  # leaks expected over a run, by the sparse law, so many that some round must be saved


def cases(quick: bool) -> Iterator[Case]:
    """Leaks of two links; and rounds to full disclosure against K, for several sizes of the blocks."""
    for block, width in PROBED:
        yield Case(
            instance="partition_chain",
            method="random_probes",
            instance_parameters={"length": 2, "block": block, "seed": 1, "walled": False},
            method_parameters={"radius": RADIUS, "support": least_useful_support(block, RADIUS)},
            targets=1e-9,
            width=width,
            max_rounds=200 if quick else 600,
            max_queries=None,
            model="disclosure_meter",
            model_parameters={"per_round": PER_LINK},
            label=LEAKS,
        )
    for block in (16, 64, 512) if quick else (16, 32, 64, 512):
        for width in (1, 256) if quick else (1, 16, 64, 256, 1024):
            for seed in range(1 if quick else 5):
                yield Case(
                    instance="partition_chain",
                    method="guess_ahead",
                    instance_parameters={"length": LENGTH, "block": block, "seed": seed, "walled": False},
                    method_parameters={"radius": RADIUS, "support": least_useful_support(block, RADIUS)},
                    targets=1e-9,
                    width=width,
                    max_rounds=LENGTH + 1,
                    max_queries=None,
                    model="disclosure_meter",
                    model_parameters={"per_round": PER_LINK},
                    label=ROUNDS,
                )


def either_seen(block: int, radius: float, support: int) -> float:
    """P(|Y_1| > 1/2 or |Y_2| > 1/2) for m equal entries R/sqrt(m) at random places of two hidden links: how many of
    them fall into each of the four blocks is multivariate hypergeometric.
    """
    needed = math.sqrt(2 * block * support) / (2 * radius)
    law = multivariate_hypergeom([block] * 4, support)
    counts = [part for part in product(range(support + 1), repeat=4) if sum(part) == support]
    seen = [part for part in counts if max(abs(part[0] - part[1]), abs(part[2] - part[3])) > needed]
    return float(sum(law.pmf(part) for part in seen))


def leaks(frame: pd.DataFrame) -> list[dict[str, float]]:
    """For each probe of two links: how often a round saw one, the exact law, its 95 % interval, and the probability of
    a count as far off as this one.
    """
    found = []
    for row in frame[frame["label"] == LEAKS].to_dict(orient="records"):
        block, width, rounds = row["instance.block"], row["K"], row["rounds"]
        single = either_seen(block, RADIUS, int(row["method.support"]))
        law, seen = any_leak(single, width), row["report.rounds_beyond_start"]
        low, high = binom.interval(0.95, rounds, law)
        tail = 2 * min(binom.cdf(seen, rounds, law), binom.sf(seen - 1, rounds, law))
        found.append(
            {"b": block, "m": row["method.support"], "K": width, "rounds": rounds, "saw one": seen}
            | {"law": law, "low": low, "high": high, "tail": min(1.0, tail)}
        )
    return found


def followed(frame: pd.DataFrame) -> pd.DataFrame:
    """For each block size and K: the round in which the last link was disclosed, over the seeds, beside both bounds."""
    found = []
    rows = frame[frame["label"] == ROUNDS]
    for (b, K), part in rows.groupby(["instance.block", "K"]):
        block, width = int(str(b)), int(str(K))
        support = least_useful_support(block, RADIUS)
        expected = sum(h * sparse_leak(2 * block * h, block, RADIUS, support) for h in range(1, LENGTH))
        found.append(
            {
                "b": block,
                "K": width,
                "leak bound": min(1.0, partition_failure_bound(block, LENGTH, RADIUS, width)),
                "leaks expected": (width - 1) * expected,
                "runs": len(part),
                "least": int(part["report.last_new_round"].min()),
                "mean": float(part["report.last_new_round"].mean()),
                "most": int(part["report.last_new_round"].max()),
                "leaks": int(part["report.leaks"].sum()),
                "complete": int((part["report.shown"] == PER_LINK * LENGTH).sum()),
            }
        )
    return pd.DataFrame(found)


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Leak rates beside the law, and rounds of disclosure against K."""
    probes = [
        {name: int(row[name]) for name in ("b", "m", "K", "rounds", "saw one")}
        | {
            "rate": f"{row['saw one'] / row['rounds']:.4f}",
            "law": f"{row['law']:.4f}",
            "interval": f"[{row['low'] / row['rounds']:.4f}, {row['high'] / row['rounds']:.4f}]",
        }
        for row in leaks(frame)
    ]
    rounds = [
        row | {name: f"{row[name]:.2g}" for name in ("leak bound", "leaks expected")} | {"mean": f"{row['mean']:.1f}"}
        for row in followed(frame).to_dict(orient="records")
    ]
    return [
        Table(
            "Rounds in which K sparse guesses saw one of two hidden links",
            pd.DataFrame(probes).astype(str),
            f"m equal entries within R = {RADIUS:g}. law: 1 - (1 - q)^K with the exact multivariate hypergeometric q. "
            "interval: 95 % of it.",
        ),
        Table(
            f"The round in which the last of {LENGTH} links was disclosed",
            pd.DataFrame(rounds).astype(str),
            f"At most {LENGTH + 1} rounds were run; complete: runs in which all links were disclosed. leak bound: "
            "K r (r + 1) exp(-b / (8 R^2)), at most 1. leaks expected: by the sparse law, as if no leak came before. "
            "leaks: rounds with more than one new link.",
        ),
    ]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Each leak rate in its interval, one link per round in large blocks, and fewer rounds where leaks are expected."""
    probes = leaks(frame)
    inside = [row for row in probes if row["low"] <= row["saw one"] <= row["high"]]
    least = min(row["tail"] for row in probes)
    lawful = Verdict(
        "holds" if least > 0.05 / len(probes) else "fails",  # all together wrong with probability 0.05 at most
        f"{len(inside)} of {len(probes)} leak rates inside of their 95 % intervals, least tail probability {least:.3f}",
    )
    rounds = followed(frame)
    few, many = rounds[rounds["leak bound"] <= FEW], rounds[rounds["leaks expected"] >= LIKELY]
    saved, kept = few[few["least"] < LENGTH], many[many["least"] >= LENGTH]
    threshold = Verdict(
        "inconclusive" if few.empty or many.empty else "fails" if len(saved) or len(kept) else "holds",
        f"r rounds in {len(few) - len(saved)} of {len(few)} settings with a leak bound below {FEW}; fewer in "
        f"{len(many) - len(kept)} of {len(many)} with {LIKELY:g} leaks expected",
    )
    return worst_of(failures_verdict(frame), lawful, threshold)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """The round of full disclosure against K, one curve for each size of the blocks."""
    rounds = followed(frame)
    series = [Series(f"b = {b}", part["K"].tolist(), part["mean"].tolist()) for b, part in rounds.groupby("b")]
    widths = sorted(set(rounds["K"]))
    series.append(Series("r", widths, [float(LENGTH)] * len(widths), theory=True))
    return [Panel(f"The round of full disclosure against K, r = {LENGTH}, R = {RADIUS:g}", "K", "rounds", series)]


STUDIES.add(
    Study("partition-disclosure", SENTENCE, cases, x="instance.block", tables=tables, verdict=verdict, panels=panels)
)
