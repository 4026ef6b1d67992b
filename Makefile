# make demo   three bare nodes on this machine become a cluster
# make test   all tests, real clusters included (root; what cannot run says why)
# make faults every fault of integration/faults, on real nodes; make test tries a part
# make man    the manual pages, in bin/man1
# make lint   gofmt, go vet, the linters of .golangci.yml, and what nothing calls
# make check  lint, unit tests and one real cluster, in some minutes
# make gfm    what GitHub shows of a plan's comment, read by a browser (npm, chromium)
# make editor what an editor completes, explains and refuses (npm)
# make fuzz   inputs that nobody thought of, for a minute
# make bench  how fast, as ratios against a plain script of pcs commands
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
GO ?= go
BIN := bin/hadeploy

.PHONY: all build man demo demo-down test check unit integration lint lint-offline faults bench fuzz gfm editor clean

all: build

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o $(BIN) ./cmd/hadeploy

man: build
	$(BIN) man bin/man1

demo: build
	./integration/demo.sh up

demo-down: build
	./integration/demo.sh down

test: lint unit gfm editor fuzz integration

check: lint unit build
	./integration/run.sh TestQuickstart

# Tests that wait wait side by side, whatever the number of processors.
unit:
	$(GO) test -parallel 8 ./cmd/... ./internal/... ./inventory/... ./playbook/... ./schema/... ./steps/...

integration: build
	./integration/run.sh

faults: build
	HADEPLOY_FAULTS=all ./integration/run.sh TestFaults

# The linters and deadcode are Go modules with a go.mod of their own, at fixed
# versions. Go builds them once and keeps them in its cache.
TOOL = $(GO) tool -modfile=internal/tools/go.mod

lint: lint-offline
	$(GO) mod tidy -diff
	@echo "lint: golangci-lint and deadcode; the first time Go downloads and builds them, which takes some minutes"
	@$(TOOL) golangci-lint version >/dev/null || { echo "lint: they cannot be had (is the Go module proxy reachable?); make lint-offline is gofmt and go vet alone"; exit 1; }
	$(TOOL) golangci-lint run ./...
	internal/tools/deadcode.sh

lint-offline:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -d $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...

bench: build
	./integration/bench.sh

gfm:
	@if command -v npm >/dev/null && command -v chromium >/dev/null; then \
		npm ci --silent --no-audit --no-fund --prefix internal/report/testdata/gfm && HADEPLOY_GFM=1 $(GO) test -count=1 -run GFM -v ./internal/report; \
	else \
		echo "gfm: skipped: npm or chromium is not here (apt-get install npm chromium)"; \
	fi

# The language server that most editors use, at the places of a table.
editor:
	@if command -v npm >/dev/null; then \
		npm ci --silent --no-audit --no-fund --prefix internal/editor/testdata/server && HADEPLOY_EDITOR=1 $(GO) test -count=1 -run TestPlaces ./internal/editor; \
	else \
		echo "editor: skipped: npm is not here (apt-get install npm)"; \
	fi

fuzz:
	./integration/fuzz.sh

clean:
	rm -rf bin
