// SPDX-License-Identifier: Apache-2.0
#include "files_text.h"

#include <errno.h>

int files_text__init(struct files_text *files)
{
	files->entries = calloc(1 << FILES_TEXT_BITS, sizeof(*files->entries));
	return files->entries ? 0 : -ENOMEM;
}

void files_text__release(struct files_text *files)
{
	for (unsigned int i = 0; files->entries && i < 1 << FILES_TEXT_BITS; i++)
		buffer__free(&files->entries[i].text);
	free(files->entries);
	files->entries = NULL;
}

static struct file_text *slot(const struct files_text *files, const struct file *file,
			      const struct schema *schema)
{
	uint64_t hash = (file->serial ^ (uintptr_t)schema) * 0x9e3779b97f4a7c15ull;

	return &files->entries[hash >> (64 - FILES_TEXT_BITS)];
}

const struct file_text *files_text__find(const struct files_text *files, const struct file *file,
					 const struct schema *schema)
{
	const struct file_text *entry = slot(files, file, schema);

	return file->serial && entry->serial == file->serial && entry->schema == schema ? entry
											: NULL;
}

struct file_text *files_text__keep(struct files_text *files, const struct file *file,
				   const struct schema *schema, const struct buffer *text)
{
	struct file_text *entry = slot(files, file, schema);

	buffer__reset(&entry->text);
	buffer__bytes(&entry->text, text->data, text->size);
	entry->schema = schema;
	entry->serial = entry->text.failed ? 0 : file->serial;
	entry->name = entry->name_size = 0;
	return entry;
}
