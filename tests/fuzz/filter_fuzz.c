// SPDX-License-Identifier: Apache-2.0
/*
 * Any text is a filter or an error, never a crash. Of a filter: the kernel's terms hold for each
 * record that it wants, and where they are called exact for no other.
 */
#include "src/filter/filter.h"
#include "src/host/host.h"

#include <stdio.h>

static struct field fields[][5] = {
	{{.name = "ret", .kind = KIND_fd, .size = 8},
	 {.name = "pathname", .alias = "name", .kind = KIND_path, .size = 8, .offset = 8},
	 {.name = "flags", .kind = KIND_flags, .size = 8, .offset = 16},
	 {.name = "mode", .kind = KIND_mode, .size = 8, .offset = 24}},
	{{.name = "ret", .kind = KIND_int, .size = 8},
	 {.name = "pid", .kind = KIND_pid, .size = 8, .offset = 8},
	 {.name = "sig", .kind = KIND_signal, .size = 8, .offset = 16}},
	{{.name = "ret", .kind = KIND_size, .size = 8},
	 {.name = "fd", .kind = KIND_fd, .size = 8, .offset = 8},
	 {.name = "count", .kind = KIND_size, .size = 8, .offset = 16},
	 {.name = "flags", .kind = KIND_flags64, .size = 8, .offset = 24}},
	{{.name = "status", .kind = KIND_int, .size = 4},
	 {.name = "port", .kind = KIND_port, .size = 2, .offset = 4}},
};

static struct schema calls[] = {
	{.name = "open",
	 .category = "file,desc",
	 .flags = SCHEMA_CALL | SCHEMA_RESULT,
	 .count = 4,
	 .fixed = 32},
	{.name = "kill",
	 .category = "signal",
	 .flags = SCHEMA_CALL | SCHEMA_RESULT,
	 .count = 3,
	 .fixed = 24},
	{.name = "read",
	 .category = "desc",
	 .flags = SCHEMA_CALL | SCHEMA_RESULT,
	 .count = 4,
	 .fixed = 32},
	{.name = "exit", .category = "process", .count = 2, .fixed = 8},
};

static struct host *host;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i].id = i;
		calls[i].fields = fields[i];
	}
	fields[0][2].values = values__find("open");
	fields[2][3].values = values__find("mmap");
	return host__new(&host);
}

static void judge(struct filter *f, unsigned int id, const char *text, uint64_t seed,
		  struct buffer *scratch)
{
	struct {
		struct sonde_record record;
		uint64_t fixed[5];
	} r = {.record = {.subject = SONDE_SUBJECT_CURRENT, .pid = 1, .tid = 2}};
	struct filter_terms terms;
	struct event e = {.host = host, .scratch = scratch, .number = 1, .repeats = 1};
	bool wanted, kernel;

	for (unsigned int i = 0; i < 5; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		/* Small numbers of either sign, which filters ask for. */
		r.fixed[i] = seed >> 40 & 1 ? seed >> 60 : -(seed >> 60);
	}
	r.record.body = calls[id].fixed / 8;
	r.record.size = sizeof(r.record) + calls[id].fixed;
	if (seed >> 41 & 1) {
		r.record.flags = SONDE_RECORD_LATENCY;
		r.record.body++;
		r.record.size += 8;
	}
	if (event__decode(&e, &r.record, &calls[id], NULL))
		abort();
	wanted = filter__matches(f, &e);
	filter__kernel_terms(f, id, &terms);
	kernel = filter__may_match(f, id) && filter_terms__hold(&terms, &r.record);
	if ((wanted && !kernel) || (kernel && terms.exact && !wanted)) {
		fprintf(stderr, "%s: %s wanted, %s by the kernel: %s\n", calls[id].name,
			wanted ? "is" : "not", kernel ? "kept" : "dropped", text);
		abort();
	}
	buffer__reset(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct schema *list[ARRAY_SIZE(calls)];
	struct schemas schemas = {.list = list, .count = ARRAY_SIZE(calls)};
	struct buffer scratch = {}, words = {};
	struct filter *f = NULL;
	struct error error = {};
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		list[i] = &calls[i];
	memcpy(text, data, size);
	text[size] = 0;
	if (!filter__new(text, &schemas, &f, &error)) {
		filter__explain(f, NULL, &words);
		filter__needs(f);
		for (unsigned int i = 0; i < 4 * ARRAY_SIZE(calls); i++)
			judge(f, i % ARRAY_SIZE(calls), text, size * 31 + i, &scratch);
	} else if (!error.code || !error.text[0]) {
		abort();
	}
	filter__free(f);
	buffer__free(&scratch);
	buffer__free(&words);
	free(text);
	return 0;
}
