// SPDX-License-Identifier: Apache-2.0
/* Does what program_types_test's programs are attached to, each so often, and says what came of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A USDT probe, as <sys/sdt.h> writes it. */
asm(".section .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
    ".weak _.stapsdt.base\n_.stapsdt.base: .space 1\n.text");
#define PROBE(name, arguments)                                                                     \
	"990: nop\n.pushsection .note.stapsdt,\"\",\"note\"\n.balign 4\n"                          \
	".4byte 8, 994f-993f, 3\n.asciz \"stapsdt\"\n"                                             \
	"993: .8byte 990b, _.stapsdt.base, 0\n.asciz \"shop\"\n.asciz \"" name                     \
	"\"\n.asciz \"" arguments "\"\n994: .balign 4\n.popsection\n"

int typed(int number, const char *text);

__attribute__((noinline)) int typed(int number, const char *text)
{
	asm volatile("" ::: "memory");
	return number * 2 + !text;
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Runs an XDP program of its own once: bpf_test_finish. */
static int run_xdp(void)
{
	static const struct bpf_insn code[] = {{.code = 0xb7, .imm = 2}, {.code = 0x95}};
	char packet[64] = "";
	union bpf_attr load = {.prog_type = BPF_PROG_TYPE_XDP,
			       .insn_cnt = 2,
			       .insns = (unsigned long)code,
			       .license = (unsigned long)"GPL"};
	int fd = bpf(BPF_PROG_LOAD, &load);
	union bpf_attr run = {.test = {.prog_fd = fd,
				       .data_in = (unsigned long)packet,
				       .data_size_in = sizeof(packet)}};

	return fd < 0 || bpf(BPF_PROG_TEST_RUN, &run) ? errno : 0;
}

/* Has the kernel call the functions that it has for tests of tracing programs: bpf_fentry_test1(1)
 * and its kin, if a program named `name` is there. */
static int run_named(const char *name)
{
	union bpf_attr next = {}, get = {}, run = {};

	while (!bpf(BPF_PROG_GET_NEXT_ID, &next)) {
		struct bpf_prog_info info = {};
		union bpf_attr about = {
			.info = {.info_len = sizeof(info), .info = (unsigned long)&info}};

		get.prog_id = next.start_id = next.next_id;
		about.info.bpf_fd = bpf(BPF_PROG_GET_FD_BY_ID, &get);
		if ((int)about.info.bpf_fd < 0)
			continue;
		if (!bpf(BPF_OBJ_GET_INFO_BY_FD, &about) && !strcmp(info.name, name)) {
			run.test.prog_fd = about.info.bpf_fd;
			return bpf(BPF_PROG_TEST_RUN, &run) ? errno : 0;
		}
		close(about.info.bpf_fd);
	}
	return ENOENT;
}

int main(int argc, char **argv)
{
	int file = open(argv[0], O_RDONLY | O_CLOEXEC), sum = 0, page = getpagesize();
	/* Its first page was not read through this mapping yet. */
	const char *absent = mmap(NULL, page, PROT_READ, MAP_PRIVATE, file, 0);
	volatile char *pages =
		mmap(NULL, 100 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* What programs are charged to, up to 5.10. */
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
	prctl(PR_SET_NAME, "types");
	signal(42, SIG_IGN);
	for (int i = 0; i < 3; i++)
		syscall(SYS_kill, getpid(), 0);
	printf("kill %d\n", syscall(SYS_kill, getpid(), 42) ? errno : 0);
	for (int i = 0; i < 4; i++)
		close(open("/dev/null", O_RDONLY | O_CLOEXEC));
	madvise((void *)absent, page, MADV_DONTNEED);
	for (int i = 1; i <= 5; i++)
		sum += typed(i, i == 5 ? absent : "typed");
	for (long i = 1; i <= 6; i++)
		asm volatile(PROBE("sold", "8@%%rdi -4@$-7") : : "D"(i));
	for (int i = 0; i < 100; i++)
		pages[i * page] = 1;
	printf("socket %d\n", socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0 ? errno : 0);
	printf("xdp %d\n", run_xdp());
	printf("test %d\n", run_named("fentry_s_run"));
	printf("sum %d\n", sum);
	usleep(200000);
	return 0;
}
