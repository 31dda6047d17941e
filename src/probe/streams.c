// SPDX-License-Identifier: Apache-2.0
#include "streams.h"
#include "../event/render.h"
#include "../kernel/kprobe.h"
#include "../kernel/object.h"
#include "../kernel/probe_file.h"
#include "typed.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAX_SOURCES 32
#define PERF_PAGES  64

struct source {
	struct streams *streams;
	const char *name;
	uint32_t type; /* of its records; 0: not found out */
	bool told;     /* by the user */
	struct ring_buffer *ring;
	struct perf_buffer *perf;
};

struct streams {
	const struct probe_file *file;
	const struct btf *btf;
	struct typed types;
	bool json;
	struct buffer *out; /* while something is taken */
	struct source sources[MAX_SOURCES];
	unsigned int count;
	int pipe; /* trace_pipe, or -1 */
	struct buffer line;
};

static void put_time(struct buffer *b)
{
	struct timespec t;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &t);
	localtime_r(&t.tv_sec, &tm);
	buffer__printf(b, "%02d:%02d:%02d.%03ld ", tm.tm_hour, tm.tm_min, tm.tm_sec,
		       t.tv_nsec / 1000000);
}

static int struct_named(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id > 0 ? id : btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
}

/* Whether a record of this size may be this struct, which may be followed by more (`flexible`), or
 * padded. */
static bool fits(const struct btf *btf, int type, size_t size)
{
	size_t whole = type > 0 ? typed__size(btf, type) : 0;

	return whole && size >= whole && size < whole + 8;
}

/* Or its beginning: what has an array at its end may be handed over without the rest of it. */
static bool fits_cut(const struct btf *btf, int id, size_t size)
{
	const struct btf_type *t = id > 0 ? typed__resolve(btf, id) : NULL;
	unsigned int last;

	if (!t || !btf_is_struct(t) || !btf_vlen(t))
		return false;
	last = btf_vlen(t) - 1;
	return btf_is_array(typed__resolve(btf, btf_members(t)[last].type)) &&
	       size >= btf_member_bit_offset(t, last) / 8 && size < typed__size(btf, id) + 8;
}

/* The one struct of that size, if there is but one; those that a global pointer names go before. */
static uint32_t only_of_size(const struct btf *btf, size_t size)
{
	uint32_t found = 0, pointed = 0;
	unsigned int count = 0, pointed_count = 0;

	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i), *p;

		if (btf_is_struct(t) && t->name_off && fits(btf, i, size)) {
			found = i;
			count++;
		}
		p = btf_is_var(t) ? typed__resolve(btf, t->type) : NULL;
		if (!p || !btf_is_ptr(p) || !p->type ||
		    !btf_is_struct(typed__resolve(btf, p->type)) || !fits(btf, p->type, size))
			continue;
		pointed = p->type;
		pointed_count++;
	}
	return pointed_count == 1 ? pointed : count == 1 ? found : 0;
}

static uint32_t guess(const struct btf *btf, const char *map, size_t size)
{
	char names[5][128];
	size_t length = strlen(map);

	snprintf(names[0], sizeof(names[0]), "%s", map);
	snprintf(names[1], sizeof(names[1]), "%.*s", (int)(length ? length - 1 : 0), map);
	snprintf(names[2], sizeof(names[2]), "%s_event", map);
	snprintf(names[3], sizeof(names[3]), "event");
	snprintf(names[4], sizeof(names[4]), "data_t");
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		int id = *names[i] ? struct_named(btf, names[i]) : -1;

		if (fits(btf, id, size) || fits_cut(btf, id, size))
			return id;
	}
	return only_of_size(btf, size);
}

static void put_record(struct source *s, const void *data, size_t size)
{
	struct streams *streams = s->streams;
	struct buffer *b = streams->out;
	uint32_t type = s->told ? s->type : guess(streams->btf, s->name, size);

	if (!streams->json) {
		put_time(b);
		render__escaped(b, s->name, strlen(s->name));
		buffer__char(b, ' ');
		typed__put(b, &streams->types, type, data, size, false);
		buffer__char(b, '\n');
		return;
	}
	buffer__text(b, "{\"buffer\":");
	render__json_string(b, s->name, strlen(s->name));
	if (type) {
		const char *name = btf__name_by_offset(
			streams->btf, btf__type_by_id(streams->btf, type)->name_off);

		buffer__text(b, ",\"type\":");
		render__json_string(b, name, strlen(name));
	}
	buffer__text(b, ",\"value\":");
	typed__put(b, &streams->types, type, data, size, true);
	buffer__text(b, "}\n");
}

static int take_ring(void *context, void *data, size_t size)
{
	put_record(context, data, size);
	return 0;
}

static void take_perf(void *context, int cpu, void *data, __u32 size)
{
	put_record(context, data, size);
}

static void lost_perf(void *context, int cpu, __u64 count)
{
	struct source *s = context;
	struct buffer *b = s->streams->out;

	if (s->streams->json) {
		buffer__text(b, "{\"buffer\":");
		render__json_string(b, s->name, strlen(s->name));
		buffer__printf(b, ",\"lost\":%llu}\n", (unsigned long long)count);
	} else {
		buffer__printf(b, "%s: %llu records were lost\n", s->name,
			       (unsigned long long)count);
	}
}

static int find_told(struct source *s, const char *const *types, struct error *err)
{
	size_t size = strlen(s->name);
	int id;

	for (; types && *types; types++) {
		if (strncmp(*types, s->name, size) || (*types)[size] != '=')
			continue;
		id = struct_named(s->streams->btf, *types + size + 1);
		if (id <= 0)
			return error__set(err, -EINVAL, "--type %s: there is no struct %s", *types,
					  *types + size + 1);
		s->type = id;
		s->told = true;
	}
	return 0;
}

static int add_source(struct streams *s, struct bpf_map *map, const char *const *types,
		      struct error *err)
{
	struct source *source = &s->sources[s->count];
	int code;

	if (s->count == MAX_SOURCES)
		return 0;
	*source = (struct source){.streams = s, .name = bpf_map__name(map)};
	code = find_told(source, types, err);
	if (code)
		return code;
	if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF)
		source->ring = ring_buffer__new(bpf_map__fd(map), take_ring, source, NULL);
	else
		source->perf = perf_buffer__new(bpf_map__fd(map), PERF_PAGES, take_perf, lost_perf,
						source, NULL);
	if (!source->ring && !source->perf)
		return error__set(err, -errno, "the buffer %s cannot be read: %s", source->name,
				  strerror(errno));
	s->count++;
	return 0;
}

static bool prints(const struct probe_file *f)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, probe_file__object(f)) {
		const struct bpf_insn *insn = bpf_program__insns(program);

		for (size_t i = 0; i < bpf_program__insn_cnt(program); i++)
			if (insn[i].code == (BPF_JMP | BPF_CALL) && !insn[i].src_reg &&
			    (insn[i].imm == BPF_FUNC_trace_printk ||
			     insn[i].imm == BPF_FUNC_trace_vprintk))
				return true;
	}
	return false;
}

/* What was said before is others'. */
static int open_pipe(void)
{
	const char *root = tracepoint__root();
	char path[128], rubbish[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/trace_pipe", root ?: "/sys/kernel/tracing");
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	while (fd >= 0 && read(fd, rubbish, sizeof(rubbish)) > 0)
		;
	return fd;
}

int streams__new(const struct probe_file *f, const char *const *types, bool json,
		 struct streams **ret, struct error *err)
{
	struct streams *s = calloc(1, sizeof(*s));
	struct bpf_map *map;
	int code = 0;

	if (!s)
		return -ENOMEM;
	s->file = f;
	s->btf = bpf_object__btf(probe_file__object(f));
	code = typed__read(&s->types, s->btf);
	s->json = json;
	s->pipe = prints(f) ? open_pipe() : -1;
	bpf_object__for_each_map(map, probe_file__object(f))
		if (!code && map__fd(map) >= 0 &&
		    (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF ||
		     bpf_map__type(map) == BPF_MAP_TYPE_PERF_EVENT_ARRAY))
			code = add_source(s, map, types, err);
	if (code) {
		streams__free(s);
		return code;
	}
	*ret = s;
	return 0;
}

void streams__free(struct streams *s)
{
	if (!s)
		return;
	typed__release(&s->types);
	for (unsigned int i = 0; i < s->count; i++) {
		ring_buffer__free(s->sources[i].ring);
		perf_buffer__free(s->sources[i].perf);
	}
	close_fd(s->pipe);
	buffer__free(&s->line);
	free(s);
}

bool streams__any(const struct streams *s)
{
	return s->count || s->pipe >= 0;
}

/* "   cat-123   [001] ...11  12.5: bpf_trace_printk: text" */
static void put_printed(struct streams *s, const char *line, size_t size)
{
	static const char mark[] = "bpf_trace_printk: ";
	const char *text = memmem(line, size, mark, strlen(mark));
	size_t who = 0;

	while (size && *line == ' ') {
		line++;
		size--;
	}
	while (who < size && line[who] != ' ')
		who++;
	text = text ? text + strlen(mark) : line;
	size -= text - line;
	if (s->json) {
		buffer__text(s->out, "{\"printk\":");
		render__json_string(s->out, text, size);
		buffer__text(s->out, ",\"task\":");
		render__json_string(s->out, line, who);
		buffer__text(s->out, "}\n");
		return;
	}
	put_time(s->out);
	render__escaped(s->out, line, who);
	buffer__text(s->out, ": ");
	render__escaped(s->out, text, size);
	buffer__char(s->out, '\n');
}

/* Whole lines; what is left waits for its end. */
static void take_pipe(struct streams *s)
{
	char data[8192];
	ssize_t got;

	while (s->pipe >= 0 && (got = read(s->pipe, data, sizeof(data))) > 0) {
		const char *from, *end;

		buffer__bytes(&s->line, data, got);
		from = s->line.data;
		while (from && (end = memchr(from, '\n', s->line.data + s->line.size - from))) {
			put_printed(s, from, end - from);
			from = end + 1;
		}
		if (!from)
			return;
		s->line.size -= from - s->line.data;
		memmove(s->line.data, from, s->line.size);
	}
}

void streams__take(struct streams *s, struct buffer *b)
{
	s->out = b;
	for (unsigned int i = 0; i < s->count; i++) {
		if (s->sources[i].ring)
			(void)!ring_buffer__consume(s->sources[i].ring);
		else
			(void)!perf_buffer__consume(s->sources[i].perf);
	}
	take_pipe(s);
}

void streams__iterate(struct streams *s, struct buffer *b)
{
	int fd;

	for (unsigned int i = 0; (fd = probe_file__iterate(s->file, i)) >= 0; i++) {
		struct buffer text = {};
		char data[4096];
		ssize_t got;

		while ((got = read(fd, data, sizeof(data))) > 0)
			buffer__bytes(&text, data, got);
		close(fd);
		if (s->json) {
			buffer__text(b, "{\"iterator\":");
			render__json_string(b, text.data ?: "", text.size);
			buffer__text(b, "}\n");
		}
		for (size_t at = 0, size; at < text.size && !s->json; at += size + 1) {
			const char *end = memchr(text.data + at, '\n', text.size - at);

			size = end ? (size_t)(end - text.data) - at : text.size - at;
			render__escaped(b, text.data + at, size);
			buffer__char(b, '\n');
		}
		buffer__free(&text);
	}
}
