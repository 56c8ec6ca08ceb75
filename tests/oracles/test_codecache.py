"""What is kept on disk of machine code."""

import os

import pytest

from oracles.codecache import KEPT, KEPT_OF_USERS, cache_folder


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("TESTBED_CACHE", str(tmp_path))
    cache_folder.cache_clear()
    yield tmp_path
    cache_folder.cache_clear()


def used_at(folder, time):
    folder.mkdir(exist_ok=True)
    os.utime(folder, (time, time))


def test_many_files_of_a_user_do_not_push_out_the_code_of_the_sources(root):
    ours = cache_folder()
    used_at(ours, 1)
    files = [cache_folder(f"user{k}") for k in range(KEPT_OF_USERS + 5)]
    assert ours.is_dir() and sum(file.is_dir() for file in files) == KEPT_OF_USERS + 1


def test_the_folders_used_last_are_kept(root):
    for k in range(KEPT + 3):
        used_at(root / f"version{k}", k + 1)
    ours = cache_folder()
    kept = {path.name for path in root.iterdir()}
    assert kept == {ours.name, *(f"version{k}" for k in range(3, KEPT + 3))}
