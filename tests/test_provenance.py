"""Results have records of their provenance, and every later change to them is found."""

import hashlib
import json
import os
import shutil
import subprocess

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasae.cli import main
from kerasae.storage import atomic as files
from kerasae.storage import provenance, verification

MADE_BY = {"seeds": [1], "vq": {"beta": 1}}
RESULTS = {
    "data/images.npz": ("own.csv", "code.py"),
    "models/a.keras": ("{}/data/images.npz", "code.py"),
    "codes/a.npz": ("{}/data/images.npz", "{}/models/a.keras"),
    "scores.csv": ("{}/codes/a.npz", "code.py"),
    "tables/loss.csv": ("{}/scores.csv", "code.py"),
    "tables/loss.md": ("{}/scores.csv", "code.py"),
}


def digests(folder, sources):
    """SHA-256 of sources, with ``{}`` for the folder."""
    paths = (source.format(folder) for source in sources)
    return {path: files.digest(path) for path in paths}


def sign(folder):
    """Write the list of a folder of results."""
    made = [folder / name for name in RESULTS]
    (folder / verification.LIST).write_text(verification.sums(folder, made))


def write(folder):
    """Write the results that `RESULTS` describes, their records and the list; a log besides."""
    for name, sources in RESULTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n")
        made_from = digests(folder, sources)
        provenance.record(path, made_from, {"configuration": MADE_BY}, folder)
    (folder / "logs").mkdir()
    (folder / "logs" / "train.log").write_text("trained")
    sign(folder)
    return folder


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Made-up results of one data set, in the folder where they were made."""
    monkeypatch.chdir(tmp_path)
    for name in ("own.csv", "code.py"):
        (tmp_path / name).write_text(name)
    return write(tmp_path / "results" / "own").relative_to(tmp_path)


def faults(folder, configuration=None):
    return verification.verify(folder, configuration).faults


def command(*arguments):
    done = CliRunner().invoke(main, ["verify", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_record_says_what_a_file_was_made_from_and_by(results):
    record = json.loads((results / "tables/.loss.csv.json").read_text())
    assert record["sha256"] == hashlib.sha256(b"tables/loss.csv\n").hexdigest()
    assert record["inputs"] == {"scores.csv": hashlib.sha256(b"scores.csv\n").hexdigest()}
    assert record["sources"] == {"code.py": hashlib.sha256(b"code.py").hexdigest()}
    assert record["settings"] == {"configuration": MADE_BY}
    assert {"python", "kerasae", "keras", "tensorflow"} <= record["versions"].keys()
    assert record["processor"]


def test_the_same_work_leaves_the_same_record_and_the_same_list(results):
    before = {name: (results / name).read_bytes() for name in verification.files_in(results)}
    digest = files.digest(results / verification.LIST)
    for name, sources in RESULTS.items():
        made_from = digests(results, sources)
        provenance.record(results / name, made_from, {"configuration": MADE_BY}, results)
    sign(results)
    assert {name: (results / name).read_bytes() for name in before} == before
    assert files.digest(results / verification.LIST) == digest


def test_complete_unchanged_results_have_no_fault(results):
    for configuration in (None, MADE_BY):
        found = verification.verify(results, configuration)
        assert (found.faults, found.notes, found.compared) == ([], [], 2 * len(RESULTS))
        assert found.digest == files.digest(results / verification.LIST)
    assert all(provenance.checked(results / name) for name in RESULTS)


def test_the_list_is_one_that_sha256sum_takes(results):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", verification.LIST],
        cwd=results, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 2 * len(RESULTS)


def change(folder, choose):
    """Make any one change to any file of the results; say which."""
    path = folder / choose([*verification.files_in(folder), verification.LIST])
    kind = choose(["flip", "cut", "append", "delete", "rename", "add", "swap", "link"])
    content = path.read_bytes()
    if kind == "flip":
        at = choose(range(len(content)))
        path.write_bytes(
            content[:at] + bytes([content[at] ^ (1 << choose(range(8)))]) + content[at + 1 :]
        )
    elif kind == "cut":
        path.write_bytes(content[: choose(range(len(content)))])
    elif kind == "append":
        path.write_bytes(content + choose([b"\n", b" ", b"0", b"\0"]))
    elif kind == "delete":
        path.unlink()
    elif kind == "rename":
        path.rename(path.with_name(choose(["other", ".other.json", f"{path.name}.bak"])))
    elif kind == "add":
        path.with_name(choose(["foreign.csv", ".foreign.csv.json", "README"])).write_bytes(content)
    elif kind == "link":
        path.with_name("foreign").symlink_to(choose([path.name, "missing", "."]))
    else:
        other = folder / choose(sorted({*RESULTS} - {path.relative_to(folder).as_posix()}))
        path.write_bytes(other.read_bytes())
        other.write_bytes(content)
    return kind, path


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_one_change_to_any_file_is_found(results, tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("changed") / "own"
    shutil.copytree(results, folder)
    said = change(folder, lambda values: data.draw(st.sampled_from(list(values))))
    assert faults(folder), said


@pytest.mark.parametrize("content", ["", "tables/loss.cs", "tables/loss.csw"])
def test_an_edited_result_is_named_and_refused_as_an_input(results, content):
    (results / "tables/loss.csv").write_text(content)
    with pytest.raises(provenance.DamagedError, match=r"loss\.csv was damaged or edited.*Received"):
        provenance.checked(results / "tables/loss.csv")
    assert faults(results) == [
        "results/own/tables/loss.csv was damaged or edited: it differs from SHA256SUMS"
    ]


def test_an_edited_result_with_an_edited_record_is_found_by_the_list(results):
    path = results / "tables/loss.csv"
    path.write_text("better\n")
    record = provenance.read(path)
    provenance.record(path, {"code.py": files.digest("code.py")}, record["settings"], results)
    assert [fault.split()[0] for fault in faults(results)] == [
        "results/own/tables/.loss.csv.json", "results/own/tables/loss.csv",
    ]  # fmt: skip


def test_an_edited_result_with_an_edited_list_is_found_by_its_record(results):
    path, listed = results / "tables/loss.md", results / verification.LIST
    before = files.digest(path)
    path.write_text("better\n")
    listed.write_text(listed.read_text().replace(before, files.digest(path)))
    assert faults(results) == [
        "results/own/tables/loss.md was damaged or edited: it differs from its record"
    ]


def test_a_list_that_was_written_again_has_another_digest(results):
    kept = verification.verify(results).digest
    assert command(results, "--digest", kept.upper())[0] == 0
    (results / "tables/loss.md").unlink()
    (results / "tables/.loss.md.json").unlink()
    made = [results / name for name in RESULTS if name != "tables/loss.md"]
    (results / verification.LIST).write_text(verification.sums(results, made))
    assert command(results)[0] == 0
    code, said = command(results, "--digest", kept)
    assert code == 2
    received = files.digest(results / verification.LIST)
    assert f"has another SHA-256. Expected: {kept}. Received: {received}" in said


def test_results_without_a_list_are_not_called_complete(results):
    (results / verification.LIST).unlink()
    assert faults(results) == [
        "results/own/SHA256SUMS is missing: Snakemake writes it when all results are complete"
    ]


@pytest.mark.parametrize("content", [b"\xff", b"hello\n", b"\n"])
def test_a_damaged_list_is_found(results, content):
    path = results / verification.LIST
    path.write_bytes(path.read_bytes() + content)
    assert any(fault.startswith("results/own/SHA256SUMS") for fault in faults(results))


def test_a_foreign_file_is_found_and_not_signed_off(results):
    (results / "tables/foreign.csv").write_text("1")
    sign(results)
    assert faults(results) == [
        "results/own/tables/foreign.csv was not made by the workflow: move it elsewhere"
    ]


def test_a_damaged_file_is_not_signed_off(results):
    (results / "tables/loss.md").write_text("1")
    with pytest.raises(provenance.DamagedError, match=r"loss\.md was damaged or edited"):
        sign(results)


def test_a_lost_record_is_found_even_if_signed_off(results):
    (results / "tables/.loss.md.json").unlink()
    sign(results)
    assert faults(results) == ["results/own/tables/loss.md has no record"]


def test_an_older_list_is_called_out_of_date(results):
    made = [results / name for name in RESULTS]
    kept = verification.sums(results, made).splitlines(keepends=True)
    text = "".join(line for line in kept if "tables/" not in line)
    (results / verification.LIST).write_text(text)
    found = faults(results)
    assert len(found) == 4
    assert all("is not in SHA256SUMS: run Snakemake" in fault for fault in found)


@pytest.mark.parametrize("gone", [True, False])
def test_a_lost_or_changed_source_is_named_once_with_what_was_made_from_it(results, tmp_path, gone):
    path = tmp_path / "code.py"
    path.unlink() if gone else path.write_text("another")
    fault = "is missing" if gone else "has changed"
    made = "data/images.npz, models/a.keras, scores.csv, ..."
    assert faults(results) == [f"code.py {fault} (5 files were made from it: {made})"]
    assert "delete" not in fault


def test_a_lost_result_is_named_once_with_what_was_made_from_it(results):
    (results / "scores.csv").unlink()
    assert faults(results) == [
        "results/own/scores.csv is missing "
        "(2 files were made from it: tables/loss.csv, tables/loss.md)"
    ]


def test_what_was_made_from_an_older_result_is_found(results):
    path = results / "scores.csv"
    path.write_text("newer\n")
    made_from = {"code.py": files.digest("code.py")}
    provenance.record(path, made_from, {"configuration": MADE_BY}, results)
    sign(results)
    assert faults(results) == [
        "results/own/scores.csv has changed "
        "(2 files were made from it: tables/loss.csv, tables/loss.md)"
    ]


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_results_elsewhere_are_verified_without_code_and_data(results, tmp_path, monkeypatch, how):
    away = tmp_path / "away"
    away.mkdir()
    (shutil.move if how == "moved" else shutil.copytree)(results, away / "x")
    monkeypatch.chdir(away)
    found = verification.verify("x")
    assert found.faults == []
    (note,) = found.notes
    assert note.startswith("x: code and data were not compared")
    (away / "x/models/a.keras").write_text("other")
    assert faults("x") == [
        "x/models/a.keras was damaged or edited: it differs from SHA256SUMS "
        "(1 file was made from it: codes/a.npz)"
    ]


def test_a_pipe_is_not_waited_for(results):
    os.mkfifo(results / "pipe")
    assert "results/own/pipe cannot be read" in faults(results)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"sha256": 1}', 10**5 * "["])
def test_a_damaged_record_is_named_and_its_file_no_input(results, content):
    (results / ".scores.csv.json").write_text(content)
    (results / verification.LIST).unlink()
    assert faults(results)[1:] == [
        "results/own/scores.csv has a record that is damaged, or of another version of kerasae"
    ]
    with pytest.raises(provenance.DamagedError, match=r"record .*scores\.csv\.json is damaged"):
        provenance.checked(results / "scores.csv")


@pytest.mark.parametrize("name", [".scores.csv.json", "scores.csv"])
def test_what_a_crash_left_is_no_record_and_goes_when_the_file_is_written_again(results, name):
    path = results / name
    before = path.read_bytes()
    with files.atomic_write(path) as temporary:
        temporary.write_bytes(before)
    temporary.write_text("half")  # as after a crash
    old = results / f".{'0123456789abcdef' * 2}.json"
    old.write_text("")
    found = faults(results)
    assert found == sorted(
        f"{left} was left by an interrupted write: delete it when no workflow is running"
        for left in (temporary, old)
    )
    files.remove_unfinished(results / "scores.cs")
    assert temporary.exists()
    files.remove_unfinished(path)
    assert not temporary.exists()
    assert old.exists(), "nothing says what it is of"
    assert path.exists()


def test_unfinished_files_of_the_longest_names_are_found(tmp_path):
    path = tmp_path / ("é" * 125 + ".csv")
    with files.atomic_write(path) as temporary:
        temporary.write_text("1")
        assert files.UNFINISHED.fullmatch(temporary.name)
        files.remove_unfinished(tmp_path / ("é" * 124 + "e.csv"))
        assert temporary.exists()
    assert path.read_text() == "1"


def test_another_configuration_is_told_by_its_keys(results):
    (fault,) = faults(results, {"seeds": [1, 2], "vq": {"beta": 2}, "epochs": 3})
    assert "was made with another configuration" in fault
    assert "seeds, vq.beta, epochs." in fault


def test_merged_scores_are_named_as_not_compared(results):
    path = results / "scores.csv"
    made_from = {"code.py": files.digest("code.py"), "own.csv": files.digest("own.csv")}
    merging = {**MADE_BY, "merge": ["own.csv"]}
    provenance.record(path, made_from, {"configuration": merging}, results)
    sign(results)
    found = verification.verify(results, merging)
    assert found.faults == []
    assert found.notes == [
        "results/own/scores.csv includes own.csv, whose configuration was not compared"
    ]
    (fault,) = faults(results, MADE_BY)
    assert "differs in: merge." in fault


def test_a_file_without_a_record_is_taken_as_it_is(tmp_path):
    (tmp_path / "own.csv").write_text("1,2")
    assert provenance.checked(tmp_path / "own.csv") == hashlib.sha256(b"1,2").hexdigest()


def test_the_command_verifies_each_data_set_of_a_folder(results, tmp_path):
    write(tmp_path / "results" / "deeper" / "other")
    code, said = command("results")
    assert code == 0, said
    for name in ("own", "deeper/other"):
        digest = files.digest(f"results/{name}/{verification.LIST}")
        assert f"results/{name}: 12 files are as the workflow wrote them." in said
        assert f"results/{name}/SHA256SUMS has the SHA-256 {digest}" in said
    (results / "scores.csv").write_text("1")
    code, said = command("results")
    assert code == 2
    assert "results/own/scores.csv was damaged" in said
    assert "results/deeper/other: 12 files are as" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["own.csv"], "Expected a folder of results. Received: own.csv"),
        (["nowhere"], "Expected a folder of results. Received: nowhere"),
        (["empty"], "such as results/mnist. Received: empty"),
        (["results", "--digest", "12"], "a single data set with --digest. Received: results/d"),
        (["results/own", "--configfile", "gone.yaml"], "gone.yaml: expected a configuration file"),
        (["results/own", "--configfile", "broken.yaml"], "broken.yaml, line 2: not valid YAML"),
        (["results/own", "--configfile", "list.yaml"], "list.yaml: expected keys and values"),
        (["results/own", "--configfile", "empty"], "empty: expected a configuration file"),
    ],
)  # fmt: skip
def test_wrong_arguments_end_with_one_line(results, tmp_path, arguments, words):
    write(tmp_path / "results" / "deeper")
    (tmp_path / "empty").mkdir()
    (tmp_path / "config.yaml").write_text("seeds: [1]\nvq: {beta: 1}\n")
    (tmp_path / "broken.yaml").write_text("a: [1\nb: }")
    (tmp_path / "list.yaml").write_text("[1, 2]")
    code, said = command(*arguments)
    assert code == 2
    (line,) = (line for line in said.splitlines() if line.startswith("Error: "))
    assert words in line


def test_configurations_are_laid_over_each_other_as_snakemake_does(results, tmp_path):
    (tmp_path / "config.yaml").write_text("seeds: [2]\nvq: {beta: 3, widths: [1]}\n")
    (tmp_path / "over.yaml").write_text("seeds: [1]\nvq: {beta: 1}\n")
    code, said = command(results, "--configfile", "over.yaml")
    assert code == 2
    assert "which differs in: vq.widths." in said


def test_a_file_that_cannot_be_read_is_named(results, monkeypatch):
    readable = files.digest

    def digest(path):
        if str(path).endswith("scores.csv"):
            raise PermissionError(path)
        return readable(path)

    monkeypatch.setattr(verification, "digest", digest)
    assert faults(results) == [
        "results/own/scores.csv cannot be read "
        "(2 files were made from it: tables/loss.csv, tables/loss.md)"
    ]
