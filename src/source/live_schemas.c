// SPDX-License-Identifier: Apache-2.0
/* Which events does this build know? The calls of the catalogue, and what the probes declare. */
#include "live.h"
#include "../event/catalogue.h"
#include "../kernel/btf_schema.h"
#include "../kernel/probes.h"

#include <errno.h>

struct live_schemas {
	struct probes *probes;
	struct btf_schemas *events; /* of the probes */
	const struct schema **list;
	struct schemas all;
};

void live_schemas__free(struct live_schemas *s)
{
	if (!s)
		return;
	btf_schemas__free(s->events);
	probes__free(s->probes);
	free(s->list);
	free(s);
}

const struct schemas *live_schemas__list(const struct live_schemas *s)
{
	return &s->all;
}

struct probes *live_schemas__probes(const struct live_schemas *s)
{
	return s->probes;
}

int live_schemas__new(struct live_schemas **ret, struct error *err)
{
	struct live_schemas *s = calloc(1, sizeof(*s));
	const struct schema *calls, *probes;
	unsigned int call_count, probe_count;
	int code;

	if (!s)
		return -ENOMEM;
	calls = catalogue__calls(&call_count);
	code = probes__built_in(&s->probes, err);
	if (!code)
		code = btf_schemas__new(probes__types(s->probes), SONDE_EVENT_CALLS + call_count,
					&s->events, err);
	if (code)
		goto failed;
	probes = btf_schemas__list(s->events, &probe_count);
	s->all.count = SONDE_EVENT_CALLS + call_count + probe_count;
	s->all.list = s->list = calloc(s->all.count, sizeof(*s->list));
	if (!s->list) {
		code = -ENOMEM;
		goto failed;
	}
	for (unsigned int i = 0; i < call_count; i++)
		s->list[calls[i].id] = &calls[i];
	for (unsigned int i = 0; i < probe_count; i++)
		s->list[probes[i].id] = &probes[i];
	*ret = s;
	return 0;
failed:
	live_schemas__free(s);
	return code;
}
