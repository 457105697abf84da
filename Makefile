# make bakeoff   the whole comparison and its report    make test   the tests
# make tour      the same in minutes, on a part of it   make lint   the style
# make report    the report of what was computed       make bench  how fast it trains
# make faults    what is lost by kills, full disks, damaged files: nothing
# make slurm-test  a small bake-off through a Slurm on this machine (root, Debian)
#
# CONFIG=FILE lays another configuration over config.yaml, CORES=N takes so many cores,
# PYTHON=COMMAND makes the environment with another Python.

PYTHON ?= python3
CORES ?= all
CONFIG ?=
BIN := .venv/bin
SNAKEMAKE = $(BIN)/snakemake $(if $(CONFIG),--configfile $(CONFIG))
REPORT = results/report$(if $(CONFIG),-$(basename $(notdir $(CONFIG)))).html

.PHONY: bakeoff tour report test lint bench faults slurm-test lock

bakeoff: .venv/installed
	$(SNAKEMAKE) --cores $(CORES)
	$(MAKE) report

tour:
	$(MAKE) bakeoff CONFIG=workflow/configs/tour.yaml

report: .venv/installed
	@mkdir -p results
	$(SNAKEMAKE) --report $(REPORT)
	@echo "The report: $(REPORT)"

test: .venv/installed
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check workflow
	$(BIN)/snakemake --lint

# PyTorch is a dependency of the benchmark alone, in an environment of its own
bench: .venv/installed .venv-bench/installed
	$(BIN)/python tests/bench/run.py --torch .venv-bench/bin/python

.venv-bench/installed:
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet numpy pillow torch==2.13.0
	touch $@

faults: .venv/installed
	$(BIN)/python tests/faults.py

# Beside the environment, as with the plugin in it every start of Snakemake imports pandas
slurm-test: .venv/installed .venv-slurm/installed
	{ command -v slurmctld && command -v munged; } || apt-get install --yes slurm-wlm munge
	PYTHONPATH=$(CURDIR)/.venv-slurm $(BIN)/python tests/slurm.py

.venv-slurm/installed: .venv/installed
	$(BIN)/python -m pip install --quiet --no-deps --target .venv-slurm \
		snakemake-executor-plugin-slurm==2.8.0 snakemake-executor-plugin-slurm-jobstep==0.6.1
	touch $@

# pip compiles what it installs, so that TensorFlow imports in a third of the time
.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed. Received: $$($(PYTHON) --version). Name one: make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# Anew after a change of the dependencies in pyproject.toml
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.txt
