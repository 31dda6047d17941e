/* SPDX-License-Identifier: Apache-2.0 */
/* Ten questions. Each command works as it stands, on any machine, once PID and DIR are put in. */
#include "questions.h"

const struct question questions[QUESTIONS] = {
	{"What does this program do?", "sonde -- ls /tmp"},
	{"Which files does it look for and not find?", "sonde trace -Z -e @file -- ls /tmp"},
	{"Where does its time go?", "sonde trace -c -- ls -R /usr/share/doc"},
	{"What is this hung process waiting for?", "sonde trace -p PID"},
	{"Which of its calls take longer than 10 ms?", "sonde trace 'evt.latency > 10ms' -p PID"},
	{"Which programs are being started, and by whom?", "sonde trace -e exec"},
	{"Who deletes or renames files in this directory?",
	 "sonde trace -e unlink,rmdir,rename -P DIR"},
	{"Who connects to where?", "sonde trace -e connect 'fd.type in (ipv4, ipv6)'"},
	{"Who killed it?", "sonde trace -e signal,oom_kill"},
	{"How do I hand this to another program?",
	 "sonde trace --json --duration 10s | jq .proc.name"},
};
