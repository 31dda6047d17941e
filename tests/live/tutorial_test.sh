#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Does each command of docs/your-own-event.md do what stands there? A block `c FILE` is written to that file, `console
# run` is run and compared as in README.md, `console kprobe` only in a VM, where kprobes are sure to work.
set -u
command -v clang >/dev/null || command -v clang-14 >/dev/null || { echo 'needs clang'; exit 77; }
command -v cc >/dev/null || { echo 'needs cc'; exit 77; }
. "$SONDE_ROOT/tests/live/blocks.sh" docs/your-own-event.md

for file in greet.c sizes.bpf.c; do
	block "c $file" 1 >$file
done
if [ -n "${SONDE_VM-}" ]; then
	touch notes
	run_blocks 'console kprobe'
	[ $blocks -ge 1 ] || { echo 'FAIL: no block of kprobes'; failed=1; }
else
	run_blocks 'console run'
	[ $blocks -ge 6 ] || { echo "FAIL: only $blocks blocks to run"; failed=1; }
fi
[ $failed -eq 0 ]
