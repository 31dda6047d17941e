// SPDX-License-Identifier: Apache-2.0
/* What perf counts: the kernel's own clocks and counters, the processor's, and those of devices. */
#include "find_inside.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

/* PERF_TYPE_*, and PERF_COUNT_* of linux/perf_event.h in its order. */
static const char *const hardware[] = {
	"cpu-cycles",
	"instructions",
	"cache-references",
	"cache-misses",
	"branch-instructions",
	"branch-misses",
	"bus-cycles",
	"stalled-cycles-frontend",
	"stalled-cycles-backend",
	"ref-cycles",
};
static const char *const software[] = {
	"cpu-clock",        "task-clock",   "page-faults",  "context-switches",
	"cpu-migrations",   "minor-faults", "major-faults", "alignment-faults",
	"emulation-faults", "dummy",        "bpf-output",   "cgroup-switches",
};

#define DEVICES "/sys/bus/event_source/devices/"

static void add_list(struct finder *f, unsigned int type, const char *const *names,
		     unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		char detail[64];

		snprintf(detail, sizeof(detail), "type %u, config %u: %s", type, i,
			 type ? "of the kernel" : "of the processor");
		if (finder__wants(f, FIND_PERF, names[i]))
			finder__add(f, FIND_PERF, names[i], detail);
	}
}

/* /sys/bus/event_source/devices/msr/events/tsc: what it holds is told to the device. */
static void add_file(struct finder *f, const char *path)
{
	const char *device = path + strlen(DEVICES), *event = strrchr(path, '/') + 1;
	char name[200], text[200] = "", detail[260];
	FILE *file;

	/* energy-psys.scale and .unit say more of another. */
	if (strchr(event, '.'))
		return;
	snprintf(name, sizeof(name), "%.*s/%s", (int)strcspn(device, "/"), device, event);
	if (!finder__wants(f, FIND_PERF, name))
		return;
	file = fopen(path, "re");
	if (file && fgets(text, sizeof(text), file))
		text[strcspn(text, "\n")] = '\0';
	if (file)
		fclose(file);
	snprintf(detail, sizeof(detail), "%s", text);
	finder__add(f, FIND_PERF, name, detail);
}

void find__in_perf(struct finder *f)
{
	glob_t found = {};

	if (!finder__asks(f, FIND_PERF))
		return;
	add_list(f, 1, software, ARRAY_SIZE(software));
	/* The processor's counters are a device, too: cpu, cpu_core, armv8_pmuv3_0 ... */
	if (!glob(DEVICES "*cpu*/type", 0, NULL, &found) ||
	    !glob(DEVICES "armv8*/type", 0, NULL, &found))
		add_list(f, 0, hardware, ARRAY_SIZE(hardware));
	globfree(&found);
	if (!glob(DEVICES "*/events/*", 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			add_file(f, found.gl_pathv[i]);
	globfree(&found);
}
