// SPDX-License-Identifier: Apache-2.0
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static int try_program(const char *path)
{
	struct stat s;

	if (stat(path, &s))
		return -errno;
	if (S_ISDIR(s.st_mode))
		return -EACCES;
	return access(path, X_OK) ? -errno : 0;
}

/* As a shell would find it, so that the trace begins with the one execve that succeeds. */
static int find_program(const char *name, char *path, size_t size)
{
	const char *dirs = getenv("PATH");
	int found = -ENOENT;

	if (strchr(name, '/')) {
		snprintf(path, size, "%s", name);
		return try_program(path);
	}
	for (const char *p = dirs ? dirs : "/usr/local/bin:/usr/bin:/bin"; *p;) {
		size_t length = strcspn(p, ":");
		int err;

		snprintf(path, size, "%.*s/%s", length ? (int)length : 1, length ? p : ".", name);
		err = try_program(path);
		if (!err)
			return 0;
		if (err == -EACCES)
			found = err;
		p += length + (p[length] == ':');
	}
	return found;
}

static bool become(const struct child_user *user)
{
	return !initgroups(user->name, user->gid) && !setgid(user->gid) && !setuid(user->uid);
}

/* The clock is read without a call that could be traced. */
static void run(const struct child *c, const char *path, char **argv, bool ready)
{
	struct timespec t;
	int code = errno;

	clock_gettime(CLOCK_BOOTTIME, &t);
	__atomic_store_n(c->began, t.tv_sec * 1000000000ull + t.tv_nsec, __ATOMIC_RELEASE);
	errno = code;
	if (ready)
		execv(path, argv);
	_exit(errno == ENOENT ? 127 : 126);
}

int child__start(struct child *c, char **argv, const struct child_user *user, struct error *err)
{
	char path[PATH_MAX], byte;
	int gate[2], code;

	*c = (struct child){.go = -1, .ended = -1};
	code = find_program(argv[0], path, sizeof(path));
	if (code)
		return error__set(err, code, "%s: %s", argv[0],
				  code == -ENOENT ? "there is no such program" : strerror(-code));
	c->began = mmap(NULL, sizeof(*c->began), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (c->began == MAP_FAILED)
		c->began = NULL;
	if (!c->began || pipe2(gate, O_CLOEXEC))
		return error__set(err, -errno, "%s cannot be started: %s", argv[0],
				  strerror(errno));
	c->pid = fork();
	if (c->pid < 0) {
		c->pid = 0;
		close(gate[0]);
		close(gate[1]);
		return error__set(err, -errno, "%s cannot be started: %s", argv[0],
				  strerror(errno));
	}
	if (!c->pid) {
		signal(SIGPIPE, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		close(gate[1]);
		run(c, path, argv, read(gate[0], &byte, 1) == 1 && (!user || become(user)));
	}
	close(gate[0]);
	c->go = gate[1];
	c->ended = syscall(SYS_pidfd_open, c->pid, 0);
	return 0;
}

void child__go(struct child *c)
{
	if (c->go < 0)
		return;
	if (write(c->go, "", 1) != 1)
		kill(c->pid, SIGKILL);
	close(c->go);
	c->go = -1;
}

bool child__had_begun(const struct child *c, pid_t pid, uint64_t time)
{
	uint64_t began = c->began ? __atomic_load_n(c->began, __ATOMIC_ACQUIRE) : 0;

	return !c->pid || pid != c->pid || (began && time >= began);
}

bool child__reap(struct child *c, bool wait)
{
	pid_t got;

	if (!c->pid || c->reaped)
		return c->reaped;
	do {
		got = waitpid(c->pid, &c->status, wait ? 0 : WNOHANG);
	} while (got < 0 && errno == EINTR);
	c->reaped = got == c->pid || got < 0;
	return c->reaped;
}

void child__release(struct child *c)
{
	if (c->go >= 0) {
		close(c->go); /* it reads the end, and exits */
		child__reap(c, true);
	}
	close_fd(c->ended);
	if (c->began)
		munmap(c->began, sizeof(*c->began));
}
