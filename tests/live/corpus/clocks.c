// SPDX-License-Identifier: Apache-2.0
/* Clocks and timers. */
#include "corpus.h"
#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>

int main(void)
{
	struct itimerspec later = {{1, 5}, {1000, 7}}, was, wrong = {{0, 0}, {0, -1}};
	struct itimerval ival = {{2, 3}, {4000, 5}}, iwas;
	struct sigevent none = {.sigev_notify = SIGEV_NONE},
			sent = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct timespec ts;
	struct timeval tv;
	struct timezone tz;
	struct timex timex = {.modes = 0};
	struct tms tms;
	time_t now;
	int id, fd;

	sent.sigev_value.sival_int = 77;
	CALL(time, &now);
	CALL(time, NULL);
	CALL(times, &tms);
	CALL(gettimeofday, &tv, &tz);
	CALL(gettimeofday, BAD_ADDRESS, NULL);
	CALL(settimeofday, NULL, NULL);
	CALL(clock_gettime, CLOCK_MONOTONIC, &ts);
	CALL(clock_gettime, CLOCK_TAI, &ts);
	CALL(clock_gettime, 77, &ts);
	CALL(clock_getres, CLOCK_REALTIME, &ts);
	CALL(clock_getres, CLOCK_BOOTTIME, NULL);
	ts = (struct timespec){-5, 0};
	CALL(clock_settime, CLOCK_MONOTONIC, &ts);
	CALL(adjtimex, &timex);
	CALL(clock_adjtime, CLOCK_REALTIME, &timex);
	CALL(clock_adjtime, 77, &timex);

	CALL(setitimer, ITIMER_REAL, &ival, &iwas);
	CALL(getitimer, ITIMER_REAL, &iwas);
	CALL(getitimer, 77, &iwas);
	ival = (struct itimerval){{0, 0}, {0, 0}};
	CALL(setitimer, ITIMER_REAL, &ival, NULL);
	CALL(timer_create, CLOCK_MONOTONIC, &none, &id);
	CALL(timer_settime, id, 0, &later, &was);
	CALL(timer_gettime, id, &was);
	CALL(timer_getoverrun, id);
	CALL(timer_delete, id);
	CALL(timer_delete, 99);
	CALL(timer_create, CLOCK_REALTIME, &sent, &id);
	CALL(timer_settime, id, TIMER_ABSTIME, &wrong, NULL);
	CALL(timer_create, 99, NULL, &id);

	fd = CALL(timerfd_create, CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	CALL(timerfd_settime, fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &later, &was);
	CALL(timerfd_settime, fd, 0, &later, NULL);
	CALL(timerfd_gettime, fd, &was);
	CALL(timerfd_gettime, 0, &was);
	CALL(read, fd, &now, sizeof(now));
	CALL(close, fd);
	CALL(timerfd_create, 99, 0);
	return 0;
}
