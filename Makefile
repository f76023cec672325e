# `make` lists what there is. Each target is one command that also works alone; the longer ones are
# scripts in .ci.

SHELL := /bin/bash
GO    ?= go
TAGS  := nomsgpack # Gin without MessagePack: a third less binary, and nobody here speaks it
IMAGE ?= kleroterion:dev
DEMO  ?= ./demo

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build the static binaries into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -tags $(TAGS) -ldflags '-s -w' -o bin/ ./cmd/...

.PHONY: test
test: ## prepare the machine, then run every check and every test (race detector on where it can find something)
	@bash .ci/test.sh

.PHONY: test-short
test-short: ## every test once, without the race detector or anything installed: for the inner loop
	$(GO) test -tags $(TAGS) ./...

.PHONY: cover
cover: ## coverage by package into bin/, with the total
	@mkdir -p bin
	$(GO) test -tags $(TAGS) -coverprofile bin/cover.out -coverpkg ./... ./...
	$(GO) tool cover -html bin/cover.out -o bin/cover.html
	$(GO) tool cover -func bin/cover.out | tail -n 1

.PHONY: fuzz
fuzz: ## run each fuzz target for 10 s (FUZZTIME=1m for longer)
	@bash .ci/fuzz.sh

.PHONY: bench
bench: ## measure every figure that we claim, beside its limit
	$(GO) run -tags $(TAGS) ./cmd/klero-bench

.PHONY: lint
lint: ## golangci-lint, at the pinned version (builds it the first time: minutes)
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run

.PHONY: generate
generate: ## write again what is generated from the code
	$(GO) generate -tags $(TAGS) ./...

.PHONY: generated
generated: generate ## fail when a generated file in the repository is not what the code gives
	@git diff --exit-code || { echo 'hint: commit what make generate wrote'; exit 1; }

.PHONY: demo
demo: ## the whole story on this machine, then the service stays up (DEMO=folder)
	$(GO) run -tags $(TAGS) ./cmd/kleroterion demo --dir $(DEMO)

.PHONY: guides
guides: ## run every command of docs/guides
	@bash .ci/guides.sh

.PHONY: arm64
arm64: ## the same bytes on arm64: nothing fused in the machine code, pinned digests under qemu
	@bash .ci/arm64.sh

.PHONY: image
image: ## build the container image with docker, podman or buildah, and try it (IMAGE=name)
	@IMAGE=$(IMAGE) bash .ci/image.sh

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
