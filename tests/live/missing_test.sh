#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A kernel that lacks one tracepoint, or a member that a program reads: its types without that one's are put in place of
# the real ones, for this test alone.
set -u
types=/sys/kernel/btf/vmlinux
sed 's/btf_trace_signal_generate/btf_trace_signal_generatX/' $types >types
if ! unshare -m mount --bind types $types 2>/dev/null; then
	echo 'no right to mount'
	exit 77
fi
failed=0

expect() { # STATUS PATTERN ARGS...
	local wanted=$1 pattern=$2 status
	shift 2
	unshare -m sh -c 'mount --bind types /sys/kernel/btf/vmlinux && exec "$@"' - "$SONDE" "$@" >said 2>&1 </dev/null
	status=$?
	if [ $status -ne "$wanted" ] || ! grep -Eq -- "$pattern" said; then
		echo "FAIL: sonde $*: status $status, wanted $wanted and /$pattern/"
		grep -E 'signal|cannot' said | head -n 3
		failed=$((failed + 1))
	fi
}

expect 1 '^  signal +missing  tp_btf/signal_generate: this kernel has no' doctor
expect 1 '^  exit +ok ' doctor
expect 0 'hook: tp_btf/signal_generate, which this kernel does not have' events -v signal
expect 0 'hook: tp_btf/sched_process_exit, which serves it here' events -v exit
expect 3 'tp_btf/signal_generate: this kernel has no tracepoint signal_generate' trace -e signal,exit -- sh -c 'exit 3'
expect 3 'exited with 3' trace -e signal,exit -- sh -c 'exit 3'

# The verifier refuses the program that reads it, and only that one.
sed 's/si_code/si_codX/g' $types >types
expect 1 'signal_generate: the kernel refuses the' doctor -v
expect 1 '^  signal +missing +no hook serves it$' doctor -v
expect 1 '^  exit +ok ' doctor -v
expect 1 '^    .*invalid func unknown' doctor -v
expect 1 '^  signal +ok ' doctor
expect 3 'the kernel refuses the probe signal_generate' trace -e signal,exit -- sh -c 'exit 3'
if command -v jq >/dev/null; then
	unshare -m sh -c 'mount --bind types /sys/kernel/btf/vmlinux && exec "$0" doctor -v --json' "$SONDE" >said
	if [ "$(jq -r '.refused[] | select(.log | length > 1000) | .program' said)" != signal_generate ]; then
		echo 'FAIL: sonde doctor -v --json: the log of signal_generate'
		failed=$((failed + 1))
	fi
fi
[ $failed -eq 0 ]
