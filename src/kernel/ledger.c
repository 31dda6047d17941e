// SPDX-License-Identifier: Apache-2.0
#include "ledger.h"
#include "object.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

struct counters {
	char *memory;
	size_t size;   /* of the mapping */
	size_t stride; /* from one scratch to the next: each begins with its counters */
};

int counters__map(struct object *o, struct counters **ret, struct error *err)
{
	struct bpf_map *map = object__map(o, "scratches");
	struct counters *c = calloc(1, sizeof(*c));
	size_t page = sysconf(_SC_PAGESIZE);
	void *memory;

	if (!c)
		return -ENOMEM;
	c->stride = (bpf_map__value_size(map) + 7u) & ~7u;
	c->size = (c->stride * bpf_map__max_entries(map) + page - 1) / page * page;
	memory = mmap(NULL, c->size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (memory == MAP_FAILED) {
		free(c);
		return error__set(err, -errno, "the probes' counters cannot be mapped: %s",
				  strerror(errno));
	}
	c->memory = memory;
	*ret = c;
	return 0;
}

void counters__free(struct counters *c)
{
	if (!c)
		return;
	munmap(c->memory, c->size);
	free(c);
}

struct sonde_counters *counters__at(const struct counters *c, unsigned int index)
{
	return (void *)(c->memory + c->stride * index);
}

bool lost__take(struct sonde_counters *now, enum sonde_class class, uint64_t *told,
		struct sonde_lost *lost)
{
	uint64_t count;

	if (__atomic_load_n(&now->lost[class], __ATOMIC_RELAXED) == *told)
		return false;
	/* The beginning before the count: what is lost meanwhile leaves its own, and is told with
	 * the next. */
	lost->first = __atomic_exchange_n(&now->lost_first[class], 0, __ATOMIC_RELAXED);
	count = __atomic_load_n(&now->lost[class], __ATOMIC_ACQUIRE);
	lost->last = __atomic_load_n(&now->lost_last[class], __ATOMIC_RELAXED);
	if (!lost->first)
		lost->first = lost->last;
	lost->count = count - *told;
	*told = count;
	return true;
}
