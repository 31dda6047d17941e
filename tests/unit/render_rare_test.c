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

static const char *rendered(enum kind kind, const void *data, size_t size, uint8_t length)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", kind, 0x7ffd1000)->length = length;
	fixture__item(&f, 1, SONDE_ITEM_DATA, data, size);
	return fixture__render(&f);
}

static const char *structure(enum kind kind, const void *data, size_t size)
{
	return rendered(kind, data, size, 0);
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

	assert_string_equal(rendered(KIND_sembuf, sb, sizeof(sb), 3),
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_inside),
		cmocka_unit_test(times),
		cmocka_unit_test(ipc),
		cmocka_unit_test(signals_and_locks),
		cmocka_unit_test(scheduling),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
