# SPDX-License-Identifier: Apache-2.0
# Two commands: `make run` shows what sonde does, `make check` says whether it works. Both first install what they need.
#
#   make run                       traces a short pipeline
#   make run ARGS='trace -- ls'    runs any command of sonde, through sudo where it needs root
#   make check-all                 the same as make check, on all kernels
#   make install                   to /usr/local; DESTDIR= and `meson configure -Dprefix=` as usual
.PHONY: run check check-all build install docs bench format clean

run:
	@tools/install-dependencies build
	@TARGETS=sonde tools/build
	@tools/run $(ARGS)

check:
	@tools/install-dependencies check
	@tests/check

check-all:
	@tools/install-dependencies check
	@tests/check --all

build:
	@tools/install-dependencies build
	@tools/build

install: build
	@meson install -C build --no-rebuild --quiet

# What docs/ and examples/ have of what the sources say.
docs: build
	@cp build/docs/fields.md build/docs/program-types.md docs/
	@tools/list_examples >examples/README.md

# ARGS='--help' lists what it can measure.
bench: build
	@bench/run $(ARGS)

format:
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format-14 -i

clean:
	rm -rf build build-*
