"""Files know where they came from, and are found out when they are something else."""

import hashlib
import json

import pytest

from kerasae import provenance


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A table that was made from some data by some code."""
    monkeypatch.chdir(tmp_path)
    for name in ("data.npz", "code.py", "results/scores.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    inputs = {name: provenance.checked(name) for name in ("data.npz", "code.py")}
    settings = {"rule": "scores", "configuration": {"seeds": [1], "vq": {"beta": 1}}}
    provenance.record("results/scores.csv", inputs, settings)
    return tmp_path / "results"


def test_a_record_says_what_a_file_was_made_from_and_by(results):
    record = json.loads((results / ".scores.csv.json").read_text())
    assert record["sha256"] == hashlib.sha256(b"results/scores.csv").hexdigest()
    assert record["inputs"]["code.py"] == hashlib.sha256(b"code.py").hexdigest()
    assert record["settings"]["rule"] == "scores"
    assert {"python", "kerasae", "keras", "tensorflow"} <= record["versions"].keys()
    assert record["processor"]


def test_the_same_work_leaves_the_same_record(results):
    path = results / "scores.csv"
    before = provenance.read(path)
    provenance.record(path, before["inputs"], before["settings"])
    assert (results / ".scores.csv.json").read_text() == json.dumps(before, indent=1) + "\n"


def test_what_is_as_it_was_has_no_fault(results):
    assert provenance.checked(results / "scores.csv")
    assert provenance.faults(results) == []
    assert provenance.faults(results, {"seeds": [1], "vq": {"beta": 1}}) == []


@pytest.mark.parametrize("content", ["", "results/scores.cs", "results/scores.csw"])
def test_a_file_that_is_not_what_was_written_is_refused_by_name(results, content):
    (results / "scores.csv").write_text(content)
    with pytest.raises(
        provenance.DamagedError, match=r"scores.csv is damaged.*delete it.*Received"
    ):
        provenance.checked(results / "scores.csv")
    assert provenance.faults("results") == ["results/scores.csv is damaged, or was changed by hand"]


@pytest.mark.parametrize("name", ["data.npz", "code.py"])
@pytest.mark.parametrize("gone", [True, False])
def test_what_was_made_from_something_else_is_found(results, name, gone):
    path = results.parent / name
    path.unlink() if gone else path.write_text("another")
    assert provenance.faults("results") == [f"results/scores.csv was made from another {name}"]


def test_what_is_gone_is_found(results):
    (results / "scores.csv").unlink()
    assert provenance.faults("results") == ["results/scores.csv is gone"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"sha256": 1}'])
def test_a_damaged_record_is_found(results, content):
    (results / ".scores.csv.json").write_text(content)
    assert provenance.faults("results") == [
        "results/.scores.csv.json is damaged: nothing is known of scores.csv"
    ]


def test_every_flipped_bit_of_a_record_ends_in_words(results):
    record = results / ".scores.csv.json"
    content = record.read_bytes()
    for at in range(len(content)):
        record.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert all(isinstance(fault, str) for fault in provenance.faults("results", {"seeds": [2]}))


def test_another_configuration_is_told_by_its_keys(results):
    (fault,) = provenance.faults("results", {"seeds": [1, 2], "vq": {"beta": 2}, "epochs": 3})
    assert fault.endswith("was made by another configuration: seeds, vq.beta, epochs")


def test_a_file_without_a_record_is_taken_as_it_is_and_a_folder_without_any_refused(tmp_path):
    (tmp_path / "own.csv").write_text("1,2")
    assert provenance.checked(tmp_path / "own.csv") == hashlib.sha256(b"1,2").hexdigest()
    with pytest.raises(FileNotFoundError, match="holds no results of the workflow"):
        provenance.faults(tmp_path)
