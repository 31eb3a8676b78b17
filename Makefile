# Surety. `make demo` and `make test` work in an empty clone; everything else is for daily work.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

export SURETY_HOME ?= $(CURDIR)/.surety
PYTHON := .venv/bin/python

.PHONY: help
help:  ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

# The stamp is made again whenever the pinned packages change.
.venv/.synced: requirements-dev.txt .ci/environment .ci/uv
	@.ci/environment requirements-dev.txt --compile-bytecode
	@touch $@

.PHONY: setup
setup: .venv/.synced  ## Install the Python environment and system libraries (`make demo` and `make run` install only what running needs)
	@$(PYTHON) .ci/system_libraries.py

# Running needs fewer packages than development. If the environment for development is up to date, it has all of them, so
# it does not change.
.venv/.synced-runtime: requirements.txt .ci/environment .ci/uv
	@[ .venv/.synced -nt requirements-dev.txt ] || .ci/environment requirements.txt
	@touch $@

.PHONY: installed
installed: .venv/.synced-runtime
	@$(PYTHON) .ci/system_libraries.py

.PHONY: runtime
runtime: installed .venv/.compiled  ## Install only what running needs (an installation on a server)

# If root installs Surety and another user runs it, Python cannot store bytecode at run time. Without stored bytecode, each
# worker would compile the SDKs again (600 MB of memory, 6 s).
.venv/.compiled: .venv/.synced-runtime
	@echo "Compiling the Python packages, which takes about a minute …" >&2
	@$(PYTHON) -m compileall -q -j 0 .venv/lib
	@touch $@

.PHONY: browser
browser: .venv/.synced
	@$(PYTHON) .ci/system_libraries.py --browser

.PHONY: demo
# The demonstration compiles only the modules that it imports, which takes less time than to compile all.
demo: export PYTHONDONTWRITEBYTECODE :=
demo: installed  ## Assess demonstration customers end to end, then serve the portal (SERVE=no, ESTATE=FILE)
	@$(PYTHON) manage.py demo $(if $(filter no,$(SERVE)),--no-serve) $(if $(ESTATE),--estate "$(ESTATE)")

.PHONY: drift
drift:  ## Change an approved resource in the running demonstration as somebody, for the watch to find
	@[ -x $(PYTHON) ] || { echo "The demonstration is not running. Start it with make demo, then try again in another terminal." >&2; exit 1; }
	@$(PYTHON) manage.py drift

.PHONY: run
run: runtime  ## Run the site and its workers until Ctrl-C
	@$(PYTHON) manage.py serve

# Many tests start programs, which would compile every module at each start.
test test-slow: export PYTHONDONTWRITEBYTECODE :=
# More workers than cores, because many tests wait for programs that they start, the slow ones most of all. The fast tests
# have one worker less, because each worker first collects all tests (13 s of processor time) and makes data of its own.
test: PYTEST_WORKERS ?= $(if $(ARGS),4,3)
test-slow: PYTEST_WORKERS ?= 4
PYTEST = $(PYTHON) -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder
# Tests that need a browser or have the marker `slow`, except those that every change should run.
SLOW := e2e or slow and not slow(always=True)

.PHONY: test
test: browser  ## Run the tests that are fast and need no browser (PYTEST_WORKERS=N; ARGS=... for pytest)
	@$(PYTEST) $(if $(ARGS),$(ARGS),-m "not ($(SLOW))")

.PHONY: test-slow
test-slow: browser  ## Run the other tests: in browsers, with validators of reports, and on whole installations
	@$(PYTEST) -m "$(SLOW)"

.PHONY: fmt
fmt: setup  ## Format Python, templates, style sheets and scripts; apply the safe fixes of the linters
	$(PYTHON) -m ruff check --fix-only --quiet .
	$(PYTHON) -m ruff format .
	.venv/bin/djangofmt templates
	.venv/bin/djangofmt check --fix templates
	.ci/biome check --write .

.PHONY: docs
docs: setup  ## Generate what is made from the code: pages of docs/, list of new controls, translations, read properties
	@$(PYTHON) .ci/compared_properties.py
	@$(PYTHON) manage.py generate_control_docs
	@$(PYTHON) manage.py generate_coverage_docs
	@$(PYTHON) manage.py generate_request_docs
	@$(PYTHON) manage.py generate_webhook_docs
	@$(PYTHON) manage.py generate_api_contract
	@$(PYTHON) .ci/api_client.py
	@$(PYTHON) manage.py generate_role_docs
	@$(PYTHON) manage.py generate_data_protection_docs
	@$(PYTHON) manage.py generate_offline_verifier
	@$(PYTHON) manage.py generate_configuration_schema
	@$(PYTHON) manage.py generate_report_schemas
	@$(PYTHON) .ci/licences.py
	@$(PYTHON) .ci/changelog.py
	@$(PYTHON) .ci/translations.py

.PHONY: translations
translations: setup  ## Update the translations of reports after a change of their sentences
	@$(PYTHON) .ci/translations.py

.PHONY: hooks
hooks: setup  ## Run the formatters and linters on every git commit, and check its subject
	@.venv/bin/prek install

.PHONY: requirements
requirements: setup  ## Export the pinned requirements after a change of pyproject.toml (ARGS=--upgrade)
	@.ci/requirements $(ARGS)

.PHONY: check
# Checking types takes as long as all other steps together, so it runs at the same time as they do. The output of a step
# appears when the step ends.
check: setup  ## Check lint, format, types, import contracts, migrations, configuration, commands of fixes, licences, translations and client of the API
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) \
		check-types check-format check-security check-django check-fixes check-generated
	$(PYTHON) .ci/translations.py --check
	$(PYTHON) .ci/security.py --packages

# Parts of `make check`, which need its environment.
.PHONY: check-types check-format check-security check-django check-fixes check-generated
check-types:
	$(PYTHON) -m mypy

check-format:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	.venv/bin/djangofmt --check templates
	.venv/bin/djangofmt check templates
	.ci/biome ci .
	.venv/bin/lint-imports

check-security:
	$(PYTHON) .ci/security.py --code

check-django:
	@# makemigrations also checks the database, and warns if no database runs. Ignore this warning.
	$(PYTHON) -W "ignore:Got an error checking:RuntimeWarning" manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py check --fail-level WARNING

check-fixes:
	$(PYTHON) -m pytest -q -p no:cacheprovider tests/assessments/fixes tests/assessments/permissions/test_registration.py

check-generated:
	$(PYTHON) .ci/licences.py --check
	$(PYTHON) .ci/api_client.py --check

.PHONY: release-check
release-check: setup  ## Check before a release what `make check` only prints: missing translations, and packages (make audit)
	@$(MAKE) --no-print-directory --keep-going require-translations audit

.PHONY: require-translations
require-translations:
	$(PYTHON) .ci/translations.py --check --require-all

.PHONY: audit
audit: setup  ## Compare all pinned packages with known vulnerabilities; fails if OSV (api.osv.dev) cannot be reached
	$(PYTHON) .ci/security.py --require-audit

.PHONY: stop
stop:  ## Stop this clone's embedded servers
	@if [ -x $(PYTHON) ]; then $(PYTHON) manage.py services stop; fi

.PHONY: clean
clean:  ## Stop the servers and delete all data, the environment and caches
	@# A mistyped SURETY_HOME must not delete a home directory or the clone.
	@if [ -n "$$SURETY_HOME" ] && state=$$(cd -- "$$SURETY_HOME" 2> /dev/null && pwd -P); then \
		for kept in "$${HOME:-/}" "$(CURDIR)"; do \
			if [[ "$$(cd -- "$$kept" 2> /dev/null && pwd -P || echo "$$kept")/" == "$${state%/}"/* ]]; then \
				echo "Nothing was deleted: $$state, which SURETY_HOME names, contains $$kept. Set SURETY_HOME to the folder of Surety's data." >&2; \
				exit 1; \
			fi; \
		done; \
	fi
	@if [ -x $(PYTHON) ] && [ -d "$$SURETY_HOME" ]; then $(PYTHON) manage.py services remove; fi
	rm -rf -- "$$SURETY_HOME" .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
