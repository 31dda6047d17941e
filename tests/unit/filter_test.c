// SPDX-License-Identifier: Apache-2.0
/* The filter language: what matches, what the kernel decides of it, and what is said of errors. */
#include "fixture.h"
#include "src/filter/filter.h"
#include "src/host/fields.h"
#include "src/host/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>

static struct fixture f;

/* Events of a run: made by the fixture, kept under ids of their own. */
enum { OPENAT = SONDE_EVENT_CALLS, CLOSE, CONNECT, MMAP, READ, KILL, EXIT, SIGNAL, EVENTS };

static struct field fields[EVENTS][8];
static struct schema schemas_of[EVENTS];
static const struct schema *list[EVENTS];
static const struct schemas schemas = {.list = list, .count = EVENTS};
static struct error error;
static struct buffer text;

static void keep(unsigned int id, const char *category)
{
	memcpy(fields[id], f.fields, sizeof(f.fields));
	schemas_of[id] = f.schema;
	schemas_of[id].fields = fields[id];
	schemas_of[id].id = id;
	schemas_of[id].category = category;
	list[id] = &schemas_of[id];
}

/* openat(AT_FDCWD, "/etc/hosts", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3 */
static void openat_call(int64_t result)
{
	fixture__call(&f, "openat", result, KIND_fd);
	fixture__arg(&f, "dirfd", KIND_fd, (uint32_t)AT_FDCWD);
	fixture__arg(&f, "pathname", KIND_path, 0x1000)->alias = "name";
	fixture__arg(&f, "flags", KIND_flags, O_RDWR | O_CREAT | O_CLOEXEC)->values = values__find("open");
	fixture__arg(&f, "mode", KIND_mode, 0644);
	fixture__item(&f, 2, SONDE_ITEM_DATA, "/etc/hosts", 10);
	if (result >= 0)
		fixture__file(&f, 0, "/etc/hosts");
	keep(OPENAT, "file,desc");
}

static void close_call(void)
{
	fixture__call(&f, "close", 0, KIND_int);
	fixture__arg(&f, "fd", KIND_fd, 3)->at_entry = true;
	keep(CLOSE, "desc");
}

static void connect_call(int64_t result)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(443)};

	inet_pton(AF_INET, "10.1.2.3", &to.sin_addr);
	fixture__call(&f, "connect", result, KIND_int);
	fixture__arg(&f, "sockfd", KIND_fd, 5);
	fixture__arg(&f, "addr", KIND_sockaddr, 0x2000);
	fixture__item(&f, 2, SONDE_ITEM_DATA, &to, sizeof(to));
	fixture__file(&f, 1, "tcp:127.0.0.1:40112->10.1.2.3:443");
	f.infos[0].type = SONDE_FILE_SOCKET;
	f.infos[0].family = AF_INET;
	f.infos[0].socktype = SOCK_STREAM;
	f.infos[0].protocol = IPPROTO_TCP;
	if (!result) {
		f.infos[0].state = TCP_ESTABLISHED;
		f.infos[0].local_port = 40112;
		f.infos[0].peer_port = 443;
		memcpy(f.infos[0].local, "\x7f\0\0\1", 4);
		memcpy(f.infos[0].peer, "\x0a\1\2\3", 4);
	}
	keep(CONNECT, "net");
}

static void mmap_call(void)
{
	fixture__call(&f, "mmap", 0x7f0000000000, KIND_address);
	fixture__arg(&f, "addr", KIND_address, 0);
	fixture__arg(&f, "length", KIND_size, 8192);
	fixture__arg(&f, "flags", KIND_flags64, MAP_PRIVATE | MAP_ANONYMOUS)->values = values__find("mmap");
	keep(MMAP, "desc,memory");
}

static void read_call(void)
{
	fixture__call(&f, "read", 6, KIND_size);
	fixture__arg(&f, "fd", KIND_fd, 0);
	fixture__arg(&f, "buf", KIND_buffer, 0x3000);
	fixture__arg(&f, "count", KIND_size, 65536)->alias = "size";
	fixture__item(&f, 2, SONDE_ITEM_DATA, "\177ELF\0x", 6);
	keep(READ, "desc");
}

static void kill_call(int pid)
{
	fixture__call(&f, "kill", -ESRCH, KIND_int);
	fixture__arg(&f, "pid", KIND_pid, (uint32_t)pid);
	fixture__arg(&f, "sig", KIND_signal, SIGTERM);
	keep(KILL, "signal");
}

static void exit_call(void)
{
	fixture__call(&f, "exit_group", 0, KIND_none);
	f.schema.flags |= SCHEMA_NO_RETURN;
	f.record.flags |= SONDE_RECORD_NO_RETURN;
	fixture__arg(&f, "status", KIND_int, 1);
	keep(EXIT, "process");
}

static void signal_event(void)
{
	fixture__call(&f, "signal", SIGKILL, KIND_signal);
	f.schema.flags = 0;
	f.fields[0].name = "sig";
	f.fields[0].size = 4;
	keep(SIGNAL, "signal");
}

static int set_up(void **state)
{
	openat_call(3);
	close_call();
	connect_call(0);
	mmap_call();
	read_call();
	kill_call(1);
	exit_call();
	signal_event();
	return 0;
}

static int tear_down(void **state)
{
	fixture__free(&f);
	buffer__free(&text);
	return 0;
}

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

/* The errors' lines without the filter and its carets, joined by |; the carets' places, as `column:width`, before each. */
static const char *errors(const char *words)
{
	struct filter *filter = NULL;
	char *copy, *line, *rest;
	int column = -1, width = 0;

	error = (struct error){};
	buffer__reset(&text);
	if (!filter__new(words, &schemas, &filter, &error)) {
		filter__free(filter);
		return "no error";
	}
	assert_int_equal(error.code, -EINVAL);
	copy = strdup(error.text);
	for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t blanks = strspn(line, " ");

		if (line[blanks] == '^') {
			column = blanks - 2;
			width = 1 + strspn(line + blanks + 1, "~");
		} else if (column >= 0) {
			buffer__printf(&text, "%s%d:%d %s", text.size ? "|" : "", column, width, line + blanks);
			column = -1;
		}
	}
	free(copy);
	return buffer__string(&text);
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
	assert_true(matches("fd.ip=127.0.0.1 and fd.ip=10.1.2.3 and fd.port=443 and fd.port=40112"));
	assert_false(matches("fd.ip=10.1.2.4"));
	assert_false(matches("fd.ip != 10.1.2.3"));
	assert_true(matches("fd.ip != 10.1.2.4"));
	assert_true(matches("fd.net in (192.168.0.0/16, 10.0.0.0/9)"));
	assert_false(matches("fd.rnet in (10.0.0.0/16, 'fe80::/10')"));
	assert_true(matches("fd.lip=127.0.0.1 and fd.rip=10.1.2.3 and fd.l4proto=tcp and fd.sockfamily=ip"));
	assert_true(matches("fd.type=ipv4 and fd.typechar=4 and fd.connected=true and fd.is_server=false"));
	assert_true(matches("fd.name=tcp:127.0.0.1:40112->10.1.2.3:443"));
	/* The socket knows no peer: the call does. */
	connect_call(-ECONNREFUSED);
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

static void all_errors_at_once(void **state)
{
	assert_string_equal(errors("evt.arg.flags contains O_CRAET and proc.nmae=cat"),
			    "23:7 O_CRAET is not among the values of evt.arg.flags; did you mean O_CREAT?|"
			    "35:9 there is no field proc.nmae; did you mean proc.name?");
	assert_string_equal(errors("evt.typ=open and evt.type=opnat or evt.category=fil"),
			    "0:7 there is no field evt.typ; did you mean evt.type?|"
			    "26:5 there is no event opnat; did you mean openat?|"
			    "48:3 there is no category fil; did you mean file?");
	assert_string_equal(errors("evt.arg.flasg=1"), "0:13 no event here has an argument flasg; did you mean evt.arg.flags?");
	assert_string_equal(errors("proc.pid contains 3"),
			    "9:8 contains does not fit a number. It takes = != < <= > >= in intersects exists");
	assert_string_equal(errors("proc.pid=abc or evt.latency > 10mss or fd.snet=10.0.0/8"),
			    "9:3 this is no number such as 10, 0x10 or 4K|"
			    "30:5 this is no time such as 10ms; units are ns us ms s m h d|"
			    "47:8 this is no IP address or network such as 10.0.0.0/8");
	assert_string_equal(errors("proc.pid=5000000000"), "9:10 this is too large for proc.pid");
	assert_string_equal(errors("evt.res=3"), "8:1 evt.res is SUCCESS or an error's name; the number is evt.rawres");
	assert_string_equal(errors("evt.res=ENOETN"), "8:6 ENOETN is not among the values of evt.res; did you mean ENOENT?");
	assert_string_equal(errors("fd.type=fiel"), "8:4 fiel is not among the values of fd.type; did you mean file?");
	assert_string_equal(errors("evt.arg.flags=O_RDWR|O_CRAET"),
			    "21:7 O_CRAET is not among the values of evt.arg.flags; did you mean O_CREAT?");
	assert_string_equal(errors("k8s.pod.name=x"), "0:12 k8s.pod.name comes from the Kubernetes API, which sonde does not ask");
	assert_string_equal(errors("evt.failed=maybe"), "11:5 maybe is not among the values of evt.failed");
	assert_string_equal(errors("proc.name"), "0:9 this is text: only what is true or false stands alone. It takes "
			    "= != in intersects contains icontains bcontains startswith bstartswith endswith glob iglob "
			    "pmatch exists");
}

static void syntax_errors(void **state)
{
	assert_string_equal(errors(""), "0:1 the filter is empty");
	assert_string_equal(errors("(evt.type=openat"), "0:1 this ( has no )");
	assert_string_equal(errors("evt.type=openat)"), "15:1 this ) has no (");
	assert_string_equal(errors("evt.type=openat and"), "19:1 a condition is missing at the end");
	assert_string_equal(errors("evt.type=openat evt.failed"), "16:10 here `and`, `or` or the end is expected");
	assert_string_equal(errors("evt.type=openat && evt.failed and fd.nme=x"),
			    "16:2 here `and`, `or` or the end is expected, not C's operators|"
			    "34:6 there is no field fd.nme; did you mean fd.name?");
	assert_string_equal(errors("evt.type in (openat, close"), "12:1 this list has no )");
	assert_string_equal(errors("evt.type in (openat close) and fd.nme=x"),
			    "20:5 a list's values are separated by commas|31:6 there is no field fd.nme; did you mean fd.name?");
	assert_string_equal(errors("evt.type in openat"), "12:6 in takes a list: in (a, b)");
	assert_string_equal(errors("evt.type in ()"), "9:2 an empty list never matches");
	assert_string_equal(errors("proc.name='abc"), "10:1 this ' is never closed");
	assert_string_equal(errors("proc.name contians abc"), "10:8 there is no operator contians; did you mean contains?");
	assert_string_equal(errors("proc.name="), "10:1 a value is missing at the end");
	assert_string_equal(errors("proc.aname[x]=a"), "0:13 proc.aname takes a generation in brackets: proc.aname[2]");
	assert_string_equal(errors("proc.name[1]=a"), "0:12 proc.name takes nothing in brackets");
	assert_string_equal(errors("evt.arg=a"), "0:7 which argument? evt.arg.flags by its name, or evt.arg[0] by its place");
	assert_string_equal(errors("fd.name bcontains xyz"), "18:3 bcontains takes bytes as hexadecimal digits: 7f454c46");
}

static void many_errors_are_counted(void **state)
{
	struct filter *filter = NULL;
	char words[400] = "a=1";

	for (int i = 0; i < 30; i++)
		strcat(words, " or a=1");
	error = (struct error){};
	assert_int_equal(filter__new(words, &schemas, &filter, &error), -EINVAL);
	assert_memory_equal(error.text, "the filter has 31 errors:", 25);
	assert_non_null(strstr(error.text, "\n  and 2"));
	assert_string_equal(strrchr(error.text, ' '), " more");
}

static void the_caret_stands_under_its_place(void **state)
{
	struct filter *filter = NULL;

	error = (struct error){};
	assert_int_equal(filter__new("evt.type=openat\n  and proc.nmae=\"\xc3\xa4\" or fd.nme=x", &schemas, &filter, &error),
			 -EINVAL);
	assert_string_equal(error.text,
			    "the filter has 2 errors:\n"
			    "line 2:\n"
			    "    and proc.nmae=\"\xc3\xa4\" or fd.nme=x\n"
			    "        ^~~~~~~~~\n"
			    "  there is no field proc.nmae; did you mean proc.name?\n"
			    "line 2:\n"
			    "    and proc.nmae=\"\xc3\xa4\" or fd.nme=x\n"
			    "                         ^~~~~~\n"
			    "  there is no field fd.nme; did you mean fd.name?");
}

static void a_long_line_is_cut_around_the_place(void **state)
{
	char words[2000] = "";
	struct filter *filter = NULL;
	const char *line, *caret;

	for (int i = 0; i < 40; i++)
		strcat(words, "proc.name=abcdefgh or ");
	strcat(words, "proc.nmae=x");
	for (int i = 0; i < 40; i++)
		strcat(words, " or proc.name=abcdefgh");
	error = (struct error){};
	assert_int_equal(filter__new(words, &schemas, &filter, &error), -EINVAL);
	line = strchr(error.text, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	assert_true(caret - line <= 79);
	assert_memory_equal(line + (strchr(caret, '^') - caret), "proc.nmae=x", 11);
}

static void depth_has_a_limit(void **state)
{
	char words[5000];
	size_t n = 0;

	memset(words, '(', 90);
	n = 90 + sprintf(words + 90, "evt.failed");
	memset(words + n, ')', 90);
	words[n + 90] = 0;
	assert_string_equal(errors(words), "no error");
	memset(words, '(', 4000);
	words[4000] = 0;
	assert_string_equal(errors(words), "38:1 more than 100 parentheses within each other");
	words[0] = 0;
	for (int i = 0; i < 1000; i++)
		strcat(words, "not ");
	strcat(words, "evt.failed");
	assert_string_equal(errors(words), "no error");
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

static void contradictions_are_told(void **state)
{
	struct filter *filter = NULL;

	error = (struct error){};
	assert_int_equal(filter__new("evt.type=close and evt.arg.flags contains O_CREAT", &schemas, &filter, &error), -EINVAL);
	assert_non_null(strstr(error.text, "no event can match this filter"));
	assert_null(filter);
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
	assert_int_equal(calls_of("evt.category=desc and not evt.type=close"), 1 << OPENAT | 1 << MMAP | 1 << READ);
	assert_int_equal(calls_of("evt.arg.flags contains O_CREAT"), 1 << OPENAT);
	assert_int_equal(calls_of("fd.name contains x"), 1 << OPENAT | 1 << CLOSE | 1 << CONNECT | 1 << READ);
	assert_int_equal(calls_of("proc.name=x or evt.type=close"), ((1 << EVENTS) - 1) & ~((1 << OPENAT) - 1));
	assert_int_equal(calls_of("evt.type=close and proc.name=x or evt.type=read"), 1 << CLOSE | 1 << READ);
}

static const char *explained(const char *words)
{
	struct filter *filter = compile(words);

	buffer__reset(&text);
	filter__explain(filter, &text);
	filter__free(filter);
	return buffer__string(&text);
}

static void the_split_is_explained(void **state)
{
	assert_string_equal(explained("evt.type in (openat, close) and evt.failed and fd.name contains /etc"),
			    "2 of 8 events can match and are captured\n"
			    "  openat, close\n"
			    "    in the kernel:    evt.failed\n"
			    "    in user space:    fd.name contains /etc\n"
			    "for this filter descriptors are resolved; arguments are read at the entry where the exit is "
			    "too late\n");
	assert_string_equal(explained("evt.type=kill and (evt.arg.pid=1 and proc.name=a or evt.arg.sig=SIGKILL)"),
			    "1 of 8 events can match and are captured\n"
			    "  kill\n"
			    "    roughly there:    (evt.arg.pid=1 and proc.name=a or evt.arg.sig=SIGKILL)\n"
			    "    in user space:    (evt.arg.pid=1 and proc.name=a or evt.arg.sig=SIGKILL)\n");
	assert_string_equal(explained("evt.type=close or evt.type=read and evt.rawres > 4K"),
			    "2 of 8 events can match and are captured\n"
			    "  close\n"
			    "    all of them match\n"
			    "  read\n"
			    "    in the kernel:    evt.rawres > 4K\n");
}

static void the_kernel_gets_clauses(void **state)
{
	struct filter *filter = compile("evt.type=kill and evt.arg.sig in (SIGKILL, SIGTERM) and not evt.arg.pid in (1, -1)");
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
	/* At close's exit the descriptor's number is still there, but the rule is simple: such calls' arguments are left. */
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
		cmocka_unit_test(all_errors_at_once),
		cmocka_unit_test(syntax_errors),
		cmocka_unit_test(many_errors_are_counted),
		cmocka_unit_test(the_caret_stands_under_its_place),
		cmocka_unit_test(a_long_line_is_cut_around_the_place),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(latency_is_absent_where_the_entry_was_not_seen),
		cmocka_unit_test(contradictions_are_told),
		cmocka_unit_test(only_what_is_asked_is_captured),
		cmocka_unit_test(only_events_that_can_match_are_captured),
		cmocka_unit_test(the_split_is_explained),
		cmocka_unit_test(the_kernel_gets_clauses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
