# The commands of this project. Each installs what it needs into a virtual environment in .venv. Python's tests run
# with the built wheel, not the source tree.
#
#   make demo             the main job on real text
#   make test             all tests, Rust's and Python's
#   make test-oldest      the adapters' tests, with the oldest versions that the extras allow
#   make test-engines     the adapters for distributed engines, with real ones: Spark, Dask, Daft, Ray; object stores
#   make test-newest      Python's tests on the newest Python of Debian unstable (debootstrap and chroot); needs root
#   make test-stress      threads that share everything, for a minute (STRESS=60); PYTHON=python3.14t for free-threaded
#   make test-aarch64     the core's tests for aarch64, under an emulator; make test-musl for musl
#   make test-sdist       the source distribution, installed into a clean environment and tested there
#   make check-platforms  lints for aarch64, musl, macOS and Windows
#   make sanitize         tests under AddressSanitizer, ThreadSanitizer, Miri, valgrind; SANITIZE="address miri" for some
#   make lint             formatting, lints (also for Pythons that are not installed), import directions, types, the
#                         type stub against the built module, licences of dependencies, GitHub workflows
#   make docs             the documentation site, build/docs/index.html; runs its recipes and checks its links
#   make fuzz             random cases against independent oracles; FUZZ_SECONDS=3600 for longer, FUZZ_SEED=N to repeat
#   make fuzz-coverage    the same, guided by coverage, under AddressSanitizer
#   make bench            countgrid and other libraries on the same texts; BENCH="--workload NAME" for one workload
#   make bench-word-count one token in one file: pure Python, Rust, Rust on all cores, and PyO3's example
#   make bench-scale      the figures of docs/scale.md, and predictions from them; SCALE=--quick only checks answers
#   make clean            removes everything that the others made
#
# PYTHON chooses the interpreter, PYTEST the tests: make test PYTHON=python3.13 PYTEST=tests/test_find.py

PYTHON ?= python3
# 3.14t is the free-threaded 3.14. It needs its own wheels and environment.
VERSION := $(shell $(PYTHON) -c 'import sys, sysconfig; print("%d.%d" % sys.version_info[:2] + ("t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""))')
VENV := .venv/$(VERSION)
BIN := $(VENV)/bin
WHEELS := dist/$(VERSION)
# Prints what a step of a build does, and how long it took.
STEP := @.ci/step
# Descriptions of interpreters, from which PyO3 builds the binding without them.
INTERPRETERS := $(abspath $(wildcard .ci/interpreters/*.txt))
SOURCES := Cargo.toml Cargo.lock build.rs pyproject.toml README.md LICENSE $(shell find src python -name '*.rs' -o -name '*.py' -o -name '*.pyi')

.PHONY: demo test test-rust test-python test-oldest test-engines test-newest test-stress test-aarch64 test-musl test-sdist check-platforms sanitize lint docs fuzz fuzz-coverage bench bench-word-count bench-scale clean

demo: $(VENV)/.demo $(VENV)/.wheel
	@$(BIN)/python demo/demo.py --output build/demo.png

test: test-rust test-python

# Only the core, without Python.
test-rust:
	cargo test --quiet

test-python: $(VENV)/.test $(VENV)/.pages $(VENV)/.all
	$(BIN)/python -m pytest -q $(PYTEST)

# The same wheel, in an environment with the oldest versions.
test-oldest: $(VENV)/.wheel
	@$(MAKE) --no-print-directory VENV=$(VENV)-oldest WHEELS=$(WHEELS) run-oldest
run-oldest: $(VENV)/.oldest $(VENV)/.test
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps $(WHEELS)/*.whl
	$(BIN)/python -m pytest -q tests/adapters

# Distributed engines, with the same wheel, in an environment of their own.
test-engines: $(VENV)/.wheel
	@$(MAKE) --no-print-directory VENV=$(VENV)-engines WHEELS=$(WHEELS) run-engines
run-engines: $(VENV)/.engines
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps $(WHEELS)/*.whl
	$(BIN)/python -m pytest -q tests/engines

# Each of these prints what it skips if a tool or a Rust target cannot be installed.
test-aarch64:
	.ci/cross_test aarch64-unknown-linux-gnu

test-musl:
	.ci/cross_test x86_64-unknown-linux-musl

check-platforms:
	.ci/platforms

sanitize: $(VENV)/.test $(VENV)/.all
	.ci/sanitize $(BIN)/python $(SANITIZE)

# Shares the target folder of the other builds, so that only this crate is compiled again.
test-sdist: $(VENV)/.built
	rm -rf dist/source
	$(BIN)/maturin sdist --out dist/source
	CARGO_TARGET_DIR=$(abspath target) $(BIN)/python .ci/test_wheel.py dist/source

# A third of the time each: the core at the best level and at the portable level, the installed wheel at all levels.
FUZZ_SECONDS ?= 120
FUZZ := cargo run --quiet --release --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --bin random -- all
fuzz: $(VENV)/.test $(VENV)/.all
	$(FUZZ) $(shell expr $(FUZZ_SECONDS) / 3) $(FUZZ_SEED)
	COUNTGRID_SIMD=portable $(FUZZ) $(shell expr $(FUZZ_SECONDS) / 3) $(FUZZ_SEED)
	PYTHONPATH=tests $(BIN)/python fuzz/differential.py --seconds $(shell expr $(FUZZ_SECONDS) / 3) $(if $(FUZZ_SEED),--seed $(FUZZ_SEED))

# libFuzzer with AddressSanitizer; needs a nightly toolchain and cargo-fuzz (cargo install cargo-fuzz).
fuzz-coverage:
	for target in engines regexes layouts; do \
	    cargo +nightly fuzz run --features libfuzzer --target-dir target/fuzz-coverage $$target -- \
	        -max_total_time=$$(expr $(FUZZ_SECONDS) / 3) -max_len=2048 -timeout=60 -print_final_stats=1 || exit 1; \
	done

test-newest: $(VENV)/.built
	.ci/newest $(BIN)/maturin

STRESS ?= 60
test-stress: $(VENV)/.wheel
	$(BIN)/python tests/stress.py $(STRESS)

# BENCH is passed on: make bench BENCH='--workload medium-lexicon --rounds 9'
bench: $(VENV)/.bench $(VENV)/.wheel $(VENV)/.word_count $(VENV)/.regex_sets
	$(BIN)/python benchmarks/run.py $(BENCH)

# Saves a record. SCALE is passed on: make bench-scale SCALE=--quick
bench-scale: $(VENV)/.bench $(VENV)/.wheel
	$(BIN)/python benchmarks/scale.py $(SCALE)

# The table goes to build/word-count.txt and .json, the histograms to build/word-count-*.svg.
bench-word-count: SHELL := /bin/bash
bench-word-count: .SHELLFLAGS := -o pipefail -c
bench-word-count: $(VENV)/.word-count $(VENV)/.wheel $(VENV)/.word_count
	@mkdir -p build
	$(BIN)/python -m pytest -q benchmarks/test_word_count.py --benchmark-columns=min,median,max,rounds \
		--benchmark-histogram=build/word-count --benchmark-json=build/word-count.json | tee build/word-count.txt

lint: $(VENV)/.lint $(VENV)/.all
	cargo fmt --check
	cargo fmt --check --manifest-path benchmarks/word_count/Cargo.toml
	cargo fmt --check --manifest-path benchmarks/regex_sets/Cargo.toml
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --quiet --all-targets -- -D warnings
	cargo clippy --quiet -- -D warnings -D clippy::missing_errors_doc
	cargo clippy --quiet --manifest-path fuzz/Cargo.toml --target-dir target/fuzz -- -D warnings
	PYO3_PYTHON=$(abspath $(BIN)/python) cargo clippy --quiet --all-targets --features python -- -D warnings
	for interpreter in $(INTERPRETERS); do \
		PYO3_CONFIG_FILE=$$interpreter cargo clippy --quiet --features python -- -D warnings || exit 1; \
	done
	$(BIN)/python tests/layers.py
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/ruff check --quiet --preview --select PLW1514 .
	cd $(VENV) && bin/mypy --config-file $(abspath pyproject.toml)
	cd $(VENV) && bin/python -m mypy.stubtest countgrid._core
	PATH=$(abspath $(BIN)):$$PATH cargo deny --log-level error check licenses bans sources
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/zizmor --quiet --offline .github

docs: $(VENV)/.docs $(VENV)/.all
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --nitpicky -d build/doctrees docs build/docs

# The wheel, built for this Python and installed.
$(VENV)/.wheel: $(SOURCES) $(VENV)/.built
	@rm -rf $(WHEELS)
	$(STEP) 'Compiling countgrid (Rust, optimised: one to seven minutes)' \
		$(BIN)/maturin build --release --out $(WHEELS) --interpreter $(BIN)/python
	$(STEP) 'Installing the wheel' $(BIN)/python -m pip install --quiet --force-reinstall --no-deps $(WHEELS)/*.whl
	@touch $@

$(VENV)/.built: | $(VENV)
	$(STEP) 'Installing maturin and NumPy' $(BIN)/python -m pip install --quiet 'maturin>=1.9,<2' 'numpy>=2.0'
	@touch $@

# The packages of the wheel's extras.
$(VENV)/.all: $(VENV)/.wheel pyproject.toml
	$(STEP) 'Installing what the extras need' sh -c \
		'for wheel in $(WHEELS)/*.whl; do $(BIN)/python -m pip install --quiet "$$wheel[all]"; done'
	@touch $@

# The oldest versions of the same packages that pyproject.toml allows.
$(VENV)/.oldest: pyproject.toml | $(VENV)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --resolution lowest-direct --only-binary :all: --extra all -r pyproject.toml
	touch $@

# The libraries compared in benchmarks. Those that this Python cannot run are left out with a note.
$(VENV)/.bench: pyproject.toml benchmarks/install.py | $(VENV)
	$(BIN)/python benchmarks/install.py
	touch $@

# PyO3's word-count example, a separate crate.
$(VENV)/.word_count: $(shell find benchmarks/word_count -name '*.rs' -o -name '*.toml' -o -name 'Cargo.lock') $(VENV)/.built
	$(STEP) "Compiling PyO3's word count" $(BIN)/maturin build --quiet --release \
		--manifest-path benchmarks/word_count/Cargo.toml --out $(WHEELS)/word_count --interpreter $(BIN)/python
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps $(WHEELS)/word_count/*.whl
	@touch $@

# The crates regex-filtered and regex, as many regular expressions are counted with them: a separate crate.
$(VENV)/.regex_sets: $(shell find benchmarks/regex_sets -name '*.rs' -o -name '*.toml' -o -name 'Cargo.lock') $(VENV)/.built
	$(STEP) 'Compiling counts by regex-filtered and RegexSet' $(BIN)/maturin build --quiet --release \
		--manifest-path benchmarks/regex_sets/Cargo.toml --out $(WHEELS)/regex_sets --interpreter $(BIN)/python
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps $(WHEELS)/regex_sets/*.whl
	@touch $@

# A dependency group of pyproject.toml.
$(VENV)/.%: pyproject.toml | $(VENV)
	$(STEP) 'Installing the packages of the group $*' $(BIN)/python -m pip install --quiet --group $*
	@touch $@

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "countgrid needs Python 3.11 or later")'
	$(STEP) 'Making the virtual environment $@' $(PYTHON) -m venv $@
	$(STEP) 'Updating pip' $(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

clean:
	rm -rf .venv dist build target docs/recipes docs/sg_execution_times.rst
