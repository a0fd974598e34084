# `make demo` and `make test` do all their own set-up; `make` lists everything.

CLOUD := python3 local/cloud.py
HOST := $(shell rustc -vV 2>/dev/null | sed -n 's/^host: //p')
# Built for the host by name, as the functions are: the two share everything that they depend on.
CLI := target/$(HOST)/debug/darkroom

DEPLOY_OPTIONS = $(if $(PROFILES),--profiles '$(PROFILES)') $(if $(PARAMETERS),--parameters '$(PARAMETERS)')

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

demo: ## process IMAGE=path by the whole pipeline, locally (a picture or folder; default: a landscape; PROFILES=file)
	@local/demo.sh $(CLI) '$(IMAGE)' $(DEPLOY_OPTIONS)

up: ## start the local cloud and deploy to it (PROFILES=file.json, PARAMETERS='Name=value …')
	@local/prerequisites.sh
	@$(CLOUD) prepare
	@$(CLOUD) start
	@$(CLOUD) deploy $(DEPLOY_OPTIONS)
	@$(CLOUD) next

down: ## stop the local cloud
	@$(CLOUD) stop

check: setup ## run before each commit: format, clippy, and the tests that need no cloud
	@local/check.sh

test: ## run every test; the end-to-end tests start a local cloud of their own
	@local/prerequisites.sh
	@local/test.sh

build-arm64: setup ## build the functions for arm64, as a deployment does, and check the binaries
	@python3 local/arm64.py

test-arm64: setup ## run the arm64 binaries under emulation, against a local cloud (needs qemu-user-static)
	@local/test_arm64.sh

invoke: setup ## call FUNCTION=name with EVENT=events/file.json on the local cloud (CONTAINER=yes: in a container)
	@.local/cloud/bin/python local/invoke.py $(if $(OUTPUTS),--outputs '$(OUTPUTS)') \
		$(if $(FUNCTION),--function '$(FUNCTION)') $(if $(CONTAINER),--container) '$(EVENT)'

hostile: setup ## process hostile files by the functions' code, with a function's memory and time
	@python3 tests/hostile/hostile.py $(if $(ONLY),--only '$(ONLY)') $(if $(DOCS),--docs)

browser: cli ## compare what Chromium shows with renditions (PICTURES=folder; default: generated ones and the corpus)
	@.local/cloud/bin/python tests/browser/browser.py $(if $(PICTURES),'$(PICTURES)')

load: setup ## process N=1000 pictures on a local cloud of its own, from 32 concurrent clients
	@.local/cloud/bin/python tests/load/load.py --uploads $(or $(N),1000)

fuzz: ## run each fuzz target for SECONDS=60 under AddressSanitizer
	@fuzz/run.sh $(or $(SECONDS),60)

chaos: setup cli ## make every call fail, kill every function, and check the promises (ONLY=s3:GetObject STORY=long SAMPLE=40 SEED=1)
	@cargo build --quiet --target $(HOST) --package end-to-end --bin chaos
	@local/chaos.sh $(dir $(CLI)) $(if $(ONLY),--only $(ONLY)) $(if $(STORY),--story $(STORY)) \
		$(if $(SAMPLE),--sample $(SAMPLE) --seed $(or $(SEED),1))

openapi: setup ## print the API's OpenAPI description, for client tools (AUTHORIZATION=ApiKey, Cognito or Iam)
	@.local/cloud/bin/python api/export.py $(or $(AUTHORIZATION),ApiKey)

bench: ## compare Darkroom with sharp and Pillow (PHOTOS=folder; default: it makes the pictures)
	@local/prerequisites.sh
	@python3 bench/bench.py --big $(if $(PHOTOS),--photos '$(PHOTOS)')

cost: setup ## measure the costs of pictures, and write docs/cost.md (PHOTOS=folder; default: those of make bench)
	@bench/cost.sh '$(or $(PHOTOS),.local/bench/photos)'
	@.local/cloud/bin/python docs/generate/cost.py

qualities: ## measure which qualities of JPEG, WebP and AVIF look alike, and write docs/quality.md (PHOTOS=folder)
	@local/prerequisites.sh
	@python3 bench/qualities.py $(if $(PHOTOS),--photos '$(PHOTOS)')

deploy: ## build and deploy a stage to AWS: STAGE=dev, staging or prod (PROFILES=file.json, PARAMETERS='Name=value …')
	@PROFILES='$(PROFILES)' deploy/stage.sh '$(STAGE)' $(PARAMETERS)

package: ## build, upload to BUCKET=name, and write the template for Terraform or CDK (PROFILES=file.json, PARAMETERS='…')
	@PROFILES='$(PROFILES)' deploy/package.sh '$(BUCKET)' $(PARAMETERS)

docs: setup ## generate the files that are made from others: the API's body, pages of docs, the variables for Terraform
	@.local/cloud/bin/python api/deployed.py
	@for page in configuration cost terraform; do .local/cloud/bin/python docs/generate/$$page.py; done

lint: setup ## check format, clippy, docs, dependencies, workflows, the template and the state machine
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets --target $(HOST) -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps --target $(HOST)
	local/layers.sh
	local/unsafe.sh
	local/fuzz_check.sh
	local/deny.sh
	local/advisories.sh
	AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 .local/sam/bin/sam validate --lint
	.local/sam/bin/cfn-lint template.yaml docs/deploy-role.yaml
	local/asl_lint.sh
	local/actionlint.sh
	local/zizmor.sh
	$(MAKE) --no-print-directory aws-check

pins: ## write the versions and hashes of all installed packages (UPGRADE=yes: the newest that the .in files allow)
	@local/pins.sh

aws-check: setup ## compare template, roles, API and requests with what AWS publishes (CHECK=name for one)
	@PYTHONPATH=local .local/sam/bin/python -m aws_check $(CHECK)

reverts: setup ## undo each fix for AWS in a copy of the tree, and show which check or test finds it (ONLY=name)
	@.local/sam/bin/python tests/aws_check/reverts.py $(ONLY)

cli: ## build the darkroom command
	@local/prerequisites.sh
	@$(CLOUD) prepare

setup:
	@local/prerequisites.sh
	@$(CLOUD) setup

clean: down ## remove everything that was built, installed or rendered
	rm -rf target .aws-sam .local out

.PHONY: help demo up down check test chaos build-arm64 test-arm64 invoke hostile browser load fuzz openapi bench qualities cost \
	deploy package docs lint \
	pins aws-check reverts cli setup clean
.DEFAULT_GOAL := help
