// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include <string.h>

/* Structures are taken whole, whatever the string limit: this many bytes at most. */
#define STRUCT_LIMIT 1024

static bool is_sized(const struct field *f)
{
	return f->kind == KIND_buffer || f->kind == KIND_dirents;
}

static uint8_t fetch_of(const struct field *f)
{
	if (f->kind == KIND_fd_pair)
		return SONDE_FETCH_FD_PAIR;
	switch (kinds[f->kind].fetch) {
	case FETCH_FD:
		return SONDE_FETCH_FD;
	case FETCH_STRING:
		return SONDE_FETCH_STRING;
	case FETCH_STRINGS:
		return SONDE_FETCH_STRINGS;
	case FETCH_BYTES:
		return SONDE_FETCH_BYTES;
	case FETCH_IOVEC:
		return SONDE_FETCH_IOVEC;
	case FETCH_MSGHDR:
		return SONDE_FETCH_MSGHDR;
	default:
		return SONDE_FETCH_NONE;
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

static struct sonde_call_arg arg_of(const struct field *f)
{
	struct sonde_call_arg a = {.fetch = fetch_of(f),
				   .length = f->length,
				   .special = f->kind == KIND_fd_set,
				   .size = kinds[f->kind].size,
				   .limit = is_sized(f) ? 0 : STRUCT_LIMIT};

	if (a.fetch == SONDE_FETCH_NONE)
		return a;
	a.when = when_of(f);
	if (f->kind == KIND_path)
		a.when |= SONDE_UNLIMITED;
	return a;
}

bool call__has_entry(const struct schema *s)
{
	for (unsigned int i = 1; i < s->count; i++)
		if (s->fields[i].at_entry)
			return true;
	return false;
}

/* Successful ones may change the paths of files that were introduced under their old ones. */
static bool is_rename(const struct schema *s)
{
	static const char *const names[] = {"rename",	  "renameat", "renameat2",  "mount",  "umount2",
					    "move_mount", "umount",   "pivot_root", "chroot", "open_tree"};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(s->name, names[i]))
			return true;
	return false;
}

static void fill_call(struct sonde_call *c, const struct schema *s, bool on, bool entries, bool env, bool compat)
{
	*c = (struct sonde_call){.event = s->id, .count = s->count - 1};
	if (is_rename(s))
		c->flags |= SONDE_CALL_RENAMES;
	if (!on)
		return;
	c->flags |= SONDE_CALL_ON;
	if (s->flags & SCHEMA_NO_RETURN)
		c->flags |= SONDE_CALL_NO_RETURN;
	if (kinds[s->fields[0].kind].fetch == FETCH_FD)
		c->flags |= SONDE_CALL_RESULT_FD;
	for (unsigned int i = 1; i < s->count; i++) {
		struct sonde_call_arg a = arg_of(&s->fields[i]);

		/* structures of 32-bit programs have other layouts: shown as addresses */
		if (compat && a.fetch != SONDE_FETCH_FD && a.fetch != SONDE_FETCH_STRING &&
		    s->fields[i].kind != KIND_buffer)
			a.when = 0;
		if (s->fields[i].kind == KIND_env)
			a.special = !env;
		if (!entries)
			a.when &= ~SONDE_AT_ENTRY;
		c->args[i - 1] = a;
		c->fetches |= a.when & (SONDE_AT_EXIT | SONDE_AT_ENTRY);
	}
	if (c->fetches & SONDE_AT_ENTRY)
		c->flags |= SONDE_CALL_ENTRY;
}

void calls__fill(struct sonde_call *table, const struct schema *list, unsigned int count,
		 const struct selection *selected, bool entries, bool env)
{
	memset(table, 0, 2 * SONDE_CALL_NUMBERS * sizeof(*table));
	for (unsigned int i = 0; i < count; i++) {
		const struct schema *s = &list[i];
		bool on = selection__has(selected, s->id);

		if (s->number >= 0 && s->number < SONDE_CALL_NUMBERS)
			fill_call(&table[s->number], s, on, entries, env, false);
		if (s->compat_number >= 0 && s->compat_number < SONDE_CALL_NUMBERS)
			fill_call(&table[SONDE_CALL_NUMBERS + s->compat_number], s, on, entries, env, true);
	}
}
