"""The command line. Every command imports what it needs when it runs, so that ``--help`` is instant."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from experiments.study import Study
    from experiments.trap_certificate import Certificate as TrapCertificate
    from oracles import Instance

MET, NOT_MET, BAD_INPUT, FAILED, INTERRUPTED = 0, 1, 2, 3, 130
DEFAULT_STORE = Path("results/testbed.sqlite")
DEFAULT_FIGURES = Path("results")
DEFAULT_CERTIFICATES = Path("results/certificates")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
settings = click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter of the instance.")
quick = click.option("--quick", is_flag=True, help="The small form of the study.")
store = click.option(
    "--store", type=click.Path(path_type=Path), default=DEFAULT_STORE, show_default=True, help="The file of results."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="oracle-testbed")
def testbed() -> None:
    """Queries and rounds to an epsilon-stationary point: oracles that count, hard instances, methods, experiments.

    Wherever a name is asked for, path/to/file.py or path/to/file.py:name takes one from a file of yours.

    Exit status: 0 the smallest target was met, or the verdict holds; 1 it was not, or does not; 2 bad input; 3 failed;
    130 interrupted.
    """
    if "TESTBED_THREADS" in os.environ:
        from oracles.threads import threads

        threads()  # refuses what is no number of threads before anything is asked


@testbed.command("list")
@as_json
def list_names(as_json: bool) -> None:
    """List instances, methods, oracles and studies."""
    import experiments.resolve
    import experiments.studies  # noqa: F401  (registers the studies)
    from experiments.present import summary
    from experiments.study import STUDIES
    from oracles import ALGORITHMS, FAMILIES, MODELS

    if as_json:
        names = {"instances": list(FAMILIES), "methods": list(ALGORITHMS)}
        _json(names | {"oracles": list(MODELS), "studies": list(STUDIES)})
        return
    for title, entries in (
        ("instances", {name: summary(family.make) for name, family in FAMILIES.items()}),
        ("methods", {name: summary(method.function) for name, method in ALGORITHMS.items()}),
        ("oracles", {name: summary(model.make) for name, model in MODELS.items()}),
        ("studies", {name: study.sentence for name, study in STUDIES.items()}),
    ):
        click.echo(f"{title}:")
        for name, text in entries.items():
            click.echo(click.wrap_text(text, 110, f"  {name:<28} ", " " * 31))


@testbed.command()
@click.argument("name")
@settings
@as_json
def show(name: str, settings: Sequence[str], as_json: bool) -> None:
    """Show an instance with its claims, a method with its guarantees, an oracle, or a study."""
    import experiments.studies  # noqa: F401  (registers the studies)
    from experiments.present import describe, description
    from experiments.resolve import family_of, file_of, method_of, model_of
    from experiments.study import STUDIES, study_of
    from oracles import ALGORITHMS, FAMILIES, MODELS, Family, InputError
    from oracles.registry import nearest

    known = {
        **dict.fromkeys(FAMILIES, family_of),
        **dict.fromkeys(ALGORITHMS, method_of),
        **dict.fromkeys(MODELS, model_of),
        **dict.fromkeys(STUDIES, study_of),
    }
    record: Any = None
    if name in known:
        record = known[name](name)
    elif file_of(name) is not None:
        failures = []
        for read in (family_of, method_of, model_of, study_of):
            try:
                record = read(name)
                break
            except InputError as error:
                failures.append(str(error))
        else:
            raise InputError(failures[0] if len(set(failures)) == 1 else "; ".join(failures))
    else:
        raise InputError(f"there is no instance, method, oracle or study {name!r}{nearest(name, list(known))}")

    if settings and not isinstance(record, Family):
        raise InputError(f"--set is for instances, and {name} is none")
    data = describe(record, _settings(settings))
    if as_json:
        _json(data)
    else:
        click.echo(description(data))


@testbed.command()
@click.argument("instance")
@settings
@click.option("--point", "points", multiple=True, metavar="X1,X2,..", help="A point; may be given several times.")
@click.option("--points", "file", type=click.Path(path_type=Path), metavar="FILE.npy", help="A point (d,) or (K, d).")
@as_json
def evaluate(instance: str, settings: Sequence[str], points: Sequence[str], file: Path | None, as_json: bool) -> None:
    """Value, gradient, merit and progress at points. Nothing is counted."""
    import numpy as np

    from oracles import ExactModel, InputError, Ledger, Oracle, Referee

    asked = _instance(instance, settings)
    if bool(points) == (file is not None):
        raise InputError("give the points with --point or with --points, one of the two")
    if file is not None:
        try:
            rows = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"{file} is not a readable .npy file: {' '.join(str(error).split())}") from None
        if not isinstance(rows, np.ndarray):
            raise InputError(f"{file} is not a .npy file of one array")
        single = rows.ndim == 1
        batch = np.atleast_2d(rows)
    else:
        parsed = [_point(text) for text in points]
        if len({len(row) for row in parsed}) > 1:
            raise InputError("the points have different numbers of coordinates")
        batch, single = np.array(parsed), len(parsed) == 1
    oracle = Oracle(Referee(ExactModel(asked), Ledger((1e-150,)), goal=asked.goal))
    values, gradients = oracle.query(batch)
    merits = asked.goal.merits(batch.astype(float), values, gradients)
    progress = None if asked.progress is None else asked.progress(batch.astype(float)).tolist()

    def pick(rows: list[Any] | None) -> Any:
        return rows[0] if single and rows is not None else rows

    data = {
        "instance": asked.name,
        "value": pick(values.tolist()),
        "gradient": pick(gradients.tolist()),
        "merit": pick(merits.tolist()),
        "progress": pick(progress),
    }
    if as_json:
        _json(data)
        return
    for k in range(len(batch)):
        gradient = np.array2string(gradients[k], precision=12, separator=", ", threshold=20)
        reached = "" if progress is None else f"\nprogress {progress[k]}"
        click.echo(f"value    {values[k]:.17g}\ngradient {gradient}\nmerit    {merits[k]:.17g}{reached}")


@testbed.command()
@click.argument("instance")
@click.argument("method")
@settings
@click.option("--method-set", "method_settings", multiple=True, metavar="KEY=VALUE", help="A number of the method.")
@click.option("--target", "targets", metavar="EPS[,EPS..]", help="Targets; by default the instance's own.")
@click.option("--width", type=int, help="The most queries per round, K.")
@click.option("--max-queries", type=int, help="An exact budget of queries; by default a million.")
@click.option("--max-rounds", type=int, help="An exact budget of rounds.")
@click.option("--max-seconds", type=float, help="A time limit.")
@click.option("--model", default="exact", show_default=True, help="Who answers.")
@click.option("--model-set", "model_settings", multiple=True, metavar="KEY=VALUE", help="A number of the model.")
@click.option("--observe", default="powers", show_default=True, help="Rounds judged if answers are not exact, or all.")
@click.option("--engine", default="auto", show_default=True, help="auto, compiled or python.")
@click.option("--seed", type=int, default=0, show_default=True, help="For methods that draw.")
@click.option("--trace", "trace_file", type=click.Path(path_type=Path), help="Write the course of the run as CSV.")
@click.option("--certificate", is_flag=True, help="Look again at the walls of every box of a trapping method.")
@as_json
def solve(
    instance: str,
    method: str,
    settings: Sequence[str],
    method_settings: Sequence[str],
    targets: str | None,
    width: int | None,
    max_queries: int | None,
    max_rounds: int | None,
    max_seconds: float | None,
    model: str,
    model_settings: Sequence[str],
    observe: str,
    engine: str,
    seed: int,
    trace_file: Path | None,
    certificate: bool,
    as_json: bool,
) -> int:
    """Run a method on an instance and count."""
    from experiments.present import outcome_text
    from experiments.resolve import method_of, model_of
    from experiments.runner import DEFAULT_BUDGET, run
    from oracles import Status

    asked = _instance(instance, settings)
    if trace_file is not None:
        _check_writable(trace_file)
    outcome = run(
        method_of(method),
        asked,
        target=_point(targets, "--target") if targets is not None else None,
        parameters=_settings(method_settings),
        width=width,
        max_queries=DEFAULT_BUDGET if max_queries is None else max_queries,
        max_rounds=max_rounds,
        max_seconds=max_seconds,
        model=model_of(model),
        model_parameters=_settings(model_settings),
        observe=observe,  # type: ignore[arg-type]
        engine=engine,
        seed=seed,
        trace=trace_file is not None or certificate,
    )
    looked = _certificate(asked, outcome) if certificate and outcome.status is not Status.FAILED else None
    if as_json:
        _json(outcome.as_dict() | ({} if looked is None else {"certificate": looked.as_data()}))
    else:
        click.echo(outcome_text(outcome))
        if looked is not None:
            _show_certificate(looked, outcome.method)
    if trace_file is not None and outcome.trace is not None:
        _write_trace(trace_file, outcome.trace)
    if outcome.status is Status.FAILED:
        return FAILED
    if outcome.status is Status.INTERRUPTED:
        return INTERRUPTED
    return MET if outcome.met and not (looked and looked.violations) else NOT_MET


def _certificate(instance: "Instance", outcome: Any) -> "TrapCertificate":
    from experiments.trap_certificate import certificate_of

    return certificate_of(instance, outcome)


def _show_certificate(certificate: "TrapCertificate", method: str) -> None:
    from experiments.trap_certificate import table_of

    click.echo(table_of(certificate, method).render(), nl=False)
    state = "holds at every point" if not certificate.violations else f"is violated at {certificate.violations} points"
    click.echo(f"the certificate {state}; c + L diameter of the last box: {certificate.stationary:.6g}")


@testbed.command("run")
@click.argument("study")
@quick
@click.option("--workers", type=int, default=1, show_default=True, help="Processes.")
@store
@click.option("--retry-failed", is_flag=True, help="Run stored cases that failed again.")
@as_json
def run_study(study: str, quick: bool, workers: int, store: Path, retry_failed: bool, as_json: bool) -> int:
    """Run a study, resuming from its store; print its tables and its verdict."""
    from experiments.store import Store
    from experiments.study import cases_of, study_of
    from experiments.sweeps import sweep

    wanted = study_of(study)
    cases = cases_of(wanted, quick)
    results = sweep(
        wanted.name,
        cases,
        Store(store),
        seed=wanted.seed,
        workers=workers,
        retry_failed=retry_failed,
        progress=not as_json,
    )
    return _report(wanted, results, "terminal", as_json)


@testbed.command()
@click.argument("study")
@quick
@store
@click.option("--format", "format", default="terminal", show_default=True, help="terminal, markdown, latex or csv.")
@as_json
def table(study: str, quick: bool, store: Path, format: str, as_json: bool) -> int:
    """Print the tables of a study that has been run."""
    wanted = _study(study)
    return _report(wanted, _stored(study, wanted, quick, store), format, as_json)


@testbed.command()
@click.argument("study", metavar="STUDY | INSTANCE METHOD")
@click.argument("method", required=False, metavar="")
@quick
@store
@click.option("--out", type=click.Path(path_type=Path), default=DEFAULT_FIGURES, show_default=True, help="The folder.")
@click.option("--format", "formats", default="png,svg,pdf", show_default=True, help="png, svg, pdf.")
@settings
@click.option("--method-set", "method_settings", multiple=True, metavar="KEY=VALUE", help="A number of the method.")
@click.option("--target", type=float, help="The target; by default the instance's own.")
@click.option("--width", type=int, help="The most queries per round, K.")
@click.option("--max-queries", type=int, default=100_000, show_default=True, help="An exact budget of queries.")
@click.option("--seed", type=int, default=0, show_default=True, help="For methods that draw.")
@click.option("--region", metavar="X1,X1[,X2,X2]", help="Low and high of each coordinate that is drawn.")
@click.option("--animate", is_flag=True, help="A GIF too, round by round.")
@as_json
def figure(
    study: str,
    method: str | None,
    quick: bool,
    store: Path,
    out: Path,
    formats: str,
    settings: Sequence[str],
    method_settings: Sequence[str],
    target: float | None,
    width: int | None,
    max_queries: int,
    seed: int,
    region: str | None,
    animate: bool,
    as_json: bool,
) -> None:
    """Draw a study that has been run, or one run of a method on an instance with d = 1 or 2.

    A study: its curves, with their data as CSV. A run: the function, with the queries coloured by round and the boxes
    of a trapping method; --set, --method-set, --target, --width, --max-queries, --seed, --region and --animate are for
    these, --quick and --store for studies.
    """
    from experiments.figures import save
    from experiments.pictures import picture, save_all
    from experiments.resolve import method_of
    from experiments.study import frame_of
    from oracles import InputError

    kinds = [name.strip() for name in formats.split(",")]
    if method is None and animate:
        raise InputError("--animate is for a run: testbed figure INSTANCE METHOD --animate")
    if method is None:
        wanted = _study(study)
        frame = frame_of(_stored(study, wanted, quick, store))
        paths = save(wanted.name, wanted.panels(wanted, frame), out, kinds)
        names = {"study": wanted.name}
    else:
        drawn = picture(
            method_of(method),
            _instance(study, settings),
            target=target,
            parameters=_settings(method_settings),
            width=width,
            max_queries=max_queries,
            seed=seed,
            region=None if region is None else _point(region, "--region"),
        )
        paths = save_all(drawn, out, [*kinds, "gif"] if animate else kinds)
        names = {"instance": drawn.instance.name, "method": drawn.run.method}
    if as_json:
        _json(names | {"files": [str(path) for path in paths]})
    else:
        click.echo("\n".join(str(path) for path in paths))


@testbed.command()
@click.argument("methods", nargs=-1)
@as_json
def audit(methods: Sequence[str], as_json: bool) -> int:
    """Recount every method (or those named) with a wrapper of its own, and compare with the ledger."""
    from experiments.audit import audit as recount
    from experiments.resolve import method_of
    from oracles import ALGORITHMS

    findings = list(recount([method_of(name) for name in methods or ALGORITHMS]))
    agree = all(finding.agrees for finding in findings)
    if as_json:
        rows = [vars(finding) | {"agrees": finding.agrees} for finding in findings]
        _json({"verdict": "holds" if agree else "fails", "rows": rows})
        return MET if agree else NOT_MET
    by_method: dict[str, list[Any]] = {}
    for finding in findings:
        by_method.setdefault(finding.method, []).append(finding)
    for method, mine in by_method.items():
        wrong = [finding for finding in mine if not finding.agrees]
        click.echo(f"{method:<30} {len(mine) - len(wrong)} of {len(mine)} runs agree")
        for finding in wrong:
            click.echo(
                f"  {finding.instance}, budget {finding.budget}: ledger {finding.ledger}, recount {finding.recount}"
            )
    click.echo("every count agrees" if agree else "counts disagree")
    return MET if agree else NOT_MET


@testbed.command("certify")
@click.argument("instance", required=False)
@settings
@click.option("--all", "everything", is_flag=True, help="The examples of all registered instances.")
@click.option("--jobs", type=int, default=1, show_default=True, help="Processes, with --all.")
@click.option("--fresh", is_flag=True, help="With --all: make again what is there already.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="The file, or with --all the folder.")
@click.option("--check", "stored", type=click.Path(path_type=Path), metavar="FILE.json", help="Verify one again.")
@click.option("--strict", is_flag=True, help="With --check: fail where the sources have changed since.")
@click.option("--oracle", "--model", "oracle", help="Decide what this oracle asserts of its answers on the instance.")
@click.option("--oracle-set", "--model-set", "oracle_settings", multiple=True, metavar="KEY=VALUE", help="Its number.")
@click.option("--format", "format", default="terminal", show_default=True, help="terminal, markdown, latex or csv.")
@as_json
def certify_instance(
    instance: str | None,
    settings: Sequence[str],
    everything: bool,
    jobs: int,
    fresh: bool,
    out: Path | None,
    stored: Path | None,
    strict: bool,
    oracle: str | None,
    oracle_settings: Sequence[str],
    format: str,
    as_json: bool,
) -> int:
    """Decide each claim of an instance, or of an oracle: proved, refuted with points, or open with bounds.

    Exit status: 0 nothing is refuted, or all of a checked certificate stands; 1 not.
    """
    from experiments.tables import FORMATS
    from oracles import InputError

    if (instance is not None) + (stored is not None) + everything != 1:
        raise InputError("give an instance, or a certificate with --check, or --all, one of the three")
    if format not in FORMATS:
        raise InputError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    if strict and stored is None:
        raise InputError("--strict is for --check")
    if (jobs != 1 or fresh) and not everything:
        raise InputError("--jobs and --fresh are for --all")
    if stored is not None:
        if settings or out is not None or oracle is not None:
            raise InputError("--check takes neither --set, --oracle nor --out: the certificate names its instance")
        return _check_certificate(stored, strict, as_json)
    if oracle_settings and oracle is None:
        raise InputError("--oracle-set needs --oracle")
    if everything:
        if settings or oracle is not None:
            raise InputError("--all takes neither --set nor --oracle: it certifies the examples")
        return _certify_all(out or DEFAULT_CERTIFICATES, jobs, fresh, format, as_json)
    answers = None if oracle is None else (oracle, _settings(oracle_settings))
    return _certify_one(str(instance), settings, answers, out, format, as_json)


def _certify_one(
    spec: str,
    settings: Sequence[str],
    answers: tuple[str, dict[str, Any]] | None,
    out: Path | None,
    format: str,
    as_json: bool,
) -> int:
    from experiments.certificates import certificate_of, reasons, table_of
    from experiments.certified_oracles import certificate_of_oracle
    from experiments.certify_all import telling

    if out is not None:
        _check_writable(out, "certificate")
    if answers is None:
        with telling(not as_json) as about:
            certificate = certificate_of(spec, _settings(settings), about)
    else:
        certificate = certificate_of_oracle(spec, _settings(settings), *answers)
    if out is not None:
        certificate.write(out)
    if as_json:
        _json(certificate.as_data())
    else:
        click.echo(table_of(certificate).render(format), nl=False)
        if format == "terminal":
            click.echo(reasons(certificate))
    if not certificate.complete:
        raise KeyboardInterrupt
    return NOT_MET if certificate.refuted else MET


def _certify_all(folder: Path, jobs: int, fresh: bool, format: str, as_json: bool) -> int:
    from experiments.certify_all import Outcome, certify_all, table_of_all

    outcomes: list[Outcome] = []
    interrupted = False
    try:
        for outcome in certify_all(folder, workers=jobs, fresh=fresh, progress=not as_json):
            outcomes.append(outcome)
    except KeyboardInterrupt:
        interrupted = True
    made = {one.name: one.certificate for one in outcomes}
    if as_json:
        _json({name: None if found is None else found.as_data() for name, found in made.items()})
    else:
        click.echo(table_of_all(outcomes).render(format), nl=False)
    if interrupted:
        raise KeyboardInterrupt
    if any(found is None for found in made.values()):
        return FAILED
    return NOT_MET if any(found is not None and found.refuted for found in made.values()) else MET


def _check_certificate(file: Path, strict: bool, as_json: bool) -> int:
    from experiments.certificates import checked_text, instance_of, sources_of
    from experiments.certified_oracles import check_of_oracle
    from hardinstances.certify import check, read

    certificate = read(file)
    spec, instance = instance_of(certificate, file.parent)
    if certificate.oracle:
        checked, same = check_of_oracle(certificate, spec, instance, file.parent)
    else:
        checked, same = check(certificate, instance), sources_of(spec) == certificate.sources
    stands = all(one.stands for one in checked) and (same or not strict)
    if as_json:
        rows = [
            {"quantity": one.finding.quantity, "claimed": one.finding.claimed, "verdict": one.finding.verdict}
            | {"stands": one.stands, "why": one.why}
            for one in checked
        ]
        _json({"verdict": "holds" if stands else "fails", "same_sources": same, "rows": rows})
    else:
        click.echo(checked_text(checked))
        if not same:
            click.echo("the sources have changed since it was made; it was verified against those of today")
        click.echo("everything stands" if stands else "not everything stands")
    return MET if stands else NOT_MET


@testbed.command()
@click.argument("link")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="NAME.py", help="Where the link goes.")
@click.option("--hops", type=int, default=10, show_default=True, help="Random changes, each with a way down.")
@click.option("--minutes", type=float, default=60.0, show_default=True, help="When to end at the latest.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--halve", is_flag=True, help="Begin with cells of half the width.")
@click.option("--wider", type=int, default=0, show_default=True, help="Begin with so many more cells on the left.")
@as_json
def improve(link: str, out: Path, hops: int, minutes: float, seed: int, halve: bool, wider: int, as_json: bool) -> int:
    """Search for a spline link with a smaller J than LINK, a name such as R12 or a file that this command wrote.

    What is proved is in the file the moment it is found, an instance of yours for show, certify, solve and the others.

    Exit status: 0 a smaller J was proved, 1 none was.
    """
    from experiments.improving import improve as search

    def told(text: str) -> None:
        click.echo(text, err=True)

    first, best = search(link, out, hops=hops, minutes=minutes, seed=seed, halve=halve, wider=wider, told=told)
    less = best.constant < first.constant
    if as_json:
        parts = {
            name: getattr(best, name) for name in ("constant", "smoothness", "gap_per_link", "gap_of_ends", "floor")
        }
        _json(parts | {"before": first.constant, "file": str(out) if less else None})
    else:
        click.echo(f"J = {best.constant:.5g}, before {first.constant:.5g}{f': {out}' if less else ''}")
    return MET if less else NOT_MET


@testbed.command()
@as_json
def doctor(as_json: bool) -> int:
    """Check the installation."""
    from experiments.doctor import examine

    findings = list(examine())
    sound = all(finding.sound for finding in findings)
    if as_json:
        _json({"verdict": "holds" if sound else "fails", "rows": [vars(finding) for finding in findings]})
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.sound else 'BAD'} {finding.name:<22} {finding.detail}")
    return MET if sound else FAILED


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console command: one line for what goes wrong, and the documented exit status."""
    try:
        status = testbed.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as error:
        status = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        status = BAD_INPUT
    except click.ClickException as error:
        _complain(error.format_message())
        status = BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        _complain("interrupted; what had finished is kept")
        status = INTERRUPTED
    except Exception as error:
        status = _status_of(error)
    sys.exit(status if isinstance(status, int) else MET)


def _status_of(error: Exception) -> int:
    names = {kind.__name__ for kind in type(error).__mro__}
    if "InputError" in names:
        _complain(str(error))
        return BAD_INPUT
    known = names & {"AnswerError", "StoreError", "SweepError"}
    text = " ".join(str(error).split())
    _complain(text if known else f"{type(error).__name__}: {text}")
    return FAILED


def _complain(message: str) -> None:
    click.echo(f"testbed: {' '.join(message.split())}", err=True)


# Reading what the user typed.


def _settings(pairs: Sequence[str]) -> dict[str, str]:
    from oracles import InputError

    given = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals and value):
            raise InputError(f"write a parameter as key=value, got {pair!r}")
        given[key.strip().replace("-", "_")] = value.strip()
    return given


def _point(text: str, what: str = "--point") -> list[float]:
    from oracles import InputError

    try:
        return [float(entry) for entry in text.split(",")]
    except ValueError:
        raise InputError(f"{what} takes numbers separated by commas, got {text!r}") from None


def _instance(spec: str, settings: Sequence[str]) -> "Instance":
    from experiments.resolve import family_of

    return family_of(spec).instance(_settings(settings))


def _study(spec: str) -> "Study":
    from experiments.study import study_of

    return study_of(spec)


def _stored(spec: str, study: "Study", quick: bool, store: Path) -> list[dict[str, Any]]:
    from experiments.store import Store
    from experiments.study import cases_of
    from oracles import InputError

    keys = [case.key(study.name, study.seed) for case in cases_of(study, quick)]
    results = Store(store).results(keys)
    missing = len(set(keys)) - len(results)
    if missing:
        form = " --quick" if quick else ""
        raise InputError(
            f"{missing} of {len(set(keys))} cases of {study.name} are not in {store}, or come from other sources; "
            f"first: testbed run {spec}{form} --store {store}"
        )
    return [results[key] for key in keys]


def _report(study: "Study", results: list[dict[str, Any]], format: str, as_json: bool) -> int:
    from experiments.present import records
    from experiments.study import frame_of

    frame = frame_of(results)
    verdict = study.verdict(study, frame)
    tables = study.tables(study, frame)
    if as_json:
        _json(
            {
                "study": study.name,
                "sentence": study.sentence,
                "verdict": verdict.outcome,
                "evidence": verdict.evidence,
                "rows": records(frame),
            }
        )
    elif format == "csv":
        click.echo(frame.drop(columns="seconds").to_csv(index=False), nl=False)
    else:
        for table in tables:
            click.echo(table.render(format))
        if format in ("terminal", "markdown"):
            click.echo(f"{study.sentence}.\n\nVerdict: {verdict.outcome}. {verdict.evidence}.")
    return MET if verdict.outcome == "holds" else NOT_MET


def _check_writable(file: Path, what: str = "trace") -> None:
    from oracles import InputError

    try:
        file.open("a").close()
    except OSError as error:
        raise InputError(f"the {what} cannot be written to {file}: {error.strerror}") from None


def _write_trace(file: Path, trace: Any) -> None:
    import pandas as pd

    from oracles import Step

    pd.DataFrame(trace.steps, columns=list(Step._fields)).to_csv(file, index=False)


def _json(data: Any) -> None:
    from experiments.present import as_json_text

    click.echo(as_json_text(data))
