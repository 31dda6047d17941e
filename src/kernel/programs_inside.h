/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make up programs.h share, and nobody else sees. */
#ifndef SONDE_PROGRAMS_INSIDE_H
#define SONDE_PROGRAMS_INSIDE_H

#include "cheap.h"
#include "probes.h"
#include "programs.h"

#define MAX_OBJECTS (8 * PLAN_PROGRAMS) /* a hook that is refused leads to another one */

struct named_programs; /* programs_named.c */

/* Programs that are loaded once for each of several hooks. */
struct copied {
	struct object *object; /* NULL: there are none */
	struct counters *counters;
	bool attached;
};

struct programs {
	struct programs_options options;
	bool task_storage;
	/* The first owns the maps; whenever a program is wanted that none of them has, another is
	 * loaded, with scratches for its own programs. */
	struct object *objects[MAX_OBJECTS];
	struct counters *counters[MAX_OBJECTS]; /* in these */
	unsigned int object_count;
	struct hook {
		const char *program, *also; /* that serve it here, see struct candidate */
		struct object *object;      /* that they were loaded with; NULL: not yet */
		const struct counters *counters;
		uint16_t place; /* among the object's scratches */
		bool attached, ran;
		char *absent; /* why nothing serves it here; NULL: something does */
		bool told;
	} programs[PLAN_PROGRAMS];
	struct rings_begun *rings_begun;
	struct rings *rings;
	struct stage stage; /* with filter_calls, as soon as calls are captured */
	/* With --cheap: what stands in for sys_exit and sys_enter. */
	struct cheap cheap;
	struct copied cheap_copies;
	struct named_programs *named; /* of the hooks that users name; NULL: there are none */
	struct own_slot {
		struct probe_file *file; /* NULL: free */
		unsigned int index;      /* among its own */
	} own_slots[PLAN_OWN];
	bool own_loaded, own_attached;
	bool denier_told; /* that some of them are absent */
};

/* Before loading: constants and sizes, which decide what code exists. `wanted`: by slot. */
void programs__configure(struct programs *p, struct object *o, const bool *wanted);
/* Loads an object that shares the maps of those that are there. */
int programs__load_another(struct programs *p, struct object *o, struct error *err) __must_check;

/* Loads copies of programs as one more object. `wanted`: by slot, whose scratches they have, or
 * NULL: `places` of their own. */
int programs__load_copies(struct programs *p, struct copied *c, const struct loader_copy *copies,
			  unsigned int count, const bool *wanted, unsigned int places,
			  unsigned int tables, struct error *err) __must_check;

/* --cheap: the calls of the first plan, by hooks of their own. */
int cheap__load(struct programs *p, const struct plan *plan, struct error *err) __must_check;
int cheap__attach(struct programs *p, struct error *err) __must_check;

void named__free(struct programs *p);
/* The hooks that users name: `place` is that of a slot behind those of the built-in programs. */
int named__load(struct programs *p, const struct plan *plan, struct error *err) __must_check;
int named__attach(struct programs *p, const struct plan *plan, struct error *err) __must_check;
bool named__ran(const struct programs *p, unsigned int place);
const char *named__name(const struct programs *p, unsigned int place);
uint64_t named__missed(const struct programs *p, unsigned int place);
struct sonde_counters *named__counters(const struct programs *p, unsigned int place,
				       unsigned int cpu);

/* The files that users bring: `place` likewise, behind the named ones. */
/* Whether all of them may use what is kept with a task. */
bool own__may_store(const struct programs *p);
void own__load(struct programs *p, const struct plan *plan);
void own__attach(struct programs *p);
void own__free(struct programs *p);
bool own__ran(const struct programs *p, unsigned int place);
const char *own__name(const struct programs *p, unsigned int place);
uint64_t own__missed(const struct programs *p, unsigned int place);
struct sonde_counters *own__counters(const struct programs *p, unsigned int place,
				     unsigned int cpu);

#endif
