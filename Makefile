# `make run` starts the app; `make test` runs everything a push must pass. Both install what is
# missing and say so.
SHELL := bash
.PHONY: run test test-rust test-ui test-e2e test-examples test-full lint bindings screenshots icons

run:
	@scripts/setup run
	cargo build --package tidings
	@SECONDS_TO_RUN="$(SECONDS_TO_RUN)" scripts/run

test: setup-test lint test-rust test-ui test-examples test-e2e
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

test-examples:
	scripts/test-nestjs

test-e2e:
	cargo build --workspace
	npm run e2e --prefix tests

screenshots: setup-test
	cargo build --workspace
	npm run screenshots --prefix tests

# What takes too long for every push (300 kills, a million events); run it before an issue is
# called resolved.
test-full: test chaos
	TIDINGS_FULL=1 cargo test --workspace

# The eight ways in which notification clients lose events, each run against this one.
.PHONY: chaos
chaos:
	cargo test --package tidings-core --test chaos -- --nocapture

.PHONY: bench-sse bench-reconnect bench-history bench-rules
bench-sse:
	cargo bench --quiet --package tidings-core --bench sse
bench-reconnect:
	cargo bench --quiet --package tidings-core --bench reconnect
# A million events; BENCH_EVENTS takes another number.
bench-history:
	cargo bench --quiet --package tidings-core --bench history
bench-rules:
	cargo bench --quiet --package tidings-core --bench rules

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
