# CONFIG=FILE overrides keys of config.yaml, CORES=N sets the number of cores,
# PYTHON=COMMAND names the Python that creates the environment.

PYTHON ?= python3
CORES ?= all
CONFIG ?=
COLLECTION ?=
SETTING ?= semi_supervised
BIN := .venv/bin
PYTEST = $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder
SNAKEMAKE = $(BIN)/snakemake $(if $(CONFIG),--configfile $(CONFIG))
REPORT = results/report$(if $(CONFIG),-$(basename $(notdir $(CONFIG)))).html
# Simulate other processors: tell libraries to use fewer vector instructions
PROCESSORS = ONEDNN_MAX_CPU_ISA=AVX2 ONEDNN_MAX_CPU_ISA=AVX512_CORE TF_ENABLE_ONEDNN_OPTS=0 \
	XLA_FLAGS=--xla_cpu_max_isa=AVX2
# A build of PyTorch without CUDA: some machines have it, PyPI does not
TORCH_WHEEL = torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl
TORCH_CPU = 6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --quiet

.PHONY: help env bakeoff tour report test test-all test-processors lint docs bench faults slurm-test tables pages
.PHONY: lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@sed '/^$$/,$$d; s/^# //' $(MAKEFILE_LIST)

env: .venv/installed ## create the environment in .venv

bakeoff: .venv/installed ## run the whole comparison and write its report
	REPORT_FOLLOWS=1 $(SNAKEMAKE) --cores $(CORES)
	@$(MAKE) --no-print-directory report

tour: ## run the same in minutes, on part of the data
	@$(MAKE) --no-print-directory bakeoff CONFIG=workflow/configs/tour.yaml

# Hide what Snakemake prints for each file, so that the answers of a run stay in view
report: .venv/installed ## write the report of the results so far
	@mkdir -p results
	@said=$$($(SNAKEMAKE) --report $(REPORT) 2>&1) || { echo "$$said"; exit 1; }
	@echo "The report: $(REPORT)"

test: .venv/installed ## run the tests that take minutes
	$(PYTEST) -m "not slow"

test-all: test ## run the slow tests, too
	$(PYTEST) -m slow

test-processors: .venv/installed ## run the tests as on four processors, one after the other
	@failed=; for setting in $(PROCESSORS); do \
		echo "$$setting"; env $$setting $(MAKE) --no-print-directory test || failed="$$failed $$setting"; \
	done; for setting in $(PROCESSORS); do \
		case "$$failed " in *" $$setting "*) echo "failed: $$setting";; *) echo "passed: $$setting";; esac; \
	done; [ -z "$$failed" ]

lint: .venv/installed ## check the style and the type hints
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check workflow
	$(BIN)/snakemake --lint

docs: .venv-docs/installed ## build the documentation in site/
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict --quiet
	@echo "The documentation: site/index.html"

# mkdocstrings reads the docstrings without importing the package: the environment has no TensorFlow
.venv-docs/installed: requirements-docs.txt
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet --require-hashes -r $<
	touch $@

bench: .venv/installed .venv-bench/installed ## measure the training speed, beside PyTorch
	$(BIN)/python benchmarks/run.py --torch .venv-bench/bin/python

# Only the benchmark depends on PyTorch, which has a separate environment. pip takes the build without
# CUDA if it finds one, else PyPI's, which on Linux brings gigabytes of CUDA.
.venv-bench/installed: requirements-bench.txt requirements-bench-cpu.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --require-hashes -r requirements-bench-cpu.txt || \
		.venv-bench/bin/python -m pip install --quiet --require-hashes -r requirements-bench.txt
	touch $@

faults: .venv/installed ## check that kills, full disks and damaged files lose no results
	$(BIN)/python benchmarks/faults.py

slurm-test: .venv/installed .venv-slurm/installed ## run a small bake-off through Slurm on this machine (root, Debian)
	{ command -v slurmctld && command -v munged; } || apt-get install --yes slurm-wlm munge
	PYTHONPATH=$(CURDIR)/.venv-slurm $(BIN)/python benchmarks/slurm.py

# Outside the environment: inside it, the plugin makes every start of Snakemake import pandas
.venv-slurm/installed: requirements-slurm.txt .venv/installed
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --upgrade --target .venv-slurm -r $<
	touch $@

# Snakemake takes the data sets from --config, the other keys from the file. For every finished job it
# looks for jobs to start once more in each span, by default in each second, and waits for the last span
# before it ends (snakemake/snakemake#3744): with spans of 10 s that took two thirds of a core after 267
# of 388 jobs
tables: CONFIG = workflow/configs/tables.yaml
tables: .venv/installed ## find anomalies in the .npz files of a folder: COLLECTION=FOLDER SETTING=unsupervised
	@test -n "$(COLLECTION)" || { echo "Expected a folder with .npz files: make tables COLLECTION=FOLDER"; exit 1; }
	$(SNAKEMAKE) --cores $(CORES) --max-jobs-per-timespan 1000/1m --config results=results/tables-$(SETTING) \
		'datasets={mnist: false, tables: {collection: "$(COLLECTION)", setting: $(SETTING), rows: 10000}}'
	@echo "The comparison across the data sets: results/tables-$(SETTING)/across/auroc.html"

pages: .venv/installed ## write the pages with numbers from the templates and scores of studies/bake_off
	$(BIN)/python -m studies.bake_off.pages

lock: ## update the requirements files after a change of pyproject.toml (needs uv)
	$(LOCK) --all-extras pyproject.toml -o requirements.txt
	$(LOCK) --group docs -c requirements.txt -o requirements-docs.txt
	$(LOCK) --group slurm --no-deps -c requirements.txt -o requirements-slurm.txt
	$(LOCK) --group bench -c requirements.txt -o requirements-bench.txt
	{ echo "# Written by make lock: requirements-bench.txt with a build of PyTorch without CUDA, which PyPI does"; \
		echo "# not have. sha256sum computed its hash from the file; it was not compared with an index:"; \
		echo "# $(TORCH_WHEEL)"; \
		echo "torch==2.13.0+cpu \\"; echo "    --hash=sha256:$(TORCH_CPU)"; \
		awk '/^[^ ]/ { other = !/^(cuda|nvidia|torch|triton)/ } other' requirements-bench.txt; \
	} > requirements-bench-cpu.txt

# pip compiles the modules that it installs: TensorFlow then imports in a third of the time
.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Expected Python 3.11 to 3.13, named by make PYTHON=... Received: $$($(PYTHON) --version)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
