/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a filter. What a word is depends on where it stands: a bare value may hold nearly
 * everything. */
#ifndef SONDE_FILTER_LEX_H
#define SONDE_FILTER_LEX_H

#include "node.h"

struct parser {
	struct filter *filter;
	struct problems *problems;
	const char *text;
	uint32_t size;
	uint32_t at;
	uint32_t last_end; /* where the last word ended */
	unsigned int depth;
	bool no_memory;
	bool gave_up; /* what follows cannot be understood */
};

void lex__blank(struct parser *p);
bool lex__end(struct parser *p);          /* after blanks */
char lex__peek(struct parser *p);         /* the next character after blanks; 0 at the end */
bool lex__char(struct parser *p, char c); /* takes it if it is next */
bool lex__is_word(struct parser *p, const char *word);
bool lex__word(struct parser *p, const char *word); /* takes it if it is next */
/* What stands next, for a caret: a word, or one character. */
struct span lex__here(struct parser *p);
/* proc.aname[2]; size 0 and nothing taken when there is no name. */
struct span lex__field(struct parser *p);
/* Takes an operator, or something in its place: never empty before the end. */
struct span lex__operator(struct parser *p);
/* Takes a constant. False: an error was noted. */
bool lex__value(struct parser *p, struct constant *c);
/* Forward to the next `and`, `or` or `)` of this depth, or the end. */
void lex__skip_to_next(struct parser *p);

#endif
