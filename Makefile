# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What people and CI run; everything is installed into .venv and .cache of this folder, but for the Debian packages.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The interpreter of .venv: Python 3.11 to 3.14.
PYTHON ?= python3
BIN := .venv/bin
CACHE := .cache
COLLECTIONS := $(CACHE)/collections
LINK := $(COLLECTIONS)/ansible_collections/golden/azure

# PATH without .venv, from which .venv itself is made.
OUTSIDE := $(subst $(CURDIR)/$(BIN):,,$(PATH))

# Tests and tools find their own programs first, and keep what they cache in here.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH := $(CURDIR)/tests
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/$(COLLECTIONS)
export ANSIBLE_HOME := $(CURDIR)/$(CACHE)/ansible
export UV_CACHE_DIR := $(CURDIR)/$(CACHE)/uv
# Where it is set, each start of Ansible compiles all of Ansible and of the SDK again.
unexport PYTHONDONTWRITEBYTECODE

# Every exchange of the tests with embedded Azure, and the share (percent) of recorded traffic it has answered as Azure did.
EXCHANGES := $(CURDIR)/build/exchanges.jsonl
CONFORMANCE_REACHED := 97.9

# Tests run in a few processes, one test at a time in each, and what takes long goes first. No two share a port, a folder,
# a machine or a cloud. Half of its time a test waits, for a guest or for a cloud: two processes keep a processor busy.
# One after the other: make test WORKERS=
WORKERS := --numprocesses $(shell expr 2 \* $$(nproc)) --maxprocesses 4 --dist loadgroup

# The exhaustive ones wait for most of their time, for time limits to end and for runs to be ended.
SWEEP_WORKERS := --numprocesses $(shell expr 3 \* $$(nproc)) --maxprocesses 6 --dist loadgroup

# What takes longest is listed at the end.
SLOWEST := --durations=20 --durations-min=1

# Real Linux guests for the demo and for the tests need these, and root; conversions of disks need qemu-utils. They are Debian 12;
# GUEST_SUITE (bullseye, bookworm, trixie, sid) makes them another release.
DEBIAN_PACKAGES := iproute2 mmdebstrap netcat-openbsd openssh-client qemu-utils systemd-container

# Native steps of Windows guests in the deep tests: Wine, and a compiler for the stand-in of sysprep.exe.
WINE_PACKAGES := gcc-mingw-w64-x86-64-win32 wine wine64

# Guests with kernels of their own, in the deep tests and with GUESTS=qemu.
QEMU_PACKAGES := e2fsprogs genisoimage qemu-system-x86

.PHONY: azure bench browser build clean clients conformance deep demo docs fleet guests help lint lock matrix openapi powershell release setup sweep test

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: setup guests ## capture a machine on embedded Azure, boot two clones of it, print the proof (OS=windows: with a stand-in)
	@python -m foreground demo $(if $(OS),--os $(OS))

azure: setup guests ## embedded Azure in the foreground (PORT, PROXY_PORT, SEED, LOG, GUESTS, STORAGE)
	@$(if $(filter qemu,$(GUESTS)),tests/tools/install_debian_packages.sh $(QEMU_PACKAGES))
	@echo 'export PATH="$(CURDIR)/$(BIN):$$PATH" ANSIBLE_COLLECTIONS_PATH="$(ANSIBLE_COLLECTIONS_PATH):$${ANSIBLE_COLLECTIONS_PATH:-$$HOME/.ansible/collections}"'
	@exec python -m foreground embedded_azure $(if $(PORT),--port $(PORT)) $(if $(PROXY_PORT),--proxy-port $(PROXY_PORT)) \
	    $(if $(SEED),--seed $(SEED)) $(if $(LOG),--log $(LOG)) $(if $(GUESTS),--guests $(GUESTS)) \
	    $(if $(STORAGE),--storage $(STORAGE))

fleet: setup guests ## refresh six golden images on embedded Azure, three times (REPORTS: where the pages go)
	@python -m foreground fleet $(if $(REPORTS),--reports $(REPORTS))

test: setup guests ## the tests: unit, integration on embedded Azure, the role on real guests
	@mkdir -p $(dir $(EXCHANGES))
	@rm -f $(EXCHANGES)
	EMBEDDED_AZURE_LOG=$(EXCHANGES) pytest $(WORKERS) -m "not sweep" $(SLOWEST) tests/integration tests/unit $(PYTEST_OPTIONS)

sweep: setup guests browser ## the exhaustive ones: each request failed in each way, ended at each stage (PART=1/3: one of three parts)
	@# Each process reads all the files that it is given.
	pytest $(SWEEP_WORKERS) -m sweep $(if $(PART),--part $(PART)) $(SLOWEST) $$(grep -rl --include='test_*.py' sweep tests/integration tests/unit) $(PYTEST_OPTIONS)

matrix: setup guests ## all that runs in Ansible on each ansible-core, Python and SDK (ONLY=2.17,newest; SUITES=captures; SHORT=1: in short)
	@python -m foreground matrix --cache $(CACHE) $(if $(ONLY),--only $(ONLY)) $(if $(SUITES),--suites $(SUITES)) $(if $(SHORT),--short) -- $(WORKERS)

conformance: setup ## replay recorded Azure traffic (TRAFFIC) against embedded Azure and compare (MUTATIONS=1: spoil answers, too)
	@[ -n "$(TRAFFIC)" ] || { echo "say where the recorded traffic lies: make conformance TRAFFIC=DIRECTORY" >&2; exit 2; }
	@python -m foreground conformance --traffic "$(TRAFFIC)" --at-least $(CONFORMANCE_REACHED) $(if $(MUTATIONS),--mutations)

openapi: setup ## hold what the last `make test` exchanged against Azure's OpenAPI files (OPENAPI)
	@[ -n "$(OPENAPI)" ] || { echo "say where specification/ lies: make openapi OPENAPI=DIRECTORY" >&2; exit 2; }
	@[ -e "$(EXCHANGES)" ] || { echo "there is no log of exchanges yet: run make test first" >&2; exit 2; }
	@python -m conformance.openapi --openapi "$(OPENAPI)" --cache $(CACHE)/oav $(EXCHANGES)

deep: setup guests ## windows_sysprep over Wine; linux_deprovision on other guests (GUESTS=qemu: only on those with kernels of their own)
	tests/tools/install_debian_packages.sh $(QEMU_PACKAGES) $(if $(GUESTS),,$(WINE_PACKAGES))
	pytest $(SLOWEST) $(if $(GUESTS),tests/$(GUESTS)_guests,tests/wine_guest tests/linux_guests tests/qemu_guests) $(PYTEST_OPTIONS)

powershell: ## the scripts for Windows on PowerShell, with doubles of its commands (needs pwsh and Pester; fails without)
	tests/tools/run_powershell_tests.sh

clients: setup guests ## az, Packer, azure.azcollection and the JavaScript SDK on embedded Azure (ONLY=name: one of them)
	@python -m foreground clients --cache $(CACHE) $(if $(ONLY),--only $(ONLY))

bench: setup ## measure the collection beside azure.azcollection and az (ONLY=ad: these cases); build/bench.json and .svg
	@PYTHONPATH="$(PYTHONPATH):$(CURDIR)/$(COLLECTIONS)" python -m foreground bench --cache $(CACHE) --build build $(if $(ONLY),--only $(ONLY))

lint: setup ## sanity, ansible-lint in profile production, types, documentation, changelog, licences, formatters, workflows
	ruff format --no-cache --check --quiet .
	ruff check --no-cache --quiet .
	mypy --no-incremental --no-error-summary
	# Files that tests compile at the same time are not ignored until it is started again.
	reuse --suppress-deprecation lint --quiet || { sleep 30; reuse --suppress-deprecation lint --quiet; } || reuse lint
	tests/tools/lint_workflows.sh
	tests/tools/lint_collection.sh

docs: setup ## the documentation site, in build/docs/html; a warning is an error
	@tests/tools/build_docs.sh

release: setup ## make this the release VERSION: versions and changelog; nothing is committed or published
	@tests/tools/release.sh "$(VERSION)"

build: setup ## the collection's tarball, checked as Galaxy does
	tests/tools/build_collection.sh

LOCK := uv pip compile --universal --quiet --no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade

lock: setup ## fix the versions of all requirements of development and of the tests anew
	$(LOCK) --python-version 3.11 requirements-dev.in --output-file requirements-dev.lock
	$(LOCK) --python-version 3.10 tests/matrix/requirements.in --output-file tests/matrix/requirements.lock
	$(LOCK) --python-version 3.9 tests/matrix/module-requirements.in --output-file tests/matrix/module-requirements.lock

clean: ## remove what was installed and cached in this folder
	rm -rf .venv $(CACHE) build

# -- what the commands above need ---------------------------------------------------------------------------------

setup: $(BIN)/.ready $(LINK)

$(BIN)/.ready: requirements-dev.lock
	@PATH="$(OUTSIDE)" $(PYTHON) tests/tools/make_environment.py .venv $<

$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@

browser:
	@tests/tools/install_debian_packages.sh chromium

guests:
	@tests/tools/install_debian_packages.sh $(DEBIAN_PACKAGES)
