// SPDX-License-Identifier: Apache-2.0
/* Are the programs in the kernel that were given to it, and does the error name the one that it
 * refuses, with the verifier's words? */
#include "src/kernel/loader.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct loader *loader;
	struct bpf_object *object;
	struct btf *kernel;
};

static void open_object(struct fixture *f, const char *const *programs, unsigned int count)
{
	assert_int_equal(loader__new(&f->loader), 0);
	f->object = bpf_object__open_file(LOADER_OBJECT, NULL);
	assert_non_null(f->object);
	f->kernel = btf__load_vmlinux_btf();
	assert_non_null(f->kernel);
	for (unsigned int i = 0; i < count; i++)
		bpf_program__set_autoload(bpf_object__find_program_by_name(f->object, programs[i]),
					  true);
}

static void close_object(struct fixture *f)
{
	loader__free(f->loader);
	bpf_object__close(f->object);
	btf__free(f->kernel);
}

static void test_taken(void **state)
{
	static const char *const programs[] = {"taken"};
	struct bpf_prog_info info = {};
	struct error err = {};
	struct fixture f;
	uint32_t size = sizeof(info);
	int fd, link;

	open_object(&f, programs, 1);
	assert_int_equal(loader__load(f.loader, f.object, f.kernel, &err), 0);
	fd = loader__fd(f.loader, "taken");
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
	assert_int_equal(info.type, BPF_PROG_TYPE_TRACING);
	assert_string_equal(info.name, "taken");
	assert_int_equal(info.nr_func_info, 1);
	/* What libbpf was given in its place is gone. */
	assert_true(bpf_program__fd(bpf_object__find_program_by_name(f.object, "taken")) < 0);
	link = bpf_link_create(fd, 0, BPF_TRACE_RAW_TP, NULL);
	assert_true(link >= 0);
	close(link);
	close_object(&f);
}

static void test_refused(void **state)
{
	static const char *const programs[] = {"taken", "refused"};
	struct error err = {};
	struct fixture f;

	open_object(&f, programs, 2);
	assert_int_equal(loader__load(f.loader, f.object, f.kernel, &err), 0);
	assert_int_equal(loader__check(f.loader, "taken", &err), 0);
	assert_int_equal(loader__check(f.loader, "refused", &err), -EACCES);
	assert_non_null(strstr(err.text, "the kernel refuses the probe refused: "));
	assert_non_null(strstr(err.text, "R9 !read_ok"));
	assert_non_null(strstr(err.text, "sonde doctor"));
	close_object(&f);
}

static void test_without_hook(void **state)
{
	static const char *const programs[] = {"taken", "without_hook"};
	struct error err = {};
	struct fixture f;

	open_object(&f, programs, 2);
	assert_int_equal(loader__load(f.loader, f.object, f.kernel, &err), 0);
	assert_int_equal(loader__check(f.loader, "without_hook", &err), -ENOENT);
	assert_non_null(strstr(err.text, "the kernel refuses the probe without_hook: "));
	close_object(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_without_hook),
		/* Again: nothing of the first ones is left with libbpf. */
		cmocka_unit_test(test_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
