# `make demo` and `make test` do all their own set-up; `make` lists everything.

CLOUD := python3 local/cloud.py
HOST := $(shell rustc -vV 2>/dev/null | sed -n 's/^host: //p')
# Built for the host by name, as the functions are: the two share everything that they depend on.
CLI := target/$(HOST)/debug/darkroom

DEPLOY_OPTIONS = $(if $(PROFILES),--profiles '$(PROFILES)') $(if $(PARAMETERS),--parameters '$(PARAMETERS)')

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

demo: ## put IMAGE=path (a picture, a folder; default: a landscape) through the whole pipeline, locally (PROFILES=file)
	@local/demo.sh $(CLI) '$(IMAGE)' $(DEPLOY_OPTIONS)

up: ## start the local cloud and deploy to it (PROFILES=file.json, PARAMETERS='Name=value …')
	@local/prerequisites.sh
	@$(CLOUD) prepare
	@$(CLOUD) start
	@$(CLOUD) deploy $(DEPLOY_OPTIONS)
	@$(CLOUD) next

down: ## stop the local cloud
	@$(CLOUD) stop

check: setup ## what to run before each commit: format, clippy, and the tests that need no cloud
	@local/check.sh

test: ## run every test, the end-to-end ones on a local cloud of their own
	@local/prerequisites.sh
	@local/test.sh

build-arm64: setup ## build the functions for arm64, as a deployment does, and look into the binaries
	@python3 local/arm64.py

test-arm64: setup ## run what build-arm64 built, emulated, against a local cloud (wants qemu-user-static)
	@local/test_arm64.sh

invoke: setup ## call FUNCTION=name with EVENT=events/file.json on the local cloud (CONTAINER=yes: by sam local invoke)
	@.local/cloud/bin/python local/invoke.py $(if $(OUTPUTS),--outputs '$(OUTPUTS)') \
		$(if $(FUNCTION),--function '$(FUNCTION)') $(if $(CONTAINER),--container) '$(EVENT)'

hostile: setup ## put hostile files, made and collected, through the functions' code with a function's memory and time
	@python3 tests/hostile/hostile.py $(if $(ONLY),--only '$(ONLY)') $(if $(DOCS),--docs)

load: setup ## put N=1000 pictures through a local cloud of its own, from 32 clients at once
	@.local/cloud/bin/python tests/load/load.py --uploads $(or $(N),1000)

fuzz: ## run each fuzz target for SECONDS=60 under AddressSanitizer
	@fuzz/run.sh $(or $(SECONDS),60)

chaos: setup cli ## break every call, kill every function, check what is promised (ONLY=s3:GetObject STORY=long SAMPLE=40 SEED=1)
	@cargo build --quiet --target $(HOST) --package end-to-end --bin chaos
	@local/chaos.sh $(dir $(CLI)) $(if $(ONLY),--only $(ONLY)) $(if $(STORY),--story $(STORY)) \
		$(if $(SAMPLE),--sample $(SAMPLE) --seed $(or $(SEED),1))

openapi: setup ## print the API's description, for clients' tools (AUTHORIZATION=ApiKey, Cognito or Iam)
	@.local/cloud/bin/python api/export.py $(or $(AUTHORIZATION),ApiKey)

bench: ## measure Darkroom beside sharp and Pillow (PHOTOS=folder of pictures, instead of making them)
	@local/prerequisites.sh
	@python3 bench/bench.py --big $(if $(PHOTOS),--photos '$(PHOTOS)')

cost: setup ## measure what pictures cost, and write docs/cost.md (PHOTOS=folder; default: what make bench made)
	@bench/cost.sh '$(or $(PHOTOS),.local/bench/photos)'
	@.local/cloud/bin/python docs/generate/cost.py

qualities: ## which qualities of JPEG, WebP and AVIF look alike, into docs/quality.md (PHOTOS=folder of pictures)
	@local/prerequisites.sh
	@python3 bench/qualities.py $(if $(PHOTOS),--photos '$(PHOTOS)')

deploy: ## build for AWS and deploy a stage: STAGE=dev, staging or prod (PROFILES=file.json, PARAMETERS='Name=value …')
	@PROFILES='$(PROFILES)' deploy/stage.sh '$(STAGE)' $(PARAMETERS)

docs: setup ## generate the files that are made from others: the API's body, docs/configuration.md, docs/cost.md
	@.local/cloud/bin/python api/deployed.py
	@for page in configuration cost; do .local/cloud/bin/python docs/generate/$$page.py; done

lint: setup ## format, clippy, docs, and what the template and the state machine must obey
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

pins: ## write the versions and hashes of what is installed (UPGRADE=yes: the newest that the .in files allow)
	@local/pins.sh

aws-check: setup ## hold template, roles, API and requests against what AWS publishes of itself (CHECK=name for one)
	@PYTHONPATH=local .local/sam/bin/python -m aws_check $(CHECK)

reverts: setup ## undo each fix for AWS in a copy of the tree, and show which check or test finds that (ONLY=name)
	@.local/sam/bin/python tests/aws_check/reverts.py $(ONLY)

cli: ## build the darkroom command
	@local/prerequisites.sh
	@$(CLOUD) prepare

setup:
	@local/prerequisites.sh
	@$(CLOUD) setup

clean: down ## remove everything that was built, installed or rendered
	rm -rf target .aws-sam .local out

.PHONY: help demo up down check test chaos build-arm64 test-arm64 invoke hostile load fuzz openapi bench qualities cost deploy docs lint \
	pins aws-check reverts cli setup clean
.DEFAULT_GOAL := help
