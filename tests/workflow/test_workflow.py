"""The whole graph on a small configuration with real images, and what it rebuilds."""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest
import yaml
from conftest import faults_of, needs_browser
from PIL import Image
from projects import copied, jobs_of, read, snakemake

from kerasae.evaluation.metric import COLUMNS
from kerasae.evaluation.tasks import EVALUATIONS
from kerasae.models import ARTICLE, BASELINES, REGISTRY

TINY = {
    "demonstration": True,
    "datasets": {"mnist": {"train": 600, "test": 120}},
    "epochs": 2,
    "batch_size": 128,
    "validation": 88,
    "variants": {
        "shallow": False,
        "stacked": False,
        "vanilla": False,
        "denoising": False,
        "beta_vae_strict": False,
        "beta_vae_loose": False,
        "vq": False,
    },
    "baselines": {"random_projection": False, "untrained": False},
    "anomaly": {"held_out": 1},
    "classification": {"labels": 100, "epochs": 2},
    "interpolation": {"steps": 4},
}
THOROUGH = {
    "thorough": True,
    "classification__curve": [50, "all"],
    "anomaly__held_out": [1, 7],
    "variants__shallow": {},
}
VARIANTS = ("sparse", "vae")
ALL_VARIANTS = (*VARIANTS, "pca")

TASKS = ("training_time", "reconstruction", "classification", "anomaly")
MORE_TASKS = ("label_curve", "samples", "interpolation", "latent_space")

pytestmark = pytest.mark.workflow


def configure(folder, **changes):
    """Write the small configuration with some keys changed."""
    config = yaml.safe_load(yaml.safe_dump(TINY))
    for key, value in changes.items():
        section = config
        *parents, last = key.split("__")
        for parent in parents:
            section = section.setdefault(parent, {})
        section[last] = value
    (folder / "tiny.yaml").write_text(yaml.safe_dump(config))


def planned(folder, **changes):
    """Jobs of a dry run with some keys changed, as (rule, wildcards)."""
    configure(folder, **changes)
    try:
        return jobs_of(folder, "tiny.yaml")
    finally:
        configure(folder)


def make(folder, path):
    """Make one file anew, with the small configuration as it was last written."""
    target = str(path.relative_to(folder))
    return snakemake(folder, "--cores", "1", "--configfile", "tiny.yaml", "--force", target)


def rules(jobs):
    """Rules of jobs, whether for one seed or all; evaluations by their names."""
    return {job.get("evaluation", rule.removesuffix("_all_seeds")) for rule, job in jobs}


SHOWN = {"table", "rankings", "claims", "explorer", "figure", "figure_of_variants"}
"""Rules that write pages and figures."""


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A copy of the project in which the small configuration was run."""
    folder = copied(tmp_path_factory.mktemp("project"))
    configure(folder)
    code, said = snakemake(folder, "--cores", "2", "--configfile", "tiny.yaml")
    assert code == 0, said[-5000:]
    (folder / "said.txt").write_text(said)
    return folder


def test_the_run_ends_with_its_answers(project):
    (end,) = re.findall(
        r"^mnist, 1 seed:\n(.*?)^Complete log",
        (project / "said.txt").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    *answers, unknown, cost, page, listed = end.splitlines()
    assert answers[0].startswith("  compression (lower is better): ")
    assert unknown.startswith("  One seed allows no ranking")
    assert cost == "  To add a seed, set seeds: [1, 2] in the configuration."
    asked = "--nocolor --cores 2 --configfile tiny.yaml"
    assert page == f"To write the report: snakemake {asked} --report results/report.html"
    assert listed.startswith("results/mnist/SHA256SUMS has the SHA-256 ")


def test_every_variant_is_scored_in_every_task(project):
    rows = read(project / "results/mnist/scores.csv")
    assert tuple(rows[0]) == COLUMNS
    assert all(float(row["value"]) == float(row["value"]) for row in rows)
    for task in TASKS:
        measured = {row["variant"] for row in rows if row["task"] == task}
        assert set(VARIANTS if task == "training_time" else ALL_VARIANTS) <= measured
    besides = {row["variant"] for row in rows} - set(ALL_VARIANTS)
    assert besides == {
        "from_scratch", "raw_pixels", "no_model", "nearest_neighbours", "isolation_forest",
        "entropy_floor", "mean_image",
    }  # fmt: skip
    assert len({tuple(row[key] for key in list(row)[:-1]) for row in rows}) == len(rows)


def test_scores_agree_with_the_saved_model(project):
    """The reconstruction loss, computed anew from the model file by Keras's own function."""
    script = """
import keras, kerasae, numpy as np
data = np.load("results/mnist/data/images.npz")
model = keras.saving.load_model("results/mnist/models/sparse-latent20-without_none-seed1.keras")
x = data["x_test"].astype("float32") / 255
pixels = keras.ops.binary_crossentropy(x, model.reconstruct(x))
print(float(keras.ops.mean(keras.ops.sum(pixels, axis=(1, 2, 3)))))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True
    )
    rows = read(project / "results/mnist/scores.csv")
    (scored,) = (
        float(row["value"])
        for row in rows
        if (row["variant"], row["task"], row["metric"]) == ("sparse", "reconstruction", "bce")
    )
    assert float(done.stdout) == pytest.approx(scored, rel=1e-4)


def test_tables_have_the_published_figures_beside_the_measured(project):
    table = {
        row["variant"]: row for row in read(project / "results/mnist/tables/reconstruction.csv")
    }
    assert list(table) == [*ALL_VARIANTS, "entropy_floor", "mean_image"]
    assert float(table["sparse"]["BCE published"]) == 64.27
    assert float(table["vae"]["BCE published"]) == 76.12
    markdown = (project / "results/mnist/tables/reconstruction.md").read_text()
    assert "64.27" in markdown
    assert "nan" not in markdown


def test_table_of_times_is_that_of_the_general_run(project):
    table = read(project / "results/mnist/tables/training_time.csv")
    assert [row["variant"] for row in table] == list(VARIANTS)
    for row in table:
        run = f"{row['variant']}-latent20-without_none-seed1.csv"
        epochs = read(project / "results/mnist/histories" / run)
        seconds = sum(float(epoch["seconds"]) for epoch in epochs)
        assert float(row["seconds"]) == pytest.approx(seconds, abs=0.051)


def test_interpolation_goes_there_and_back_and_pauses_at_both_ends(project):
    steps = TINY["interpolation"]["steps"]
    with Image.open(project / "results/mnist/figures/interpolation/vae.png") as picture:
        assert picture.n_frames == 2 * steps - 2
        assert picture.info["loop"] == 0
        durations = []
        for number in range(picture.n_frames):
            picture.seek(number)
            durations.append(picture.info["duration"])
    assert durations[0] == durations[steps - 1] == 1000
    assert set(durations[1 : steps - 1] + durations[steps:]) == {40}


@pytest.fixture(scope="session")
def report(project):
    """The report of the run, in an archive."""
    code, said = snakemake(project, "--configfile", "tiny.yaml", "--report", "report.zip")
    assert code == 0, said
    return project / "report.zip"


@needs_browser
def test_every_page_and_the_report_open_from_disk_without_a_fault(
    project, report, browser, tmp_path
):
    with zipfile.ZipFile(report) as archive:
        archive.extractall(tmp_path)
    (front,) = tmp_path.rglob("report.html")
    pages = sorted((project / "results").rglob("*.html"))
    names = {"which_one.html", "explorer.html", "reconstruction.html"}
    assert names < {page.name for page in pages}
    assert [fault for page in pages for fault in faults_of(browser, page)] == []
    # Snakemake's own page warns of how it includes its style
    own = "warning: cdn.tailwindcss.com"
    assert [fault for fault in faults_of(browser, front) if not fault.startswith(own)] == []


def test_every_page_and_the_report_of_a_demonstration_say_so_with_its_amounts(project, report):
    said = "A demonstration: 512 training samples, 2 epochs, one seed. The numbers say nothing"
    with zipfile.ZipFile(report) as archive:
        (front,) = (name for name in archive.namelist() if name.endswith("report.html"))
        assert said in archive.read(front).decode()
    for page in (project / "results").rglob("*.html"):
        assert page.read_text("utf-8").count(said) == 1


def test_report_holds_every_figure_and_needs_no_network(report):
    with zipfile.ZipFile(report) as report:
        names = report.namelist()
        pages = "".join(
            report.read(name).decode() for name in names if name.endswith(("report.html",))
        )
    files = [Path(name).name for name in names]
    for variant in VARIANTS:
        assert files.count(f"{variant}.png") == 2, "reconstructions and an animation"
    assert {
        "umap.png", "samples.png", "histories.png", "latent2-without_1.png",
        "which_one.html", "reconstruction.html",
        "anomaly.html",
    } <= set(files)  # fmt: skip
    assert "The Great Autoencoder Bake-Off" in pages
    assert "System Message" not in pages, "a caption or the overview is no valid rst"
    assert "align-items: safe center" in pages, "without its style the top is out of reach"
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://', pages)


def test_a_second_run_has_nothing_to_do_whatever_the_time_stamps(project):
    for name in ("kerasae", "workflow"):
        for path in (project / name).rglob("*"):
            path.touch()
    assert planned(project) == []


def edited(project, *names):
    """Jobs of a dry run after an edit of some files that leaves their time stamps old."""
    before = {project / name: (project / name).read_text() for name in names}
    try:
        for path, text in before.items():
            path.write_text(text + "\n# edited\n")
            os.utime(path, (0, 0))
        return planned(project)
    finally:
        for path, text in before.items():
            path.write_text(text)


def test_an_edit_of_a_task_a_figure_or_an_unused_model_trains_nothing(project):
    jobs = edited(
        project,
        "kerasae/evaluation/tasks/anomaly.py",
        "kerasae/reporting/figures/roc_panel.py",
        "kerasae/models/vq.py",
        "studies/bake_off/published.csv",
        "workflow/scripts/table.py",
    )
    assert rules(jobs) & {*EVALUATIONS} == {"anomaly", "detectors"}
    assert rules(jobs) <= {"anomaly", "detectors", *SHOWN, "scores", "provenance", "all"}


def test_an_edit_of_what_all_trainings_run_trains_all_models(project):
    jobs = edited(project, "kerasae/models/base.py")
    trained = sorted(job["held_out"] for rule, job in jobs if rule == "train_all_seeds")
    assert trained == ["1", "none"]


def test_a_missing_file_is_made_again_and_the_list_is_the_same(project):
    folder = project / "results" / "mnist"
    _, said = snakemake(project, "--cores", "1", "--configfile", "tiny.yaml")
    assert "Nothing to be done" in said
    signed = (folder / "SHA256SUMS").read_bytes()
    (folder / "tables/anomaly.html").unlink()
    code, said = snakemake(project, "--cores", "1", "--configfile", "tiny.yaml")
    assert code == 0, said
    assert (folder / "SHA256SUMS").read_bytes() == signed
    digest = hashlib.sha256(signed).hexdigest()
    assert f"results/mnist/SHA256SUMS has the SHA-256 {digest}" in said


def test_other_number_of_labels_repeats_the_probes_and_trains_nothing(project):
    jobs = planned(project, classification__labels=50)
    probes = {"classification", "from_scratch", "probes", "raw_pixels"}
    of_scores = {"table", "rankings", "explorer"}
    assert rules(jobs) == {*probes, *of_scores, "scores", "provenance", "all"}


def killed_while_training(folder, options):
    """Kill Snakemake and its jobs once a training has written a checkpoint."""
    checkpoints = folder / "results/mnist/checkpoints"
    before = set(checkpoints.iterdir())
    command = [sys.executable, "-m", "snakemake", *options]
    run = psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None and set(checkpoints.iterdir()) == before:
        time.sleep(0.1)
    with contextlib.suppress(psutil.NoSuchProcess):  # it was faster
        for process in (run, *run.children(recursive=True)):
            process.kill()
    run.wait()
    snakemake(folder, "--unlock", "--configfile", "tiny.yaml")


def test_after_a_kill_another_variant_seed_and_an_edited_model_repeat_no_other_training(
    project, tmp_path
):
    folder = tmp_path / "copy"
    shutil.copytree(project, folder, symlinks=True)
    results = folder / "results/mnist"

    def histories():
        return {
            path.name.split("-")[0]: path.read_bytes()
            for path in (results / "histories").glob("*-latent20-without_none-seed1.csv")
        }

    before = histories()
    model = results / "models/vae-latent20-without_none-seed1.keras"
    with zipfile.ZipFile(model) as archive:
        weights = archive.read("model.weights.h5")
    with (folder / "kerasae/models/sparse.py").open("a") as file:
        file.write("# edited\n")
    configure(folder, seeds=[1, 2], variants__vanilla={})
    target = "results/mnist/scores/probes/latent20-without_none-seed1.csv"
    targets = (target, target.replace("seed1", "seed2"))
    options = (*targets, "--cores", "2", "--configfile", "tiny.yaml")
    killed_while_training(folder, options)
    code, said = snakemake(folder, *options)
    assert code == 0, said
    after = histories()
    # Times of trainings in a history tell whether it was repeated
    assert {name for name in before if before[name] == after[name]} == {"vae", "pca"}
    assert set(after) == {*ALL_VARIANTS, "vanilla"}
    with zipfile.ZipFile(model) as archive:
        assert archive.read("model.weights.h5") == weights
    rows = read(folder / target)
    assert {row["variant"] for row in rows} == {*ALL_VARIANTS, "vanilla"}
    _, said = snakemake(folder, *options)
    assert "Nothing to be done" in said


def test_another_held_out_class_trains_its_runs_alone(project):
    jobs = planned(project, anomaly__held_out=[1, 3], one_at_a_time=True)
    assert [job["held_out"] for rule, job in jobs if rule == "train_all_seeds"] == ["3"]


@pytest.mark.slow
def test_all_classes_can_be_held_out_for_some_seeds_alone(project):
    jobs = planned(project, anomaly__held_out="all", anomaly__seeds=[1], seeds=[1, 2])
    trained = {(job["held_out"], job["seed"]) for rule, job in jobs if rule == "train"}
    assert trained == {("none", "1"), ("none", "2"), *((label, "1") for label in "0123456789")}


@pytest.mark.slow
def test_all_models_take_part_where_that_is_asked_for(project):
    jobs = jobs_of(project, "workflow/configs/all.yaml")
    trained = {job["variant"] for rule, job in jobs if rule == "train"}
    assert trained == {*ARTICLE, *REGISTRY, *BASELINES} - {"beta_vae"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epoch": 3}, ("epoch: unknown key. Did you mean epochs?",)),
        ({"variants__vae": {"beta": 3}}, ("variants.vae", "beta", "widths")),
        ({"merge": ["tiny.yaml"]}, ("merge", "tiny.yaml, line 1", "dataset, variant, seed")),
    ],
)
def test_a_wrong_configuration_stops_before_any_job_with_one_line(project, changes, words):
    configure(project, **changes)
    code, said = snakemake(project, "-n", "--configfile", "tiny.yaml")
    configure(project)
    assert code != 0
    (line,) = (line for line in said.splitlines() if line.startswith("config: "))
    for word in words:
        assert word in line


def test_a_damaged_model_file_is_named_and_no_result_is_made_of_it(project):
    model = project / "results/mnist/models/vae-latent20-without_none-seed1.keras"
    codes = project / "results/mnist/codes/vae-latent20-without_none-seed1.npz"
    content, before = model.read_bytes(), codes.read_bytes()
    model.write_bytes(content[: len(content) // 2])
    try:
        code, said = make(project, codes)
        assert code != 0
        assert "vae-latent20-without_none-seed1.keras" in said
        assert not codes.exists()
    finally:
        model.write_bytes(content)
        code, said = make(project, codes)
    assert code == 0, said
    assert codes.read_bytes() == before


@pytest.mark.slow
def test_a_result_that_was_edited_is_not_signed_off(project, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(project, folder, symlinks=True)
    edited = folder / "results/mnist/scores/anomaly/latent2-without_1-seed1.csv"
    edited.write_text(edited.read_text().replace("0.", "0.1", 1))
    code, said = snakemake(folder, "--cores", "2", "--configfile", "tiny.yaml")
    assert code != 0
    assert f"{edited.relative_to(folder)} was damaged or edited after the workflow wrote it" in said
    assert verified(folder)[0] == 2


def verified(folder):
    """What kerasae verify says of the results."""
    command = [Path(sys.executable).with_name("kerasae"), "verify", "results/mnist"]
    done = subprocess.run(
        [*command, "--configfile", "tiny.yaml"], cwd=folder, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_results_are_verified_against_code_configuration_and_files(project):
    code, said = verified(project)
    assert code == 0, said
    codes = project / "results/mnist/codes/pca-latent20-without_none-seed1.npz"
    module = project / "kerasae/evaluation/metrics/anomaly.py"
    before, text = codes.read_bytes(), module.read_text()
    codes.write_bytes(before[:1000] + b"\0" + before[1001:])
    module.write_text(text + "# edited\n")
    configure(project, classification__labels=50)
    try:
        code, said = verified(project)
    finally:
        codes.write_bytes(before)
        module.write_text(text)
        configure(project)
    assert code == 2
    assert "codes/pca-latent20-without_none-seed1.npz was damaged or edited" in said
    assert "kerasae/evaluation/metrics/anomaly.py has changed" in said
    assert "another configuration, which differs in: classification.labels." in said


@pytest.mark.slow
def test_a_training_that_diverges_says_where_and_is_tried_again(project, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(project, folder, symlinks=True)
    model = folder / "results/mnist/models/sparse-latent20-without_none-seed1.keras"
    configure(folder, learning_rate=1e38)
    code, said = make(folder, model)
    assert code != 0
    assert "sparse (seed 1): Sparse: the loss is no longer finite in epoch 1: loss = nan" in said
    assert not model.exists()
    jobs = planned(folder, learning_rate=1e38)
    trained = [job["held_out"] for rule, job in jobs if rule == "train_all_seeds"]
    assert sorted(trained) == ["1", "none"]


def test_results_may_be_in_any_folder(project, tmp_path):
    jobs = planned(project, results=str(tmp_path / "elsewhere"), demonstration=False)
    assert ("train_all_seeds", {"dataset": "mnist", "latent_dim": "2", "held_out": "1"}) in jobs


@pytest.fixture(scope="module")
def thorough(project, tmp_path_factory):
    """A copy of the project in which a thorough run followed, with a class and a variant more."""
    folder = tmp_path_factory.mktemp("thorough") / "copy"
    shutil.copytree(project, folder, symlinks=True)
    configure(folder, **THOROUGH)
    code, said = snakemake(folder, "--cores", "2", "--configfile", "tiny.yaml")
    assert code == 0, said[-5000:]
    return folder


@pytest.mark.slow
def test_a_thorough_run_adds_its_tasks_and_repeats_no_training(project, thorough):
    before = sorted((project / "results/mnist/histories").iterdir())
    after = thorough / "results/mnist/histories"
    # Times of trainings in a history tell whether it was repeated
    assert all((after / path.name).read_bytes() == path.read_bytes() for path in before)
    assert len(list(after.iterdir())) == len(before) + 6
    rows = read(thorough / "results/mnist/scores.csv")
    for task in (*TASKS, *MORE_TASKS):
        measured = {row["variant"] for row in rows if row["task"] == task}
        assert set(VARIANTS if task == "training_time" else ALL_VARIANTS) <= measured
    assert {"real_images", "shuffled_pixels"} <= {row["variant"] for row in rows}


@pytest.mark.slow
@needs_browser
def test_every_page_of_a_thorough_run_opens_from_disk_without_a_fault(thorough, browser):
    pages = sorted((thorough / "results").rglob("*.html"))
    assert {"claims.html", "uncertainty.html", "samples.html"} < {page.name for page in pages}
    assert [fault for page in pages for fault in faults_of(browser, page)] == []


@pytest.mark.slow
def test_verdicts_are_given_on_every_claim(thorough):
    rows = read(thorough / "results/mnist/claims.csv")
    assert len(rows) > 20
    # Each claim but one needs a variant that is switched off here, and says which
    measured = {row["id"]: row["verdict"] for row in rows if "(" not in row["id"]}
    assert measured.pop("A3") == "undecided"
    assert set(measured.values()) == {"not measured"}
    absent = {row["id"]: row["why"] for row in rows}
    assert "the scores lack BCE (code sample) of beta_vae_strict" in absent["R4"]
    assert re.search(r"the scores lack accuracy \(.*\) of vanilla", absent["C3"])
