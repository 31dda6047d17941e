// SPDX-License-Identifier: Apache-2.0
#include "json_plan.h"
#include "json.h"

#include "../event/render.h"
#include "../host/fields_get.h"

#include <errno.h>

/* These say again what another field says, or say much that few ask for. Whoever wants them asks
 * with
 * --format. */
static const char *const left_out[] = {
	"evt.time.s",
	"evt.time.iso8601",
	"evt.datetime",
	"evt.datetime.s",
	"evt.rawtime.s",
	"evt.rawtime.ns",
	"syscall.type",
	"evt.dir",
	"evt.args",
	"evt.latency.s",
	"evt.latency.ns",
	"evt.latency.human",
	"evt.wait_latency",
	"evt.count",
	"evt.count.error",
	"evt.buffer",
	"evt.buflen",
	"evt.is_io",
	"evt.is_io_read",
	"evt.is_io_write",
	"evt.io_dir",
	"evt.is_wait",
	"evt.is_io_uring", /* said where it is so */
	"evt.is_open_read",
	"evt.is_open_write",
	"evt.is_open_exec",
	"evt.is_open_create",
	"evt.abspath.src",
	"evt.abspath.dst",
	"fs.path.nameraw",
	"fs.path.sourceraw",
	"fs.path.targetraw",
	"proc.pexe",
	"proc.pexepath",
	"proc.pcmdline",
	"proc.args",
	"proc.exeline",
	"proc.cmdnargs",
	"proc.cmdlenargs",
	"proc.env",
	"proc.sid.exe",
	"proc.sid.exepath",
	"proc.sname",
	"proc.vpgid.name",
	"proc.vpgid.exe",
	"proc.vpgid.exepath",
	"proc.duration",
	"proc.ppid.duration",
	"proc.loginshellid",
	"proc.is_sid_leader",
	"proc.is_vpgid_leader",
	"proc.ppid.ts",
	"proc.exe_ino.ctime",
	"proc.exe_ino.ctime_duration_proc_start",
	"thread.cap_effective",
	"thread.cap_permitted",
	"thread.cap_inheritable",
	"container.full_id",
	"fd.typechar",
	"fd.nameraw",
	"fd.directory",
	"fd.filename",
	"fd.uid",
	"fd.containername",
	"fd.containerdirectory",
	"fd.dev.major",
	"fd.dev.minor",
	"fd.ip",
	"fd.net",
	"fd.cnet",
	"fd.snet",
	"fd.lnet",
	"fd.rnet",
	"fd.port",
};

/* Fields that depend on the task alone, under its version and its parent's. */
static const char *const task_groups[] = {"proc", "thread", "user", "group", "container"};

bool json__has(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(left_out); i++) {
		if (!strcmp(name, left_out[i]))
			return false;
	}
	for (unsigned int i = 0; i < field_def_count; i++) {
		if (!strcmp(name, field_defs[i].field.name))
			return field_defs[i].takes == TAKES_NOTHING;
	}
	return false;
}

static int fragment(struct fragment *f, const char *prefix, const char *name)
{
	struct buffer b = {};

	buffer__text(&b, ",\"");
	buffer__text(&b, prefix);
	buffer__text(&b, name);
	f->name = b.size - 2;
	buffer__text(&b, "\":");
	f->size = b.size;
	buffer__bytes(&b, (char[FRAGMENT_BYTES]){}, FRAGMENT_BYTES);
	if (b.failed) {
		buffer__free(&b);
		return -ENOMEM;
	}
	f->text = b.data;
	return 0;
}

static struct json_group *group_of(struct json_plan *plan, const char *name, size_t size)
{
	struct json_group *g;
	char text[32];

	for (unsigned int i = 0; i < plan->group_count; i++) {
		g = &plan->groups[i];
		if (g->open.name == size && !memcmp(g->open.text + 2, name, size))
			return g;
	}
	if (plan->group_count == JSON_GROUPS || size >= sizeof(text))
		return NULL;
	memcpy(text, name, size);
	text[size] = 0;
	g = &plan->groups[plan->group_count];
	if (fragment(&g->open, "", text))
		return NULL;
	g->event = !strcmp(text, "evt");
	g->fd = !strcmp(text, "fd");
	for (unsigned int i = 0; i < ARRAY_SIZE(task_groups); i++)
		g->task |= !strcmp(text, task_groups[i]);
	plan->group_count++;
	return g;
}

static enum json_special special_of(const char *name)
{
	static const char *const names[] = {
		[JSON_NUMBER] = "evt.num",       [JSON_TIME] = "evt.time",
		[JSON_RAW_TIME] = "evt.rawtime", [JSON_CPU] = "evt.cpu",
		[JSON_RESULT] = "evt.res",       [JSON_RAW_RESULT] = "evt.rawres",
		[JSON_FAILED] = "evt.failed",    [JSON_FD_NUMBER] = "fd.num",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(name, names[i]))
			return i;
	}
	return JSON_SPECIALS;
}

static int add(struct json_plan *plan, const struct field_def *def)
{
	const char *name = def->field.name, *dot = strchr(name, '.');
	struct json_group *g = dot ? group_of(plan, name, dot - name) : NULL;
	enum json_special special = special_of(name);
	struct json_step *steps, *step;
	char key[64];

	if (!g)
		return -ENOMEM;
	if (strlen(name) >= sizeof(key))
		return -EINVAL;
	/* Where a name goes on behind a dot, what stands before it is a field itself. */
	strcpy(key, plan->flat ? name : dot + 1);
	for (char *p = key; !plan->flat && *p; p++) {
		if (*p == '.')
			*p = '_';
	}
	if (special < JSON_SPECIALS) {
		if (fragment(&plan->specials[special], "", key))
			return -ENOMEM;
		return plan->specials[special].size > FRAGMENT_BYTES ? -EINVAL : 0;
	}
	steps = realloc(g->steps, (g->count + 1) * sizeof(*steps));
	if (!steps)
		return -ENOMEM;
	g->steps = steps;
	step = &steps[g->count];
	*step = (struct json_step){
		.use = {.def = def, .index = -1},
		.result = def->needs & NEEDS_LATENCY,
		.name = !strcmp(name, "fd.name"),
		.pathname = !strcmp(name, "fd.name") || !strcmp(name, "fd.type"),
	};
	if (fragment(&step->key, "", key))
		return -ENOMEM;
	g->count++;
	return 0;
}

int json_plan__init(struct json_plan *plan, bool flat)
{
	plan->flat = flat;
	for (unsigned int i = 0; i < field_def_count; i++) {
		const struct field_def *def = &field_defs[i];
		int err = json__has(def->field.name) ? add(plan, def) : 0;

		if (err)
			return err;
	}
	return fragment(&plan->arg_open, "", "arg");
}

static void free_schema(struct json_schema *s)
{
	if (!s)
		return;
	buffer__free(&s->constants);
	for (unsigned int i = 0; i < s->arg_count; i++)
		free(s->args[i].text);
	free(s->args);
	for (unsigned int i = 0; i < JSON_GROUPS; i++)
		free(s->parts[i].steps);
	free(s);
}

void json_plan__release(struct json_plan *plan)
{
	for (unsigned int i = 0; i < plan->group_count; i++) {
		struct json_group *g = &plan->groups[i];

		free(g->open.text);
		for (unsigned int k = 0; k < g->count; k++)
			free(g->steps[k].key.text);
		free(g->steps);
	}
	free(plan->arg_open.text);
	for (unsigned int i = 0; i < JSON_SPECIALS; i++)
		free(plan->specials[i].text);
	for (unsigned int i = 0; i < plan->schema_count; i++)
		free_schema(plan->schemas[i]);
	free(plan->schemas);
	*plan = (struct json_plan){};
}

static bool constant(const struct json_step *step)
{
	uint8_t means = step->use.def->means;

	return means == MEANS_EVENT || means == MEANS_TYPE || means == MEANS_CATEGORY;
}

/* Fields that the schema decides are written here and now, fields that it cannot have are left out.
 */
static int choose_part(const struct json_group *g, struct json_schema *js, struct json_part *part,
		       const struct event *e)
{
	static const struct render bare = {.string_limit = UINT32_MAX};
	struct value v;

	part->steps = calloc(g->count + 1, sizeof(*part->steps));
	if (!part->steps)
		return -ENOMEM;
	for (unsigned int i = 0; i < g->count; i++) {
		struct json_step step = g->steps[i];

		if (step.use.def->of && !step.use.def->of(js->schema))
			continue;
		if (!g->event || !constant(&step)) {
			part->steps[part->count++] = step;
			continue;
		}
		field_use__value(&step.use, e, &v);
		if (v.state == VALUE_NONE)
			continue;
		buffer__bytes(&js->constants, step.key.text, step.key.size);
		render__json(&js->constants, &bare, e, &v);
	}
	return 0;
}

static int choose(struct json_plan *plan, struct json_schema *js)
{
	static const struct sonde_record none;
	struct buffer scratch = {};
	const struct event e = {.schema = js->schema, .record = &none, .scratch = &scratch};
	int err = 0;

	for (unsigned int i = 0; i < plan->group_count && !err; i++) {
		if (!plan->groups[i].task)
			err = choose_part(&plan->groups[i], js, &js->parts[i], &e);
	}
	buffer__free(&scratch);
	return js->constants.failed ? -ENOMEM : err;
}

static struct json_schema *build(struct json_plan *plan, const struct schema *s)
{
	struct json_schema *js = calloc(1, sizeof(*js));

	if (!js)
		return NULL;
	js->schema = s;
	js->descriptor = schema__descriptor(s);
	js->result = schema__has_result(s);
	js->opens = schema__opens(s);
	for (unsigned int i = 0; i < s->count; i++)
		js->address |= s->fields[i].kind == KIND_sockaddr;
	js->args = calloc(s->count + 1, sizeof(*js->args));
	js->arg_count = js->args ? s->count : 0;
	for (unsigned int i = 0; i < js->arg_count; i++) {
		if (fragment(&js->args[i], plan->flat ? "evt.arg." : "", s->fields[i].name))
			break;
	}
	if (!js->args || (s->count && !js->args[s->count - 1].text) || choose(plan, js)) {
		free_schema(js);
		return NULL;
	}
	return js;
}

const struct json_schema *json_plan__schema(struct json_plan *plan, const struct schema *s)
{
	struct json_schema **grown;
	unsigned int count;

	if (likely(s->id < plan->schema_count && plan->schemas[s->id] &&
		   plan->schemas[s->id]->schema == s))
		return plan->schemas[s->id];
	if (s->id >= plan->schema_count) {
		count = max(s->id + 1, plan->schema_count * 2);
		grown = realloc(plan->schemas, count * sizeof(*grown));
		if (!grown)
			return NULL;
		memset(grown + plan->schema_count, 0,
		       (count - plan->schema_count) * sizeof(*grown));
		plan->schemas = grown;
		plan->schema_count = count;
	}
	free_schema(plan->schemas[s->id]);
	plan->schemas[s->id] = build(plan, s);
	return plan->schemas[s->id];
}
