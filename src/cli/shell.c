/* SPDX-License-Identifier: Apache-2.0 */
/* What the surroundings know: how a shell quotes, where programs are, whether there are colours. */
#include "options.h"
#include "../base/buffer.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

void shell__quote(struct buffer *b, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";

	if (*word && !word[strspn(word, plain)]) {
		buffer__text(b, word);
		return;
	}
	buffer__char(b, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buffer__text(b, "'\\''");
		else
			buffer__char(b, *word);
	}
	buffer__char(b, '\'');
}

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

bool shell__finds(const char *program)
{
	const char *p = getenv("PATH");

	if (strchr(program, '/'))
		return is_program(program);
	while (p && *p) {
		size_t size = strcspn(p, ":");
		char path[4096];

		if (snprintf(path, sizeof(path), "%.*s/%s", (int)size, p, program) <
			    (int)sizeof(path) &&
		    is_program(path))
			return true;
		p += size;
		p += *p == ':';
	}
	return false;
}

bool color_wanted(int when, int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	return isatty(fd) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

unsigned int terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < 40)
		return 80;
	return size.ws_col;
}
