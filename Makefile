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

# What takes too long for every push; run it before an issue is called resolved.
test-full: test
	TIDINGS_FULL=1 cargo test --workspace -- --include-ignored

icons: setup-test
	scripts/icons
