# Builds, runs, tests and measures cachescope. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
ARGS ?=
SECONDS ?= 60
# A commit that `make bench` builds beside this one.
BASELINE ?=

SWIFT := Scripts/swift
RELEASE := --configuration release --static-swift-stdlib --disable-local-rpath $(shell Scripts/link-flags)
BINARY := .build/release/cachescope
# One set of flags for `test` and `check`, so that neither rebuilds what the other has built.
TESTED := --explicit-target-dependency-import-check error
STRICT := CACHESCOPE_STRICT=1

# Packages of Debian 12, by what needs them.
BUILD_PACKAGES := libncurses-dev libsqlite3-dev libcurl4-openssl-dev libarchive-dev pkg-config
LINT_PACKAGES := python3
TEST_PACKAGES := tmux strace sqlite3 python3 procps gcc libc6-dev groff-base
PEER_PACKAGES := python3 python3-venv sqlite3
PLACE_PACKAGES := python3 strace sqlite3 mount e2fsprogs btrfs-progs xfsprogs squashfs-tools erofs-utils \
  bindfs fuse-overlayfs sshfs openssh-server openssh-client ntfs-3g exfat-fuse exfatprogs
FLEET_PACKAGES := prometheus prometheus-node-exporter python3 sqlite3
CRASH_PACKAGES := python3 gcc libc6-dev
DEB_PACKAGES := dpkg-dev lintian xz-utils binutils python3
POWERCUT_PACKAGES := python3 e2fsprogs mount
PICTURE_PACKAGES := xvfb xterm x11-utils imagemagick fonts-dejavu-core tmux
FUZZ_PACKAGES := python3
ARCHIVE_PACKAGES := python3 python3-pip binutils unzip tar
BENCH_PACKAGES := python3 python3-venv sqlite3 ncdu htop time curl openssl tar findutils libarchive-tools git git-lfs

.DEFAULT_GOAL := help
.PHONY: help run release test errnos check cases lint format crash faults soak peer fleet archives powercut attack bench \
  findings fuzz coverage filesystems screenshots film docs install deb deb-test clean

help:
	@echo 'make run          build, then open the inspector on your cache, or on a demo cache'
	@echo 'make test         lint, build with warnings as errors, run every test'
	@echo 'make check        lint and unit tests only'
	@echo 'make cases        every code of Tests/CASES.md with its tests'
	@echo 'make errnos       every verb against every error of the system at its first calls'
	@echo 'make crash        kill every change at each call that changes something (3,072 times and more)'
	@echo 'make faults       let each of those calls fail: no space, no memory, I/O errors (root)'
	@echo 'make soak         everybody on one cache at once, with real fbuild (SECONDS=60)'
	@echo 'make peer         check against real fbuild binaries'
	@echo 'make fleet        the metrics through the real node_exporter, promtool and Prometheus'
	@echo 'make powercut     cut the power when a change is acknowledged (root, loop devices)'
	@echo 'make attack       let nobody swap links in its cache while root works there, 1,000 rounds'
	@echo 'make archives     unpack real packages as GNU tar and unzip do (fetches them)'
	@echo 'make bench        measure against ncdu, htop, sqlite3, curl, openssl, tar, find and fbuild'
	@echo '                  (BASELINE=COMMIT: and size, first build and start against that commit)'
	@echo 'make findings     what the software of others does that nobody would guess: is it still so?'
	@echo 'make fuzz         feed random bytes to what reads strangers (libFuzzer), a minute for each'
	@echo 'make coverage     how much of the sources the unit tests run'
	@echo 'make filesystems  try every file system that this kernel can mount, from small images (root)'
	@echo 'make screenshots  make the pictures of the README from the real program'
	@echo 'make film         record a session of the real program as an animated picture'
	@echo 'make install      install into PREFIX ($(PREFIX)), stripped, with manual pages and completions'
	@echo 'make deb          a Debian package in .build/deb; make deb-test uses it in a minimal system (root)'
	@echo 'make docs         the public API of CacheKit as a DocC archive in .build/docs'
	@echo 'make format       format the sources'

run: release
	@Scripts/run $(BINARY) $(ARGS)

# SwiftPM keeps what it made of Package.swift, the commit in it too, until the environment differs.
release:
	@Scripts/packages $(BUILD_PACKAGES)
	@CACHESCOPE_COMMIT="$${CACHESCOPE_COMMIT-$$(Scripts/commit)}" $(SWIFT) build $(RELEASE) --product cachescope

test:
	@Scripts/packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@$(MAKE) --no-print-directory lint
	$(STRICT) $(SWIFT) build --build-tests $(TESTED)
	$(STRICT) $(SWIFT) test --skip-build
	@Scripts/proofs "$$($(STRICT) $(SWIFT) build --build-tests $(TESTED) --show-bin-path)"
	@Scripts/test-as-user "$$($(STRICT) $(SWIFT) build --build-tests $(TESTED) --show-bin-path)"

cases:
	@Scripts/packages $(LINT_PACKAGES)
	@Scripts/cases --print

errnos:
	@Scripts/packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
	$(STRICT) $(SWIFT) build --build-tests $(TESTED)
	CACHESCOPE_ERRNOS=all $(STRICT) $(SWIFT) test --skip-build --filter EndToEndTests.*Errno

check:
	@Scripts/packages $(BUILD_PACKAGES)
	@$(MAKE) --no-print-directory lint
	$(STRICT) $(SWIFT) build --build-tests $(TESTED)
	$(STRICT) $(SWIFT) test --skip-build --skip EndToEndTests

lint:
	@Scripts/packages $(LINT_PACKAGES)
	@Scripts/cases
	@Scripts/floors
	@Scripts/floors --self-test
	@Scripts/calls
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Examples

format:
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Examples

crash: release
	@Scripts/packages $(CRASH_PACKAGES)
	@Scripts/crash $(BINARY) $(ARGS)

faults: release
	@Scripts/packages $(CRASH_PACKAGES)
	@PYTHONDONTWRITEBYTECODE=1 python3 Tests/Crash/faults.py $(BINARY) $(ARGS)

soak: release
	@Scripts/packages $(PEER_PACKAGES) tmux
	@Scripts/soak $(BINARY) $(SECONDS)

peer: release
	@Scripts/packages $(PEER_PACKAGES)
	@Scripts/peer $(BINARY)

fleet: release
	@Scripts/packages $(FLEET_PACKAGES)
	@Scripts/fleet $(BINARY)

powercut: release
	@Scripts/packages $(POWERCUT_PACKAGES)
	@Scripts/powercut $(BINARY)

attack: release
	@Scripts/packages $(POWERCUT_PACKAGES)
	@python3 Tests/Attack/attack.py $(BINARY) 1000

archives: release
	@Scripts/packages $(ARCHIVE_PACKAGES)
	@Scripts/archives $(BINARY) $(ARGS)

bench: release
	@Scripts/packages $(BENCH_PACKAGES)
	@[ -z '$(BASELINE)' ] || { Scripts/first-build HEAD .build/bench/first && \
	  Scripts/first-build '$(BASELINE)' .build/bench/baseline; }
	@Scripts/bench $(BINARY) $(ARGS)

docs:
	@Scripts/packages $(BUILD_PACKAGES)
	@Scripts/docs .build/docs

findings:
	@Scripts/packages $(PEER_PACKAGES)
	@for finding in findings/*.sh; do echo "$$finding"; sh "$$finding" || exit; done

coverage:
	@Scripts/packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@Scripts/coverage "$$PWD/.build/coverage"

fuzz:
	@Scripts/packages $(BUILD_PACKAGES) $(FUZZ_PACKAGES)
	@Scripts/fuzz $(ARGS)

filesystems: release
	@Scripts/packages $(PLACE_PACKAGES)
	@Scripts/filesystems $(BINARY) $(ARGS)

screenshots: release
	@Scripts/packages $(PICTURE_PACKAGES)
	@Scripts/screenshots $(BINARY) screenshots

film: release
	@Scripts/packages $(PICTURE_PACKAGES)
	@Scripts/film $(BINARY) screenshots/film.gif

install: release
	@Scripts/install $(BINARY) '$(PREFIX)' '$(DESTDIR)'

deb: release
	@Scripts/packages $(DEB_PACKAGES)
	@package=$$(Scripts/deb $(BINARY) .build/deb) && echo "$$package" && Scripts/lint-deb "$$package"

deb-test: deb
	@Scripts/packages $(DEB_PACKAGES) debootstrap
	@for package in .build/deb/*.deb; do Scripts/deb-test "$$package" || exit; done

clean:
	rm -rf .build .venv-peer
