// SPDX-License-Identifier: Apache-2.0
/* `sonde probe`: a probe of one's own, from a template to its output. */
#include "options.h"
#include "../base/buffer.h"
#include "../probe/build.h"
#include "../probe/inspect.h"
#include "../probe/template.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int status_of(int code)
{
	return !code ? STATUS_OK : code == -EINVAL ? STATUS_USAGE : STATUS_FAILURE;
}

static bool is_source(const char *path)
{
	size_t size = strlen(path);

	return size > 2 && !strcmp(path + size - 2, ".c");
}

/* mine.bpf.c -> mine.bpf.o, in the directory that one is in. */
static int build_beside(const char *source, const char *output, struct buffer *b, struct error *err)
{
	char object[4096];
	int code;

	snprintf(object, sizeof(object), "%.*s.o", (int)strlen(source) - 2, source);
	code = probe_build(source, output ?: object, err);
	if (!code)
		buffer__printf(b, "built %s\n", output ?: object);
	return code;
}

/* A source is built first, to where nobody looks, under the name that it would have. */
static int run_source(struct trace_options *t, const char *source, struct error *err)
{
	char directory[] = "/tmp/sonde-probe.XXXXXX", object[4096];
	const char *slash = strrchr(source, '/'), *name = slash ? slash + 1 : source;
	int status;

	if (!mkdtemp(directory))
		return status_of(error__set(err, -errno, "%s: %s", directory, strerror(errno)));
	snprintf(object, sizeof(object), "%s/%.*s.o", directory, (int)strlen(name) - 2, name);
	t->own.file = object;
	status = probe_build(source, object, err) ? STATUS_FAILURE : cmd_trace(t);
	unlink(object);
	rmdir(directory);
	return status;
}

static int run(const struct options *o, struct error *err)
{
	struct trace_options t = o->trace;

	t.own.file = o->operands.list[1];
	return is_source(t.own.file) ? run_source(&t, t.own.file, err) : cmd_trace(&t);
}

int cmd_probe(const struct options *o, struct buffer *b, struct error *err)
{
	const struct strings *words = &o->operands;
	const char *verb = words->list[0];

	if (!strcmp(verb, "new"))
		return status_of(probe_template(words->list[1],
						words->count > 2 ? words->list[2] : "", b, err));
	if (!strcmp(verb, "build")) {
		if (!is_source(words->list[1]))
			return status_of(error__set(err, -EINVAL, "%s: not a C file: NAME.bpf.c",
						    words->list[1]));
		return build_beside(words->list[1], o->trace.output, b, err) ? STATUS_FAILURE
									     : STATUS_OK;
	}
	if (!strcmp(verb, "inspect"))
		return status_of(probe_inspect(words->list[1], o->trace.json != JSON_NONE, b, err));
	return run(o, err);
}
