"""stochastic-chain: rounds until a chain with a random frontier has been seen, beside their exact law."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from scipy.stats import ks_1samp

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.goodness import fit_probability
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, failures_verdict
from hardinstances.frontier_laws import rounds_law

SENTENCE = (
    "Where a round shows the next of T links with probability p, the rounds until all are seen have the law T + "
    "NegativeBinomial(T, p) for a method that follows the chain, whatever K if the queries of a round share a sample, "
    "with 1 - (1 - p)^K in place of p if each has its own; other methods take longer"
)
FOLLOWER, FRAMED, OTHERS = "the chain followed", "the chain followed in a random frame", "stochastic gradient descent"
METHODS = {FOLLOWER: "chain_pursuit", FRAMED: "guess_ahead", OTHERS: "sgd"}
FRAME = {"rotation": "haar", "dimension": 48}
LENGTH = 6
CHANCES = (0.5, 0.2, 0.05)
WIDTHS = ((1, True), (4, False), (4, True), (16, True))  # K, and whether each query has its own sample
SETTING = ["label", "model.chance", "K", "model.fresh"]
LEVEL = 0.01  # of all the tests together, divided among them


def cases(quick: bool) -> Iterator[Case]:
    """Many runs for each p, K and kind of samples; in a random frame; and of a method that does not follow at once."""
    settings = [(FOLLOWER, chance, width, fresh) for chance in CHANCES for width, fresh in WIDTHS]
    settings += [(FRAMED, 0.2, 1, True), (OTHERS, 0.5, 1, True)]
    for label, chance, width, fresh in settings:
        for repeat in range((10 if label == OTHERS else 40) if quick else 400):
            yield Case(
                instance="carmon_chain",
                method=METHODS[label],
                instance_parameters={"length": LENGTH},
                width=width,
                model="zero_chain_noise",
                model_parameters={"chance": chance, "fresh": fresh, **(FRAME if label == FRAMED else {})},
                observe="all",
                label=label,
                repeat=repeat,
            )


def fits(frame: pd.DataFrame) -> pd.DataFrame:
    """For each setting the rounds until all links had been shown, one less than to the hit, beside the law."""
    found: list[dict[str, Any]] = []
    for setting, part in frame.groupby(SETTING, sort=False):
        label, chance, width, fresh = setting[0], float(str(setting[1])), int(str(setting[2])), bool(setting[3])
        counts = part["rounds"].to_numpy(dtype=int) - 1
        law = rounds_law(LENGTH, chance, width, shared=not fresh)
        if label != OTHERS:
            probability = fit_probability(counts, law)
        else:  # against a law that lies to the right of the rounds: conservative, as the law is discrete
            probability = float(ks_1samp(counts, law.cdf, alternative="greater").pvalue)
        found.append(
            {
                "method": f"{part['method'].iloc[0]}{' (random frame)' if label == FRAMED else ''}",
                "label": label,
                "p": chance,
                "K": width,
                "samples": "one for each query" if fresh else "one for each round",
                "runs": len(part),
                "mean": counts.mean(),
                "law": law.mean(),
                "deviation": counts.std(ddof=1),
                "of the law": law.std(),
                "met": bool(part["met"].all()),
                "p-value": probability,
            }
        )
    return pd.DataFrame(found)


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Means and deviations beside the law's, and the test of fit."""
    rows = fits(frame)
    cells = rows.drop(columns=["label", "met"])
    for name, form in (
        ("mean", ".2f"),
        ("law", ".2f"),
        ("deviation", ".2f"),
        ("of the law", ".2f"),
        ("p-value", ".4f"),
    ):
        cells[name] = [format(value, form) for value in rows[name]]
    caption = (
        "Rounds in which some query could show something, one less than to the first hit. p-value: that of the Cramér-"
        "von Mises statistic for the discrete law, simulated; for sgd that of Kolmogorov's statistic against fewer "
        f"rounds than by the law. Fails below {LEVEL:g} / {len(rows)}."
    )
    return [Table(f"Rounds until all of T = {LENGTH} links were seen", cells.astype(str), caption)]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No setting's p-value below its share of the level."""
    failed = failures_verdict(frame)
    if failed is not None:
        return failed
    rows = fits(frame)
    least = rows.sort_values("p-value").iloc[0]
    share = LEVEL / len(rows)
    return Verdict(
        "inconclusive" if not rows["met"].all() else "fails" if least["p-value"] < share else "holds",
        f"least of {len(rows)} p-values {least['p-value']:.4f} ({least['method']}, p = {least['p']:g}, K = "
        f"{least['K']}, {least['samples']}, {least['runs']} runs), level {share:.5f}",
    )


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Mean rounds against p."""
    rows = fits(frame)
    followed = rows[rows["label"] == FOLLOWER]
    series = []
    for (width, samples), part in followed.groupby(["K", "samples"]):
        series.append(Series(f"K = {width}, {samples}", part["p"].tolist(), part["mean"].tolist()))
        series.append(Series(f"law, K = {width}, {samples}", part["p"].tolist(), part["law"].tolist(), theory=True))
    return [Panel(f"Mean rounds until all of T = {LENGTH} links were seen", "p", "rounds", series)]


STUDIES.add(Study("stochastic-chain", SENTENCE, cases, x="model.chance", tables=tables, verdict=verdict, panels=panels))
