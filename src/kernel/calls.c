// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include "../event/members.h"

#include <string.h>

/* Structures are taken whole, whatever the string limit: this many bytes at most. */
#define STRUCT_LIMIT 1024

static bool is_sized(const struct field *f)
{
	return f->kind == KIND_buffer || f->kind == KIND_dirents || f->kind == KIND_message;
}

_Static_assert((int)SONDE_FETCH_FDS == (int)FETCH_FDS, "the same numbers");
_Static_assert(SONDE_LENGTH_RESULT == LENGTH_RESULT && SONDE_LENGTH_AT == LENGTH_AT &&
		       SONDE_LENGTH_UPTO == LENGTH_UPTO,
	       "the same numbers");

/* Where in the bytes of this kind the descriptors are. */
static uint8_t fds_of(const struct field *f)
{
	switch (f->kind) {
	case KIND_fd_set:
		return SONDE_FDS_BITS;
	case KIND_msghdr:
		return SONDE_FDS_CONTROL;
	case KIND_pollfd:
		return 8;
	case KIND_fd_at:
	case KIND_fd_pair:
		return 4;
	default:
		return SONDE_FDS_ONE | members__fd(f->kind);
	}
}

static uint8_t when_of(const struct field *f)
{
	if (f->direction == FIELD_OUT)
		return SONDE_AT_EXIT | SONDE_IF_SUCCESS;
	if (f->direction == FIELD_INOUT)
		return SONDE_AT_EXIT | (f->at_entry ? SONDE_AT_ENTRY | SONDE_IF_SUCCESS : 0);
	return f->at_entry ? SONDE_AT_ENTRY : SONDE_AT_EXIT;
}

static struct sonde_call_arg arg_of(const struct field *f, const struct field *result)
{
	struct sonde_call_arg a = {.fetch = kinds[f->kind].fetch,
				   .length = f->length,
				   .size = kinds[f->kind].size,
				   .limit = is_sized(f) ? 0 : STRUCT_LIMIT};

	if (a.fetch == SONDE_FETCH_NONE)
		return a;
	a.when = when_of(f);
	if (a.fetch == SONDE_FETCH_FDS || a.fetch == SONDE_FETCH_MSGHDR ||
	    a.fetch == SONDE_FETCH_POINTERS)
		a.special = fds_of(f);
	/* After fork the child may not have the page yet: a call that failed has brought it in. */
	if (f->at_entry && (a.fetch == SONDE_FETCH_STRING || a.fetch == SONDE_FETCH_STRINGS))
		a.when |= SONDE_AT_EXIT | SONDE_IF_FAILURE;
	if (f->direction == FIELD_OUT && result->kind == KIND_pid)
		a.when |= SONDE_IF_POSITIVE;
	if (f->kind == KIND_path)
		a.when |= SONDE_UNLIMITED;
	return a;
}

bool call__has_entry(const struct schema *s)
{
	if (s->flags & SCHEMA_AT_ENTRY)
		return true;
	for (unsigned int i = 1; i < s->count; i++)
		if (s->fields[i].at_entry)
			return true;
	return false;
}

static bool is_among(const struct schema *s, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(s->name, *names))
			return true;
	return false;
}

/* Successful ones may change the paths of files that were introduced under their old ones. */
static const char *const renames[] = {"rename",     "renameat", "renameat2",  "mount",  "umount2",
				      "move_mount", "umount",   "pivot_root", "chroot", NULL};

/* Successful ones may change what a task was introduced as: its cwd, ids, credentials, namespaces,
 * program. */
static const char *const changes[] = {
	"chdir",       "fchdir",      "chroot",   "pivot_root", "setsid",     "setpgid",
	"setuid",      "setgid",      "setreuid", "setregid",   "setresuid",  "setresgid",
	"setfsuid",    "setfsgid",    "setuid32", "setgid32",   "setreuid32", "setregid32",
	"setresuid32", "setresgid32", "capset",   "setns",      "unshare",    "prctl",
	"execve",      "execveat",    "vhangup",  NULL};

/* What to fetch of a call whose fields are `fields`: those of its schema, or of a variant. */
static void fill_args(struct sonde_call *c, const struct schema *s,
		      const struct field *const *fields, const struct calls_wanted *w, bool compat)
{
	if (fields[0] && kinds[fields[0]->kind].fetch == FETCH_FD)
		c->flags |= SONDE_CALL_RESULT_FD;
	for (unsigned int i = 1; i < s->count; i++) {
		const struct field *f = fields[i];
		struct sonde_call_arg a = {};

		if (f)
			a = arg_of(f, &s->fields[0]);
		/* structures of 32-bit programs have other layouts: shown as addresses */
		if (compat && a.fetch != SONDE_FETCH_FD && a.fetch != SONDE_FETCH_STRING && f &&
		    f->kind != KIND_buffer)
			a.when = 0;
		if (f && f->kind == KIND_env)
			a.special = !w->env;
		if (!w->entries)
			a.when &= ~SONDE_AT_ENTRY;
		c->args[i - 1] = a;
		c->fetches |= a.when & (SONDE_AT_EXIT | SONDE_AT_ENTRY);
	}
	if (c->fetches & SONDE_AT_ENTRY)
		c->flags |= SONDE_CALL_ENTRY;
}

/* The fields that hold when the selecting argument has this value. */
static void effective_fields(const struct schema *s, unsigned int selector, uint64_t value,
			     const struct field **fields)
{
	uint64_t args[SONDE_CALL_ARGS + 1] = {};

	if (selector)
		args[selector] = value;
	for (unsigned int i = 0; i < s->count; i++)
		fields[i] = selector ? schema__variant(s, &s->fields[i], args) : &s->fields[i];
}

static bool fetches_anything(const struct field *const *fields, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (fields[i] && kinds[fields[i]->kind].fetch != FETCH_NONE)
			return true;
	return false;
}

static bool same_fields(const struct field *const *fields, const struct schema *s)
{
	for (unsigned int i = 0; i < s->count; i++)
		if (fields[i] != &s->fields[i])
			return false;
	return true;
}

/* The argument that selects variants: all of a call's that matter here hang on one. */
static const struct variant *selector_of(const struct schema *s)
{
	for (const struct variant *v = s->variants; v && v->argument; v++)
		if (v->field && kinds[v->field->kind].fetch != FETCH_NONE)
			return v;
	return NULL;
}

static void fill_variants(struct sonde_call *c, const struct schema *s, uint32_t number,
			  const struct calls_wanted *w, bool compat)
{
	const struct variant *by = selector_of(s);

	if (!by || !w->variant || s->count > SONDE_CALL_ARGS + 1)
		return;
	for (const struct variant *v = s->variants; v->argument; v++) {
		const struct field *fields[SONDE_CALL_ARGS + 1];
		struct sonde_call_key key = {.number = number, .value = v->number};
		struct sonde_call call = *c;

		if (v->argument != by->argument || v->mask != by->mask)
			continue;
		effective_fields(s, v->argument, v->number, fields);
		if (same_fields(fields, s) || !fetches_anything(fields, s->count))
			continue;
		call.flags &= ~(SONDE_CALL_ENTRY | SONDE_CALL_RESULT_FD);
		call.fetches = 0;
		fill_args(&call, s, fields, w, compat);
		c->selector = by->argument;
		c->selector_mask = by->mask;
		w->variant(w->context, &key, &call);
	}
}

static void fill_call(struct sonde_call *table, const struct schema *s, uint32_t number,
		      const struct calls_wanted *w, bool compat)
{
	const struct field *fields[SONDE_CALL_ARGS + 1];
	struct sonde_call *c = &table[number];

	*c = (struct sonde_call){.event = s->id, .count = s->count - 1};
	if (is_among(s, renames))
		c->flags |= SONDE_CALL_RENAMES;
	if (is_among(s, changes))
		c->flags |= SONDE_CALL_CHANGES;
	if (!selection__has(w->selected, s->id) || s->count > SONDE_CALL_ARGS + 1)
		return;
	c->flags |= SONDE_CALL_ON;
	if (s->flags & SCHEMA_AT_ENTRY)
		c->flags |= SONDE_CALL_ENTRY | SONDE_CALL_NO_RETURN;
	else if (s->flags & SCHEMA_NO_RETURN)
		c->flags |= SONDE_CALL_NO_RETURN;
	effective_fields(s, 0, 0, fields);
	fill_args(c, s, fields, w, compat);
	fill_variants(c, s, number, w, compat);
}

void calls__fill(struct sonde_call *table, const struct schema *list, unsigned int count,
		 const struct calls_wanted *wanted)
{
	memset(table, 0, 2 * SONDE_CALL_NUMBERS * sizeof(*table));
	for (unsigned int i = 0; i < count; i++) {
		const struct schema *s = &list[i];

		if (s->number >= 0 && s->number < SONDE_CALL_NUMBERS)
			fill_call(table, s, s->number, wanted, false);
		if (s->compat_number >= 0 && s->compat_number < SONDE_CALL_NUMBERS)
			fill_call(table, s, SONDE_CALL_NUMBERS + s->compat_number, wanted, true);
	}
}
