// SPDX-License-Identifier: Apache-2.0
#include "stand_ins.h"

#include <errno.h>

static bool begin(struct selection *s, const struct schemas *all)
{
	if (!s->bits)
		s->bits = calloc(all->count / 64 + 1, sizeof(*s->bits));
	s->events = s->bits ? all->count : 0;
	return s->bits;
}

bool stand_ins__mark(struct selection *absent, const struct schemas *all, const struct schema *s)
{
	if (!s || !s->instead || !begin(absent, all))
		return false;
	absent->bits[s->id / 64] |= 1ull << (s->id % 64);
	return true;
}

int stand_ins__add(const struct schemas *all, const struct selection *wanted,
		   const struct selection *absent, struct selection *ret)
{
	for (unsigned int i = 0; i < absent->events; i++) {
		struct selection these;
		int code;

		if (!selection__has(absent, i) || !selection__has(wanted, i))
			continue;
		if (!begin(ret, all))
			return -ENOMEM;
		code = select__parse(all, &all->list[i]->instead, 1, NULL, &these, NULL);
		if (code)
			return code;
		for (unsigned int word = 0; word <= all->count / 64; word++)
			ret->bits[word] |= these.bits[word];
		selection__release(&these);
	}
	return 0;
}
