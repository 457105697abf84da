"""Run a small bake-off through a Slurm on this machine, and lose a node half-way.

    python benchmarks/slurm.py

Starts munge, slurmctld and two slurmd, of which one is killed with all its jobs when half of the
models are there. The results have to be those of a local run. Needs root, and Debian's slurm-wlm.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from faults import CONFIGURED, RESULTS, difference, outputs, project, run

CONF = """
ClusterName=kerasae
SlurmctldHost={host}
SlurmctldPort={ports[0]}
AuthType=auth/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
SlurmdTimeout=10
MinJobAge=7200
SwitchType=switch/none
MpiDefault=none
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=4 RealMemory=8000
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=4 RealMemory=8000
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

# Where Slurm looks for it; a job's own steps do not see SLURM_CONF
AT = Path("/etc/slurm/slurm.conf")


def free_ports(number):
    """Ports that nothing listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def said(*command):
    """What a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextlib.contextmanager
def munge():
    """The daemon that signs Slurm's messages, unless it runs already."""
    works = subprocess.run("munge -n | unmunge", shell=True, capture_output=True).returncode == 0
    if works:
        yield
        return
    os.makedirs("/run/munge", exist_ok=True)
    subprocess.run(["chown", "munge:munge", "/run/munge"], check=True)
    daemon = subprocess.Popen(["runuser", "-u", "munge", "--", "munged", "--foreground"])
    try:
        yield
    finally:
        daemon.terminate()


@contextlib.contextmanager
def cluster(folder):
    """Slurm with two nodes; gives the daemons of the nodes."""
    (folder / "state").mkdir(parents=True)
    if AT.exists():
        sys.exit(f"{AT} is there: this machine has a Slurm of its own, which is left alone.")
    AT.write_text(
        CONF.format(folder=folder, host=socket.gethostname().split(".")[0], ports=free_ports(3))
    )
    with munge(), open(folder / "daemons.log", "w") as log:
        start = [
            ["slurmctld", "-D"],
            ["slurmd", "-D", "-N", "node1"],
            ["slurmd", "-D", "-N", "node2"],
        ]
        daemons = []
        try:
            for command in start:
                daemons.append(subprocess.Popen(command, stdout=log, stderr=log))
                time.sleep(2)
            for _ in range(60):
                with contextlib.suppress(subprocess.CalledProcessError):
                    if said("sinfo", "-h", "-o", "%D %t") == "2 idle\n":
                        break
                time.sleep(1)
            else:
                sys.exit(f"Slurm did not start:\n{(folder / 'daemons.log').read_text()[-3000:]}")
            yield dict(zip(("node1", "node2"), daemons[1:], strict=True))
        finally:
            for daemon in daemons:
                daemon.terminate()
            AT.unlink()


def jobs_on(node):
    """Numbers of the jobs that run on a node."""
    return said("squeue", "-h", "-w", node, "-t", "running", "-o", "%A").split()


def lose(daemons):
    """Kill the busier node's daemon and all that runs on it, as if its machine went down."""
    node = max(daemons, key=lambda node: len(jobs_on(node)))
    jobs = jobs_on(node)
    daemons[node].kill()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            step = any(f"[{job}." in " ".join(process.cmdline()) for job in jobs)
            if step or process.environ().get("SLURM_JOB_ID") in jobs:
                process.kill()
    return node, jobs


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        code, words = run(project(scratch / "local"))
        if code:
            sys.exit(f"The local run failed:\n{words[-2000:]}")
        expected = outputs(scratch / "local")
        half = sum("/models/" in name for name in expected) / 2
        print(f"Local: {len(expected)} outputs", flush=True)
        folder = project(scratch / "cluster")
        with cluster(scratch / "slurm") as nodes, open(folder / "said.txt", "w") as log:
            command = [
                *(sys.executable, "-m", "snakemake", *CONFIGURED),
                *("--profile", "workflow/profiles/slurm"),
                *("--slurm-init-seconds-before-status-checks", "5"),
                *("--seconds-between-status-checks", "5"),
                *("--slurm-status-command", "squeue"),  # there is no accounting
            ]
            workflow = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
            while len(list((folder / RESULTS / "models").glob("*.keras"))) < half:
                if workflow.poll() is not None:
                    break
                time.sleep(0.5)
            node, lost = lose(nodes)
            print(f"{node} is lost, and with it {len(lost)} jobs", flush=True)
            code = workflow.wait()
            jobs = said("squeue", "-h", "--states=all", "-o", "%A %T %N").splitlines()
            print(said("sinfo", "-N", "-h", "-o", "%N %t"), *jobs, sep="\n")
        words = (folder / "said.txt").read_text()
        if code:
            sys.exit(f"The run through Slurm failed:\n{words[-3000:]}")
        wrong = difference(folder, expected)
        print(wrong or f"{len(jobs)} submissions to Slurm; the results are those of the local run")
        sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
