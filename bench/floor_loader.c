// SPDX-License-Identifier: Apache-2.0
/* How are the floor's programs loaded, and how are its records read: the cheapest way there is,
 * every 5 ms. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "floor_loader.h"

#define RING_BYTES    (8u << 20)
#define READ_EVERY_NS 5000000

struct floor {
	struct bpf_object *object;
	struct bpf_link *clock, *attached;
	struct ring_buffer *rings;
	void *mapped; /* the programs' own variables */
	size_t mapped_size;
	struct floor_cpu *cpus; /* in there */
	unsigned long long *lost;
	unsigned int *tracer;
	unsigned int cpu_count;
	pthread_t reader;
	bool reading;
	volatile bool stop;
	unsigned long long records;
};

/*
 * Where a global variable of the object lives, as BTF says: before the load in libbpf's copy of the
 * section, after it in `mapped`, which is the section as the kernel has it.
 */
static void *variable(struct bpf_object *object, const char *section, const char *name,
		      void *mapped)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, section);
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *type;
	const struct btf_var_secinfo *member;
	const void *base;
	size_t size;

	if (!map)
		return NULL;
	base = mapped ? mapped : bpf_map__initial_value(map, &size);
	type = btf__type_by_id(btf, bpf_map__btf_value_type_id(map));
	if (!base || !type)
		return NULL;
	member = btf_var_secinfos(type);
	for (unsigned int i = 0; i < btf_vlen(type); i++) {
		const struct btf_type *var = btf__type_by_id(btf, member[i].type);

		if (!strcmp(btf__name_by_offset(btf, var->name_off), name))
			return (char *)base + member[i].offset;
	}
	return NULL;
}

static int on_record(void *context, void *data, size_t size)
{
	struct floor *f = context;
	const struct floor_record *r = data;

	/* As much as any reader must do: look at it. */
	if (r->time)
		f->records++;
	return 0;
}

static void *read_rings(void *argument)
{
	const struct timespec every = {0, READ_EVERY_NS};
	struct floor *f = argument;

	while (!f->stop) {
		ring_buffer__consume(f->rings);
		nanosleep(&every, NULL);
	}
	return NULL;
}

static int make_rings(struct floor *f)
{
	int outer = bpf_object__find_map_fd_by_name(f->object, "rings");

	for (unsigned int cpu = 0; cpu < f->cpu_count; cpu++) {
		int ring __cleanup(fd) =
			bpf_map_create(BPF_MAP_TYPE_RINGBUF, "floor_ring", 0, 0, RING_BYTES, NULL);
		int err;

		if (ring < 0)
			return ring;
		if (bpf_map_update_elem(outer, &cpu, &ring, BPF_ANY))
			return -errno;
		if (!f->rings) {
			f->rings = ring_buffer__new(ring, on_record, f, NULL);
			err = f->rings ? 0 : -errno;
		} else {
			err = ring_buffer__add(f->rings, ring, on_record, f);
		}
		if (err)
			return err;
	}
	return 0;
}

/* What could go wrong is said by our return value; libbpf's own words would stand in the middle of
 * the table. */
static int say_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return getenv("BENCH_DEBUG") ? vfprintf(stderr, format, arguments) : 0;
}

static struct bpf_link *attach(struct bpf_object *object, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	return program ? bpf_program__attach(program) : NULL;
}

int floor__new(const char *path, const int *calls, unsigned int count, struct floor **ret)
{
	struct floor *f = calloc(1, sizeof(*f));
	struct bpf_map *bss;
	unsigned char *wanted;
	unsigned int *tgid;
	int err = -EINVAL;

	if (!f)
		return -ENOMEM;
	libbpf_set_print(say_nothing);
	f->cpu_count = min(libbpf_num_possible_cpus(), FLOOR_CPUS);
	f->object = bpf_object__open(path);
	if (!f->object) {
		err = -errno;
		goto fail;
	}
	wanted = variable(f->object, ".rodata", "calls", NULL);
	tgid = variable(f->object, ".rodata", "workload_tgid", NULL);
	if (!wanted || !tgid)
		goto fail;
	for (unsigned int i = 0; i < count; i++)
		if (calls[i] >= 0 && calls[i] < FLOOR_CALLS)
			wanted[calls[i]] = 1;
	*tgid = getpid();
	err = bpf_object__load(f->object);
	if (err)
		goto fail;
	bss = bpf_object__find_map_by_name(f->object, ".bss");
	f->mapped_size = bpf_map__value_size(bss);
	f->mapped =
		mmap(NULL, f->mapped_size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(bss), 0);
	if (f->mapped == MAP_FAILED) {
		err = -errno;
		f->mapped = NULL;
		goto fail;
	}
	err = -EINVAL;
	f->cpus = variable(f->object, ".bss", "cpus", f->mapped);
	f->lost = variable(f->object, ".bss", "lost", f->mapped);
	f->tracer = variable(f->object, ".bss", "tracer_tgid", f->mapped);
	if (!f->cpus || !f->lost || !f->tracer)
		goto fail;
	err = make_rings(f);
	if (err)
		goto fail;
	f->clock = attach(f->object, "account");
	if (!f->clock) {
		err = -errno;
		goto fail;
	}
	*ret = f;
	return 0;
fail:
	floor__free(f);
	return err;
}

static void detach(struct floor *f)
{
	if (f->reading) {
		f->stop = true;
		pthread_join(f->reader, NULL);
		f->reading = f->stop = false;
	}
	bpf_link__destroy(f->attached);
	f->attached = NULL;
}

void floor__free(struct floor *f)
{
	if (!f)
		return;
	detach(f);
	bpf_link__destroy(f->clock);
	ring_buffer__free(f->rings);
	if (f->mapped)
		munmap(f->mapped, f->mapped_size);
	bpf_object__close(f->object);
	free(f);
}

int floor__attach(struct floor *f, enum floor_program program)
{
	detach(f);
	if (program == FLOOR_NOTHING)
		return 0;
	f->attached = attach(f->object, program == FLOOR_EMPTY ? "empty" : "record");
	if (!f->attached)
		return -errno;
	if (program == FLOOR_RECORD) {
		int err = -pthread_create(&f->reader, NULL, read_rings, f);

		if (err)
			return err;
		f->reading = true;
	}
	return 0;
}

void floor__set_tracer(struct floor *f, pid_t tracer)
{
	*(volatile unsigned int *)f->tracer = tracer;
}

void floor__times(const struct floor *f, unsigned long long ns[FLOOR_WHO])
{
	struct timespec t;
	unsigned long long now;

	memset(ns, 0, FLOOR_WHO * sizeof(*ns));
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = t.tv_sec * 1000000000ull + t.tv_nsec;
	for (unsigned int cpu = 0; cpu < f->cpu_count; cpu++) {
		const struct floor_cpu *c = &f->cpus[cpu];
		struct floor_cpu copy;

		do {
			copy.changes = __atomic_load_n(&c->changes, __ATOMIC_ACQUIRE);
			copy.since = __atomic_load_n(&c->since, __ATOMIC_RELAXED);
			copy.who = __atomic_load_n(&c->who, __ATOMIC_RELAXED);
			for (int i = 0; i < FLOOR_WHO; i++)
				copy.ns[i] = __atomic_load_n(&c->ns[i], __ATOMIC_RELAXED);
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
		} while (copy.changes & 1 ||
			 copy.changes != __atomic_load_n(&c->changes, __ATOMIC_RELAXED));
		for (int i = 0; i < FLOOR_WHO; i++)
			ns[i] += copy.ns[i];
		/* Who has the CPU now has had it since the last switch. */
		if (copy.since && copy.since < now && copy.who < FLOOR_WHO)
			ns[copy.who] += now - copy.since;
	}
}

void floor__records(const struct floor *f, unsigned long long *read, unsigned long long *lost)
{
	*read = f->records;
	*lost = 0;
	for (unsigned int cpu = 0; cpu < f->cpu_count; cpu++)
		*lost += ((const volatile unsigned long long *)f->lost)[cpu];
}
