/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text about a file, composed once. A file may be introduced anew in the same place of memory, so
 * an entry holds all of what the text was made from, and is compared with it.
 */
#ifndef SONDE_FILES_TEXT_H
#define SONDE_FILES_TEXT_H

#include "../event/event.h"

#define FILES_TEXT_BITS 10
#define FILES_TEXT_NAME 160 /* files with longer names are not kept */

struct file_text {
	const struct schema *schema; /* of sockets */
	struct sonde_file info;
	uint32_t name_size;
	bool used, cut;
	char name[FILES_TEXT_NAME];
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
void files_text__keep(struct files_text *files, const struct file *file,
		      const struct schema *schema, const struct buffer *text);

#endif
