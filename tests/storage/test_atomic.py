"""Atomic file writes."""

import signal
import subprocess
import sys

import pytest
from projects import ROOT

from kerasae.storage.atomic import atomic_write


def test_a_file_appears_under_its_name_only_when_complete(tmp_path):
    path = tmp_path / "new" / "model.keras"
    with atomic_write(path) as temporary:
        assert temporary.suffix == ".keras"
        temporary.write_text("all of it")
        assert not path.exists()
    assert [(file.name, file.read_text()) for file in path.parent.iterdir()] == [
        ("model.keras", "all of it")
    ]


def test_an_error_while_writing_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("old")

    def fail():
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("scores.csv", "old")]


def test_a_process_killed_while_writing_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("old")
    code = (
        "import os, signal, sys\n"
        "from kerasae.storage.atomic import atomic_write\n"
        "with atomic_write(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    assert sorted(file.read_text() for file in tmp_path.iterdir()) == ["half", "old"]
