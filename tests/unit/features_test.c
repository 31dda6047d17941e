/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel offers: the table, and the check that is made before tracing starts. */
#include "src/kernel/features.h"
#include "src/kernel/hook_kinds.h"

#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

static void table_is_complete(void **state)
{
	bool required = false;

	for (unsigned int i = 0; i < FEATURES; i++) {
		const struct feature_info *info = &feature_infos[i];

		assert_non_null(info->name);
		assert_true(strlen(info->name) <= 14); /* doctor's column */
		assert_non_null(info->description);
		assert_non_null(info->probe);
		assert_true(info->group < FEATURE_GROUPS);
		required |= info->required;
	}
	assert_true(required);
	assert_true(feature_infos[FEATURE_TP_BTF].required);
}

/* Each says something: a state, and a reason where it is not well. Works without root too. */
static void each_is_tried(void **state)
{
	struct features f;

	features__probe(&f, NULL, NULL);
	for (unsigned int i = 0; i < FEATURES; i++) {
		if (f.list[i].state != FEATURE_OK)
			assert_true(strlen(f.list[i].why) > 0);
		else
			assert_string_equal(f.list[i].why, "");
	}
	assert_string_not_equal(f.list[FEATURE_KERNEL].value, "");
}

static void required_decides(void **state)
{
	struct features f = {};

	for (unsigned int i = 0; i < FEATURES; i++)
		f.list[i].state = FEATURE_OK;
	f.list[FEATURE_KPROBE].state = FEATURE_MISSING;
	assert_true(features__can_trace(&f));
	f.list[FEATURE_BTF].state = FEATURE_MISSING;
	assert_false(features__can_trace(&f));
}

/*
 * A process without rights is told which it lacks, and what root would find is unknown to it,
 * not missing.
 */
static int as_nobody(void)
{
	struct error err = {};
	struct features f;

	if (geteuid() == 0 && setresuid(65534, 65534, 65534))
		return 1;
	if (features__check(&err) != -EPERM)
		return 2;
	if (!strstr(err.text, "CAP_BPF, CAP_PERFMON"))
		return 3;
	features__probe(&f, NULL, NULL);
	if (f.list[FEATURE_CAPABILITIES].state != FEATURE_MISSING || features__can_trace(&f))
		return 4;
	return f.list[FEATURE_TP_BTF].state == FEATURE_MISSING ? 5 : 0;
}

static void rights_are_named(void **state)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(as_nobody());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void configuration(void **state)
{
	char found = features__config("CONFIG_NO_SUCH_OPTION");

	assert_true(found == 'n' || found == '?');
	if (found == 'n')
		assert_int_equal(features__config("CONFIG_BPF_SYSCALL"), 'y');
}

/* That a kernel has tracepoints with types does not mean that it has this one. */
static void hooks_are_looked_for(void **state)
{
	struct features f = {.list = {[FEATURE_TP_BTF] = {.state = FEATURE_OK},
				      [FEATURE_FENTRY] = {.state = FEATURE_MISSING, .why = "no"}}};
	struct btf *kernel = btf__new_empty();
	struct feature_result r;

	assert_true(btf__add_typedef(kernel, "btf_trace_sys_exit", 0) > 0);
	assert_int_equal(hook__state(kernel, &f, "tp_btf/sys_exit").state, FEATURE_OK);
	r = hook__state(kernel, &f, "tp_btf/signal_generate");
	assert_int_equal(r.state, FEATURE_MISSING);
	assert_string_equal(r.why, "this kernel has no tracepoint signal_generate");
	/* Not even a name that begins so. */
	assert_int_equal(hook__state(kernel, &f, "tp_btf/sys").state, FEATURE_MISSING);
	assert_int_equal(hook__state(NULL, &f, "tp_btf/signal_generate").state, FEATURE_OK);
	assert_string_equal(hook__state(kernel, &f, "fentry/vfs_open").why, "no");
	btf__free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_complete), cmocka_unit_test(each_is_tried),
		cmocka_unit_test(required_decides),  cmocka_unit_test(rights_are_named),
		cmocka_unit_test(configuration),     cmocka_unit_test(hooks_are_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
