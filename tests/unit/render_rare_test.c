// SPDX-License-Identifier: Apache-2.0
/* The smaller structures look as strace 6.1 prints them. */
#include "fixture.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <utime.h>

static struct fixture f;

static const char *structure(enum kind kind, const void *data, size_t size)
{
	return fixture__structure(&f, kind, data, size, 0);
}

static void times(void **state)
{
	struct timespec ts[2] = {{1, 2}, {3, UTIME_OMIT}};
	struct timeval tv[2] = {{1, 2}, {3, 4}};
	struct utimbuf ub = {5, 6};

	assert_string_equal(structure(KIND_timespec_pair, ts, sizeof(ts)),
			    "x([{tv_sec=1, tv_nsec=2}, UTIME_OMIT]) = 0");
	assert_string_equal(structure(KIND_timeval_pair, tv, sizeof(tv)),
			    "x([{tv_sec=1, tv_usec=2}, {tv_sec=3, tv_usec=4}]) = 0");
	assert_string_equal(structure(KIND_utimbuf, &ub, sizeof(ub)),
			    "x({actime=5, modtime=6}) = 0");
}

static void ipc(void **state)
{
	struct sembuf sb[2] = {{0, -1, IPC_NOWAIT}, {3, 2, SEM_UNDO}};
	struct mq_attr mq = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 10, .mq_msgsize = 8192};

	assert_string_equal(fixture__structure(&f, KIND_sembuf, sb, sizeof(sb), 3),
			    "x([{sem_num=0, sem_op=-1, sem_flg=IPC_NOWAIT}, "
			    "{sem_num=3, sem_op=2, sem_flg=SEM_UNDO}]) = 0");
	assert_string_equal(
		structure(KIND_mq_attr, &mq, sizeof(mq)),
		"x({mq_flags=O_NONBLOCK, mq_maxmsg=10, mq_msgsize=8192, mq_curmsgs=0}) = 0");
}

static void signals_and_locks(void **state)
{
	struct sigevent se = {
		.sigev_signo = SIGALRM, .sigev_notify = SIGEV_SIGNAL, .sigev_value.sival_int = 7};
	struct flock fl = {F_WRLCK, SEEK_SET, 0, 10, 0};
	struct winsize ws = {24, 80, 0, 0};

	assert_string_equal(structure(KIND_sigevent, &se, sizeof(se)),
			    "x({sigev_value={sival_int=7, sival_ptr=0x7}, sigev_signo=SIGALRM, "
			    "sigev_notify=SIGEV_SIGNAL}) = 0");
	assert_string_equal(structure(KIND_flock, &fl, sizeof(fl)),
			    "x({l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10}) = 0");
	assert_string_equal(structure(KIND_winsize, &ws, sizeof(ws)),
			    "x({ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}) = 0");
	/* cut: it says so */
	assert_string_equal(structure(KIND_winsize, &ws, 4), "x({ws_row=24, ws_col=80, ...}) = 0");
}

static void scheduling(void **state)
{
	const struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = {48, 3, 1, -5, 0, 1, 2, 3};

	assert_string_equal(
		structure(KIND_sched_attr, &attr, sizeof(attr)),
		"x({size=48, sched_policy=SCHED_BATCH, sched_flags=SCHED_FLAG_RESET_ON_FORK, "
		"sched_nice=-5, "
		"sched_priority=0, sched_runtime=1, sched_deadline=2, sched_period=3}) = 0");
}

static void numbers(void **state)
{
	const uint64_t address = 0x7f0012345678;
	const uint32_t gid = 44;

	assert_string_equal(structure(KIND_address_at, &address, 8), "x([0x7f0012345678]) = 0");
	assert_string_equal(structure(KIND_gid_at, &gid, 4), "x([44]) = 0");

	fixture__call(&f, "x", 863388925, KIND_key);
	fixture__arg(&f, "a", KIND_key, (uint64_t)-3)->values = values__find("key_special");
	fixture__arg(&f, "b", KIND_key, 12345)->values = values__find("key_special");
	assert_string_equal(fixture__render(&f), "x(KEY_SPEC_SESSION_KEYRING, 12345) = 863388925");
}

static void descriptors_inside(void **state)
{
	const struct {
		int fd;
		short events, revents;
	} fds[] = {{3, 1, 1}, {-1, 1, 0}, {70, 4, 0}};
	const uint64_t set[] = {1 << 3, 1 << 6};
	const struct {
		uint64_t length;
		int level, type, fds[2];
	} control = {24, 1, 1, {3, 70}};
	uint64_t message[7] = {[4] = 0x2000, [5] = sizeof(control)};

	fixture__call(&f, "poll", 1, KIND_int);
	fixture__arg(&f, "fds", KIND_pollfd, 0x1000)->length = 2;
	fixture__item(&f, 1, SONDE_ITEM_DATA, fds, sizeof(fds));
	fixture__file_of(&f, 1, 3, "pipe:[1]");
	fixture__file_of(&f, 1, 70, "/dev/null");
	assert_string_equal(fixture__render(&f), "poll([{fd=3<pipe:[1]>, events=POLLIN}, {fd=-1}, "
						 "{fd=70</dev/null>, events=POLLOUT}]) = 1 "
						 "([{fd=3, revents=POLLIN}])");
	assert_string_equal(fixture__json(&f, 1),
			    "[{\"fd\":3,\"fd_name\":\"pipe:[1]\",\"events\":\"POLLIN\","
			    "\"revents\":\"POLLIN\"},{\"fd\":-1,\"revents\":\"0\"},"
			    "{\"fd\":70,\"fd_name\":\"/dev/null\",\"events\":\"POLLOUT\","
			    "\"revents\":\"0\"}]");
	fixture__call(&f, "select", 2, KIND_int);
	fixture__arg(&f, "readfds", KIND_fd_set, 0x1000)->length = 1;
	fixture__item(&f, 1, SONDE_ITEM_DATA, set, sizeof(set));
	fixture__file_of(&f, 1, 70, "/dev/null");
	assert_string_equal(fixture__render(&f), "select([3 70</dev/null>]) = 2 (in [3 70])");
	assert_string_equal(fixture__json(&f, 1), "[3,70]");
	fixture__call(&f, "sendmsg", 1, KIND_int);
	fixture__arg(&f, "msg", KIND_msghdr, 0x1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, message, sizeof(message));
	fixture__item(&f, 1, SONDE_ITEM_CONTROL, &control, sizeof(control));
	fixture__file_of(&f, 1, 70, "/dev/null");
	assert_non_null(strstr(fixture__render(&f), "cmsg_type=SCM_RIGHTS, "
						    "cmsg_data=[3, 70</dev/null>]}]"));
}

static const char *as_json(enum kind kind, const void *data, size_t size)
{
	(void)structure(kind, data, size);
	return fixture__json(&f, 1);
}

/* What catalogue/structs.def can say of a member. */
static void members(void **state)
{
	struct __attribute__((packed)) {
		uint64_t access;
		int32_t fd;
	} rule = {1, 4};
	uint64_t ruleset[2] = {3, 1};
	struct {
		uint32_t type, size;
		uint64_t config, period, sample, read, bits, rest;
	} counter = {1, 64, 0, 1000, 1, 0, 1 | 2 << 15, 0};
	struct {
		uint32_t fd, length;
		uint64_t info;
	} about = {5, 64, 0x1000};
	uint32_t group[3] = {0x070000e0, 0x0100007f, 0};

	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_landlock_path, 0x1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, &rule, sizeof(rule));
	fixture__file_of(&f, 1, 4, "/srv");
	assert_string_equal(
		fixture__render(&f),
		"x({allowed_access=LANDLOCK_ACCESS_FS_EXECUTE, parent_fd=4</srv>}) = 0");
	assert_string_equal(fixture__json(&f, 1),
			    "{\"allowed_access\":\"LANDLOCK_ACCESS_FS_EXECUTE\",\"parent_fd\":4,"
			    "\"parent_fd_name\":\"/srv\"}");
	/* a structure that ends before what is optional */
	assert_string_equal(fixture__structure(&f, KIND_landlock_ruleset, ruleset, 8, 2),
			    "x({handled_access_fs=LANDLOCK_ACCESS_FS_EXECUTE|"
			    "LANDLOCK_ACCESS_FS_WRITE_FILE}) = 0");
	assert_non_null(strstr(fixture__structure(&f, KIND_landlock_ruleset, ruleset, 16, 2),
			       "handled_access_net=LANDLOCK_ACCESS_NET_BIND_TCP}"));
	assert_string_equal(fixture__structure(&f, KIND_landlock_ruleset, ruleset, 0, 2),
			    "x(0x7ffd1000) = 0");
	/* names that depend on another member, and bits */
	assert_string_equal(structure(KIND_perf_event_attr, &counter, sizeof(counter)),
			    "x({type=PERF_TYPE_SOFTWARE, size=64, config=PERF_COUNT_SW_CPU_CLOCK, "
			    "sample_period=1000, sample_type=PERF_SAMPLE_IP, read_format=0, "
			    "disabled=1, precise_ip=2}) = 0");
	counter.type = 4;
	counter.config = 0x1c2;
	counter.bits = 1 << 10;
	assert_string_equal(structure(KIND_perf_event_attr, &counter, sizeof(counter)),
			    "x({type=PERF_TYPE_RAW, size=64, config=0x1c2, sample_freq=1000, "
			    "sample_type=PERF_SAMPLE_IP, read_format=0, freq=1}) = 0");
	assert_non_null(strstr(as_json(KIND_perf_event_attr, &counter, sizeof(counter)),
			       "\"sample_freq\":1000,\"sample_type\":\"PERF_SAMPLE_IP\","
			       "\"read_format\":\"0\",\"disabled\":0,"));
	/* a structure inside, also one of which only the beginning was passed */
	assert_string_equal(structure(KIND_bpf_info, &about, sizeof(about)),
			    "x({info={bpf_fd=5, info_len=64, info=0x1000}}) = 0");
	assert_string_equal(as_json(KIND_bpf_info, &about, sizeof(about)),
			    "{\"info\":{\"bpf_fd\":5,\"info_len\":64,\"info\":\"0x1000\"}}");
	assert_string_equal(structure(KIND_bpf_info, &about, 8),
			    "x({info={bpf_fd=5, info_len=64, ...}}) = 0");
	assert_string_equal(structure(KIND_ip_mreq, group, 8),
			    "x({imr_multiaddr=inet_addr(\"224.0.0.7\"), "
			    "imr_interface=inet_addr(\"127.0.0.1\")}) = 0");
	assert_string_equal(as_json(KIND_ip_mreq, group, 8),
			    "{\"imr_multiaddr\":\"224.0.0.7\",\"imr_interface\":\"127.0.0.1\"}");
}

/* Of what option a value is, the arguments before it say. */
static void socket_options(void **state)
{
	int linger[2] = {1, 3};

	for (int option = 12; option <= 13; option++) { /* SO_LINGER is 13 */
		fixture__call(&f, "x", 0, KIND_int);
		fixture__arg(&f, "fd", KIND_int, 3);
		fixture__arg(&f, "level", KIND_int, 1);
		fixture__arg(&f, "option", KIND_int, option);
		fixture__arg(&f, "value", KIND_sockopt, 0x1000)->length = 5;
		fixture__item(&f, 4, SONDE_ITEM_DATA, linger, sizeof(linger));
		assert_string_equal(fixture__render(&f),
				    option == 13 ? "x(3, 1, 13, {l_onoff=1, l_linger=3}) = 0"
						 : "x(3, 1, 12, \"\\1\\0\\0\\0\\3\\0\\0\\0\") = 0");
	}
}

static void messages(void **state)
{
	struct {
		long type;
		char text[5];
	} message = {7, "hello"};

	assert_string_equal(fixture__structure(&f, KIND_message, &message, 13, 3),
			    "x({mtype=7, mtext=\"hello\"}) = 0");
	assert_string_equal(as_json(KIND_message, &message, 13),
			    "{\"mtype\":7,\"mtext\":\"hello\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_inside),
		cmocka_unit_test(times),
		cmocka_unit_test(members),
		cmocka_unit_test(socket_options),
		cmocka_unit_test(messages),
		cmocka_unit_test(ipc),
		cmocka_unit_test(signals_and_locks),
		cmocka_unit_test(scheduling),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
