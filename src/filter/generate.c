// SPDX-License-Identifier: Apache-2.0
#include "generate.h"
#include "node.h"

#include <errno.h>
#include <stddef.h>

#define MAX_INSNS 30000 /* jumps reach 32767 */

/* Registers: what is kept over calls lies in 6 to 9. */
enum { R_RESULT, R_ARG1, R_ARG2, R_ARG3, R_CONTEXT = 6, R_RECORD = 7, R_EVENT = 8, R_FRAME = 10 };

enum { TO_KEEP, TO_DROP, TARGETS };

struct jump {
	uint32_t at;
	uint32_t target; /* TO_KEEP, TO_DROP, or TARGETS + index of a block */
};

/* Conditions that events share. */
struct block {
	struct filter_terms terms;
	uint32_t at; /* its first instruction */
};

/* Events from `first` on, up to the next range's, go to one target. */
struct range {
	uint32_t first, target;
};

struct generator {
	struct bpf_insn *insns;
	uint32_t count, capacity;
	struct jump *jumps; /* forward, to be mended when their targets stand */
	uint32_t jump_count, jump_capacity;
	struct block *blocks;
	uint32_t block_count, block_capacity;
	struct range *ranges;
	uint32_t range_count, range_capacity;
	bool no_memory;
};

static void insn(struct generator *g, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
		 int32_t imm)
{
	struct bpf_insn *i = filter__more((void **)&g->insns, g->count, &g->capacity, sizeof(*i));

	if (!i) {
		g->no_memory = true;
		return;
	}
	*i = (struct bpf_insn){
		.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm};
	g->count++;
}

static void move(struct generator *g, uint8_t dst, uint8_t src)
{
	insn(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void load_number(struct generator *g, uint8_t dst, uint64_t n)
{
	insn(g, BPF_LD | BPF_DW | BPF_IMM, dst, 0, 0, (int32_t)n);
	insn(g, 0, 0, 0, 0, (int32_t)(n >> 32));
}

static void load_map(struct generator *g, uint8_t dst, int fd)
{
	insn(g, BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_FD, 0, fd);
	insn(g, 0, 0, 0, 0, 0);
}

static void call(struct generator *g, enum bpf_func_id helper)
{
	insn(g, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* Notes that the instruction about to be made jumps to a target. */
static void note_jump(struct generator *g, uint32_t target)
{
	struct jump *j =
		filter__more((void **)&g->jumps, g->jump_count, &g->jump_capacity, sizeof(*j));

	if (!j) {
		g->no_memory = true;
		return;
	}
	*j = (struct jump){g->count, target};
	g->jump_count++;
}

static void go(struct generator *g, uint32_t target)
{
	note_jump(g, target);
	insn(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
}

/* Mends a jump that was made before: it goes to the next instruction. */
static void land(struct generator *g, uint32_t at)
{
	if (at < g->count)
		g->insns[at].off = g->count - at - 1;
}

static uint8_t jump_code(const struct filter_term *t)
{
	switch (t->op) {
	case FILTER_EQ:
		return BPF_JEQ;
	case FILTER_NE:
		return BPF_JNE;
	case FILTER_LT:
		return t->is_signed ? BPF_JSLT : BPF_JLT;
	case FILTER_LE:
		return t->is_signed ? BPF_JSLE : BPF_JLE;
	case FILTER_GT:
		return t->is_signed ? BPF_JSGT : BPF_JGT;
	default:
		return t->is_signed ? BPF_JSGE : BPF_JGE;
	}
}

/* Jumps, to be mended, where the term holds. */
static uint32_t put_term(struct generator *g, const struct filter_term *t)
{
	static const uint8_t sizes[] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W, [8] = BPF_DW};
	bool small = (int64_t)t->value == (int32_t)t->value; /* as the jump extends it */

	insn(g, BPF_LDX | BPF_MEM | sizes[t->size], R_ARG1, R_RECORD, t->offset, 0);
	if (t->is_signed && t->size < 8) {
		insn(g, BPF_ALU64 | BPF_LSH | BPF_K, R_ARG1, 0, 0, 64 - t->size * 8);
		insn(g, BPF_ALU64 | BPF_ARSH | BPF_K, R_ARG1, 0, 0, 64 - t->size * 8);
	}
	if (t->mask != ~0ull) {
		load_number(g, R_ARG2, t->mask);
		insn(g, BPF_ALU64 | BPF_AND | BPF_X, R_ARG1, R_ARG2, 0, 0);
	}
	if (!small)
		load_number(g, R_ARG2, t->value);
	insn(g, BPF_JMP | jump_code(t) | (small ? BPF_K : BPF_X), R_ARG1, small ? 0 : R_ARG2, 0,
	     small ? (int32_t)t->value : 0);
	return g->count - 1;
}

static void put_block(struct generator *g, struct block *b)
{
	uint32_t holds[FILTER_MAX_TERMS];
	unsigned int n = 0;

	b->at = g->count;
	for (unsigned int i = 0; i < b->terms.count; i++) {
		holds[n++] = put_term(g, &b->terms.list[i]);
		if (!b->terms.list[i].last)
			continue;
		go(g, TO_DROP);
		while (n)
			land(g, holds[--n]);
	}
	go(g, TO_KEEP);
}

/* Finds the range of the event by halves. */
static void put_search(struct generator *g, uint32_t from, uint32_t to)
{
	uint32_t mid = from + (to - from) / 2, at;

	if (to - from == 1) {
		go(g, g->ranges[from].target);
		return;
	}
	insn(g, BPF_JMP | BPF_JGE | BPF_K, R_EVENT, 0, 0, g->ranges[mid].first);
	at = g->count - 1;
	put_search(g, from, mid);
	land(g, at);
	put_search(g, mid, to);
}

static bool same_terms(const struct filter_terms *a, const struct filter_terms *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned int i = 0; i < a->count; i++) {
		const struct filter_term *x = &a->list[i], *y = &b->list[i];

		if (x->offset != y->offset || x->size != y->size || x->op != y->op ||
		    x->is_signed != y->is_signed || x->last != y->last || x->mask != y->mask ||
		    x->value != y->value)
			return false;
	}
	return true;
}

static uint32_t target_of(struct generator *g, const struct filter *f, unsigned int event)
{
	struct block *b;

	if (!filter__may_match(f, event))
		return TO_DROP;
	b = filter__more((void **)&g->blocks, g->block_count, &g->block_capacity, sizeof(*b));
	if (!b) {
		g->no_memory = true;
		return TO_KEEP;
	}
	filter__kernel_terms(f, event, &b->terms);
	if (!b->terms.count)
		return TO_KEEP;
	for (uint32_t i = 0; i < g->block_count; i++) {
		if (same_terms(&g->blocks[i].terms, &b->terms))
			return TARGETS + i;
	}
	return TARGETS + g->block_count++;
}

static void add_range(struct generator *g, uint32_t first, uint32_t target)
{
	struct range *r;

	if (g->range_count && g->ranges[g->range_count - 1].target == target)
		return;
	r = filter__more((void **)&g->ranges, g->range_count, &g->range_capacity, sizeof(*r));
	if (!r) {
		g->no_memory = true;
		return;
	}
	*r = (struct range){first, target};
	g->range_count++;
}

static void put_exit(struct generator *g)
{
	insn(g, BPF_ALU64 | BPF_MOV | BPF_K, R_RESULT, 0, 0, 0);
	insn(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* R_RECORD becomes the record of (hook, CPU), R_EVENT its event. */
static void put_head(struct generator *g, const struct filter_stage *s)
{
	uint32_t found;

	move(g, R_CONTEXT, R_ARG1);
	call(g, BPF_FUNC_get_smp_processor_id);
	insn(g, BPF_ALU | BPF_ADD | BPF_K, R_RESULT, 0, 0, s->first_index);
	insn(g, BPF_STX | BPF_MEM | BPF_W, R_FRAME, R_RESULT, -4, 0);
	move(g, R_ARG2, R_FRAME);
	insn(g, BPF_ALU64 | BPF_ADD | BPF_K, R_ARG2, 0, 0, -4);
	load_map(g, R_ARG1, s->scratches);
	call(g, BPF_FUNC_map_lookup_elem);
	insn(g, BPF_JMP | BPF_JNE | BPF_K, R_RESULT, 0, 0, 0);
	found = g->count - 1;
	put_exit(g);
	land(g, found);
	move(g, R_RECORD, R_RESULT);
	insn(g, BPF_ALU64 | BPF_ADD | BPF_K, R_RECORD, 0, 0, s->record);
	/* What a call's entry left is wanted for its exit: only that one can be judged. */
	insn(g, BPF_LDX | BPF_MEM | BPF_H, R_ARG1, R_RECORD, offsetof(struct sonde_record, flags),
	     0);
	insn(g, BPF_ALU64 | BPF_AND | BPF_K, R_ARG1, 0, 0, SONDE_RECORD_ENTRY);
	note_jump(g, TO_KEEP);
	insn(g, BPF_JMP | BPF_JNE | BPF_K, R_ARG1, 0, 0, 0);
	insn(g, BPF_LDX | BPF_MEM | BPF_H, R_EVENT, R_RECORD, offsetof(struct sonde_record, event),
	     0);
}

static void put_tail(struct generator *g, const struct filter_stage *s, uint32_t entry)
{
	move(g, R_ARG1, R_CONTEXT);
	load_map(g, R_ARG2, s->stages);
	insn(g, BPF_ALU64 | BPF_MOV | BPF_K, R_ARG3, 0, 0, entry);
	call(g, BPF_FUNC_tail_call);
	put_exit(g);
}

static void mend_jumps(struct generator *g, const uint32_t *targets)
{
	for (uint32_t i = 0; i < g->jump_count; i++) {
		const struct jump *j = &g->jumps[i];
		uint32_t to = j->target < TARGETS ? targets[j->target]
						  : g->blocks[j->target - TARGETS].at;

		g->insns[j->at].off = to - j->at - 1;
	}
}

static void generate(struct generator *g, const struct filter *f, const struct filter_stage *s)
{
	uint32_t targets[TARGETS];

	for (unsigned int i = 0; i < f->schemas->count; i++)
		add_range(g, i, target_of(g, f, i));
	add_range(g, f->schemas->count, TO_DROP);
	if (g->no_memory)
		return;
	put_head(g, s);
	put_search(g, 0, g->range_count);
	for (uint32_t i = 0; i < g->block_count && g->count < MAX_INSNS; i++)
		put_block(g, &g->blocks[i]);
	targets[TO_KEEP] = g->count;
	put_tail(g, s, s->keep);
	targets[TO_DROP] = g->count;
	put_tail(g, s, s->drop);
	if (!g->no_memory && g->count < MAX_INSNS)
		mend_jumps(g, targets);
}

int filter__generate(const struct filter *f, const struct filter_stage *stage,
		     struct filter_program *ret)
{
	struct generator g = {};
	int err = 0;

	generate(&g, f, stage);
	if (g.no_memory)
		err = -ENOMEM;
	else if (g.count >= MAX_INSNS)
		err = -E2BIG;
	if (err)
		free(g.insns);
	else
		*ret = (struct filter_program){g.insns, g.count};
	free(g.jumps);
	free(g.blocks);
	free(g.ranges);
	return err;
}

void filter_program__free(struct filter_program *p)
{
	free(p->insns);
	*p = (struct filter_program){};
}
