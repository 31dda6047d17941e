#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each of the ten questions of bare `sonde`: its command, as it stands there, shows what it is asked for. What looks at
# the whole machine does so in a VM; elsewhere it is confined to this test, whose business others' processes are not.
set -u
mkdir bin directory
ln -s "$SONDE" bin/sonde
export PATH=$PWD/bin:$PATH
own=$([ -n "${SONDE_VM-}" ] || echo "-p $$")
patience=$([ -n "${SONDE_VM-}" ] && echo 60 || echo 15)
asked=0 failed=0

fail() {
	echo "FAIL: $question"
	echo "      $command: $1"
	tail -n 5 output errors | cut -c 1-200
	failed=$((failed + 1))
}

# The command ends by itself; its output and its errors must match.
ends() {
	bash -c "$command" >output 2>errors </dev/null
	grep -Eq "$1" output errors || fail "no /$1/"
}

# It runs on while something is done, again and again until the line is there.
shows() {
	local wanted=$1 deadline=$((SECONDS + patience)) pid
	shift
	bash -c "exec $command" >output 2>errors </dev/null &
	pid=$!
	while ! grep -Eq -- "$wanted" output; do
		if [ $SECONDS -ge $deadline ] || ! kill -0 $pid 2>/dev/null; then
			fail "no /$wanted/ within $patience s"
			break
		fi
		"$@" >/dev/null 2>&1
		sleep 0.2
	done
	kill -INT $pid 2>/dev/null
	wait $pid
}

delete() { touch directory/there && mv directory/there directory/then && rm directory/then; }
connect() { (: <>/dev/tcp/127.0.0.1/1); }
be_killed() { sleep 100 & kill -KILL $!; wait $!; }
wait_long() { while :; do read -r -t 0.05 <>fifo; done; }
mkfifo fifo

while IFS=$'\t' read -r question command; do
	asked=$((asked + 1))
	case $command in
	'sonde -- ls /tmp') ends 'exit_group\(0\)' ;;
	'sonde trace -Z -e @file -- ls /tmp') ends '= -1 ENOENT' ;;
	'sonde trace -c -- ls -R /usr/share/doc') ends '\bgetdents64$' ;;
	'sonde trace -p PID')
		sleep 100 &
		command=${command/PID/$!}
		shows 'sleep.*nanosleep\(.*(going on|waiting)' true
		kill %%
		;;
	"sonde trace 'evt.latency > 10ms' -p PID")
		wait_long &
		command=${command/PID/$!}
		shows '(pselect6|select|poll)\(' true
		kill %%
		;;
	'sonde trace -e exec')
		command+=" $own"
		shows 'exec.*/true' /bin/true
		;;
	'sonde trace -e unlink,rmdir,rename -P DIR')
		command="${command/DIR/$PWD/directory} $own"
		shows 'unlink.*then' delete
		grep -Eq 'rename.*there' output || fail 'no renaming'
		;;
	"sonde trace -e connect 'fd.type in (ipv4, ipv6)'")
		command+=" $own"
		shows 'connect\(.*htons\(1\)' connect
		;;
	'sonde trace -e signal,oom_kill')
		command+=" $own"
		shows '--- SIGKILL to .*SI_USER' be_killed
		;;
	'sonde trace --json --duration 10s | jq .proc.name')
		command="sonde trace --json --duration 2s $own | jq .proc.name"
		(for _ in 1 2 3 4 5 6 7 8; do sleep 0.2; delete; done) &
		ends '^"(rm|mv|touch)"$'
		;;
	*) fail 'no test knows this question' ;;
	esac
done < <("$SONDE" --questions)

[ $asked -eq 10 ] || { echo "FAIL: $asked questions"; exit 1; }
[ $failed -eq 0 ]
