# make demo    the demonstration on http://127.0.0.1:8000   (make demo AT="2020-08-21 16:59:30" starts at that moment)
#              (make demo NEW=1 deletes what was entered)
# make test    lint, types, migrations, translations, the suite on SQLite, tests that touch SQL on PostgreSQL, Chromium
# make test-all   make test, then the rest: the matrix on both databases, Chromium in every size, language and scheme
# make judge   other people's linters over source, pages and files, and each proved by a fault (.ci/judge/judges.toml)
# make bench   the benchmark, on both databases
# make bench-nation   the pages of a country of 10,600 communes with a year of history, on PostgreSQL
# make requirements  makes deploy/requirements.txt, what a server installs, with digests, from requirements.txt
# make sbom    sbom.json: a bill of materials (CycloneDX) of what a server installs; prints the licence of each package
# make screenshots   remakes the pictures of README and docs
PYTHON3 ?= $(shell command -v python3.11 || command -v python3)
PYTHON := .venv/bin/python
AT ?=
NEW ?=
BIND ?= 127.0.0.1:8000
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt
DEMO_ENVIRONMENT = DEMO=1 SECRET_KEY="$$(cat .demo/secret)" DATABASE_URL="sqlite:///$(CURDIR)/.demo/demo.sqlite3"

.PHONY: demo test test-all test-rest judge bench bench-nation screenshots format messages requirements sbom clean

demo: .venv/ready .venv/compiled .demo/secret
	@$(if $(NEW),rm -f .demo/demo.sqlite3*)
	@$(DEMO_ENVIRONMENT) $(PYTHON) manage.py demo --bind "$(BIND)" $(if $(AT),--at "$(AT)")

test: .venv/tools-ready .venv/compiled
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .ci/test

test-all: test test-rest

test-rest: .venv/tools-ready .venv/compiled .venv/recipes-ready .venv/judge-ready
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .ci/test rest

judge: .venv/tools-ready .venv/judge-ready
	@for task in light whole prove; do $(PYTHON) .ci/judge/judge.py $$task || exit 1; done

bench: .venv/tools-ready .venv/compiled
	@SECRET_KEY=bench $(PYTHON) -m tests.bench
	@SECRET_KEY=bench .ci/with-postgres $(PYTHON) -m tests.bench || test $$? != 69 || echo "PostgreSQL: left out, apt-get install postgresql"

bench-nation: .venv/tools-ready .venv/compiled
	@SECRET_KEY=bench .ci/with-postgres $(PYTHON) -m tests.bench --nation $(or $(CITIES),63) || test $$? != 69 || echo "PostgreSQL: left out, apt-get install postgresql"

screenshots: .venv/tools-ready .venv/compiled
	@PYTHONPATH=. $(PYTHON) .ci/pictures.py

format: .venv/tools-ready
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .
	@.venv/bin/djhtml --tabwidth 2 templates

messages: .venv/ready
	@SECRET_KEY=messages $(PYTHON) manage.py makemessages -l vi --no-obsolete --no-location --no-wrap --ignore "tests/*"
	@SECRET_KEY=messages $(PYTHON) manage.py compilemessages

PIP_COMPILE := -m piptools compile - -c constraints.txt --quiet --generate-hashes --strip-extras --no-header --no-annotate \
	--no-emit-index-url --no-emit-options
requirements: .venv/tools-ready
	@sed '/^# The test suite/,$$d' requirements.txt | $(PYTHON) $(PIP_COMPILE) -o deploy/requirements.txt

sbom: .venv/ready
	@$(PYTHON) -m venv --clear .venv/sbom
	@$(PYTHON) -m venv --clear --without-pip .venv/server
	@.venv/sbom/bin/python -m pip install --quiet --disable-pip-version-check -r .ci/sbom/requirements.txt
	@$(PYTHON) -m pip --python .venv/server install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements.txt
	@.venv/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file sbom.json .venv/server
	@$(PYTHON) -c 'import json; [print(one["name"], one["version"], *{found.get("expression") or found["license"].get("id") or \
		found["license"]["name"] for found in one.get("licenses", [])}, sep="  ") for one in json.load(open("sbom.json"))["components"]]'

clean:
	rm -rf .venv .demo staticfiles test-db.sqlite3*

# The Vietnamese texts.
.venv/compiled: .venv/ready $(wildcard reporting/locale/*/LC_MESSAGES/*.po)
	@SECRET_KEY=messages $(PYTHON) manage.py compilemessages
	@touch $@

.venv/ready: requirements.txt constraints.txt
	@echo "Môi trường Python và các gói / virtual environment and packages ..."
	@test -x $(PYTHON) || $(PYTHON3) -m venv .venv
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/tools-ready: .ci/requirements.txt .venv/ready
	@echo "Browser and lint tools ..."
	@$(PIP_INSTALL) -r .ci/requirements.txt
	@touch $@

.venv/recipes-ready: .ci/recipes/requirements.txt .venv/ready
	@echo "What the recipes for other systems are tried with ..."
	@$(PYTHON) -m venv --clear .venv/recipes
	@.venv/recipes/bin/python -m pip install --quiet --disable-pip-version-check -r .ci/recipes/requirements.txt
	@touch $@

.venv/judge-ready: .ci/judge/package.json .venv/ready
	@echo "Other people's linters ..."
	@mkdir -p .venv/judge && cp .ci/judge/package.json .venv/judge/
	@! command -v npm >/dev/null || npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts --prefix .venv/judge
	@touch $@

.demo/secret: | .venv/ready
	@mkdir -p .demo && umask 077 && $(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))" > $@
