// SPDX-License-Identifier: Apache-2.0
#include "fold.h"

#include <errno.h>

int fold__init(struct fold *f, void (*show)(void *, const struct fold_entry *), void *context)
{
	f->show = show;
	f->context = context;
	f->due = ~0ull;
	f->entries = calloc(FOLD_ENTRIES, sizeof(*f->entries));
	return f->entries ? 0 : -ENOMEM;
}

void fold__release(struct fold *f)
{
	for (unsigned int i = 0; f->entries && i < FOLD_ENTRIES; i++)
		buffer__free(&f->entries[i].line);
	free(f->entries);
	f->entries = NULL;
}

static void end(struct fold *f, struct fold_entry *entry)
{
	if (entry->count)
		f->show(f->context, entry);
	entry->used = false;
	entry->count = 0;
	f->used--;
}

static uint64_t hash_on(uint64_t h, const char *p, size_t size)
{
	uint64_t word;

	for (; size >= 8; size -= 8, p += 8) {
		memcpy(&word, p, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	for (; size; size--, p++)
		h = (h ^ (uint8_t)*p) * 0x100000001b3ull;
	return h ^ h >> 32;
}

bool fold__repeats(struct fold *f, uint64_t now, uint64_t hash, const char *line, size_t size,
		   size_t compared)
{
	struct fold_entry *entry;

	if (now >= f->due)
		fold__tick(f, now);
	hash = hash_on(hash, line + size - compared, compared);
	entry = &f->entries[hash % FOLD_ENTRIES];
	if (entry->used && entry->hash == hash && entry->line.size >= compared &&
	    !memcmp(entry->line.data + entry->line.size - compared, line + size - compared,
		    compared)) {
		entry->count++;
		entry->last = now;
		return true;
	}
	if (entry->used)
		end(f, entry);
	buffer__reset(&entry->line);
	buffer__bytes(&entry->line, line, size);
	entry->hash = hash;
	entry->first = now;
	entry->last = now;
	entry->count = 0;
	entry->used = !entry->line.failed;
	f->used += entry->used;
	f->due = min(f->due, now + FOLD_WINDOW_NS);
	return false;
}

/* In the order in which they were seen last: what is held back comes late enough. */
void fold__tick(struct fold *f, uint64_t now)
{
	if (now < f->due)
		return;
	for (;;) {
		struct fold_entry *oldest = NULL;

		for (unsigned int i = 0; i < FOLD_ENTRIES; i++) {
			struct fold_entry *entry = &f->entries[i];

			if (!entry->used || now - entry->first < FOLD_WINDOW_NS ||
			    entry->first > now)
				continue;
			if (!oldest || entry->last < oldest->last)
				oldest = entry;
		}
		if (!oldest)
			break;
		end(f, oldest);
	}
	f->due = ~0ull;
	for (unsigned int i = 0; i < FOLD_ENTRIES; i++) {
		if (f->entries[i].used)
			f->due = min(f->due, f->entries[i].first + FOLD_WINDOW_NS);
	}
}
