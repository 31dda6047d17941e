// SPDX-License-Identifier: Apache-2.0
/* What the system call program is told: some calls of each sort, as the catalogue has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/event/catalogue.h"
#include "src/kernel/calls.h"

#include <string.h>
#include <sys/fcntl.h>

#define AT_EXIT SONDE_AT_EXIT
#define OUT     (SONDE_AT_EXIT | SONDE_IF_SUCCESS)

struct fixture {
	struct sonde_call table[2 * SONDE_CALL_NUMBERS];
	uint64_t bits[32];
	struct selection selected;
	struct calls_wanted wanted;
	const struct schema *list;
	unsigned int count;
	unsigned int variants;
	struct sonde_call_key key; /* of the variant asked for */
	struct sonde_call variant;
};

static const struct schema *find(const struct fixture *f, const char *name)
{
	for (unsigned int i = 0; i < f->count; i++)
		if (!strcmp(f->list[i].name, name))
			return &f->list[i];
	fail_msg("no call %s", name);
	return NULL;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->list = catalogue__calls(&f->count);
	f->selected = (struct selection){f->bits, sizeof(f->bits) * 8};
	assert_true(SONDE_EVENT_CALLS + f->count < f->selected.events);
	memset(f->bits, 0xff, sizeof(f->bits));
	f->wanted = (struct calls_wanted){.selected = &f->selected, .entries = true, .context = f};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

/* The entry of a call's native form. */
static const struct sonde_call *fill(struct fixture *f, const char *name)
{
	const struct schema *s = find(f, name);

	calls__fill(f->table, f->list, f->count, &f->wanted);
	assert_true(s->number >= 0);
	assert_int_equal(f->table[s->number].event, s->id);
	assert_int_equal(f->table[s->number].count, s->count - 1);
	return &f->table[s->number];
}

static void check(const struct sonde_call *c, unsigned int arg, unsigned int fetch,
		  unsigned int when, unsigned int length, unsigned int size)
{
	const struct sonde_call_arg *a = &c->args[arg - 1];

	if (a->fetch != fetch || a->when != when || a->length != length || a->size != size)
		fail_msg("argument %u: fetch %u when %u length %u size %u", arg, a->fetch, a->when,
			 a->length, a->size);
}

static void paths_and_descriptors(void **state)
{
	struct fixture *f = *state;
	const struct sonde_call *c = fill(f, "openat");

	assert_int_equal(c->flags, SONDE_CALL_ON | SONDE_CALL_RESULT_FD);
	assert_int_equal(c->fetches, AT_EXIT);
	check(c, 1, SONDE_FETCH_FD, AT_EXIT, 0, 4);
	check(c, 2, SONDE_FETCH_STRING, AT_EXIT | SONDE_UNLIMITED, 0, 1);
	check(c, 3, SONDE_FETCH_NONE, 0, 0, 4);
	check(c, 4, SONDE_FETCH_NONE, 0, 0, 4);
	c = fill(f, "getppid");
	assert_int_equal(c->flags, SONDE_CALL_ON);
	assert_int_equal(c->fetches, 0);
	assert_int_equal(c->count, 0);
}

static void buffers(void **state)
{
	struct fixture *f = *state;

	/* what was read is as long as the result, and no longer than there was room; what is
	 * written, as the argument */
	check(fill(f, "read"), 2, SONDE_FETCH_BYTES, OUT, SONDE_LENGTH_UPTO | 3, 1);
	assert_int_equal(fill(f, "read")->args[1].limit, 0); /* the string limit */
	check(fill(f, "write"), 2, SONDE_FETCH_BYTES, AT_EXIT, 3, 1);
	check(fill(f, "fstat"), 2, SONDE_FETCH_BYTES, OUT, 0, 144);
	assert_true(fill(f, "fstat")->args[1].limit >= 144);
	check(fill(f, "connect"), 2, SONDE_FETCH_BYTES, AT_EXIT, 3, 1);
	check(fill(f, "accept"), 2, SONDE_FETCH_BYTES, OUT, SONDE_LENGTH_AT | 3, 1);
	check(fill(f, "readv"), 2, SONDE_FETCH_IOVEC, OUT, 3, 16);
	check(fill(f, "sendmsg"), 2, SONDE_FETCH_MSGHDR, AT_EXIT, 0, 56);
	check(fill(f, "pipe2"), 1, SONDE_FETCH_FDS, OUT, 0, 8);
	assert_int_equal(fill(f, "pipe2")->args[0].special, 4);
	/* the only descriptor of a structure */
	check(fill(f, "io_cancel"), 2, SONDE_FETCH_FDS, AT_EXIT, 0, 64);
	assert_int_equal(fill(f, "io_cancel")->args[1].special, SONDE_FDS_ONE | 20);
	check(fill(f, "io_submit"), 3, SONDE_FETCH_POINTERS, AT_EXIT, 2, 64);
	assert_int_equal(fill(f, "io_submit")->args[2].special, SONDE_FDS_ONE | 20);
	check(fill(f, "msgsnd"), 2, SONDE_FETCH_MESSAGE, AT_EXIT, 3, 1);
	check(fill(f, "poll"), 1, SONDE_FETCH_FDS, AT_EXIT, 2, 8);
	assert_int_equal(fill(f, "poll")->args[0].special, 8);
	assert_int_equal(fill(f, "recvmsg")->args[1].special, SONDE_FDS_CONTROL);
	check(fill(f, "readlink"), 2, SONDE_FETCH_BYTES, OUT, SONDE_LENGTH_UPTO | 3, 1);
	assert_int_equal(fill(f, "select")->args[1].special,
			 SONDE_FDS_BITS); /* its length counts bits */
}

static void entries(void **state)
{
	struct fixture *f = *state;
	const struct sonde_call *c = fill(f, "close");

	assert_int_equal(c->flags, SONDE_CALL_ON | SONDE_CALL_ENTRY);
	assert_int_equal(c->fetches, SONDE_AT_ENTRY);
	check(c, 1, SONDE_FETCH_FD, SONDE_AT_ENTRY, 0, 4);
	/* in and out: the old value before, the new one behind */
	check(fill(f, "accept"), 3, SONDE_FETCH_BYTES, OUT | SONDE_AT_ENTRY, 0, 4);
	c = fill(f, "execve");
	check(c, 1, SONDE_FETCH_STRING,
	      SONDE_AT_ENTRY | AT_EXIT | SONDE_IF_FAILURE | SONDE_UNLIMITED, 0, 1);
	check(c, 2, SONDE_FETCH_STRINGS, SONDE_AT_ENTRY | AT_EXIT | SONDE_IF_FAILURE, 0, 1);
	assert_int_equal(c->args[1].special, 0);
	assert_int_equal(c->args[2].special, 1); /* the environment is only counted */
	assert_true(c->flags & SONDE_CALL_CHANGES);
	f->wanted.env = true;
	assert_int_equal(fill(f, "execve")->args[2].special, 0);
	/* without entries nothing is fetched there, and the program is not needed for it */
	f->wanted.entries = false;
	c = fill(f, "close");
	assert_int_equal(c->flags, SONDE_CALL_ON);
	assert_int_equal(c->fetches, 0);
	check(fill(f, "accept"), 3, SONDE_FETCH_BYTES, OUT, 0, 4);
	assert_true(call__has_entry(find(f, "close")));
	assert_true(call__has_entry(find(f, "rt_sigreturn")));
	assert_false(call__has_entry(find(f, "openat")));
}

static void no_return(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fill(f, "exit_group")->flags, SONDE_CALL_ON | SONDE_CALL_NO_RETURN);
	assert_int_equal(fill(f, "rt_sigreturn")->flags,
			 SONDE_CALL_ON | SONDE_CALL_NO_RETURN | SONDE_CALL_ENTRY);
}

/* What is not asked for is known all the same, since it may make known paths stale. */
static void not_selected(void **state)
{
	struct fixture *f = *state;
	const struct sonde_call *c;

	memset(f->bits, 0, sizeof(f->bits));
	c = fill(f, "rename");
	assert_int_equal(c->flags, SONDE_CALL_RENAMES);
	assert_int_equal(c->fetches, 0);
	assert_int_equal(fill(f, "chdir")->flags, SONDE_CALL_CHANGES);
	assert_int_equal(fill(f, "openat")->flags, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(f->table); i++)
		assert_false(f->table[i].flags & SONDE_CALL_ON);
}

#ifdef __x86_64__
/* The structures of 32-bit programs are not ours; their strings, buffers and descriptors are. */
static void compat(void **state)
{
	struct fixture *f = *state;
	const struct schema *s;
	const struct sonde_call *c;

	calls__fill(f->table, f->list, f->count, &f->wanted);
	s = find(f, "openat");
	assert_int_equal(s->compat_number, 295);
	c = &f->table[SONDE_CALL_NUMBERS + s->compat_number];
	assert_int_equal(c->event, s->id);
	check(c, 2, SONDE_FETCH_STRING, AT_EXIT | SONDE_UNLIMITED, 0, 1);
	c = &f->table[SONDE_CALL_NUMBERS + find(f, "write")->compat_number];
	check(c, 2, SONDE_FETCH_BYTES, AT_EXIT, 3, 1);
	c = &f->table[SONDE_CALL_NUMBERS + find(f, "nanosleep")->compat_number];
	check(c, 1, SONDE_FETCH_BYTES, 0, 0, 16);
	assert_int_equal(c->flags, SONDE_CALL_ON);
	c = &f->table[SONDE_CALL_NUMBERS + find(f, "readv")->compat_number];
	assert_int_equal(c->fetches, AT_EXIT); /* the descriptor */
	assert_int_equal(c->args[1].when, 0);
}
#endif

/* No call has more than a table's entry holds, and none shares its place. */
static void all(void **state)
{
	struct fixture *f = *state;
	unsigned int native = 0, other = 0;

	calls__fill(f->table, f->list, f->count, &f->wanted);
	for (unsigned int i = 0; i < f->count; i++) {
		const struct schema *s = &f->list[i];

		assert_true(s->count <= SONDE_CALL_ARGS + 1);
		assert_true(s->number < SONDE_CALL_NUMBERS &&
			    s->compat_number < SONDE_CALL_NUMBERS);
		if (s->number >= 0)
			native++;
		if (s->compat_number >= 0)
			other++;
	}
	for (unsigned int i = 0; i < SONDE_CALL_NUMBERS; i++) {
		native -= f->table[i].event != 0;
		other -= f->table[SONDE_CALL_NUMBERS + i].event != 0;
	}
	assert_int_equal(native, 0);
	assert_int_equal(other, 0);
}

static void take_variant(void *context, const struct sonde_call_key *key,
			 const struct sonde_call *call)
{
	struct fixture *f = context;

	f->variants++;
	if (key->number == (uint32_t)find(f, "fcntl")->number && key->value == F_SETLK) {
		f->key = *key;
		f->variant = *call;
	}
}

/* fcntl's argument is what its command says. */
static void variants(void **state)
{
	struct fixture *f = *state;
	const struct sonde_call *c;

	f->wanted.variant = take_variant;
	c = fill(f, "fcntl");
	assert_true(f->variants > 10);
	assert_int_equal(c->selector, 2);
	assert_int_equal(f->key.value, F_SETLK);
	assert_int_equal(f->key.unused, 0); /* hashed with the rest */
	assert_int_equal(f->variant.event, c->event);
	assert_int_equal(f->variant.args[2].fetch, SONDE_FETCH_BYTES);
	assert_int_equal(f->variant.args[2].size, 32);
	assert_int_equal(f->variant.args[0].fetch, SONDE_FETCH_FD);
	assert_int_equal(fill(f, "openat")->selector, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paths_and_descriptors),
		TEST(buffers),
		TEST(entries),
		TEST(no_return),
		TEST(not_selected),
#ifdef __x86_64__
		TEST(compat),
#endif
		TEST(all),
		TEST(variants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
