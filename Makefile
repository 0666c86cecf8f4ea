# `make run` starts the app; `make test` runs everything a push must pass. Both install what is
# missing and say so.
SHELL := bash
.PHONY: run test test-rust test-ui test-e2e test-nestjs test-full lint bindings screenshots icons

run:
	@scripts/setup run
	cargo build --package tidings
	@SECONDS_TO_RUN="$(SECONDS_TO_RUN)" scripts/run

test: setup-test lint test-rust test-ui test-nestjs test-e2e
	@echo "All tests passed."

.PHONY: setup-test
setup-test:
	@scripts/setup test

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

test-rust: bindings
	cargo test --workspace

# ui/wire.d.ts is generated from the core's types: it must be what is checked in.
bindings:
	scripts/bindings --check

test-ui:
	npm test --prefix tests

# Of the examples, this server alone is part of every test: it needs npm packages only.
test-nestjs:
	scripts/test-examples nestjs

test-e2e:
	cargo build --workspace
	npm run e2e --prefix tests

screenshots: setup-test
	cargo build --workspace
	npm run screenshots --prefix tests

# What takes too long for every push (300 kills, a million events); run it before an issue is
# called resolved.
test-full: setup-full test deny chaos test-examples
	TIDINGS_FULL=1 cargo test --workspace
	TIDINGS_FULL=1 node --test tests/e2e/settings.e2e.mjs
	scripts/dist
	scripts/test-package

# The .deb and .rpm, with both programs. They are in target/release/bundle.
.PHONY: dist
dist: setup-test
	scripts/dist

# Licences, sources and banned crates; the advisory databases are asked in the hosted workflow.
.PHONY: deny
deny:
	command -v cargo-deny >/dev/null || cargo install cargo-deny --locked
	cargo deny check bans licenses sources

# Each example with its own server (nginx, Redis, Python), and tidings-cli against it.
.PHONY: setup-full test-examples bench-fanout
setup-full:
	@scripts/setup full

test-examples: setup-full
	scripts/test-examples

# 2,000 clients of one nginx with nchan on this machine, 100 events to each.
bench-fanout: setup-full
	node tests/examples/fanout.mjs

# The eight ways in which notification clients lose events, each run against this one.
.PHONY: chaos
chaos:
	cargo test --package tidings-core --test chaos -- --nocapture

.PHONY: bench-footprint
bench-footprint: setup-test
	cargo build --release --package tidings --package tidings-cli --features tidings/custom-protocol
	cargo build --package tidings-core --example fill
	TIDINGS_APP=$(CURDIR)/target/release/tidings TIDINGS_CLI=$(CURDIR)/target/release/tidings-cli node tests/e2e/footprint.mjs

.PHONY: bench-sse bench-reconnect bench-toast bench-history bench-rules
bench-sse:
	cargo bench --quiet --package tidings-core --bench sse
bench-reconnect:
	cargo bench --quiet --package tidings-core --bench reconnect
bench-toast: setup-test
	cargo bench --quiet --package tidings-core --bench toast
# A million events; BENCH_EVENTS takes another number.
bench-history:
	cargo bench --quiet --package tidings-core --bench history
bench-rules:
	cargo bench --quiet --package tidings-core --bench rules

# What a million events cost the window; BENCH_ROWS and BENCH_LIVE take other numbers.
.PHONY: bench-ui
bench-ui: setup-test
	cargo build --release --package tidings --package tidings-cli --features tidings/custom-protocol
	cargo build --release --package tidings-core --example fill
	cargo build --package tidings-cli
	TIDINGS_APP="$${CARGO_TARGET_DIR:-target}/release/tidings" \
	TIDINGS_FILL="$${CARGO_TARGET_DIR:-target}/release/examples/fill" \
	node tests/e2e/bench-ui.mjs

# Looks for input that breaks the byte filter, the ingest or the rules: FUZZ_SECONDS for each.
.PHONY: fuzz
FUZZ_SECONDS ?= 600
fuzz:
	command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
	for target in wire ingest rules; do \
	  mkdir -p fuzz/corpus/$$target && \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run -s address $$target fuzz/corpus/$$target tests/fixtures/fuzz/$$target \
	    -- -max_total_time=$(FUZZ_SECONDS) -max_len=1024 -timeout=10 || exit 1; \
	done

icons: setup-test
	scripts/icons
