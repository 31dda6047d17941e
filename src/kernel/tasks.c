// SPDX-License-Identifier: Apache-2.0
#include "tasks.h"
#include "object.h"
#include "probes.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define ROUNDS     64 /* of labelling: each finds at least one generation more */
#define READ_BYTES (1 << 17)

/* What a task did at the last look. */
struct seen {
	uint32_t tid;
	uint32_t round;
	int64_t nr;
	uint64_t sp, switches, since;
	uint64_t due; /* asleep that long, it is told again */
	UT_hash_handle hh;
};

struct tasks {
	struct sonde_iteration *iteration;
	int link;
	int targets; /* fd of the map */
	struct seen *seen;
	uint32_t round;
	char *buffer;
};

bool task_storage__works(struct probes *probes)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	struct btf *btf = btf__new_empty();
	int self = syscall(SYS_pidfd_open, getpid(), 0), map = -1, value = 0, type;
	bool works = false;

	type = btf ? btf__add_int(btf, "int", 4, BTF_INT_SIGNED) : -1;
	/* Tracing programs may use it since the release that brought this helper (5.13). */
	if (type > 0 && self >= 0 && !btf__load_into_kernel(btf) &&
	    probes__kernel_has(probes, "bpf_func_id", "BPF_FUNC_for_each_map_elem")) {
		opts.btf_fd = btf__fd(btf);
		opts.btf_key_type_id = opts.btf_value_type_id = type;
		map = bpf_map_create(BPF_MAP_TYPE_TASK_STORAGE, "sonde_try", 4, 4, 0, &opts);
		works = map >= 0 && !bpf_map_update_elem(map, &self, &value, BPF_ANY);
	}
	close_fd(map);
	close_fd(self);
	btf__free(btf);
	return works;
}

int tasks__new(struct object *o, struct tasks **ret, struct error *err)
{
	struct tasks *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->buffer = malloc(READ_BYTES);
	t->targets = map__fd(object__map(o, "targets"));
	t->iteration = object__variable(o, ".data.iteration", "iteration");
	t->link = bpf_link_create(object__program(o, "iterate_tasks"), 0, BPF_TRACE_ITER, NULL);
	if (t->link < 0 || !t->buffer) {
		int code = t->link < 0 ? -errno : -ENOMEM;

		tasks__free(t);
		return error__set(err, code, "the kernel's task iterator cannot be used: %s",
				  strerror(-code));
	}
	*ret = t;
	return 0;
}

void tasks__free(struct tasks *t)
{
	struct seen *s, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->seen, s, next)
	{
		HASH_DEL(t->seen, s);
		free(s);
	}
	close_fd(t->link);
	free(t->buffer);
	free(t);
}

/* The iterator's text is records, one after the other; a read may end within one. */
static int read_all(struct tasks *t, int fd, void (*take)(void *, const struct sonde_record *),
		    void *context)
{
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, t->buffer + have, READ_BYTES - have)) > 0) {
		size_t at = 0;

		have += n;
		while (have - at >= sizeof(struct sonde_record)) {
			const struct sonde_record *r = (const void *)(t->buffer + at);

			if (r->size < sizeof(*r) || r->size > READ_BYTES / 2)
				return -EBADMSG;
			if (have - at < r->size)
				break;
			if (take)
				take(context, r);
			at += r->size;
		}
		memmove(t->buffer, t->buffer + at, have - at);
		have -= at;
	}
	return n < 0 ? -errno : 0;
}

/* Whom the last look did not show is gone. */
static void begin_look(struct tasks *t)
{
	struct seen *s, *next;

	HASH_ITER(hh, t->seen, s, next)
	{
		if (s->round == t->round)
			continue;
		HASH_DEL(t->seen, s);
		free(s);
	}
	t->round++;
}

int tasks__read(struct tasks *t, enum sonde_pass pass,
		void (*take)(void *context, const struct sonde_record *r), void *context,
		struct error *err)
{
	int fd, code;

	t->iteration->pass = pass;
	if (pass == SONDE_PASS_PRESENT)
		begin_look(t);
	fd = bpf_iter_create(t->link);
	if (fd < 0)
		return error__set(err, -errno, "the tasks cannot be listed: %s", strerror(errno));
	code = read_all(t, fd, take, context);
	close(fd);
	if (code)
		return error__set(err, code, "the tasks cannot be listed: %s", strerror(-code));
	return 0;
}

int tasks__exist(const uint32_t *pids, unsigned int count, struct error *err)
{
	for (unsigned int i = 0; i < count; i++) {
		if (kill(pids[i], 0) && errno == ESRCH)
			return error__set(err, -ESRCH, "there is no process %u (any more)",
					  pids[i]);
	}
	return 0;
}

int tasks__label(struct tasks *t, const uint32_t *pids, unsigned int count, struct error *err)
{
	uint32_t what = SONDE_TARGET_TRACE;
	int code = tasks__exist(pids, count, err);

	if (code)
		return code;
	for (unsigned int i = 0; i < count; i++) {
		if (bpf_map_update_elem(t->targets, &pids[i], &what, BPF_ANY))
			return error__set(err, -errno, "process %u cannot be traced: %s", pids[i],
					  strerror(errno));
	}
	for (unsigned int i = 0; i < ROUNDS; i++) {
		t->iteration->labelled = 0;
		code = tasks__read(t, SONDE_PASS_LABEL, NULL, NULL, err);
		if (code || !t->iteration->labelled)
			return code;
	}
	return 0;
}

uint64_t tasks__asleep(struct tasks *t, const struct sonde_record *r, bool *due)
{
	const struct sonde_present *now = (const void *)(r + 1);
	uint64_t asleep;
	struct seen *s;

	*due = false;
	HASH_FIND_INT(t->seen, &r->tid, s);
	if (s && s->nr == now->nr && s->sp == now->sp && s->switches == now->switches &&
	    now->state) {
		s->round = t->round;
		asleep = r->time - s->since;
		/* Looks come once a second, not to the millisecond. */
		*due = asleep && asleep >= s->due - s->due / 8;
		if (*due)
			s->due = 2 * asleep;
		return asleep;
	}
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return 0;
		s->tid = r->tid;
		HASH_ADD_INT(t->seen, tid, s);
	}
	s->round = t->round;
	s->nr = now->nr;
	s->sp = now->sp;
	s->switches = now->switches;
	s->since = r->time;
	s->due = 0;
	return 0;
}
