#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Not in a VM: it asks the command, and the kernel little
# Is what README.md shows what sonde prints? Its code blocks say how they are to be held against today's output:
#
#     ```sh questions     the ten questions, as `sonde --questions` has them
#     ```console run      what stands behind `$ ` (and `>`) is run; each line below it must come, in any order
#     ```console doctor   each word at a line's beginning is one that sonde doctor says
#     ```console hooks    the same as run, by hooks that many machines do not grant: only in a VM
#     ```console calm     the whole machine, therefore only in a VM: the same, while calm_scene() plays
#
# Lines are compared by their shape: numbers, times, addresses and widths of columns may differ. `...` stands for lines
# that are left out.
set -u
. "$SONDE_ROOT/tests/live/blocks.sh" README.md

"$SONDE" --questions | sed 's/^/# /; s/\t/\n/' >questions
if ! diff -u <(block 'sh questions' 1) questions; then
	echo 'FAIL: the ten questions'
	failed=$((failed + 1))
fi

[ -z "${SONDE_VM-}" ] || { echo apple >fruit; run_blocks 'console hooks'; }
run_blocks 'console run'
[ $blocks -ge 8 ] || { echo "FAIL: only $blocks blocks to run"; failed=$((failed + 1)); }

"$SONDE" doctor >said 2>/dev/null
while read -r word _; do
	case $word in '$'|...) continue ;; esac
	grep -Eq "^ *$word\b" said || { echo "FAIL: sonde doctor does not speak of $word"; failed=$((failed + 1)); }
done < <(block 'console doctor' 1)

calm_scene() {
	chmod 600 fruit
	mv fruit basket
	for _ in 1 2 3 4 5; do : >note; rm note; done
	(sleep 30 & kill -9 $!; wait) 2>/dev/null
	ls vegetables 2>/dev/null
	sleep 2
}

if [ -n "${SONDE_VM-}" ]; then
	block 'console calm' 1 | tail -n +2 >expected
	"$SONDE" trace >output 2>&1 </dev/null &
	for _ in {1..60}; do
		: >probe
		rm probe
		sleep 1
		! grep -q probe output || break
	done
	export -f calm_scene
	bash -c calm_scene
	kill -INT $!
	wait $!
	# Who started bash is not the same as in the README, and how they appear folded depends on the speed.
	sed -E -i 's/^(\S+ \S+) [^ >]+>/\1 parent>/; s/ ×[0-9]+$/ ×4/' expected output
	same_shape 'the whole machine' expected output
fi
[ $failed -eq 0 ]
