# `make help` says what there is.
SHELL := /bin/bash
PYTHON := .venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help deps build image demo tools versions test e2e e2e-node slow lint checkov bench bench-operator bench-approvals bench-revocation bypass detectors usability fuzz-differential suites soak clean

help: ## Say what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## Install the missing Debian packages (apt-get) and make .venv
	@Scripts/deps

build: deps ## Build the four programs, optimized, into .build/release; warnings are errors
	swift build -c release --static-swift-stdlib

image: build ## OCI images of the programs, from scratch, with buildah, into .cache/images
	@Scripts/images
	$(PYTHON) -m pytest Tests/Images

demo: build ## A tour of a governed clinic database; KEEP=1 leaves it running
	@Scripts/demo $(if $(KEEP),--keep)

tools: deps ## Fetch kubectl 1.31 and 1.37, Helm 3 and 4 into .cache
	@Scripts/cluster-tools

versions: deps ## Fetch the PostgreSQL versions that Debian does not have, 13 to 18, into .cache
	@Scripts/postgresql-versions 13 14 16 17 18

test: build versions tools ## Unit tests, then the integration and attack suites against the release build
	@# Now, for it may bring a newer server with it, under the feet of one that runs.
	@Scripts/deps postgresql-server-dev-all
	swift test --disable-xctest
	$(PYTHON) -m pytest -n 2 --dist loadfile

e2e: build tools ## From helm install to psql in governed pods, on networks of this machine; needs root; REAL=1 with a kube-apiserver
	REAL=$(REAL) $(PYTHON) -m pytest -rs Tests/EndToEnd

e2e-node: image tools ## The same on a node of this machine: kubelet, containerd, runc, and the pods running from the images
	$(PYTHON) Tests/EndToEnd/single_node.py $(PYTHON) -m pytest -rs Tests/EndToEnd

slow: build versions tools ## The plays that wait minutes for a time limit, and those of the PostgreSQL versions between
	$(PYTHON) -m pytest -m slow

lint: ## Formatting and syntax
	@Scripts/lint

checkov: tools ## checkov's Kubernetes checks over what the chart renders
	@Scripts/checkov

bench: build ## One table beside pgbouncer and a direct connection (about 20 minutes)
	$(PYTHON) Tests/Benchmarks/bench.py

bench-operator: build ## One table of what the operator takes; ONLY="admission" for parts
	$(PYTHON) Tests/Benchmarks/bench_operator.py $(if $(ONLY),--only $(ONLY))

bench-approvals: build ## 1,000 statements held at one gateway, the operator killed meanwhile, and all approved
	$(PYTHON) Tests/Benchmarks/bench_approvals.py

bench-revocation: build ## From weirctl identities revoke to the last of 1,000 sidecars, and to the last session closed
	$(PYTHON) Tests/Benchmarks/bench_revocation.py

bypass: build ## An attack catalogue of yours, a folder beside this repository (../shared/bypass); CASES=FILE
	@Scripts/bypass $(if $(CASES),--cases $(CASES))

detectors: build ## Precision and recall of the detectors beside presidio-analyzer, and their cost; SEED=9001
	@[ -x .cache/presidio/bin/python ] || { /usr/bin/python3 -m venv .cache/presidio && \
	    .cache/presidio/bin/pip install -q --disable-pip-version-check -r Tests/Detectors/requirements.txt; }
	$(PYTHON) Tests/Detectors/evaluate.py $(if $(SEED),--seed $(SEED))

usability: build ## Which share of ordinary statements of ORMs, reports and tools works under masks, by family
	$(PYTHON) Tests/Usability/usability.py

fuzz-differential: build ## Two databases that differ in governed values must look the same; STATEMENTS=1000000 SEED=1 WORKERS=2 FINDINGS=FILE
	$(PYTHON) Tests/Fuzzing/Differential/fuzz.py --statements $(or $(STATEMENTS),20000) --seed $(or $(SEED),1) \
	    --workers $(or $(WORKERS),1) $(if $(FINDINGS),--findings $(FINDINGS))

suites: build ## Third-party test suites direct and through the gateway; ONLY="regression psycopg" MODE=transparent
	Scripts/suites $(if $(ONLY),--only $(ONLY)) $(if $(MODE),--mode $(MODE)) $(if $(WRITE),--write)

soak: build ## MINUTES=60 of mixed load with restarts of database and sink: nothing stuck, nothing left, nothing lost
	$(PYTHON) Scripts/soak --minutes $(or $(MINUTES),60) $(if $(INTENSITY),--intensity $(INTENSITY)) $(if $(SEED),--seed $(SEED))

clean: ## Remove what was built
	rm -rf .build .venv .cache
