/* SPDX-License-Identifier: Apache-2.0 */
/* Text about a file, composed once for each introduction of it. */
#ifndef SONDE_FILES_TEXT_H
#define SONDE_FILES_TEXT_H

#include "../event/event.h"

#define FILES_TEXT_BITS 10

struct file_text {
	const struct schema *schema; /* of sockets */
	uint32_t serial;
	uint32_t name, name_size; /* where in the text the file's name stands, with its quotes */
	struct buffer text;
};

struct files_text {
	struct file_text *entries;
};

int files_text__init(struct files_text *files) __must_check;
void files_text__release(struct files_text *files);
/* NULL: not kept. */
const struct file_text *files_text__find(const struct files_text *files, const struct file *file,
					 const struct schema *schema);
struct file_text *files_text__keep(struct files_text *files, const struct file *file,
				   const struct schema *schema, const struct buffer *text);

#endif
