"""The built package works apart from the repository."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from types import SimpleNamespace

import pytest
from projects import ROOT

pytestmark = pytest.mark.slow

BUILD = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
INSTALLED = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
SCORES = ROOT / "studies/bake_off/scores/article.csv"

PROGRAM = """
import sys
sys.modules["snakemake"] = None  # importing it fails
import kerasae
assert kerasae.__file__.startswith(sys.argv[1]), kerasae.__file__
images = kerasae.datasets.load("mnist").x_train
assert images.shape == (60000, 32, 32, 1)
model = kerasae.build("vae", images.shape[1:], latent_dim=4)
assert model.encode(images[:3]).shape == (3, 4)

from kerasae.evaluation.scores import read
from kerasae.reporting.tables import table
rows = read(sys.argv[2]).query("dataset == 'mnist' and held_out == 'none' and latent_dim == 20")
frame = table(rows, "reconstruction", list(kerasae.REGISTRY))
assert 70 < frame.loc["vae", "BCE"] < 80

from kerasae.cli import main
main(["verify", "--help"])
"""


def run(*command, **options):
    """Run Python; return what it printed."""
    command = [sys.executable, *map(str, command)]
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tracked(*folders):
    """Files in git that are still there."""
    command = ["git", "ls-files", "-z", "--", *folders]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in names.split("\0") if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of the source distribution of the files in git, and a folder that it is put into."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in tracked():
        path = folder / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, path)
    run("-c", BUILD, folder, cwd=folder / "checkout")
    (source,) = folder.glob("*.tar.gz")
    offline = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    run("-m", "pip", "wheel", "--no-build-isolation", *offline, "-w", folder, source)
    (path,) = folder.glob("*.whl")
    site = folder / "site"
    run("-m", "pip", "install", *offline, "--target", site, path)
    with zipfile.ZipFile(path) as file:
        return SimpleNamespace(site=site, names=file.namelist())


def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel):
    packaged = {name for name in wheel.names if ".dist-info/" not in name}
    assert packaged == set(tracked("kerasae"))


def test_the_installed_package_works_apart_from_the_checkout_and_snakemake(wheel, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(wheel.site), *INSTALLED])}
    # -S: no .pth file leads to the checkout
    command = ("-S", "-c", PROGRAM, wheel.site, SCORES)
    assert "Usage:" in run(*command, cwd=tmp_path, env=environment)
    assert (wheel.site / "bin" / "kerasae").is_file()
