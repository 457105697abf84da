# CONFIG=FILE lays another configuration over config.yaml, CORES=N takes so many cores,
# PYTHON=COMMAND makes the environment with another Python.

PYTHON ?= python3
CORES ?= all
CONFIG ?=
BIN := .venv/bin
SNAKEMAKE = $(BIN)/snakemake $(if $(CONFIG),--configfile $(CONFIG))
REPORT = results/report$(if $(CONFIG),-$(basename $(notdir $(CONFIG)))).html
# One processor stands for others: libraries are told to use fewer of its instructions
PROCESSORS = ONEDNN_MAX_CPU_ISA=AVX2 ONEDNN_MAX_CPU_ISA=AVX512_CORE TF_ENABLE_ONEDNN_OPTS=0 \
	XLA_FLAGS=--xla_cpu_max_isa=AVX2
# A build of PyTorch without CUDA, which some machines have and PyPI has not
TORCH_WHEEL = torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl
TORCH_CPU = 6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --quiet

.PHONY: help env bakeoff tour report test test-processors lint bench faults slurm-test lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@sed '/^$$/,$$d; s/^# //' $(MAKEFILE_LIST)

env: .venv/installed ## the environment, in .venv

bakeoff: .venv/installed ## the whole comparison and its report
	REPORT_FOLLOWS=1 $(SNAKEMAKE) --cores $(CORES)
	@$(MAKE) --no-print-directory report

tour: ## the same in minutes, on a part of the data
	@$(MAKE) --no-print-directory bakeoff CONFIG=workflow/configs/tour.yaml

# What Snakemake says of each file would stand between the answer of a run and the prompt
report: .venv/installed ## the report of what was computed
	@mkdir -p results
	@said=$$($(SNAKEMAKE) --report $(REPORT) 2>&1) || { echo "$$said"; exit 1; }
	@echo "The report: $(REPORT)"

test: .venv/installed ## the tests
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-processors: .venv/installed ## the tests as on four processors, one after the other
	@failed=; for setting in $(PROCESSORS); do \
		echo "$$setting"; env $$setting $(MAKE) --no-print-directory test || failed="$$failed $$setting"; \
	done; for setting in $(PROCESSORS); do \
		case "$$failed " in *" $$setting "*) echo "failed: $$setting";; *) echo "passed: $$setting";; esac; \
	done; [ -z "$$failed" ]

lint: .venv/installed ## the style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check workflow
	$(BIN)/snakemake --lint

bench: .venv/installed .venv-bench/installed ## how fast it trains, beside PyTorch
	$(BIN)/python benchmarks/run.py --torch .venv-bench/bin/python

# PyTorch is a dependency of the benchmark alone, in an environment of its own. Where pip finds a
# build without CUDA it takes that, else PyPI's, which for Linux comes with gigabytes of CUDA.
.venv-bench/installed: requirements-bench.txt requirements-bench-cpu.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --require-hashes -r requirements-bench-cpu.txt || \
		.venv-bench/bin/python -m pip install --quiet --require-hashes -r requirements-bench.txt
	touch $@

faults: .venv/installed ## kills, full disks, damaged files: nothing is lost
	$(BIN)/python benchmarks/faults.py

slurm-test: .venv/installed .venv-slurm/installed ## a small bake-off through Slurm on this machine (root, Debian)
	{ command -v slurmctld && command -v munged; } || apt-get install --yes slurm-wlm munge
	PYTHONPATH=$(CURDIR)/.venv-slurm $(BIN)/python benchmarks/slurm.py

# Beside the environment, as with the plugin in it every start of Snakemake imports pandas
.venv-slurm/installed: requirements-slurm.txt .venv/installed
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --upgrade --target .venv-slurm -r $<
	touch $@

lock: ## the requirements files, after a change of pyproject.toml (needs uv)
	$(LOCK) --extra workflow --extra dev pyproject.toml -o requirements.txt
	$(LOCK) --group slurm --no-deps -c requirements.txt -o requirements-slurm.txt
	$(LOCK) --group bench -c requirements.txt -o requirements-bench.txt
	{ echo "# requirements-bench.txt by make lock, with a build of PyTorch without CUDA in place of PyPI's,"; \
		echo "# which PyPI does not have. Its hash was computed from the file (sha256sum), and compared with no"; \
		echo "# index: $(TORCH_WHEEL)"; \
		echo "torch==2.13.0+cpu \\"; echo "    --hash=sha256:$(TORCH_CPU)"; \
		awk '/^[^ ]/ { other = !/^(cuda|nvidia|torch|triton)/ } other' requirements-bench.txt; \
	} > requirements-bench-cpu.txt

# pip compiles what it installs, so that TensorFlow imports in a third of the time
.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed. Received: $$($(PYTHON) --version). Name one: make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
