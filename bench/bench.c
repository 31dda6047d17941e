// SPDX-License-Identifier: Apache-2.0
/*
 * What does sonde cost, held against the bare call and against the least that tracing can cost? All
 * contenders take turns in each round, so that what changes on the machine meanwhile changes it for
 * all; the medians count.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "command.h"
#include "contender.h"
#include "floor_loader.h"
#include "workload.h"

#define MAX_ROUNDS 99
#define BURSTS     6
#define PAUSE_MS   40
#define WORKLOADS  6

struct sample {
	double thread_ns;  /* CPU time of the calling thread, a call */
	double machine_ns; /* CPU time of the whole machine, a call */
};

struct cell {
	struct sample samples[MAX_ROUNDS];
	unsigned int count;
	double thread_ns, machine_ns; /* medians */
};

struct bench {
	const char *sonde, *floor_path;
	unsigned int rounds;
	bool peers, json, check, calls_only;
	struct floor *floor;
	struct workers *workers;
	struct cell cells[CONTENDERS][WORKLOADS];
	bool lost[CONTENDERS];
	char failed[CONTENDERS][200]; /* why it did not run */
	struct command_costs command;
	char command_failed[200];
	double others_ns, all_ns; /* how much of the machine's time was not ours */
};

static struct sample take_sample(struct bench *b, const struct workload *load, unsigned int divisor)
{
	unsigned long long before[FLOOR_WHO], after[FLOOR_WHO];
	struct workload_cost cost;
	double ours = 0;

	floor__times(b->floor, before);
	cost = workers__run(b->workers, load, BURSTS, PAUSE_MS, divisor);
	floor__times(b->floor, after);
	for (int i = 0; i < FLOOR_WHO; i++) {
		double ns = after[i] - before[i];

		if (i == FLOOR_WORKLOAD || i == FLOOR_TRACER || i == FLOOR_KERNEL)
			ours += ns;
		if (i == FLOOR_OTHERS)
			b->others_ns += ns;
		b->all_ns += ns;
	}
	return (struct sample){
		.thread_ns = (double)cost.timed_ns / cost.calls,
		.machine_ns = (ours - cost.untimed_ns) / cost.calls,
	};
}

static void run_workload(struct bench *b, enum contender_id id, unsigned int i)
{
	struct cell *cell = &b->cells[id][i];

	cell->samples[cell->count++] = take_sample(b, &workloads[i], contenders[id].divisor);
}

static void run_floor(struct bench *b, enum contender_id id)
{
	unsigned long long read, lost, lost_before;
	int err;

	floor__records(b->floor, &read, &lost_before);
	err = floor__attach(b->floor, contenders[id].floor);
	if (!err) {
		for (unsigned int i = 0; i < workload_count; i++)
			run_workload(b, id, i);
		err = floor__attach(b->floor, FLOOR_NOTHING);
	}
	if (err)
		snprintf(b->failed[id], sizeof(b->failed[id]), "cannot attach: %s", strerror(-err));
	floor__records(b->floor, &read, &lost);
	b->lost[id] |= lost != lost_before;
}

/* Runs the workloads from `first` on that want the same calls traced. Returns the first that does
 * not. */
static unsigned int run_tracer(struct bench *b, enum contender_id id, unsigned int first)
{
	const struct contender *c = &contenders[id];
	const char *traced = workloads[first].traced;
	unsigned int next = first;
	struct contender_run run;
	int err, status;

	err = contender__start(c, b->sonde, traced, &run);
	floor__set_tracer(b->floor, err ? 0 : run.pid);
	for (; next < workload_count && !strcmp(workloads[next].traced, traced); next++)
		if (!err)
			run_workload(b, id, next);
	floor__set_tracer(b->floor, 0);
	status = contender__stop(&run);
	if (err) {
		contender__words(&run, b->failed[id], sizeof(b->failed[id]));
		if (!b->failed[id][0])
			snprintf(b->failed[id], sizeof(b->failed[id]), "%s", strerror(-err));
	}
	b->lost[id] |= c->loses && WIFEXITED(status) && WEXITSTATUS(status) == (int)c->loses;
	close_fd(run.said);
	return next;
}

static void run_contender(struct bench *b, enum contender_id id)
{
	if (b->failed[id][0])
		return;
	if (!contenders[id].command) {
		run_floor(b, id);
		return;
	}
	for (unsigned int i = 0; i < workload_count && !b->failed[id][0];)
		i = run_tracer(b, id, i);
}

static int compare_thread(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->thread_ns > y->thread_ns) - (x->thread_ns < y->thread_ns);
}

static int compare_machine(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->machine_ns > y->machine_ns) - (x->machine_ns < y->machine_ns);
}

static void take_medians(struct bench *b)
{
	for (int id = 0; id < CONTENDERS; id++) {
		for (unsigned int i = 0; i < workload_count; i++) {
			struct cell *c = &b->cells[id][i];

			if (!c->count)
				continue;
			qsort(c->samples, c->count, sizeof(*c->samples), compare_thread);
			c->thread_ns = c->samples[c->count / 2].thread_ns;
			qsort(c->samples, c->count, sizeof(*c->samples), compare_machine);
			c->machine_ns = c->samples[c->count / 2].machine_ns;
		}
	}
}

/*
 * What sonde promises, by call: CPU time of the whole machine, the floor measured in the same run.
 * As the floor prints nothing, nothing is printed here either: what a line costs is measured by
 * bench-render.
 */
static const struct limit {
	const char *what;
	enum contender_id id, against;
	const char *workload, *against_workload;
	double limit;
} limits[] = {
	{"getppid not traced : empty hook", SONDE_OTHER_CALL, EMPTY, "getppid", "getppid", 1.4},
	{"openat not traced : empty hook", SONDE_OTHER_CALL, EMPTY, "openat", "openat", 1.4},
	{"close not traced : empty hook", SONDE_OTHER_CALL, EMPTY, "close(-1)", "close(-1)", 1.4},
	{"getppid traced : record", SONDE_RECORDS, RECORD, "getppid", "getppid", 1.3},
	{"openat with its path : record", SONDE_RECORDS, RECORD, "openat", "openat", 1.4},
	{"two threads : one, getppid", SONDE_RECORDS, SONDE_RECORDS, "getppid x2", "getppid", 1.2},
	{"two threads : one, openat", SONDE_RECORDS, SONDE_RECORDS, "openat x2", "openat", 1.2},
};

static const struct cell *cell_of(const struct bench *b, enum contender_id id, const char *workload)
{
	unsigned int i = 0;

	while (i < workload_count - 1 && strcmp(workloads[i].name, workload))
		i++;
	return &b->cells[id][i];
}

/* 0: could not be measured. */
static double limit_ratio(const struct bench *b, const struct limit *l)
{
	const struct cell *above = cell_of(b, l->id, l->workload);
	const struct cell *below = cell_of(b, l->against, l->against_workload);

	return above->count && below->count && below->machine_ns > 0
		       ? above->machine_ns / below->machine_ns
		       : 0;
}

static const struct command_limit {
	const char *what, *unit;
	size_t member;
	double limit;
} command_limits[] = {
	{"start to the first event", "ms", offsetof(struct command_costs, first_event_ms), 100},
	{"event to screen, 99 of 100", "ms", offsetof(struct command_costs, screen_p99_ms), 20},
	{"CPU while nothing happens", "%", offsetof(struct command_costs, idle_percent), 0.1},
	{"resident beside the rings", "MB", offsetof(struct command_costs, memory_mb), 15},
};

static double command_cost(const struct bench *b, const struct command_limit *l)
{
	return *(const double *)((const char *)&b->command + l->member);
}

static void print_block(const struct bench *b, const char *title, bool machine)
{
	printf("\n%s\n%-24s", title, "");
	for (unsigned int i = 0; i < workload_count; i++)
		printf(" %11s", workloads[i].name);
	putchar('\n');
	for (int id = 0; id < CONTENDERS; id++) {
		if (!b->cells[id][0].count)
			continue;
		printf("%-24s", contenders[id].name);
		for (unsigned int i = 0; i < workload_count; i++)
			printf(" %11.0f",
			       machine ? b->cells[id][i].machine_ns : b->cells[id][i].thread_ns);
		puts(b->lost[id] ? "  lost some" : "");
	}
}

static void print_table(const struct bench *b)
{
	struct utsname system;

	uname(&system);
	printf("Linux %s, %ld CPUs, medians of %u rounds, ns of CPU time a call\n", system.release,
	       sysconf(_SC_NPROCESSORS_ONLN), b->rounds);
	print_block(b, "The whole machine: threads that call, tracer, kernel threads", true);
	print_block(b, "Only the thread that calls", false);
	for (int id = 0; id < CONTENDERS; id++)
		if (b->failed[id][0])
			printf("\n%s did not run: %s", contenders[id].name, b->failed[id]);
	printf("\nOf the machine's time %.1f %% went to programs that have no part in this.\n",
	       b->all_ns > 0 ? 100 * b->others_ns / b->all_ns : 0);
	printf("\n%-34s %8s %8s\n", "Whole machine, ratio", "measured", "limit");
	for (unsigned int i = 0; i < ARRAY_SIZE(limits); i++) {
		double ratio = limit_ratio(b, &limits[i]);

		if (!ratio)
			printf("%-34s %8s %8.1f\n", limits[i].what, "-", limits[i].limit);
		else
			printf("%-34s %8.2f %8.1f%s\n", limits[i].what, ratio, limits[i].limit,
			       ratio > limits[i].limit ? "  BROKEN" : "");
	}
	if (b->calls_only)
		return;
	printf("\n%-34s %8s %8s\n", "The command", "measured", "limit");
	for (unsigned int i = 0; i < ARRAY_SIZE(command_limits); i++) {
		const struct command_limit *l = &command_limits[i];
		double cost = command_cost(b, l);

		if (cost < 0)
			printf("%-34s %8s %8.1f %s\n", l->what, "-", l->limit, l->unit);
		else
			printf("%-34s %8.2f %8.1f %s%s\n", l->what, cost, l->limit, l->unit,
			       cost > l->limit ? "  BROKEN" : "");
	}
	if (b->command_failed[0])
		puts(b->command_failed);
}

static void print_json(const struct bench *b)
{
	struct utsname system;
	const char *comma = "";

	uname(&system);
	printf("{\"kernel\":\"%s\",\"cpus\":%ld,\"rounds\":%u,\"costs\":[", system.release,
	       sysconf(_SC_NPROCESSORS_ONLN), b->rounds);
	for (int id = 0; id < CONTENDERS; id++) {
		for (unsigned int i = 0; i < workload_count; i++) {
			const struct cell *c = &b->cells[id][i];

			if (!c->count)
				continue;
			printf("%s\n{\"who\":\"%s\",\"calls\":\"%s\",\"machine_ns\":%.1f,\"thread_"
			       "ns\":%.1f,\"lost\":%s}",
			       comma, contenders[id].name, workloads[i].name, c->machine_ns,
			       c->thread_ns, b->lost[id] ? "true" : "false");
			comma = ",";
		}
	}
	printf("],\n\"limits\":[");
	for (unsigned int i = 0; i < ARRAY_SIZE(limits); i++)
		printf("%s\n{\"what\":\"%s\",\"ratio\":%.3f,\"limit\":%.1f}", i ? "," : "",
		       limits[i].what, limit_ratio(b, &limits[i]), limits[i].limit);
	puts("]}");
}

static const char usage[] =
	"usage: bench/run [--rounds N] [--peers] [--calls] [--json] [--check] [--sonde PATH]\n"
	"  --rounds N    rounds in which all take turns (5)\n"
	"  --calls       only what calls cost, not what the command does\n"
	"  --peers       bpftrace, perf trace and strace on the same calls, where installed\n"
	"  --json        one JSON object\n"
	"  --check       status 1 if a limit is broken or could not be measured\n"
	"  --sonde PATH  the command to measure (build/sonde)\n"
	"       bench/run --switches [N]\n"
	"  --switches N  what the scheduler's events cost a switch of tasks, in N rounds (5)\n"
	"       bench/run --named [--check] [N]\n"
	"  --named N     what a tracepoint by name costs, against a probe written by hand\n";

static int parse(struct bench *b, int argc, char **argv)
{
	static const struct option options[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"peers", no_argument, NULL, 'p'},
		{"json", no_argument, NULL, 'j'},
		{"check", no_argument, NULL, 'c'},
		{"sonde", required_argument, NULL, 's'},
		{"floor", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{"calls", no_argument, NULL, 'C'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'r':
			b->rounds = strtoul(optarg, NULL, 10);
			if (!b->rounds || b->rounds > MAX_ROUNDS) {
				fprintf(stderr, "--rounds takes a number from 1 to %d\n",
					MAX_ROUNDS);
				return -EINVAL;
			}
			break;
		case 'p':
			b->peers = true;
			break;
		case 'j':
			b->json = true;
			break;
		case 'c':
			b->check = true;
			break;
		case 's':
			b->sonde = optarg;
			break;
		case 'f':
			b->floor_path = optarg;
			break;
		case 'C':
			b->calls_only = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			return -EINVAL;
		}
	}
	return 0;
}

static bool installed(const char *program)
{
	char command[64];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	return system(command) == 0;
}

static void run_rounds(struct bench *b)
{
	for (int id = 0; id < CONTENDERS; id++) {
		const char *program = contenders[id].program;

		if (program && (!b->peers || !installed(program)))
			snprintf(b->failed[id], sizeof(b->failed[id]), "%s",
				 b->peers ? "not installed" : "only with --peers");
	}
	for (unsigned int round = 0; round < b->rounds; round++) {
		for (int i = 0; i < CONTENDERS; i++) {
			/* Everybody is first now and then. */
			int id = (i + round) % CONTENDERS;

			if (isatty(STDERR_FILENO))
				fprintf(stderr, "\r\033[Kround %u of %u: %s", round + 1, b->rounds,
					contenders[id].name);
			run_contender(b, id);
		}
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	for (int id = 0; id < CONTENDERS; id++)
		if (contenders[id].program && !b->peers)
			b->failed[id][0] = '\0';
}

int main(int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));
	char directory[] = "/tmp/sonde-bench.XXXXXX";
	struct rlimit files = {4096, 4096};
	int err, broken = 0;

	if (!b || workload_count > WORKLOADS)
		return 1;
	b->rounds = 5;
	if (parse(b, argc, argv))
		return 2;
	if (!b->sonde || !b->floor_path) {
		fputs("start it by bench/run\n", stderr);
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	err = floor__new(b->floor_path, workload_calls, workload_call_count, &b->floor);
	if (err) {
		fprintf(stderr, "cannot load the floor's programs: %s%s\n", strerror(-err),
			err == -EPERM ? "; it needs root" : "");
		return 1;
	}
	if (!mkdtemp(directory)) {
		fprintf(stderr, "cannot make %s: %s\n", directory, strerror(errno));
		return 1;
	}
	err = workers__new(directory, &b->workers);
	if (err) {
		fprintf(stderr, "cannot start the threads that call: %s\n", strerror(-err));
		return 1;
	}
	run_rounds(b);
	take_medians(b);
	if (!b->calls_only)
		command__measure(b->sonde, directory, &b->command, b->command_failed,
				 sizeof(b->command_failed));
	if (b->json)
		print_json(b);
	else
		print_table(b);
	for (unsigned int i = 0; i < ARRAY_SIZE(limits); i++) {
		double ratio = limit_ratio(b, &limits[i]);

		broken += !ratio || ratio > limits[i].limit;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(command_limits) && !b->calls_only; i++) {
		double cost = command_cost(b, &command_limits[i]);

		broken += cost < 0 || cost > command_limits[i].limit;
	}
	workers__free(b->workers);
	rmdir(directory);
	floor__free(b->floor);
	err = b->check && broken;
	free(b);
	return err;
}
