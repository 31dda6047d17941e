/* SPDX-License-Identifier: Apache-2.0 */
/* `sonde hooks --syscalls-of`: which calls did it make, how often, and which hooks show each? */
#include "hooks_calls.h"
#include "options.h"
#include "../event/select.h"
#include "../kernel/cheap.h"
#include "../kernel/kprobe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 79

struct row {
	const struct schema *schema;
	uint64_t count, failed;
};

struct calls {
	struct sink sink;
	const struct schemas *all;
	bool json;
	struct row rows[]; /* by event id */
};

static void calls__event(struct sink *sink, const struct event *e)
{
	struct calls *c = (struct calls *)sink;

	if (!(e->schema->flags & SCHEMA_CALL) || event__is_birth(e) ||
	    e->schema->id >= c->all->count)
		return;
	c->rows[e->schema->id].schema = e->schema;
	c->rows[e->schema->id].count++;
	c->rows[e->schema->id].failed += event__failed(e);
}

static void calls__waiting(struct sink *sink, const struct waiting *w)
{
	if (w->state == WAITING_UNFINISHED)
		calls__event(sink, w->event);
}

static int by_count(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->count ? strcmp(x->schema->name, y->schema->name) : 0;
}

/* Events of the kernel's hooks say themselves which calls would show a part of them. */
static bool belongs(const struct schemas *all, const struct schema *hook, const struct schema *call)
{
	struct selection calls;
	bool found;

	if (!schema__selectable(hook) || !hook->instead ||
	    select__parse(all, &hook->instead, 1, NULL, &calls, NULL))
		return false;
	found = selection__has(&calls, call->id);
	selection__release(&calls);
	return found;
}

/* The words of -e that show a call. */
static void put_hooks(const struct calls *c, const struct schema *call, struct buffer *b, bool json)
{
	const char *quote = json ? "\"" : "", *comma = json ? "," : ", ";
	char tracepoint[96];

	buffer__printf(b, "%s%s%s", quote, call->name, quote);
	snprintf(tracepoint, sizeof(tracepoint), "syscalls/sys_exit_%s",
		 call__kernel_name(call->name));
	if (tracepoint__exists(tracepoint))
		buffer__printf(b, "%s%stracepoint:syscalls:sys_*_%s%s", comma, quote,
			       call__kernel_name(call->name), quote);
	for (unsigned int i = 0; i < c->all->count; i++)
		if (belongs(c->all, c->all->list[i], call))
			buffer__printf(b, "%s%s%s%s", comma, quote, c->all->list[i]->name, quote);
}

static void put_text(const struct calls *c, const struct row *row, struct buffer *b, int width)
{
	struct buffer text = {};
	char failed[24] = "";

	put_hooks(c, row->schema, &text, false);
	if (row->failed)
		snprintf(failed, sizeof(failed), "%llu", (unsigned long long)row->failed);
	buffer__printf(b, "%-*s  %7llu  %6s  ", width, row->schema->name,
		       (unsigned long long)row->count, failed);
	help__wrap(b, buffer__string(&text), width + 19, WIDTH);
	buffer__char(b, '\n');
	buffer__free(&text);
}

static void put_json(const struct calls *c, const struct row *row, struct buffer *b, bool first)
{
	buffer__printf(b, "%s{\"name\":\"%s\",\"count\":%llu,\"failed\":%llu,\"hooks\":[",
		       first ? "" : ",", row->schema->name, (unsigned long long)row->count,
		       (unsigned long long)row->failed);
	put_hooks(c, row->schema, b, true);
	buffer__text(b, "]}");
}

static void calls__finish(struct sink *sink, const struct sink_end *end)
{
	struct calls *c = (struct calls *)sink;
	struct buffer *b = &sink->out;
	int width = strlen("CALL");

	qsort(c->rows, c->all->count, sizeof(*c->rows), by_count);
	for (unsigned int i = 0; i < c->all->count && c->rows[i].count; i++)
		width = max(width, (int)strlen(c->rows[i].schema->name));
	if (c->json)
		buffer__text(b, "{\"calls\":[");
	else
		buffer__printf(b, "%-*s    COUNT  FAILED  SHOWN BY -e\n", width, "CALL");
	for (unsigned int i = 0; i < c->all->count && c->rows[i].count; i++) {
		if (c->json)
			put_json(c, &c->rows[i], b, i == 0);
		else
			put_text(c, &c->rows[i], b, width);
	}
	if (c->json)
		buffer__printf(b, "],\"lost\":%llu}\n", (unsigned long long)end->lost);
	else if (end->lost)
		buffer__printf(b, "\n%llu records were lost and are not counted here\n",
			       (unsigned long long)end->lost);
}

static void calls__free(struct sink *sink)
{
	free(sink);
}

static const struct sink_ops calls_ops = {
	.event = calls__event,
	.waiting = calls__waiting,
	.finish = calls__finish,
	.free = calls__free,
};

int hooks_calls__new(int fd, const struct schemas *all, bool json, struct sink **ret)
{
	struct calls *c = calloc(1, sizeof(*c) + all->count * sizeof(c->rows[0]));

	if (!c)
		return -ENOMEM;
	c->sink.ops = &calls_ops;
	c->sink.fd = fd;
	c->all = all;
	c->json = json;
	*ret = &c->sink;
	return 0;
}
