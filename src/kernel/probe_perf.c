// SPDX-License-Identifier: Apache-2.0
#include "probe_perf.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

static const struct {
	const char *name;
	uint32_t type, config;
	uint64_t period; /* where none is said */
} events[] = {
	{"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 10000000},
	{"timer", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 1000000000},
	{"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, 10000000},
	{"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, 1},
	{"minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN, 1},
	{"major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ, 1},
	{"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, 1},
	{"cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, 1},
	{"alignment-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS, 1},
	{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 1000000},
	{"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, 1000000},
	{"cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES, 100000},
	{"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, 10000},
	{"branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, 100000},
	{"branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, 10000},
};

static int parse(const char *text, struct perf_event_attr *attr, bool *one_cpu, struct error *err)
{
	size_t size = strcspn(text, "@/");
	uint64_t number = text[size] ? strtoull(text + size + 1, NULL, 10) : 0;
	char names[400] = "";

	for (unsigned int i = 0; i < ARRAY_SIZE(events); i++) {
		if (strlen(events[i].name) != size || memcmp(events[i].name, text, size)) {
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 i ? ", " : "", events[i].name);
			continue;
		}
		if (text[size] && !number)
			break;
		attr->type = events[i].type;
		attr->config = events[i].config;
		attr->freq = text[size] == '@';
		attr->sample_period = number ?: events[i].period;
		*one_cpu = !strcmp(events[i].name, "timer");
		return 0;
	}
	return error__set(err, -EINVAL,
			  "the event \"%s\" is NAME, NAME@HERTZ or NAME/PERIOD; names are %s", text,
			  names);
}

static int attach_on(struct bpf_program *program, struct perf_event_attr *attr, int pid, int cpu,
		     struct perf_links *links)
{
	int fd = syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	struct bpf_link **list, *link;

	if (fd < 0)
		return -errno;
	link = bpf_program__attach_perf_event(program, fd);
	if (!link) {
		int code = -errno;

		close(fd);
		return code;
	}
	list = realloc(links->list, (links->count + 1) * sizeof(*list));
	if (!list) {
		(void)!bpf_link__destroy(link);
		return -ENOMEM;
	}
	links->list = list;
	list[links->count++] = link;
	return 0;
}

int probe_perf__attach(struct bpf_program *program, const char *event, uint32_t pid,
		       struct perf_links *links, struct error *err)
{
	struct perf_event_attr attr = {.size = sizeof(attr)};
	bool one_cpu = false;
	int code = parse(event, &attr, &one_cpu, err), cpus = libbpf_num_possible_cpus();

	if (code)
		return code;
	if (pid)
		return attach_on(program, &attr, pid, -1, links);
	for (int cpu = 0; cpu < cpus; cpu++) {
		code = attach_on(program, &attr, -1, cpu, links);
		if (code && code != -ENODEV) { /* that CPU is off */
			perf_links__release(links);
			return code == -ENOENT ? error__set(err, code,
							    "this machine has no counter %s", event)
					       : code;
		}
		if (!code && one_cpu)
			break;
	}
	return links->count ? 0 : -ENODEV;
}

void perf_links__release(struct perf_links *links)
{
	for (unsigned int i = 0; i < links->count; i++)
		(void)!bpf_link__destroy(links->list[i]);
	free(links->list);
	*links = (struct perf_links){};
}
