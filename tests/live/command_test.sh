#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Not in a VM: it asks the command, and the kernel little
# The command line from outside: exit statuses, what is said of mistakes, and that others can read what it prints.
set -u
failed=0

# expect STATUS PATTERN ARGS...: both streams together must match the pattern.
expect() {
	local wanted=$1 pattern=$2 status
	shift 2
	"$SONDE" "$@" >said 2>&1 </dev/null
	status=$?
	if [ $status -ne "$wanted" ] || ! grep -Eq -- "$pattern" said; then
		echo "FAIL: sonde $*: status $status, wanted $wanted and /$pattern/"
		head -n 3 said | cut -c 1-200
		failed=$((failed + 1))
	fi
}

check() { # WHAT COMMAND...
	local what=$1
	shift
	"$@" >said 2>&1 && return
	echo "FAIL: $what"
	head -n 3 said
	failed=$((failed + 1))
}

expect 0 'What does this program do'
expect 0 '^sonde [0-9.]+$' --version
expect 0 'trace +show' help
expect 0 '-e, --events' trace --help
expect 0 '-e, --events' help trace
expect 0 '^  proc.exepath +' help filter
expect 0 '^openat ' events openat
expect 2 'there is no event opnat; did you mean openat\?' events opnat
expect 2 'unknown option --durtion; did you mean --duration\?' trace --durtion 3s
expect 2 'unknown option --follow-forks: it is -f here' trace --follow-forks
expect 2 'unknown option -a: the = stands in column 40' trace -a 60 -- ls
expect 2 'did you mean trace\?' trcae
expect 2 'did you mean: sonde trace -- ls' trace ls
expect 2 'did you mean: sonde trace -f -- ls -l' trace -f ls -l
expect 2 'did you mean: sonde -- ls' ls
expect 2 '-p and a command to run exclude each other' trace -p 7 -- ls
expect 2 'there is no field proc.nmae; did you mean proc.name' trace proc.nmae=ls
expect 2 'there is no event opne; did you mean open' trace -e opne -- true

# Of the whole machine @calm alone is shown, unless -e or -P says more; of a command all its calls.
expect 2 'only @calm is shown, and nothing of it fits; try -e read' trace --explain 'evt.type = read'
expect 2 'nothing of it fits; try -e @all' trace 'evt.type startswith get'
expect 0 'only @calm is shown; -e openat shows all that fits' trace --explain 'evt.type = openat'
expect 0 'is_open_create' trace --explain 'evt.type = openat'
expect 0 'is_open_create' trace --explain -e '!exec'
expect 0 '^[5-9][0-9] of [0-9]+ events' trace --explain 'proc.name = cat'
for quiet in 'evt.type = exec' 'proc.name = cat'; do
	"$SONDE" trace --explain "$quiet" >/dev/null 2>said
	check "not said of $quiet" test ! -s said
done
expect 0 '^4[0-9]+ of [0-9]+ events' trace --explain 'proc.name = cat' -- ls
expect 0 '^1 of [0-9]+ events' trace --explain 'evt.type = exec' -- ls
expect 0 '^1 of [0-9]+ events' trace --explain 'evt.type = read' -p $$
expect 0 '^  read, ' trace --explain -P /etc/hostname
expect 0 '^[2-5] of [0-9]+ events' trace --explain -e open 'fd.name = /etc/hostname'
expect 0 'is_open_create' trace --explain -e @calm 'proc.name = cat'

# A command's status is sonde's.
expect 0 'exited 0' -- true
expect 7 'exited 7' -- sh -c 'exit 7'
expect 137 'SIGKILL' -- sh -c 'kill -KILL $$'
expect 127 'there is no such program' -- ./nothing

# What was closed stays so, for us and for the command.
"$SONDE" trace -o - -e getppid -- sh -c 'echo x 2>/dev/null && exit 9' 2>sayings >&-
check 'closed output' test $? -eq 1
check 'closed output: what it says' test "$(tail -n 1 sayings)" = \
	'sonde: writing to the standard output: Bad file descriptor'
"$SONDE" trace -e getppid -- sh -c 'echo x >&2' 2>&-
check 'closed error output' test $? -eq 1
touch plain
expect 126 'ermission' -- ./plain

# Who may not trace is told how; what needs no rights works.
nobody=$(mktemp -d /tmp/sonde-nobody.XXXXXX)
trap 'rm -rf "$nobody"' EXIT
chmod 755 "$nobody"
cp "$SONDE" "$nobody/sonde"
if command -v setpriv >/dev/null; then
	SONDE_REAL=$SONDE
	cat >"$nobody/run" <<-END
		#!/bin/sh
		exec setpriv --reuid 65534 --clear-groups "$nobody/sonde" "\$@"
	END
	chmod 755 "$nobody/run"
	SONDE=$nobody/run
	expect 1 'needs CAP_BPF, CAP_PERFMON' trace -e open 'proc.name = ls'
	expect 1 "run: sudo sonde trace -e open 'proc.name = ls'" trace -e open 'proc.name = ls'
	expect 2 '%evt.tme: there is no such field; did you mean %evt.time' trace --format '%evt.tme'
	expect 2 '%evt.arg.nosuch: no event here has such' trace --format '%evt.arg.nosuch' -- ls
	expect 1 'there is no process 4194304' trace -p 4194304
	expect 1 'no cgroup belongs to a unit nosuch.service' trace --unit nosuch.service
	expect 1 'no cgroup belongs to a container nosuch' trace --container nosuch
	expect 1 'there is no cgroup /nosuch' trace --cgroup /nosuch
	expect 2 'there is no such user' trace -u nosuch -- ls
	expect 0 'tp_btf/sys_exit, which only root can try' events -v getpid
	expect 0 '.' trace --explain 'proc.name = ls'
	expect 2 'there is no field proc.nmae' trace --explain proc.nmae=ls
	expect 2 'cannot trace here' doctor
	SONDE=$SONDE_REAL
fi

"$SONDE" doctor >said
status=$?
[ $status -le 1 ] && grep -q 'sonde can trace here' said || {
	echo "FAIL: doctor: status $status"
	failed=$((failed + 1))
}
if command -v jq >/dev/null; then
	check 'doctor --json' sh -c '"$SONDE" doctor --json | jq -e ".features | length > 10"'
	check 'events --json' sh -c '"$SONDE" events --json | jq -es "length > 300"'
fi
"$SONDE" --man >sonde.1
if command -v groff >/dev/null; then
	check 'the manual page' sh -c 'groff -man -Tutf8 -ww sonde.1 2>&1 >/dev/null | { ! grep .; }'
fi
for shell in bash zsh fish; do
	"$SONDE" completion $shell >script || failed=$((failed + 1))
	if command -v $shell >/dev/null; then
		check "completion $shell" $shell -n script
	fi
done
check 'a full disk' sh -c '"$SONDE" events >/dev/full; [ $? -eq 1 ]'
check 'a closed pipe' bash -c '"$SONDE" events 2>&1 >&3 3>&- | { ! grep .; } 3>&-
	status=("${PIPESTATUS[@]}")
	[[ ${status[0]} =~ ^(0|141)$ && ${status[1]} -eq 0 ]]' 3> >(head -n 1 >/dev/null)

[ $failed -eq 0 ]
