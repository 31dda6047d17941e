// SPDX-License-Identifier: Apache-2.0
/* By which of its programs is a hook served, given what a kernel offers; and where are its
 * function's arguments? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/kernel/object.h"
#include "src/kernel/planner.h"
#include "src/kernel/probe_hooks.h"
#include "src/kernel/probes.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HOOK "security_file_open"

struct fixture {
	struct probes *probes;
	struct hook_places places;
	struct features known;
	struct planner *planner;
	struct candidate c;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(probes__built_in(&f->probes, NULL), 0);
	for (unsigned int i = 0; i < FEATURES; i++)
		f->known.list[i].state = FEATURE_OK;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	planner__free(f->planner);
	probes__free(f->probes);
	free(f);
	return 0;
}

/* Where the arguments of a hook lie, once its programs are told that it is that of `section`. */
static const uint8_t *places(struct fixture *f, const char *hook, const char *section)
{
	assert_true(planner__arguments(f->probes, hook, section, &f->places));
	return (const uint8_t *)&f->places;
}

static void lacks(struct fixture *f, enum feature feature)
{
	f->known.list[feature].state = FEATURE_MISSING;
	strcpy(f->known.list[feature].why, "not here");
}

static void choose(struct fixture *f, const char *kinds)
{
	if (!f->planner)
		assert_int_equal(planner__new(kinds, &f->known, &f->planner), 0);
	planner__choose(f->planner, f->probes, HOOK, &f->c);
}

static void the_best_first(void **state)
{
	struct fixture *f = *state;

	choose(f, NULL);
	assert_string_equal(f->c.program, HOOK "__fexit");
	assert_string_equal(f->c.section, "fexit/" HOOK);
	assert_null(f->c.also);
	assert_null(f->c.why);
	assert_int_equal(f->c.state.state, FEATURE_OK);
}

static void the_next_where_it_is_missing(void **state)
{
	struct fixture *f = *state;

	lacks(f, FEATURE_FEXIT);
	choose(f, NULL);
	assert_string_equal(f->c.program, HOOK "__kprobe");
	assert_string_equal(f->c.also, HOOK "__kretprobe");
	assert_string_equal(f->c.why, "fexit/" HOOK ": not here");
}

/* Where there is no result to wait for, fentry costs less than a kprobe. */
static void before_it_runs(void **state)
{
	struct fixture *f = *state;

	choose(f, NULL);
	planner__choose(f->planner, f->probes, "commit_creds", &f->c);
	assert_string_equal(f->c.program, "commit_creds__fentry");
	assert_int_equal(f->c.state.state, FEATURE_OK);
	planner__refuse(f->planner, f->c.program, "too complex", NULL);
	planner__choose(f->planner, f->probes, "commit_creds", &f->c);
	assert_string_equal(f->c.section, "kprobe/commit_creds");
	assert_null(f->c.also);
	assert_string_equal(f->c.why, "fentry/commit_creds: too complex");
}

static void programs_of_a_hook(void **state)
{
	struct fixture *f = *state;
	char hook[64];

	assert_true(planner__hook_of(f->probes, HOOK "__fexit", hook, sizeof(hook)));
	assert_string_equal(hook, HOOK);
	assert_true(planner__hook_of(f->probes, HOOK "__kretprobe", hook, sizeof(hook)));
	assert_true(planner__hook_of(f->probes, "commit_creds__entry", hook, sizeof(hook)) ||
		    planner__hook_of(f->probes, "commit_creds__fentry", hook, sizeof(hook)));
	assert_false(planner__hook_of(f->probes, "sys_exit", hook, sizeof(hook)));
	assert_false(planner__hook_of(f->probes, "nothing__fexit", hook, sizeof(hook)));
}

static void without_a_verdict(void **state)
{
	struct fixture *f = *state;

	lacks(f, FEATURE_FEXIT);
	lacks(f, FEATURE_KPROBE);
	lacks(f, FEATURE_FENTRY);
	choose(f, NULL);
	assert_string_equal(f->c.section, "lsm/file_open");
	assert_int_equal(f->c.state.state, FEATURE_LESSER);
	assert_non_null(strstr(f->c.state.why, "without a verdict"));
}

static void none(void **state)
{
	struct fixture *f = *state;

	lacks(f, FEATURE_FEXIT);
	lacks(f, FEATURE_KPROBE);
	lacks(f, FEATURE_FENTRY);
	lacks(f, FEATURE_LSM);
	choose(f, NULL);
	assert_null(f->c.program);
	assert_string_equal(f->c.section, "fexit/" HOOK);
	assert_int_equal(f->c.state.state, FEATURE_MISSING);
	assert_string_equal(f->c.why,
			    "fexit/" HOOK ": not here\nkprobe/" HOOK ": not here\nfentry/" HOOK
			    ": not here\nlsm/file_open: not here");
	planner__choose(f->planner, f->probes, "no_such_hook", &f->c);
	assert_null(f->c.program);
	assert_string_equal(f->c.section, "none");
}

static void only_some_kinds(void **state)
{
	struct fixture *f = *state;
	struct error err = {};

	choose(f, "lsm,fentry");
	assert_string_equal(f->c.program, HOOK "__fentry");
	assert_non_null(strstr(f->c.why, "not among the kinds of --hooks"));
	/* What has but one program is not asked. */
	planner__choose(f->planner, f->probes, "signal_generate", &f->c);
	assert_string_equal(f->c.program, "signal_generate");
	assert_int_equal(planner__check_kinds("kprobe,lsm", &err), 0);
	assert_int_equal(planner__check_kinds("kprobe,uprobe", &err), -EINVAL);
	assert_string_equal(err.text, "--hooks: there is no kind \"uprobe\"; there are "
				      "fexit,kprobe,fentry,lsm");
	err = (struct error){};
	assert_int_equal(planner__check_kinds("", &err), -EINVAL);
}

static void refused(void **state)
{
	struct fixture *f = *state;
	const char *why, *log;

	choose(f, NULL);
	assert_null(planner__refused(f->planner, 0, &why, &log));
	planner__refuse(f->planner, f->c.program, "too complex\nand more", strdup("1\n2\n"));
	choose(f, NULL);
	assert_string_equal(f->c.program, HOOK "__kprobe");
	assert_string_equal(f->c.why, "fexit/" HOOK ": too complex");
	planner__refuse(f->planner, f->c.program, "cannot be attached", NULL);
	choose(f, NULL);
	assert_string_equal(f->c.program, HOOK "__fentry");
	assert_string_equal(planner__refused(f->planner, 0, &why, &log), HOOK "__fexit");
	assert_string_equal(why, "too complex\nand more");
	assert_string_equal(log, "1\n2\n");
	assert_string_equal(planner__refused(f->planner, 1, &why, &log), HOOK "__kprobe");
	assert_null(log);
	assert_null(planner__refused(f->planner, 2, &why, &log));
}

/* The kernel refuses both of two that serve a hook together: the next one was not tried yet. */
static void refused_together(void **state)
{
	struct fixture *f = *state;
	struct probe_hooks hooks = {.probes = f->probes};

	lacks(f, FEATURE_FEXIT);
	choose(f, NULL);
	hooks.planner = f->planner;
	assert_true(probe_hooks__refuse(&hooks, HOOK "__kprobe", "not there"));
	assert_true(probe_hooks__refuse(&hooks, HOOK "__kretprobe", "not there"));
	choose(f, NULL);
	assert_string_equal(f->c.program, HOOK "__fentry");
	assert_true(probe_hooks__refuse(&hooks, HOOK "__fentry", "not there"));
	assert_false(probe_hooks__refuse(&hooks, HOOK "__lsm", "not there"));
}

/* As the kernel that runs has them. */
static void arguments(void **state)
{
	struct fixture *f = *state;
	const uint8_t *at;

	if (!probes__kernel(f->probes))
		skip();
	at = places(f, HOOK, "fexit/" HOOK);
	assert_int_equal(at[0], 0);    /* file */
	assert_int_equal(at[1], 0xff); /* there is no other */
	assert_int_equal(at[6], 1);    /* the result is behind them */
}

/* Kernels put a mount's idmap in front of what was first before: found by its name. */
static void arguments_by_name(void **state)
{
	struct fixture *f = *state;
	const struct btf *kernel = probes__kernel(f->probes);
	int id = kernel ? btf__find_by_name_kind(kernel, "security_inode_setattr", BTF_KIND_FUNC)
			: -1;
	const struct btf_type *proto;
	const uint8_t *at;

	if (id < 0)
		skip();
	proto = btf__type_by_id(kernel, btf__type_by_id(kernel, id)->type);
	for (unsigned int i = 0; i < btf_vlen(proto); i++) {
		const char *name = btf__name_by_offset(kernel, btf_params(proto)[i].name_off);

		if (strcmp(name, "dentry"))
			continue;
		/* A hook that declares one argument, of that name, elsewhere. */
		at = places(f, "security_inode_unlink", "fexit/security_inode_setattr");
		assert_int_equal(at[1], i);
		assert_int_equal(at[6], btf_vlen(proto));
		return;
	}
	fail_msg("security_inode_setattr() has no dentry");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_best_first, setup, teardown),
		cmocka_unit_test_setup_teardown(the_next_where_it_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(before_it_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(programs_of_a_hook, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_verdict, setup, teardown),
		cmocka_unit_test_setup_teardown(none, setup, teardown),
		cmocka_unit_test_setup_teardown(only_some_kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_together, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments_by_name, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
