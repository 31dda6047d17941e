# SPDX-License-Identifier: Apache-2.0
# Is what a document shows what sonde prints? For the tests of documents, whose name comes as the first argument: they
# begin in a directory named tour.
document=$SONDE_ROOT/$1
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
		$0 == tag && ++n == wanted { inside = 1 }' "$document"
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
	while read -r line; do echo "  the document has  $line"; done <missing
	sed 's/^/  sonde printed   /' "$3" | cut -c 1-200 | head -n 40
}

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
