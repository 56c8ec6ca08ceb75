"""slow-steps: steepest descent as slow as the worst-case bound allows, up to an arbitrarily small power."""

from collections.abc import Iterator

from experiments.case import Case
from experiments.study import STUDIES, Study

SENTENCE = (
    "On one function of one variable with bounded |f''| and gap, gradient descent with the step that it is made for "
    "takes ceil(1/target^(2/1.02)) queries, with t = 1 and with the safe t = 1/3 < 1/L"
)
STEPS = 400_000
TARGETS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002)


def cases(quick: bool) -> Iterator[Case]:
    """Both steps, one run over all targets."""
    for step in (1.0, 1 / 3):
        yield Case(
            instance="slow_descent",
            method="gradient_descent",
            instance_parameters={"steps": STEPS, "step": step, "excess": 0.01},
            method_parameters={"smoothness": 1.0, "step": step},
            targets=TARGETS[:4] if quick else TARGETS,
        )


STUDIES.add(Study("slow-steps", SENTENCE, cases, y="queries", exponent=2 / 1.02, tolerance=0.01))
