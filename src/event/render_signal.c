// SPDX-License-Identifier: Apache-2.0
/* How do sets of signals, handlers, what a signal carries and the way a child ended look? */
#include "out.h"
#include "tables.h"

#include <signal.h>
#include <sys/wait.h>

/* strace's short names: [INT TERM]. Sets with most signals are shown by what is missing: ~[KILL
 * STOP]. */
void out__sigset(struct out *o, const struct span *s)
{
	uint64_t set = span__get(s, 0, min(s->size, (size_t)8));
	bool inverse = !o->json && __builtin_popcountll(set) >= 42, any = false;

	if (inverse) {
		buffer__char(o->b, '~');
		set = ~set;
	}
	out__open(o, '[');
	for (int number = 1; number <= 64; number++) {
		const char *name;

		if (!(set >> (number - 1) & 1))
			continue;
		if (o->json)
			out__element(o);
		else if (any)
			buffer__char(o->b, ' ');
		any = true;
		name = signal_name(number);
		if (o->json)
			out__signal(o, number);
		else if (name)
			buffer__text(o->b, strncmp(name, "SIG", 3) ? name : name + 3);
		else
			buffer__unsigned(o->b, number);
	}
	out__close(o, ']');
}

/* The kernel's struct sigaction: handler, flags, restorer, mask. */
static void action(struct out *o, const struct span *s)
{
	uint64_t handler = span__get(s, 0, 8), flags = span__get(s, 8, 8);
	struct span mask = span__from(s, 24, 8);

	out__open(o, '{');
	out__key(o, "sa_handler");
	if (handler == (uint64_t)(uintptr_t)SIG_DFL)
		out__symbol(o, "SIG_DFL");
	else if (handler == (uint64_t)(uintptr_t)SIG_IGN)
		out__symbol(o, "SIG_IGN");
	else
		out__hex(o, handler);
	out__key(o, "sa_mask");
	out__sigset(o, &mask);
	out__key(o, "sa_flags");
	out__flags(o, &tables[TABLE_sa_flags], flags);
	if (flags & 0x04000000) {
		out__key(o, "sa_restorer");
		out__address(o, span__get(s, 16, 8));
	}
	out__close(o, '}');
}

const char *signal_code_name(int32_t code)
{
	const struct named_value *named = values__value(&tables[TABLE_signal_code], (int64_t)code);

	return named ? named->name : NULL;
}

/* siginfo_t: signo, errno, code, then what depends on them from byte 16 on. */
/* Who sent a signal, or which timer, and what came with it. */
static void sender(struct out *o, const struct span *s, int32_t signo, int32_t code)
{
	int32_t status = span__get(s, 24, 4);

	if (code == SI_TIMER) {
		out__key(o, "si_timerid");
		out__hex(o, (uint32_t)span__get(s, 16, 4));
		out__key(o, "si_overrun");
		out__signed(o, (int32_t)span__get(s, 20, 4));
	} else {
		out__key(o, "si_pid");
		out__signed(o, (int32_t)span__get(s, 16, 4));
		out__key(o, "si_uid");
		out__id(o, span__get(s, 20, 4));
	}
	if (signo == SIGCHLD && code > 0) {
		out__key(o, "si_status");
		if (code == CLD_EXITED)
			out__signed(o, status);
		else
			out__signal(o, status);
		out__key(o, "si_utime");
		out__signed(o, span__get(s, 32, 8));
		out__key(o, "si_stime");
		out__signed(o, span__get(s, 40, 8));
	} else if (code < 0 && code != SI_TKILL) {
		out__key(o, "si_int");
		out__signed(o, (int32_t)span__get(s, 24, 4));
		out__key(o, "si_ptr");
		out__address(o, span__get(s, 24, 8));
	}
}

/* What the kernel says of a signal of its own. */
static void cause(struct out *o, const struct span *s, int32_t signo, int32_t code)
{
	if (signo == SIGPOLL) {
		out__key(o, "si_band");
		out__signed(o, span__get(s, 16, 8));
		out__key(o, "si_fd");
		out__signed(o, (int32_t)span__get(s, 24, 4));
	} else if (signo == SIGSYS && code < 0x80) {
		out__key(o, "si_call_addr");
		out__address(o, span__get(s, 16, 8));
		out__key(o, "si_syscall");
		out__signed(o, (int32_t)span__get(s, 24, 4));
		out__key(o, "si_arch");
		out__hex(o, span__get(s, 28, 4));
	} else if (code < 0x80) {
		out__key(o, "si_addr");
		out__address(o, span__get(s, 16, 8));
	}
}

void out__siginfo(struct out *o, const struct span *s)
{
	int32_t signo = span__get(s, 0, 4), error = span__get(s, 4, 4), code = span__get(s, 8, 4);
	const char *name = signal_code_name(SONDE_SIGNAL_CODE(signo, code));

	out__open(o, '{');
	if (!signo && !code && !error) {
		out__close(o, '}');
		return;
	}
	out__key(o, "si_signo");
	out__signal(o, signo);
	out__key(o, "si_code");
	if (name)
		out__symbol(o, name);
	else
		out__hex(o, (uint32_t)code);
	if (error) {
		out__key(o, "si_errno");
		name = error > 0 ? errno_name(error) : NULL;
		if (name)
			out__symbol(o, name);
		else
			out__signed(o, error);
	}
	if (code <= 0 ||
	    (signo != SIGILL && signo != SIGFPE && signo != SIGSEGV && signo != SIGBUS &&
	     signo != SIGTRAP && signo != SIGPOLL && signo != SIGSYS && code < 0x80))
		sender(o, s, signo, code);
	else
		cause(o, s, signo, code);
	out__close(o, '}');
}

void out__wait_status(struct out *o, uint32_t status)
{
	unsigned int sig = status & 0x7f;

	if (o->json) {
		out__open(o, '{');
		out__key(o, "status");
		out__unsigned(o, status);
		if (!sig) {
			out__key(o, "exited");
			out__unsigned(o, status >> 8 & 0xff);
		} else if (sig != 0x7f) {
			out__key(o, "signal");
			out__signal(o, sig);
			out__key(o, "core");
			buffer__text(o->b, status & 0x80 ? "true" : "false");
		} else {
			out__key(o, status == 0xffff ? "continued" : "stopped");
			if (status == 0xffff)
				buffer__text(o->b, "true");
			else
				out__signal(o, status >> 8 & 0xff);
		}
		out__close(o, '}');
		return;
	}
	if (status == 0xffff) {
		buffer__text(o->b, "{WIFCONTINUED(s)}");
	} else if (!sig) {
		buffer__text(o->b, "{WIFEXITED(s) && WEXITSTATUS(s) == ");
		buffer__unsigned(o->b, status >> 8 & 0xff);
		buffer__char(o->b, '}');
	} else if (sig == 0x7f) {
		buffer__text(o->b, "{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		out__signal(o, status >> 8 & 0xff);
		buffer__char(o->b, '}');
	} else {
		buffer__text(o->b, "{WIFSIGNALED(s) && WTERMSIG(s) == ");
		out__signal(o, sig);
		buffer__text(o->b, status & 0x80 ? " && WCOREDUMP(s)}" : "}");
	}
}

bool render__signals(struct out *o, const struct value *v)
{
	struct span s = {v->data, v->size};

	switch (v->field->kind) {
	case KIND_sigset:
		out__sigset(o, &s);
		return true;
	case KIND_sigaction:
		action(o, &s);
		return true;
	case KIND_siginfo:
		out__siginfo(o, &s);
		return true;
	case KIND_wait_status:
		if (!o->json)
			buffer__char(o->b, '[');
		out__wait_status(o, span__get(&s, 0, 4));
		if (!o->json)
			buffer__char(o->b, ']');
		return true;
	}
	return false;
}
