// SPDX-License-Identifier: Apache-2.0
/* What is said of a filter that is wrong: all errors, each under its place. */
#include "filter_fixture.h"

/* The errors' lines without the filter and its carets, joined by |; the carets' places, as
 * `column:width`, before each. */
static const char *errors(const char *words)
{
	struct filter *filter = NULL;
	char *copy, *line, *rest;
	int column = -1, width = 0;

	error = (struct error){};
	buffer__reset(&text);
	if (!filter__new(words, &schemas, &filter, &error)) {
		filter__free(filter);
		return "no error";
	}
	assert_int_equal(error.code, -EINVAL);
	copy = strdup(error.text);
	for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t blanks = strspn(line, " ");

		if (line[blanks] == '^') {
			column = blanks - 2;
			width = 1 + strspn(line + blanks + 1, "~");
		} else if (column >= 0) {
			buffer__printf(&text, "%s%d:%d %s", text.size ? "|" : "", column, width,
				       line + blanks);
			column = -1;
		}
	}
	free(copy);
	return buffer__string(&text);
}

static void all_errors_at_once(void **state)
{
	assert_string_equal(
		errors("evt.arg.flags contains O_CRAET and proc.nmae=cat"),
		"23:7 O_CRAET is not among the values of evt.arg.flags; did you mean O_CREAT?|"
		"35:9 there is no field proc.nmae; did you mean proc.name?");
	assert_string_equal(errors("evt.typ=open and evt.type=opnat or evt.category=fil"),
			    "0:7 there is no field evt.typ; did you mean evt.type?|"
			    "26:5 there is no event opnat; did you mean openat?|"
			    "48:3 there is no category fil; did you mean file?");
	assert_string_equal(
		errors("evt.arg.flasg=1"),
		"0:13 no event here has an argument flasg; did you mean evt.arg.flags?");
	assert_string_equal(
		errors("proc.pid contains 3"),
		"9:8 contains does not fit a number. It takes = != < <= > >= in intersects exists");
	assert_string_equal(errors("proc.pid=abc or evt.latency > 10mss or fd.snet=10.0.0/8"),
			    "9:3 this is no number such as 10, 0x10 or 4K|"
			    "30:5 this is no time such as 10ms; units are ns us ms s m h d|"
			    "47:8 this is no IP address or network such as 10.0.0.0/8");
	assert_string_equal(errors("proc.pid=5000000000"), "9:10 this is too large for proc.pid");
	assert_string_equal(errors("evt.res=3"),
			    "8:1 evt.res is SUCCESS or an error's name; the number is evt.rawres");
	assert_string_equal(errors("evt.res=ENOETN"),
			    "8:6 ENOETN is not among the values of evt.res; did you mean ENOENT?");
	assert_string_equal(errors("fd.type=fiel"),
			    "8:4 fiel is not among the values of fd.type; did you mean file?");
	assert_string_equal(
		errors("evt.arg.flags=O_RDWR|O_CRAET"),
		"21:7 O_CRAET is not among the values of evt.arg.flags; did you mean O_CREAT?");
	assert_string_equal(
		errors("k8s.pod.name=x"),
		"0:12 k8s.pod.name comes from the Kubernetes API, which sonde does not ask");
	assert_string_equal(errors("evt.failed=maybe"),
			    "11:5 maybe is not among the values of evt.failed");
	assert_string_equal(errors("proc.name"),
			    "0:9 this is text: only what is true or false stands alone. It takes "
			    "= != in intersects contains icontains bcontains startswith "
			    "bstartswith endswith glob iglob "
			    "pmatch exists");
}

static void names_without_a_group(void **state)
{
	assert_string_equal(errors("pid=1"), "0:3 there is no field pid; did you mean proc.pid?");
	assert_string_equal(errors("comm=sh"),
			    "0:4 there is no field comm; did you mean proc.name?");
	assert_string_equal(errors("cwd=/"), "0:3 there is no field cwd; did you mean proc.cwd?");
}

static void syntax_errors(void **state)
{
	assert_string_equal(errors("proc.name =~ x"),
			    "10:2 here an operator is expected: = != < <= > >= in contains "
			    "icontains startswith endswith "
			    "glob iglob pmatch intersects exists");
	assert_string_equal(errors(""), "0:1 the filter is empty");
	assert_string_equal(errors("(evt.type=openat"), "0:1 this ( has no )");
	assert_string_equal(errors("evt.type=openat)"), "15:1 this ) has no (");
	assert_string_equal(errors("evt.type=openat and"),
			    "19:1 a condition is missing at the end");
	assert_string_equal(errors("evt.type=openat evt.failed"),
			    "16:10 here `and`, `or` or the end is expected");
	assert_string_equal(errors("evt.type=openat && evt.failed and fd.nme=x"),
			    "16:2 here `and`, `or` or the end is expected, not C's operators|"
			    "34:6 there is no field fd.nme; did you mean fd.name?");
	assert_string_equal(errors("evt.type in (openat, close"), "12:1 this list has no )");
	assert_string_equal(errors("evt.type in (openat close) and fd.nme=x"),
			    "20:5 a list's values are separated by commas|31:6 there is no field "
			    "fd.nme; did you mean fd.name?");
	assert_string_equal(errors("evt.type in openat"), "12:6 in takes a list: in (a, b)");
	assert_string_equal(errors("tolower(proc.name)=x and fd.nme=x"),
			    "0:7 filters have no functions: here a field is expected|"
			    "25:6 there is no field fd.nme; did you mean fd.name?");
	assert_string_equal(errors("proc.name regex x"),
			    "10:5 here an operator is expected: = != < <= > >= in contains "
			    "icontains startswith endswith "
			    "glob iglob pmatch intersects exists");
	assert_string_equal(errors("evt.type in ()"), "9:2 an empty list never matches");
	assert_string_equal(errors("proc.name='abc"), "10:1 this ' is never closed");
	assert_string_equal(errors("proc.name contians abc"),
			    "10:8 there is no operator contians; did you mean contains?");
	assert_string_equal(errors("proc.name="), "10:1 a value is missing at the end");
	assert_string_equal(errors("proc.aname[x]=a"),
			    "0:13 proc.aname takes a generation in brackets: proc.aname[2]");
	assert_string_equal(errors("proc.name[1]=a"), "0:12 proc.name takes nothing in brackets");
	assert_string_equal(
		errors("evt.arg=a"),
		"0:7 which argument? evt.arg.flags by its name, or evt.arg[0] by its place");
	assert_string_equal(errors("fd.name bcontains xyz"),
			    "18:3 bcontains takes bytes as hexadecimal digits: 7f454c46");
}

static void many_errors_are_counted(void **state)
{
	struct filter *filter = NULL;
	char words[400] = "a=1";

	for (int i = 0; i < 30; i++)
		strcat(words, " or a=1");
	error = (struct error){};
	assert_int_equal(filter__new(words, &schemas, &filter, &error), -EINVAL);
	assert_memory_equal(error.text, "the filter has 31 errors:", 25);
	assert_non_null(strstr(error.text, "\n  and 2"));
	assert_string_equal(strrchr(error.text, ' '), " more");
}

static void the_caret_stands_under_its_place(void **state)
{
	struct filter *filter = NULL;

	error = (struct error){};
	assert_int_equal(filter__new("evt.type=openat\n  and proc.nmae=\"\xc3\xa4\" or fd.nme=x",
				     &schemas, &filter, &error),
			 -EINVAL);
	assert_string_equal(error.text, "the filter has 2 errors:\n"
					"line 2:\n"
					"    and proc.nmae=\"\xc3\xa4\" or fd.nme=x\n"
					"        ^~~~~~~~~\n"
					"  there is no field proc.nmae; did you mean proc.name?\n"
					"line 2:\n"
					"    and proc.nmae=\"\xc3\xa4\" or fd.nme=x\n"
					"                         ^~~~~~\n"
					"  there is no field fd.nme; did you mean fd.name?");
}

static void a_long_line_is_cut_around_the_place(void **state)
{
	char words[2000] = "";
	struct filter *filter = NULL;
	const char *line, *caret;

	for (int i = 0; i < 40; i++)
		strcat(words, "proc.name=abcdefgh or ");
	strcat(words, "proc.nmae=x");
	for (int i = 0; i < 40; i++)
		strcat(words, " or proc.name=abcdefgh");
	error = (struct error){};
	assert_int_equal(filter__new(words, &schemas, &filter, &error), -EINVAL);
	line = strchr(error.text, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	assert_true(caret - line <= 79);
	assert_memory_equal(line + (strchr(caret, '^') - caret), "proc.nmae=x", 11);
}

static void depth_has_a_limit(void **state)
{
	char words[5000];
	size_t n = 0;

	memset(words, '(', 90);
	n = 90 + sprintf(words + 90, "evt.failed");
	memset(words + n, ')', 90);
	words[n + 90] = 0;
	assert_string_equal(errors(words), "no error");
	memset(words, '(', 4000);
	words[4000] = 0;
	assert_string_equal(errors(words), "38:1 more than 100 parentheses within each other");
	words[0] = 0;
	for (int i = 0; i < 1000; i++)
		strcat(words, "not ");
	strcat(words, "evt.failed");
	assert_string_equal(errors(words), "no error");
}

static void contradictions_are_told(void **state)
{
	struct filter *filter = NULL;

	error = (struct error){};
	assert_int_equal(filter__new("evt.type=close and evt.arg.flags contains O_CREAT", &schemas,
				     &filter, &error),
			 -EINVAL);
	assert_non_null(strstr(error.text, "no event can match this filter"));
	assert_null(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_errors_at_once),
		cmocka_unit_test(names_without_a_group),
		cmocka_unit_test(syntax_errors),
		cmocka_unit_test(many_errors_are_counted),
		cmocka_unit_test(the_caret_stands_under_its_place),
		cmocka_unit_test(a_long_line_is_cut_around_the_place),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(contradictions_are_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
