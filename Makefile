# The two commands of the README are `make run` and `make test`. What they do is in config/launch.py.
# PORT=8001 make run, VAR_DIR=/srv/phoi-hop make run and DATABASE_URL=postgresql://... make run change where.

# The newest Python that runs this, unless one is named: make run PYTHON=/opt/python/bin/python3
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; exit; fi; done; echo python3)
LAUNCH = @command -v $(PYTHON) >/dev/null || { \
	echo "Python 3.11 or newer is missing. Install it, on Debian or Ubuntu: sudo apt-get install python3 python3-venv"; \
	exit 1; }; exec $(PYTHON) -m config.launch

.PHONY: run stop test check lock soak bench help

help:
	@echo "make run    set up what is missing, then serve on http://127.0.0.1:8000 (PORT=8001 for another port)"
	@echo "make stop   stop what make run started"
	@echo "make test   all checks and tests, browser included"
	@echo "make soak   the tests of docs/soak.md at full size (make test takes a share of each)"
	@echo "make bench  how long the main pages take, beside what they cost at least (QUICK=1: two minutes); docs/performance.md"
	@echo "make check  the static checks alone"
	@echo "make lock   write requirements.lock and requirements-dev.lock again after a change of requirements*.txt"

run:
	$(LAUNCH) run

stop:
	$(LAUNCH) stop

test:
	$(LAUNCH) test

check:
	$(LAUNCH) check

lock:
	$(LAUNCH) lock

soak:
	SOAK=1 .venv/bin/pytest -q -rP --show-capture=stdout \
		tests/test_bad_input.py \
		tests/test_concurrency.py \
		tests/test_state_machines.py \
		tests/test_migrations.py \
		tests/insights/test_on_date.py \
		tests/insights/test_dashboard_views.py

bench:
	@.venv/bin/python -m bench
