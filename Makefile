# `make quickstart` and `make test` need nothing but a fresh Debian or Ubuntu with make: what is missing
# is installed first (system packages, a virtual environment, the package, the PDK's models).
# Stamps in $(VENV) make a second call instant.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
# One more than JOBS: tests wait for the processes that they start, and a core would idle meanwhile.
TEST_JOBS ?= 3
BIN := $(VENV)/bin
RUN := results/runs/quickstart
SWEEPS := sram-cell sram-write-supply acim-qs acim-qs-corners acim-qs-supply acim-qs-swing acim-qs-rows acim-qs-replica acim-qs-trim acim-qs-budget \
  acim-qr acim-qr-corners acim-qr-capacitor acim-qr-144 acim-qr-inputs acim-qr-budget column-dac column-dac-load nsnr-restore nsnr-conditions nsnr-shmoo nsnr-leakage nsnr-store \
  nsnr-half-rail nsnr-half-rail-yield nsnr-half-rail-corners nsnr-half-rail-conditions \
  ternary-column ternary-margin baseline-sram baseline-sram-32 baseline-sram-256 baseline-reram baseline-reram-256 ternary-column-256 strongarm strongarm-noise strongarm-trim \
  sar-adc sar-adc-1v62 sar-adc-4 sar-adc-forms sar-adc-low shift-adder shift-adder-4 shift-adder-trit ternary-encoder \
  dcim-popcount dcim-popcount-corners hybrid-slice \
  $(foreach cell,and2 fa ha inv nor2,logic-cell-$(cell) logic-cell-$(cell)-corners) \
  logic-pair-and2 logic-pair-fa logic-pair-ha \
  $(addsuffix -conditions,acim-qr-144 acim-qr-inputs sar-adc shift-adder shift-adder-4 strongarm-noise strongarm-trim dcim-popcount)

.PHONY: help setup quickstart test test-faults test-consumers lint netlists results headline bench bench-peers docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.pdk ## install what is missing

quickstart: setup ## a small characterization on SKY130: table, pictures, export
	$(BIN)/bitline characterize acim-qs --quick -j $(JOBS) -o $(RUN)/acim-qs
	$(BIN)/bitline simulate acim-column-qs --plot $(RUN)/waveforms.png
	$(BIN)/bitline plot $(RUN)/acim-qs -o $(RUN)/acim-qs.png
	$(BIN)/bitline export $(RUN)/acim-qs --to neurosim -o $(RUN)/neurosim
	@echo
	@echo "lookup table   $(RUN)/acim-qs/lut.json and the CSV files beside it"
	@echo "its picture    $(RUN)/acim-qs.png"
	@echo "waveforms      $(RUN)/waveforms.png"
	@echo "for NeuroSim   $(RUN)/neurosim/"

# Matrices are small here: threads of BLAS gain nothing, and wait for each other where all cores are busy.
test: export OPENBLAS_NUM_THREADS = 1
test: lint $(VENV)/.gf180mcu ## all checks and all tests, ngspice required
	$(BIN)/python -m pytest -n $(TEST_JOBS) --dist worksteal --ngspice required

test-faults: setup ## 100 faults over a sweep of 2,000 points; rewrites the table of docs/faults.md
	$(BIN)/python tests/faults/campaign.py --report docs/faults.md

test-consumers: setup ## exports loaded in the programs they are for, as far as these can be installed
	.ci/consumers $(VENV)

lint: setup ## formatting, linting, types, import directions
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

netlists: setup ## render every circuit into netlists/
	$(BIN)/bitline render --all -o netlists

results: setup ## the reference tables and figures, from the full sweeps (some six hours)
	mkdir -p results/figures
	for sweep in $(SWEEPS); do \
	  $(BIN)/bitline characterize $$sweep -j $(JOBS) -o results/luts/$$sweep; \
	  $(BIN)/bitline plot results/luts/$$sweep -o results/figures/$$sweep.png; \
	done
	$(BIN)/bitline simulate split-port-6t --bench snm --set access=digital --behind 100 --plot results/figures/split-port-6t.snm.png
	$(BIN)/bitline simulate split-port-6t --bench n-curve --set access=both --behind 100 --plot results/figures/split-port-6t.n-curve.png
	for circuit in acim-column-qs acim-column-qr; do \
	  $(BIN)/bitline simulate $$circuit --plot results/figures/$$circuit.png; \
	done
	for column in acim-qs acim-qr; do \
	  $(BIN)/bitline snr $$column --plot results/figures/$$column.snr.png; \
	done
	$(BIN)/bitline snr acim-qs-supply --over vdd --plot results/figures/acim-qs-supply.snr.png
	$(BIN)/bitline snr acim-qs-swing --over t_pulse --by v_wl --plot results/figures/acim-qs-swing.snr.png
	$(BIN)/python examples/qs_timing.py -o results/figures/qs-timing.png
	$(BIN)/python benchmarks/doc_tables.py
	$(BIN)/bitline simulate nvsram-trit --bench restore --each level --plot results/figures/nvsram-trit.png
	$(BIN)/bitline simulate nsnr-cluster --bench iv --plot results/figures/nsnr-cluster.iv.png
	$(BIN)/bitline simulate nsnr-cluster --bench store --set start=lrs --set target=mrs --plot results/figures/nsnr-cluster.store.png
	$(BIN)/python examples/ternary_system.py -o results/figures/account.png

headline: setup ## the papers' headline figures, from the shipped tables
	$(BIN)/python examples/headline.py
	$(BIN)/python examples/hybrid_boundary.py

bench: setup ## the speed tables
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/levers.py

docs: $(VENV)/.package ## the documentation site in site/, without a broken link or an undocumented name
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench-peers: setup $(VENV)/peers/.installed ## bitline beside PySpice, InSpice, spicelib, VlsirTools and ngspice itself
	$(BIN)/python benchmarks/peers/compare.py --python $(VENV)/peers/bin/python
	$(BIN)/python benchmarks/peer_table.py
	$(BIN)/python benchmarks/doc_tables.py

clean: ## remove the environment, caches and the quickstart's output (not your other runs)
	rm -rf $(VENV) build dist site $(RUN) .coverage htmlcov .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests benchmarks examples -name __pycache__ -prune -exec rm -rf {} +

# Programs that bitline is compared with and does not need.
$(VENV)/peers/.installed: benchmarks/peers/requirements.txt | $(VENV)/.system
	$(PYTHON) -m venv $(VENV)/peers
	$(VENV)/peers/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

$(VENV)/.system:
	.ci/system-packages $(PYTHON)
	mkdir -p $(VENV)
	touch $@

$(VENV)/.package: pyproject.toml | $(VENV)/.system
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# A second process: the tests hold the reader of libraries to it.
$(VENV)/.gf180mcu: models/gf180mcu.toml | $(VENV)/.package
	$(BIN)/bitline pdk install gf180mcu
	touch $@

$(VENV)/.pdk: models/sky130.toml | $(VENV)/.package
	$(BIN)/bitline pdk install sky130
	touch $@
