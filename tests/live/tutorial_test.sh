#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Does each command of docs/your-own-event.md do what stands there? A block `c FILE` is written to that file, `console
# run` is run and compared as in README.md, `console kprobe` only in a VM, where kprobes are sure to work, `console rust`
# and `console usdt` where there is what they need.
set -u
command -v clang >/dev/null || command -v clang-14 >/dev/null || { echo 'needs clang'; exit 77; }
command -v cc >/dev/null || { echo 'needs cc'; exit 77; }
. "$SONDE_ROOT/tests/live/blocks.sh" docs/your-own-event.md

for file in 'c greet.c' 'c sizes.bpf.c' 'c sold.c' 'rust sell.rs'; do
	block "$file" 1 >"${file#* }"
done

# with TAG WHAT TEST...: the blocks of that kind, if there is what they need.
with() {
	if "${@:3}" >/dev/null 2>&1; then
		run_blocks "console $1"
		[ $blocks -ge 1 ] || { echo "FAIL: no block for $1"; failed=1; }
	else
		echo "skipped: the blocks for $1, since there is no $2"
	fi
}
if [ -n "${SONDE_VM-}" ]; then
	touch notes
	run_blocks 'console kprobe'
	[ $blocks -ge 1 ] || { echo 'FAIL: no block of kprobes'; failed=1; }
else
	run_blocks 'console run'
	[ $blocks -ge 6 ] || { echo "FAIL: only $blocks blocks to run"; failed=1; }
	PATH=$PATH:$HOME/.cargo/bin
	with rust rustc rustc --version
	with usdt sys/sdt.h cc -E -include sys/sdt.h -x c /dev/null
fi
[ $failed -eq 0 ]
