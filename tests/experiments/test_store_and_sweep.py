import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest

import algorithms
import hardinstances
from experiments import Case, Store, sweep, sweeps
from experiments.resolve import load
from experiments.sweeps import SweepError
from oracles import InputError
from oracles.sources import with_siblings

CASES = [Case("carmon_chain", "armijo", {"length": length}, targets=(1.0,)) for length in (2, 3, 4, 5)]


def test_a_sweep_stores_and_resumes(tmp_path, monkeypatch):
    store = Store(tmp_path / "deep" / "s.sqlite")
    first = sweep("s", CASES[:2], store)
    calls = []
    monkeypatch.setattr("experiments.sweeps.perform", lambda case, seed: calls.append(case) or dict(first[0]))
    again = sweep("s", CASES, store)
    assert calls == CASES[2:] and again[:2] == first
    assert first[0]["at"][0]["rounds"] >= 3 and first[0]["at"][0]["lower_rounds"] == 3
    assert first[0]["versions"]["numpy"] and first[0]["seed"] != first[1]["seed"]


def test_workers_give_the_same_rows(tmp_path):
    def without_times(results):
        return [{key: value for key, value in result.items() if key != "seconds"} for result in results]

    alone = sweep("s", CASES, Store(tmp_path / "a.sqlite"))
    together = sweep("s", CASES, Store(tmp_path / "b.sqlite"), workers=2)
    assert without_times(alone) == without_times(together)


def test_the_key_knows_the_content_and_the_sources(monkeypatch):
    keys = {case.key("s", 0) for case in CASES} | {CASES[0].key("t", 0), CASES[0].key("s", 1)}
    assert len(keys) == 6
    before = CASES[0].key("s", 0)
    assert Case("carmon_chain", "armijo", {"length": 2}, targets=1.0).key("s", 0) == before
    monkeypatch.setattr("experiments.case.package_fingerprint", lambda *packages: "edited")
    assert CASES[0].key("s", 0) != before


def test_a_key_depends_on_the_files_alone(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "method.py").write_text(
            "def method(oracle, x0):\n    from lazy import step\n    oracle.value(x0 + step)\n"
        )
        (tmp_path / name / "lazy.py").write_text("step = 1.0\n")
    cases = [Case("quadratic", str(tmp_path / name / "method.py"), targets=1.0) for name in ("a", "b")]
    keys = [case.key("s", 0) for case in cases]
    assert keys[0] == keys[1] and cases[0].seed("s", 0) == cases[1].seed("s", 0), "the folder does not matter"
    with_siblings.cache_clear()
    assert cases[0].key("s", 0) == keys[0]
    (tmp_path / "a" / "lazy.py").write_text("step = 2.0\n")
    assert cases[0].key("s", 0) != keys[0], "a helper imported inside a function counts"


def test_a_users_method_is_not_taken_for_one_of_ours(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from oracles import algorithm\n\n\n@algorithm(source='me')\ndef armijo(oracle, x0):\n    return x0\n"
    )
    mine = load(tmp_path / "mine.py")
    assert Case("quadratic", mine.armijo).method == f"{tmp_path / 'mine.py'}:armijo"
    assert Case("quadratic", algorithms.armijo).method == "armijo"


def test_two_modules_of_one_name_are_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "twin_helper.py").write_text(f"step = '{name}'\n")
        (tmp_path / name / "uses.py").write_text("import twin_helper\n\n\ndef uses(oracle, x0):\n    return x0\n")
    load(tmp_path / "a" / "uses.py")
    with pytest.raises(InputError, match="of the same name is loaded"):
        load(tmp_path / "b" / "uses.py")


def test_numbers_of_numpy_are_plain_numbers(tmp_path):
    case = Case("quadratic", "armijo", {"dimension": np.int64(3)}, {"initial_step": np.float64(0.5)}, targets=1.0)
    assert sweep("s", [case], Store(tmp_path / "s.sqlite"))[0]["status"] == "target"
    with pytest.raises(InputError, match="takes names and functions, not Instance"):
        Case(hardinstances.quadratic(), "armijo")


def test_a_store_behind_a_link_has_one_lock(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    sweep("s", CASES[:1], store)
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "s.sqlite")
    with store.writing(), pytest.raises(InputError, match="another process is writing"):
        sweep("s", CASES, Store(tmp_path / "link.sqlite"))


def test_garbage_in_place_of_a_row_or_of_the_lock_is_named(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    sweep("s", CASES[:1], store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute("UPDATE cases SET result = 'garbage'")
    with pytest.raises(InputError, match="cannot be used"):
        sweep("s", CASES[:1], store)
    (tmp_path / "t.sqlite.lock").write_bytes(b"garbage " * 2000)
    with pytest.raises(InputError, match="cannot be locked"):
        sweep("s", CASES[:1], Store(tmp_path / "t.sqlite"))


def test_failed_cases_stay_visible_and_can_be_retried(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    bad = [Case("carmon_chain", "armijo", {"length": -1}, targets=(1.0,))]
    (row,) = sweep("s", bad, store)
    assert row["status"] == "failed" and "length of carmon_chain must be positive" in row["message"]
    assert sweep("s", bad, store) == [row]
    assert sweep("s", bad, store, retry_failed=True)[0]["status"] == "failed"


def test_a_second_writer_is_refused_and_readers_are_not(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    sweep("s", CASES[:1], store)
    with store.writing():
        with pytest.raises(InputError, match="another process is writing the store"):
            sweep("s", CASES, Store(store.path))
        assert len(sweep("s", CASES[:1], Store(store.path))) == 1, "nothing to write, so only reading"


@pytest.mark.parametrize(
    "content", [b"this is no database, by a long way " * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_corrupted_store_is_named(tmp_path, content):
    path = tmp_path / "s.sqlite"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be used") as caught:
        sweep("s", CASES, Store(path))
    assert str(path) in str(caught.value) and path.read_bytes() == content


def test_somebody_elses_database_is_left_alone(tmp_path):
    path = tmp_path / "s.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (x)")
    with pytest.raises(InputError, match="a database of something else"):
        sweep("s", CASES, Store(path))


def test_a_store_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        sweep("s", CASES, Store(tmp_path / "file" / "s.sqlite"))
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(InputError, match="cannot be"):
        sweep("s", CASES, Store(tmp_path / "folder.sqlite"))


def test_a_full_disk_loses_nothing(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    with store.writing() as writer:
        writer.add("a", "s", {"status": "target"})
        pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
        writer._connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(RuntimeError, match=r"cannot be written: .*full; what it holds is safe"):
            writer.add("b", "s", {"status": "target", "padding": "x" * 100_000})
    assert store.results(["a", "b"]) == {"a": {"status": "target"}}


def test_a_killed_worker_ends_the_sweep_in_one_line(tmp_path):
    (tmp_path / "killer.py").write_text(
        "import os, signal\n\n\ndef killer(oracle, x0):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    store = Store(tmp_path / "s.sqlite")
    sweep("s", CASES[:2], store)
    bad = Case("carmon_chain", str(tmp_path / "killer.py"), {"length": 3})
    with pytest.raises(SweepError, match="a worker process was killed"):
        sweep("s", [*CASES[:2], bad, Case("carmon_chain", "armijo", {"length": 9})], store, workers=2)
    assert len(sweep("s", CASES[:2], store)) == 2


def command(*arguments):
    line = [sys.executable, "-m", "experiments", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=600)


@pytest.mark.slow
def test_a_sweep_killed_at_five_moments_ends_with_the_same_table(tmp_path, rng):
    undisturbed = command("run", "chain-rounds", "--quick", "--store", tmp_path / "a.sqlite", "--json")
    assert undisturbed.returncode == 0, undisturbed.stderr
    line = [sys.executable, "-m", "experiments", "run", "chain-rounds", "--quick", "--workers", "2"]
    stored = []
    for k in range(5):
        process = subprocess.Popen(
            [*line, "--store", str(tmp_path / "b.sqlite")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(0.3 + 0.6 * (k + rng.random()))
        process.send_signal(signal.SIGKILL)
        process.wait()
        path = tmp_path / "b.sqlite"
        if path.exists():
            with closing(sqlite3.connect(path)) as connection:
                if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    stored.append(connection.execute("SELECT count(*) FROM cases").fetchone()[0])
    assert stored == sorted(stored), "finished cases survive"
    resumed = command("run", "chain-rounds", "--quick", "--store", tmp_path / "b.sqlite", "--json")
    assert resumed.returncode == 0, resumed.stderr

    def rows(result):
        return [{k: v for k, v in row.items() if k != "seconds"} for row in json.loads(result.stdout)["rows"]]

    assert rows(resumed) == rows(undisturbed)
    tables = [
        command("table", "chain-rounds", "--quick", "--store", tmp_path / name, "--format", "csv").stdout
        for name in ("a.sqlite", "b.sqlite")
    ]
    assert tables[0] == tables[1] and "batched_step_search" in tables[0]


def test_what_workers_need_is_compiled_before_they_start(monkeypatch):
    compiled, started = [], []
    monkeypatch.setattr("experiments.runner.Session.prepare", lambda self, x0, numbers: compiled.append(numbers))
    monkeypatch.setattr(
        "experiments.sweeps.joblib.Parallel", lambda **_: lambda tasks: started.append(len(compiled)) or ()
    )
    cases = [Case("quadratic", "gradient_descent", {"dimension": 2}, {"step": step}) for step in (0.1, 0.2, 1)]
    cases.append(Case("quadratic", "armijo", {"dimension": 3}))
    cases.append(Case("no such instance", "armijo"))
    list(sweeps._outcomes("study", 0, dict(enumerate(cases)), 2))
    assert started == [3]
