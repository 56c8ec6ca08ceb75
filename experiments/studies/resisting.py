"""resisting: an adversary that chooses the chain's directions while it is asked."""

from collections.abc import Iterator

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel
from experiments.growth import growth_panel, growth_table
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of
from oracles import ALGORITHMS, Status

SENTENCE = (
    "Against an adversary that chooses the chain's directions while it is asked, no deterministic method needs fewer "
    "than T + 1 rounds, whatever its width K, not even one that is done in its second round on the chain as it stands; "
    "and all answers are those of one function f(U^T x)"
)
WIDTHS = (1, 4, 16)
INFORMED = ("far_probes", 16)  # on the chain as it stands its second round has a point beyond the last link
ROOM = 10  # times T rounds of queries that may all be independent
AGREEMENT = 1e-12
CERTIFICATE = (
    "Disagreement: the largest difference between an answer and f(U^T x), in units of |grad f(0)| and of the chain's "
    "width, relative to max(1, |x|). Dimensions used: by independent queries and by the T columns of U. Replayed: the "
    "answers until the last column was revealed; later ones are those of f(U^T x) itself."
)


def cases(quick: bool) -> Iterator[Case]:
    """Deterministic methods for exact answers at several widths; one not zero-respecting on the chain as it stands."""
    for length in (4, 8) if quick else (8, 16, 32):
        chain = {"length": length, "first_link": 1.0, "constants": "published"}
        for name, method in ALGORITHMS.items():
            if not method.traits.deterministic or method.samples or method.dimensions is not None:
                continue
            if "third_order_smoothness" in method.numbers:
                continue  # nobody claims it of this chain, and d^3 is too much in the adversary's space
            for width in WIDTHS if "width" in method.numbers else (1,):
                yield Case(
                    instance="carmon_chain",
                    method=name,
                    instance_parameters=chain,
                    method_parameters={"initial_step": 1 / 152} if "initial_step" in method.numbers else {},
                    width=width,
                    max_queries=20_000,
                    model="resisting_oracle",
                    model_parameters={"dimension": length + ROOM * length * width},
                    label="resisting",
                )
        informed, width = INFORMED
        yield Case("carmon_chain", informed, chain, width=width, max_queries=20_000, label="as it stands")


def resisted(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the adversary answered."""
    return frame[frame["model"] == "resisting_oracle"]


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Rounds against the length, and the certificates."""
    rows = resisted(frame).dropna(subset=["report.disagreement"])
    cells = pd.DataFrame(
        {
            "method": rows["method"],
            "K": rows["K"],
            "T": rows["instance.length"],
            "rounds": rows["rounds"],
            "T + 1": rows["instance.length"] + 1,
            "status": rows["status"],
            "disagreement": rows["report.disagreement"].map("{:.1e}".format),
            "U^T U - I": rows["report.orthonormality_defect"].map("{:.0e}".format),
            "dimensions used": [
                f"{used:.0f} of {given:.0f}"
                for used, given in zip(rows["report.dimensions_used"], rows["report.dimension"], strict=True)
            ],
            "replayed": rows["report.answers_replayed"].map("{:.0f}".format),
        }
    ).astype(str)
    return [
        growth_table("Rounds against the length T: published chain, target 1", frame, study.x, "rounds", 1.0),
        Table("Certificates of the adversary", cells, CERTIFICATE),
    ]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No count below T + 1, T rounds answered in every run, every certificate to 1e-12, and the control."""
    rows = resisted(frame)
    answered = rows[rows["status"] != Status.FAILED]
    worst = answered["report.disagreement"].max()
    certified = Verdict(
        "holds" if len(answered) and (answered["report.disagreement"] <= AGREEMENT).all() else "fails",
        f"{len(answered)} certificates, largest disagreement {worst:.1e}",
    )
    short = answered[(answered["status"] == Status.EXHAUSTED) & (answered["rounds"] < answered["instance.length"])]
    lasted = Verdict("fails" if len(short) else "holds", f"{len(short)} runs out of dimensions before T rounds")
    control = frame[frame["model"] == "exact"]
    second = control[control["met"].astype(bool) & (control["rounds"] == 2)]
    known = Verdict(
        "holds" if len(second) == len(control) > 0 else "fails",
        f"{INFORMED[0]} (K={INFORMED[1]}) on the chain as it stands: two rounds in {len(second)} of {len(control)}",
    )
    return worst_of(failures_verdict(frame), bounds_verdict(rows), certified, lasted, known)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Rounds against the length."""
    return [growth_panel("rounds against the resisting oracle", resisted(frame), study.x, "rounds")]


STUDIES.add(Study("resisting", SENTENCE, cases, x="instance.length", tables=tables, verdict=verdict, panels=panels))
