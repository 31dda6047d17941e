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
readme=$SONDE_ROOT/README.md
mkdir bin tour
ln -s "$SONDE" bin/sonde
export PATH=$PWD/bin:$PATH LC_ALL=C COLUMNS=100
cd tour || exit 1
failed=0

# block TAG N: the lines of the Nth block of that kind.
block() {
	awk -v tag="\`\`\`$1" -v wanted="$2" '
		/^```$/ { inside = 0 }
		inside { print }
		$0 == tag && ++n == wanted { inside = 1 }' "$readme"
}

shape() {
	sed -E -e "s#$PWD#/tmp/tour#g" -e 's/0x[0-9a-f]+/N/g' -e 's/[0-9]+(\.[0-9]+)?/N/g' \
		-e 's/N (ns|us|ms|s|min)\b/N T/g' -e 's/ +/ /g' -e 's/ $//'
}

# same_shape WHAT EXPECTED ACTUAL: files.
same_shape() {
	local line
	shape <"$3" | sort -u >actual-shapes
	grep -vxF ... "$2" | shape | sort -u | comm -23 - actual-shapes >missing
	[ -s missing ] || return
	failed=$((failed + 1))
	echo "FAIL: $1"
	while read -r line; do echo "  the README has  $line"; done <missing
	sed 's/^/  sonde printed   /' "$3" | cut -c 1-200 | head -n 40
}

"$SONDE" --questions | sed 's/^/# /; s/\t/\n/' >questions
if ! diff -u <(block 'sh questions' 1) questions; then
	echo 'FAIL: the ten questions'
	failed=$((failed + 1))
fi

# run_blocks TAG: all of them.
run_blocks() {
	blocks=0
	while block "$1" $((blocks + 1)) >block && [ -s block ]; do
		blocks=$((blocks + 1))
		if grep -qw jq block && ! command -v jq >/dev/null; then
			echo "not run, since there is no jq: $(head -n 1 block)"
			continue
		fi
		sed -nE "s#/tmp/tour#$PWD#g; s/^(\\$|>) //p" block >commands
		grep -vE '^(\$|>) ' block >expected
		bash commands >output 2>&1 </dev/null
		same_shape "$(head -n 1 commands)" expected output
	done
}
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
