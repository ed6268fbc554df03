# Builds, runs, tests and measures cachescope. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
ARGS ?=

SWIFT := Scripts/swift
RELEASE := --configuration release --static-swift-stdlib --disable-local-rpath
BINARY := .build/release/cachescope
# One set of flags for `test` and `check`, so that neither rebuilds what the other has built.
TESTED := --explicit-target-dependency-import-check error
STRICT := CACHESCOPE_STRICT=1

# Packages of Debian 12, by what needs them.
BUILD_PACKAGES := libncurses-dev libsqlite3-dev libcurl4-openssl-dev libarchive-dev pkg-config
TEST_PACKAGES := tmux strace sqlite3 python3 procps
PEER_PACKAGES := python3 python3-venv sqlite3
PICTURE_PACKAGES := xvfb xterm x11-utils imagemagick fonts-dejavu-core tmux
FUZZ_PACKAGES := python3
ARCHIVE_PACKAGES := python3 python3-pip binutils unzip tar
BENCH_PACKAGES := python3 python3-venv sqlite3 ncdu htop time curl openssl tar findutils libarchive-tools git git-lfs

.DEFAULT_GOAL := help
.PHONY: help run release test check lint format peer archives bench fuzz screenshots install clean

help:
	@echo 'make run          build, then open the inspector on your cache, or on a demo cache'
	@echo 'make test         lint, build with warnings as errors, run every test'
	@echo 'make check        lint and unit tests only'
	@echo 'make peer         check against real fbuild binaries'
	@echo 'make archives     unpack real packages as GNU tar and unzip do (fetches them)'
	@echo 'make bench        measure against ncdu, htop, sqlite3, curl, openssl, tar, find and fbuild'
	@echo 'make fuzz         feed random bytes to what reads strangers (libFuzzer), a minute for each'
	@echo 'make screenshots  make the pictures of the README from the real program'
	@echo 'make install      install into PREFIX ($(PREFIX)), stripped'
	@echo 'make format       format the sources'

run: release
	@Scripts/run $(BINARY) $(ARGS)

release:
	@Scripts/packages $(BUILD_PACKAGES)
	@$(SWIFT) build $(RELEASE) --product cachescope

test:
	@Scripts/packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@$(MAKE) --no-print-directory lint
	$(STRICT) $(SWIFT) build --build-tests $(TESTED)
	$(STRICT) $(SWIFT) test --skip-build

check:
	@Scripts/packages $(BUILD_PACKAGES)
	@$(MAKE) --no-print-directory lint
	$(STRICT) $(SWIFT) build --build-tests $(TESTED)
	$(STRICT) $(SWIFT) test --skip-build --skip EndToEndTests

lint:
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

peer: release
	@Scripts/packages $(PEER_PACKAGES)
	@Scripts/peer $(BINARY)

archives: release
	@Scripts/packages $(ARCHIVE_PACKAGES)
	@Scripts/archives $(BINARY) $(ARGS)

bench: release
	@Scripts/packages $(BENCH_PACKAGES)
	@Scripts/bench $(BINARY) $(ARGS)

fuzz:
	@Scripts/packages $(BUILD_PACKAGES) $(FUZZ_PACKAGES)
	@Scripts/fuzz $(ARGS)

screenshots: release
	@Scripts/packages $(PICTURE_PACKAGES)
	@Scripts/screenshots $(BINARY) screenshots

install: release
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -s -m 755 $(BINARY) '$(DESTDIR)$(PREFIX)/bin/cachescope'

clean:
	rm -rf .build .venv-peer
