// SPDX-License-Identifier: Apache-2.0
#include "present.h"

#include <limits.h>
#include <sys/uio.h>

/* Reads up to the NUL, page by page: the string may end just before memory that is not there. */
static ssize_t read_string(pid_t pid, uint64_t address, char *to, size_t limit)
{
	size_t page = sysconf(_SC_PAGESIZE), have = 0;

	while (have < limit) {
		size_t part = min(limit - have, page - (address + have) % page);
		struct iovec here = {to + have, part}, there = {(void *)(address + have), part};
		ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);
		const char *nul;

		if (n <= 0)
			return have ? (ssize_t)have : -1;
		nul = memchr(to + have, 0, n);
		if (nul)
			return nul - to;
		have += n;
	}
	return have;
}

static void append_string(struct buffer *b, pid_t pid, unsigned int slot, uint64_t address,
			  size_t limit)
{
	char text[PATH_MAX];
	ssize_t size = read_string(pid, address, text, min(limit, sizeof(text)));
	struct sonde_item item = {.slot = slot, .what = SONDE_ITEM_DATA};
	static const char padding[8];

	if (size < 0)
		return;
	item.size = size;
	item.whole = (size_t)size < min(limit, sizeof(text)) ? (uint32_t)size : SONDE_WHOLE_UNKNOWN;
	buffer__bytes(b, &item, sizeof(item));
	buffer__bytes(b, text, size);
	buffer__bytes(b, padding, -size & 7);
}

const struct sonde_record *present__complete(struct buffer *b, const struct sonde_record *r,
					     const struct schema *call, uint32_t limit)
{
	const struct sonde_present *now = (const void *)(r + 1);
	struct sonde_record *copy;

	if (r->size < sizeof(*r) + sizeof(*now) || sizeof(*r) + 8u * r->body > r->size)
		return NULL;
	buffer__reset(b);
	buffer__bytes(b, r, sizeof(*r) + 8u * r->body);
	for (unsigned int i = 1; i < call->count && i <= ARRAY_SIZE(now->args); i++) {
		const struct field *f = &call->fields[i];

		if (kinds[f->kind].fetch == FETCH_STRING && f->direction == FIELD_IN &&
		    now->args[i - 1])
			append_string(b, r->pid, i, now->args[i - 1],
				      f->kind == KIND_path ? PATH_MAX : limit);
	}
	if (b->failed)
		return NULL;
	copy = (void *)b->data;
	copy->size = b->size;
	copy->body = (b->size - sizeof(*copy)) / 8;
	return copy;
}
