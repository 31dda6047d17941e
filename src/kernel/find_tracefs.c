// SPDX-License-Identifier: Apache-2.0
/* Tracepoints, as tracefs lists them, and what their `format` files declare. */
#include "find_tracefs.h"
#include "find_inside.h"
#include "kprobe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool tracepoint__next_field(const char **format, struct tracepoint_field *field)
{
	const char *print = strstr(*format, "\nprint fmt:"), *at = *format, *end;
	unsigned int is_signed;

	while ((at = strstr(at, "\tfield:"))) {
		at += strlen("\tfield:");
		end = strchr(at, ';');
		if (!end || (print && at > print))
			break;
		*format = end;
		*field = (struct tracepoint_field){.declaration = at, .size = end - at};
		if (sscanf(end, "; offset:%u; size:%u; signed:%u;", &field->offset, &field->bytes,
			   &is_signed) != 3)
			break;
		field->is_signed = is_signed;
		/* An array's length stands behind the name, or, where it varies, behind the type.
		 */
		field->name = end[-1] == ']' ? memrchr(at, '[', end - at) ?: end : end;
		while (field->name > at && !strchr(" *]", field->name[-1]))
			field->name--;
		field->name_size = strcspn(field->name, "[;");
		if (field->name_size > 7 && !strncmp(field->name, "common_", 7))
			continue;
		return true;
	}
	return false;
}

/* "(dev_t dev, char rwbs[10])" */
static void declarations(struct buffer *b, const char *target)
{
	struct tracepoint_field field;
	char path[320], *format = NULL;
	const char *at;

	snprintf(path, sizeof(path), "%s", target);
	path[strcspn(path, ":")] = '/';
	if (tracepoint__format(path, &format))
		return;
	buffer__char(b, '(');
	for (at = format; tracepoint__next_field(&at, &field);) {
		const char *text = field.declaration;
		size_t size = field.size;

		for (unsigned int i = 0; i < 2; i++) {
			static const char *const words[] = {"__data_loc ", "__rel_loc "};

			if (!strncmp(text, words[i], strlen(words[i]))) {
				text += strlen(words[i]);
				size -= strlen(words[i]);
			}
		}
		buffer__text(b, b->size > 1 ? ", " : "");
		buffer__bytes(b, text, size);
	}
	buffer__char(b, ')');
	free(format);
}

void find__in_tracefs(struct finder *f)
{
	const char *root = tracepoint__root();
	char path[128], line[300];
	FILE *file;

	if (!finder__asks(f, FIND_TRACEPOINT))
		return;
	snprintf(path, sizeof(path), "%s/available_events", root ?: "");
	file = root ? fopen(path, "re") : NULL;
	if (!file) {
		f->all->hidden =
			geteuid() ? "tracepoints are listed in tracefs, which only root may read"
				  : "tracepoints are not seen: mount -t tracefs tracefs "
				    "/sys/kernel/tracing";
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		struct buffer text = {};

		line[strcspn(line, "\n")] = '\0';
		if (!finder__wants(f, FIND_TRACEPOINT, line))
			continue;
		declarations(&text, line);
		finder__add(f, FIND_TRACEPOINT, line, buffer__string(&text));
		buffer__free(&text);
	}
	fclose(file);
}
