// SPDX-License-Identifier: Apache-2.0
/* What matches a filter, and what the kernel decides of it. */
#include "filter_fixture.h"

static struct filter *compile(const char *words)
{
	struct filter *filter = NULL;

	error = (struct error){};
	if (filter__new(words, &schemas, &filter, &error))
		print_message("%s\n", error.text);
	return filter;
}

/* Does the event that the fixture holds match? The kernel's terms must not contradict. */
static bool matches(const char *words)
{
	struct filter *filter = compile(words);
	struct filter_terms terms;
	struct event *e;
	bool ret, kernel;
	unsigned int id;

	assert_non_null(filter);
	for (id = OPENAT; id < EVENTS && strcmp(list[id]->name, f.schema.name); id++)
		;
	e = fixture__event(&f);
	e->schema = list[id];
	ret = filter__matches(filter, e);
	filter__kernel_terms(filter, id, &terms);
	kernel = filter__may_match(filter, id) && filter_terms__hold(&terms, e->record);
	if (ret && !kernel)
		fail_msg("the kernel drops what matches: %s", words);
	if (filter__may_match(filter, id) && terms.exact && ret != kernel)
		fail_msg("the kernel is said to decide exactly, and does not: %s", words);
	filter__free(filter);
	return ret;
}

static void and_or_not(void **state)
{
	openat_call(3);
	assert_true(matches("evt.type=openat"));
	assert_true(matches("evt.type = openat and evt.failed = false"));
	assert_false(matches("evt.type=openat and evt.failed"));
	assert_true(matches("evt.type=close or evt.type=openat"));
	assert_true(matches("not evt.type=close"));
	assert_true(matches("not not evt.type=openat"));
	assert_true(matches("not(evt.type=close or evt.failed=true)"));
	/* `and` binds more tightly. */
	assert_true(matches("evt.type=openat or evt.type=close and evt.failed=true"));
	assert_false(matches("(evt.type=openat or evt.type=close) and evt.failed=true"));
	assert_true(matches("((evt.type=openat))\n and\tnot evt.failed"));
	assert_true(matches("evt.type in (close, openat)"));
	assert_true(matches("evt.type in(close,'openat')"));
	assert_true(matches("evt.type==openat"));
	assert_true(matches("evt.type startswith open"));
	assert_true(matches("evt.type glob 'open*'"));
	assert_true(matches("evt.category=file and evt.category=desc"));
	assert_false(matches("evt.category != file"));
	assert_true(matches("evt.dir=< and syscall.type=openat"));
}

static void numbers(void **state)
{
	read_call();
	assert_true(matches("evt.arg.count = 64K"));
	assert_true(matches("evt.arg.size >= 0x10000"));
	assert_true(matches("evt.arg.length=65536"));
	assert_false(matches("evt.arg.count > 64K"));
	assert_true(matches("evt.arg.count in (1, 65536, 3)"));
	assert_true(matches("evt.arg.count < 1.5M and evt.rawres = 6"));
	assert_true(matches("evt.rawres > -1"));
	assert_true(matches("evt.arg[2]=65536"));
	assert_true(matches("evt.arg.res=6"));
	kill_call(-1);
	assert_true(matches("evt.arg.pid = -1"));
	assert_true(matches("evt.arg.pid < 0"));
	assert_true(matches("evt.arg.sig=SIGTERM"));
	assert_true(matches("evt.arg.sig in (SIGKILL, SIGTERM)"));
	assert_true(matches("evt.arg.sig=15"));
	assert_true(matches("evt.arg.sig startswith SIGTER"));
	assert_true(matches("evt.res=ESRCH and evt.rawres=-3"));
	assert_true(matches("evt.res in (SUCCESS, ESRCH)"));
	assert_false(matches("evt.res=SUCCESS"));
	assert_true(matches("evt.res != ENOENT"));
	assert_true(matches("evt.failed and evt.failed=true and evt.failed != false"));
	assert_true(matches("proc.pid=4242 and thread.tid=4242"));
	assert_false(matches("proc.pid != 4242"));
	assert_false(matches("not proc.pid in (4242, 1)"));
}

static void flags(void **state)
{
	openat_call(3);
	assert_true(matches("evt.arg.flags contains O_CREAT"));
	assert_true(matches("evt.arg.flags contains O_RDWR"));
	/* O_RDONLY is 0: it is a part of the word, not a bit. */
	assert_false(matches("evt.arg.flags contains O_RDONLY"));
	assert_true(matches("evt.arg.flags contains O_CREAT|O_CLOEXEC"));
	assert_false(matches("evt.arg.flags contains O_CREAT|O_TRUNC"));
	assert_true(matches("evt.arg.flags intersects (O_TRUNC, O_CREAT)"));
	assert_true(matches("evt.arg.flags=O_RDWR|O_CREAT|O_CLOEXEC"));
	assert_false(matches("evt.arg.flags=O_CREAT"));
	assert_true(matches("evt.arg.mode=0644 and evt.arg.mode contains S_IWUSR"));
	assert_false(matches("evt.arg.mode contains S_IXUSR"));
	/* Another event's table: its name is known, but not here. */
	assert_false(matches("evt.arg.flags contains MAP_PRIVATE"));
	assert_true(matches("evt.arg.flags != MAP_PRIVATE"));
	assert_true(matches("evt.is_open_write=true and evt.is_open_read and evt.is_open_create"));
	assert_false(matches("evt.is_open_exec=true"));
	mmap_call();
	assert_true(matches("evt.arg.flags contains MAP_PRIVATE"));
	assert_false(matches("evt.is_open_write=true"));
}

static void texts(void **state)
{
	openat_call(3);
	assert_true(matches("fd.name=/etc/hosts"));
	assert_true(matches("evt.arg.pathname = \"/etc/hosts\""));
	assert_true(matches("evt.arg.name contains host and evt.arg.path endswith ts"));
	assert_true(matches("evt.arg.filename icontains HOST"));
	assert_true(matches("fd.name in (/etc/passwd, /etc/hosts, a, b, c, d)"));
	assert_false(matches("fd.name in (/etc/passwd, /etc/host, /etc/hosts2)"));
	assert_true(matches("fd.name pmatch (/usr, /etc)"));
	assert_false(matches("fd.name pmatch (/usr, /et)"));
	assert_true(matches("fd.name glob /etc/h?s[st-u]s"));
	assert_true(matches("fd.name glob *hosts and fd.name glob /*/*"));
	assert_false(matches("fd.name glob /etc/[!h]*"));
	assert_true(matches("fd.name iglob */HOSTS"));
	assert_true(matches("fd.name bcontains 2f686f"));
	assert_true(matches("fd.directory=/etc and fd.filename=hosts"));
	assert_true(matches("fd.name exists and fd.num=3 and fd.typechar='f' and fd.type=file"));
	assert_true(matches("evt.arg.fd=/etc/hosts"));
	assert_true(matches("fd.name=\"/etc/\\x68osts\" and fd.name='/etc/\\150osts'"));
	read_call();
	assert_true(matches("evt.buffer contains ELF and evt.buffer bstartswith 7f454c46"));
	assert_true(matches("evt.buflen=6 and evt.is_io_read=true and evt.io_dir=r"));
}

static void what_is_absent_matches_nothing(void **state)
{
	kill_call(1);
	assert_false(matches("fd.name=x"));
	assert_false(matches("fd.name != x"));
	assert_true(matches("not fd.name=x"));
	assert_false(matches("fd.name exists"));
	assert_false(matches("evt.arg.flags != O_CREAT"));
	assert_true(matches("not evt.arg.flags contains O_CREAT"));
	exit_call();
	assert_false(matches("evt.res=SUCCESS or evt.rawres=0"));
	assert_true(matches("evt.arg.status=1 and evt.failed=false"));
	signal_event();
	assert_true(matches("evt.arg.sig=SIGKILL"));
	assert_false(matches("syscall.type exists"));
}

static void connections(void **state)
{
	connect_call(0);
	assert_true(matches("fd.sip=10.1.2.3 and fd.cip=127.0.0.1"));
	assert_true(matches("fd.snet=10.0.0.0/8 and fd.cport=40112 and fd.sport=443"));
	assert_true(
		matches("fd.ip=127.0.0.1 and fd.ip=10.1.2.3 and fd.port=443 and fd.port=40112"));
	assert_false(matches("fd.ip=10.1.2.4"));
	assert_false(matches("fd.ip != 10.1.2.3"));
	assert_true(matches("fd.ip != 10.1.2.4"));
	assert_true(matches("fd.net in (192.168.0.0/16, 10.0.0.0/9)"));
	assert_false(matches("fd.rnet in (10.0.0.0/16, 'fe80::/10')"));
	assert_true(matches(
		"fd.lip=127.0.0.1 and fd.rip=10.1.2.3 and fd.l4proto=tcp and fd.sockfamily=ip"));
	assert_true(matches(
		"fd.type=ipv4 and fd.typechar=4 and fd.connected=true and fd.is_server=false"));
	assert_true(matches("fd.name=tcp:127.0.0.1:40112->10.1.2.3:443"));
	/* The socket knows no peer, or only the address of one that refused: the call knows more.
	 */
	connect_call(-ECONNREFUSED);
	assert_true(matches("fd.sip=10.1.2.3 and fd.rport=443"));
	memcpy(f.infos[0].peer, "\x0a\1\2\3", 4);
	assert_true(matches("fd.sip=10.1.2.3 and fd.rport=443"));
	assert_false(matches("fd.cip exists"));
}

static void a_failed_open_has_the_name_that_it_wanted(void **state)
{
	openat_call(-ENOENT);
	assert_true(matches("fd.name=/etc/hosts and fd.directory=/etc and evt.res=ENOENT"));
	assert_false(matches("fd.num >= 0"));
	assert_true(matches("fd.typechar=f"));
}

static void latency_is_absent_where_the_entry_was_not_seen(void **state)
{
	uint64_t ns = 20000000;

	kill_call(1);
	assert_false(matches("evt.latency > 10ms"));
	assert_false(matches("evt.latency < 10ms"));
	assert_true(matches("not evt.latency > 10ms"));
	f.record.flags |= SONDE_RECORD_LATENCY;
	memcpy(f.bytes + f.size, &ns, 8);
	f.size += 8;
	assert_true(matches("evt.latency > 10ms and evt.latency <= 0.02s"));
	assert_true(matches("not evt.latency > 1.5s"));
	assert_false(matches("evt.latency < 20000us"));
}

static unsigned int needs_of(const char *words)
{
	struct filter *filter = compile(words);
	unsigned int needs = filter__needs(filter);

	filter__free(filter);
	return needs;
}

static void only_what_is_asked_is_captured(void **state)
{
	assert_int_equal(needs_of("evt.type=openat"), 0);
	assert_int_equal(needs_of("evt.type=openat and fd.name=x"), NEEDS_FILES);
	assert_int_equal(needs_of("fd.name=x"), NEEDS_FILES | NEEDS_ENTRY); /* close may match */
	assert_int_equal(needs_of("evt.type=close and evt.arg.fd=3"), NEEDS_ENTRY);
	assert_int_equal(needs_of("evt.latency > 10ms"), NEEDS_LATENCY);
	assert_int_equal(needs_of("proc.env[HOME]=x"), NEEDS_ENV);
}

static unsigned int calls_of(const char *words)
{
	struct filter *filter = compile(words);
	uint64_t bits[(EVENTS + 63) / 64];

	filter__calls(filter, bits);
	filter__free(filter);
	return bits[0];
}

static void only_events_that_can_match_are_captured(void **state)
{
	assert_int_equal(calls_of("evt.type in (openat, close)"), 1 << OPENAT | 1 << CLOSE);
	assert_int_equal(calls_of("evt.category=desc and not evt.type=close"),
			 1 << OPENAT | 1 << MMAP | 1 << READ);
	assert_int_equal(calls_of("evt.arg.flags contains O_CREAT"), 1 << OPENAT);
	assert_int_equal(calls_of("fd.name contains x"),
			 1 << OPENAT | 1 << CLOSE | 1 << CONNECT | 1 << READ);
	assert_int_equal(calls_of("proc.name=x or evt.type=close"),
			 ((1 << EVENTS) - 1) & ~((1 << OPENAT) - 1));
	assert_int_equal(calls_of("evt.type=close and proc.name=x or evt.type=read"),
			 1 << CLOSE | 1 << READ);
}

static const char *explained(const char *words)
{
	struct filter *filter = compile(words);

	buffer__reset(&text);
	filter__explain(filter, NULL, &text);
	filter__free(filter);
	return buffer__string(&text);
}

static void the_split_is_explained(void **state)
{
	assert_string_equal(
		explained("evt.type in (openat, close) and evt.failed and fd.name contains /etc"),
		"2 of 8 events can match and are captured\n"
		"  openat, close\n"
		"    in the kernel:    evt.failed\n"
		"    in user space:    fd.name contains /etc\n"
		"for this filter descriptors are resolved; arguments are read at the entry where "
		"the exit is "
		"too late\n");
	assert_string_equal(
		explained(
			"evt.type=kill and (evt.arg.pid=1 and proc.name=a or evt.arg.sig=SIGKILL)"),
		"1 of 8 events can match and are captured\n"
		"  kill\n"
		"    roughly there:    evt.arg.pid=1 and proc.name=a or evt.arg.sig=SIGKILL\n"
		"    in user space:    evt.arg.pid=1 and proc.name=a or evt.arg.sig=SIGKILL\n");
	assert_string_equal(explained("evt.type=close or evt.type=read and evt.rawres > 4K"),
			    "2 of 8 events can match and are captured\n"
			    "  close\n"
			    "    all of them match\n"
			    "  read\n"
			    "    in the kernel:    evt.rawres > 4K\n");
}

static void the_kernel_gets_clauses(void **state)
{
	struct filter *filter = compile("evt.type=kill and evt.arg.sig in (SIGKILL, SIGTERM) and "
					"not evt.arg.pid in (1, -1)");
	struct filter_terms terms;

	filter__kernel_terms(filter, KILL, &terms);
	assert_true(terms.exact);
	assert_int_equal(terms.count, 4);
	assert_false(terms.list[0].last);
	assert_true(terms.list[1].last && terms.list[2].last && terms.list[3].last);
	assert_int_equal(terms.list[0].offset, sizeof(struct sonde_record) + 16);
	assert_int_equal(terms.list[0].size, 4);
	assert_int_equal(terms.list[0].op, FILTER_EQ);
	assert_int_equal(terms.list[0].value, 9);
	assert_int_equal(terms.list[2].op, FILTER_NE);
	assert_true(terms.list[2].is_signed);
	filter__free(filter);
	/* At close's exit the descriptor's number is still there, but the rule is simple: such
	 * calls' arguments are left. */
	filter = compile("evt.type=close and evt.arg.fd=3");
	filter__kernel_terms(filter, CLOSE, &terms);
	assert_int_equal(terms.count, 0);
	assert_false(terms.exact);
	filter__free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(and_or_not),
		cmocka_unit_test(numbers),
		cmocka_unit_test(flags),
		cmocka_unit_test(texts),
		cmocka_unit_test(what_is_absent_matches_nothing),
		cmocka_unit_test(connections),
		cmocka_unit_test(a_failed_open_has_the_name_that_it_wanted),
		cmocka_unit_test(latency_is_absent_where_the_entry_was_not_seen),
		cmocka_unit_test(only_what_is_asked_is_captured),
		cmocka_unit_test(only_events_that_can_match_are_captured),
		cmocka_unit_test(the_split_is_explained),
		cmocka_unit_test(the_kernel_gets_clauses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
