"""Put faults into a small bake-off, and count those after which its results are the same.

    python benchmarks/faults.py [--kills 50] [--seed 1] [kills disk readonly memory damage edited
        twice folders]

After every fault comes what its user would do: the workflow is started again, or a file that it
names is deleted first. Then every output is compared with that of an undisturbed run, times aside.
Prints how many faults were put in and survived, writes that to ``results/faults.csv``, and ends
with 1 if one was not. A disk that is full or read-only is a small tmpfs, which needs root.
"""

import argparse
import contextlib
import hashlib
import io
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pandas as pd
import psutil
import yaml

from kerasae.engine import provenance

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from projects import copied, snakemake

# Both ways to train, and every rule that is not for more than one seed or class
SMALL = {
    "datasets": {"mnist": {"train": 700, "test": 200}},
    "epochs": 4,
    "batch_size": 128,
    "validation": 100,
    "variants": {
        name: False
        for name in (
            *("shallow", "vanilla", "sparse", "denoising"),
            *("beta_vae_strict", "beta_vae_loose", "vq"),
        )
    },
    "baselines": {"random_projection": False, "untrained": False},
    "classification": {"labels": 50, "epochs": 2},
    "interpolation": {"steps": 4},
}
CONFIGURED = ("--configfile", "small.yaml")
RESULTS = "results/mnist"
# Parts of the paths of files that hold times, or digests of files that do
TIMED = ("/logs/", "/benchmarks/", "/checkpoints/", "/training_time", f"/{provenance.SUMS}")
# The address space of a job, in bytes: enough for Python, too little for TensorFlow
LITTLE_MEMORY = 1 << 30


def project(folder):
    """A copy of the project with the small configuration, not yet run."""
    folder.mkdir(parents=True)
    (copied(folder) / "small.yaml").write_text(yaml.safe_dump(SMALL))
    return folder


def run(folder, cores=2):
    """Do what is left to do, as a user who starts the workflow again would."""
    snakemake(folder, "--unlock", *CONFIGURED)
    return snakemake(folder, "--cores", str(cores), *CONFIGURED)


def start(folder, **options):
    """Start the workflow in the background. What it says is in ``said.txt``."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--keep-going", *CONFIGURED]
    with open(folder / "said.txt", "w") as said:
        return subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=subprocess.STDOUT, **options
        )


def outputs(folder):
    """SHA-256 of every output, by its name, without what depends on time."""
    found = {}
    for path in sorted((folder / RESULTS).rglob("*")):
        name = str(path.relative_to(folder))
        aside = any(part in name for part in TIMED)
        if path.is_file() and not path.name.startswith(".") and not aside:
            found[name] = hashlib.sha256(content(path)).hexdigest()
    return found


def content(path):
    """The bytes of a file without its times."""
    if path.suffix == ".csv":
        table = pd.read_csv(path, dtype=str).drop(columns=["seconds", "load"], errors="ignore")
        if "task" in table:
            table = table[table["task"] != "training_time"]
        return table.to_csv(index=False).encode()
    if path.suffix == ".keras":
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as parts:
            names = sorted(set(parts.namelist()) - {"metadata.json"})  # it has the time of saving
            return b"".join(parts.read(name) for name in names)
    return path.read_bytes()


def difference(folder, expected):
    """What is not as in the undisturbed run, in words; empty if nothing."""
    found = outputs(folder)
    names = sorted(name for name in {**found, **expected} if found.get(name) != expected.get(name))
    return f"not as undisturbed: {', '.join(names[:5])} ({len(names)})" if names else ""


def ended(folder, expected, after=""):
    """Finish the workflow, and tell what is wrong with the results."""
    code, said = run(folder)
    if code:
        return f"{after} not finished when started again: ...{said[-600:]}"
    return difference(folder, expected)


def kills(scratch, expected, options):
    """SIGKILL to a random process of a job, or to Snakemake itself, at random moments."""
    choose, done, wrong = random.Random(options.seed), 0, []
    while done < options.kills:
        folder = project(scratch / f"killed{done}")
        workflow = None
        while done < options.kills:
            if workflow is None:
                snakemake(folder, "--unlock", *CONFIGURED)
                workflow = start(folder)
            with contextlib.suppress(subprocess.TimeoutExpired):
                workflow.wait(choose.uniform(1, 9))
            if workflow.poll() == 0:
                break
            if workflow.poll() is None:
                done += kill_one(workflow, choose)
            if workflow.poll() is not None:
                workflow = None
        if workflow is not None:
            workflow.wait()
        wrong.append(ended(folder, expected))
        print(f"kills: {done} put in", flush=True)
    return done, list(filter(None, wrong))


def kill_one(workflow, choose):
    """Kill Snakemake, one time of three, or one of the processes of its jobs."""
    jobs = []
    with contextlib.suppress(psutil.NoSuchProcess):
        jobs = psutil.Process(workflow.pid).children(recursive=True)
    victim = choose.choice(jobs) if jobs and choose.random() > 1 / 3 else workflow
    try:
        victim.kill()
    except psutil.NoSuchProcess:
        return 0
    if victim is workflow:
        workflow.wait()
    return 1


@contextlib.contextmanager
def small_disk(folder, size):
    """A tmpfs of some bytes in the place of the results."""
    at = folder / "results"
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", at], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)


def remount(at, how):
    subprocess.run(["mount", "-o", f"remount,{how}", at], check=True)


def disk(scratch, expected, options):
    """A disk that is full after a tenth, a half and nine tenths of what is written."""
    wrong, undisturbed = [], scratch / "undisturbed" / RESULTS
    whole = sum(path.stat().st_size for path in undisturbed.rglob("*") if path.is_file())
    for share in (0.1, 0.5, 0.9):
        folder = project(scratch / f"full{share}")
        with small_disk(folder, int(share * whole)) as at:
            code, said = run(folder)
            if code == 0:
                wrong.append(f"a disk of {share} of the bytes was enough")
            elif "No space left" not in said:
                wrong.append(f"not said that the disk is full: ...{said[-600:]}")
            remount(at, "size=1g")
            wrong.append(ended(folder, expected))
    return 3, list(filter(None, wrong))


def readonly(scratch, expected, options):
    """Results that become read-only when the codes are written."""
    folder = project(scratch / "readonly")
    with small_disk(folder, "1g") as at:
        snakemake(folder, "--cores", "2", "--until", "embed", *CONFIGURED)
        remount(at, "ro")
        code, said = run(folder)
        unsaid = not code or "expected a writable folder" not in said
        wrong = [f"unsaid: ...{said[-600:]}"] if unsaid else []
        remount(at, "rw")
        wrong.append(ended(folder, expected))
    return 1, list(filter(None, wrong))


def memory(scratch, expected, options):
    """Jobs that get less memory than they need."""
    folder = project(scratch / "memory")
    limit = (LITTLE_MEMORY, LITTLE_MEMORY)
    workflow = start(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit))
    code = workflow.wait()
    wrong = [] if code else ["a little memory was enough"]
    wrong.append(ended(folder, expected))
    return 1, list(filter(None, wrong))


def truncated(content):
    return content[: len(content) // 2]


def emptied(content):
    return b""


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGES = (truncated, emptied, flipped)


def damage(scratch, expected, options):
    """Every file truncated, emptied and a bit flipped; then one of each kind before a new run."""
    put_in, wrong = 0, []
    intact = scratch / "undisturbed"
    with contextlib.chdir(intact):
        for name in expected:
            before = Path(name).read_bytes()
            for spoil in DAMAGES:
                put_in += 1
                Path(name).write_bytes(spoil(before))
                found = provenance.verify(RESULTS).faults
                if not any(f"{name} was damaged or edited" in fault for fault in found):
                    wrong.append(f"{name} {spoil.__name__}: not found by kerasae verify")
            Path(name).write_bytes(before)
    print(f"damage: {put_in} put in, looked for by kerasae verify", flush=True)
    kinds = {str(Path(name).parent) + Path(name).suffix: name for name in reversed(expected)}
    for number, name in enumerate(sorted(kinds.values())):
        spoil = DAMAGES[number % len(DAMAGES)]
        folder = scratch / f"damaged{number}"
        shutil.copytree(intact, folder)
        path = folder / name
        path.write_bytes(spoil(path.read_bytes()))
        put_in += 1
        code, said = run(folder)
        if code and f"{name} was damaged" not in said:
            wrong.append(f"{name} {spoil.__name__}: not named: ...{said[-600:]}")
        path.unlink()  # as it says
        wrong.append(ended(folder, expected, after=f"{name} {spoil.__name__}:"))
        shutil.rmtree(folder)
    return put_in, list(filter(None, wrong))


def edited(scratch, expected, options):
    """Code that is edited while the workflow runs, and later put back, with its old time stamp."""
    folder = project(scratch / "edited")
    path = folder / "kerasae" / "models" / "stacked.py"
    before, times = path.read_text(), path.stat()
    workflow = start(folder)
    while workflow.poll() is None and not (folder / RESULTS / "logs" / "data").exists():
        time.sleep(0.1)
    path.write_text(before.replace("\n", "\n# edited\n", 1))
    wrong = []
    if workflow.wait() == 0 or "run Snakemake again" not in (folder / "said.txt").read_text():
        wrong.append("trained with other code than planned")
    path.write_text(before)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    wrong.append(ended(folder, expected))
    return 1, list(filter(None, wrong))


def refused(folder):
    """Run the workflow in a new folder, and meanwhile a second one; tell what is wrong."""
    first = start(project(folder))
    while not list((folder / ".snakemake" / "locks").glob("*.lock")):
        time.sleep(0.1)
    code, said = snakemake(folder, "--cores", "2", *CONFIGURED)
    wrong = [] if code and "lock" in said.lower() else [f"not refused: ...{said[-600:]}"]
    if first.wait():
        wrong.append("the first was disturbed")
    return wrong


def twice(scratch, expected, options):
    """Two workflows at once in one folder: the second is refused, the first goes on."""
    folder = scratch / "twice"
    wrong = refused(folder)
    return 1, list(filter(None, [*wrong, difference(folder, expected)]))


def folders(scratch, expected, options):
    """No faults: one core, and four, each in a folder of its own."""
    wrong = []
    for cores in (1, 4):
        folder = project(scratch / "elsewhere" / "deeper" / str(cores))
        code, said = run(folder, cores)
        wrong.append(said[-600:] if code else difference(folder, expected))
    return 2, list(filter(None, wrong))


FAULTS = (kills, disk, readonly, memory, damage, edited, twice, folders)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [fault.__name__ for fault in FAULTS]
    parser.add_argument("faults", nargs="*", default=names, metavar="FAULT", help=", ".join(names))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        code, said = run(project(scratch / "undisturbed"))
        if code:
            sys.exit(f"The undisturbed run failed:\n{said[-2000:]}")
        expected = outputs(scratch / "undisturbed")
        print(f"Undisturbed: {len(expected)} outputs", flush=True)
        for fault in FAULTS:
            if fault.__name__ not in options.faults:
                continue
            begun = time.monotonic()
            put_in, wrong = fault(scratch, expected, options)
            rows.append((fault.__name__, put_in, put_in - len(wrong), time.monotonic() - begun))
            print("\n".join([f"{fault.__name__}: {put_in} put in", *wrong]), flush=True)
    table = pd.DataFrame(rows, columns=["fault", "put in", "survived", "seconds"])
    os.makedirs("results", exist_ok=True)
    table.to_csv("results/faults.csv", index=False)
    print(table.to_string(index=False, float_format="{:.0f}".format))
    sys.exit(int((table["put in"] > table["survived"]).any()))


if __name__ == "__main__":
    main()
