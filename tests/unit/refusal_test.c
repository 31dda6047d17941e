// SPDX-License-Identifier: Apache-2.0
/* What is said of a program that the verifier refuses? Its logs of two kernels, whose words differ.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/base.h"
#include "src/kernel/refusal.h"

#include <errno.h>
#include <string.h>

/* The end of a log, and a part of the hint. */
static const struct {
	const char *log, *hint;
} logs[] = {
	/* 6.18 */
	{"; __u32 k = 0; return *(__u64 *)bpf_map_lookup_elem(&m, &k); @ null.bpf.c:12\n"
	 "4: (18) r1 = 0xffff8881043fa000       ; R1=map_ptr(map=m,ks=4,vs=8)\n"
	 "6: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8)\n"
	 "7: (79) r0 = *(u64 *)(r0 +0)\n"
	 "R0 invalid mem access 'map_value_or_null'\n"
	 "processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "may find nothing"},
	/* 5.10 */
	{"6: (85) call bpf_map_lookup_elem#1\n"
	 "; __u32 k = 0; return *(__u64 *)bpf_map_lookup_elem(&m, &k);\n"
	 "7: (79) r0 = *(u64 *)(r0 +0)\n"
	 "R0 invalid mem access 'map_value_or_null'\n"
	 "processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "may find nothing"},
	/* 6.18 */
	{"; return 0; @ reserve.bpf.c:12\n"
	 "4: (85) call bpf_ringbuf_reserve#131\n"
	 "5: (b7) r1 = 1                        ; R1=1 refs=2\n"
	 "6: (7b) *(u64 *)(r0 +0) = r1\n"
	 "R0 invalid mem access 'ringbuf_mem_or_null'\n"
	 "processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "may have no room"},
	/* 5.10 */
	{"5: (b7) r1 = 1\n"
	 "; __u64 *e = bpf_ringbuf_reserve(&r, 8, 0); *e = 1; bpf_ringbuf_submit(e, 0); return 0;\n"
	 "6: (7b) *(u64 *)(r0 +0) = r1\n"
	 "R0 invalid mem access 'mem_or_null'\n"
	 "processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "may have no room"},
	/* 5.10 */
	{"; __u32 k = 0; char *p = bpf_map_lookup_elem(&a, &k); p += bpf_ktime_get_ns() & 3; return *p;\n"
	 "parent didn't have regs=1 stack=0 marks\n"
	 "last_idx 8 first_idx 0\n"
	 "regs=1 stack=0 before 8: (85) call bpf_ktime_get_ns#5\n"
	 "R6 pointer arithmetic on map_value_or_null prohibited, null-check it first\n"
	 "processed 10 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n",
	 "may find nothing"},
	/* 6.18 */
	{"; return 0; @ unbounded.bpf.c:12\n"
	 "8: (85) call bpf_ktime_get_ns#5       ; R0=scalar()\n"
	 "9: (15) if r6 == 0x0 goto pc+3        ; R6=map_value(map=a,ks=4,vs=64)\n"
	 "10: (0f) r6 += r0\n"
	 "math between map_value pointer and register with unbounded min value is not allowed\n"
	 "processed 10 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0\n",
	 "may be negative"},
	/* 5.10 */
	{"; return 0;\n"
	 "parent didn't have regs=1 stack=0 marks\n"
	 "last_idx 8 first_idx 0\n"
	 "regs=1 stack=0 before 8: (85) call bpf_ktime_get_ns#5\n"
	 "math between map_value pointer and register with unbounded min value is not allowed\n"
	 "processed 10 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n",
	 "may be negative"},
	/* 6.18 */
	{"; return 0; @ negsize.bpf.c:12\n"
	 "13: (bc) w2 = w0\n"
	 "14: (b7) r3 = 1234                    ; R3=1234\n"
	 "15: (85) call bpf_probe_read_kernel#113\n"
	 "R2 unbounded memory access, use 'var &= const' or 'if (var < const)'\n"
	 "processed 15 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0\n",
	 "knows no bound"},
	/* 5.10 */
	{"; return 0;\n"
	 "14: (b7) r3 = 1234\n"
	 "15: (85) call bpf_probe_read_kernel#113\n"
	 " R0_w=inv(id=0,umax_value=4294967295,var_off=(0x0\n"
	 "R2 unbounded memory access, use 'var &= const' or 'if (var < const)'\n"
	 "processed 15 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n",
	 "knows no bound"},
	/* 6.18 */
	{"; return 0; @ range.bpf.c:12\n"
	 "11: (0f) r7 += r0\n"
	 "12: (71) r6 = *(u8 *)(r7 +0)\n"
	 "invalid access to map value, value_size=64 off=127 size=1\n"
	 "R7 max value is outside of the allowed memory range\n"
	 "processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0\n",
	 "behind the end"},
	/* 5.10 */
	{"; return 0;\n"
	 "12: (71) r6 = *(u8 *)(r7 +0)\n"
	 " R0_w=inv(id=0,umax_value=127,var_off=(0x0\n"
	 "invalid access to map value, value_size=64 off=127 size=1\n"
	 "R7 max value is outside of the allowed memory range\n"
	 "processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n",
	 "behind the end"},
	/* 6.18 */
	{"; return 0; @ packet.bpf.c:12\n"
	 "0: (61) r1 = *(u32 *)(r1 +0)          ; R1=pkt(r=0)\n"
	 "1: (71) r2 = *(u8 *)(r1 +12)\n"
	 "invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)\n"
	 "R1 offset is outside of the packet\n"
	 "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "data_end"},
	/* 5.10 */
	{"; return 0;\n"
	 "1: (71) r2 = *(u8 *)(r1 +12)\n"
	 "invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)\n"
	 "R1 offset is outside of the packet\n"
	 "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "data_end"},
	/* 6.18 */
	{"; volatile int n = 1\n"
	 "4: (85) call bpf_ktime_get_ns#5       ; R0=scalar()\n"
	 "5: (55) if r0 != 0x5 goto pc-4 infinite loop detected at insn 2\n"
	 "cur state: R0=scalar() R10=fp0 fp-8=mmmm????\n"
	 "old state: R0=scalar() R10=fp0 fp-8=mmmm????\n"
	 "processed 15 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0\n",
	 "does not end"},
	/* 5.10 */
	{"; volatile int n = 1; while (n) { if (bpf_ktime_get_ns() == 5) break; } return 0;\n"
	 "5: (55) if r0 != 0x5 goto pc-4\n"
	 "; volatile int n = 1; while (n) { if (bpf_ktime_get_ns() == 5) break; } return 0;\n"
	 "infinite loop detected at insn 2\n"
	 "processed 15 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n",
	 "does not end"},
	/* 6.18 */
	{"; return 0; @ large.bpf.c:12\n"
	 "8: (bf) r1 = r6                       ; R1=scalar(id=8193) R6=scalar(id=8193)\n"
	 "9: (57) r1 &= 1\n"
	 "10: (15) if r1 == 0x0 goto pc-8\n"
	 "The sequence of 8193 jumps is too complex.\n"
	 "processed 81929 insns (limit 1000000) max_states_per_insn 4 total_states 1642 peak_states 1642 mark_read 0\n",
	 "the verifier gave up"},
	/* 5.10 */
	{"9: (57) r1 &= 1\n"
	 "; return 0;\n"
	 "10: (15) if r1 == 0x0 goto pc-8\n"
	 "The sequence of 8193 jumps is too complex.\n"
	 "processed 81929 insns (limit 1000000) max_states_per_insn 4 total_states 1642 peak_states 1642 mark_read 1\n",
	 "the verifier gave up"},
	/* 6.18 */
	{"; } @ reference.bpf.c:13\n"
	 "8: (b4) w0 = 0                        ; R0=0 refs=2\n"
	 "9: (95) exit\n"
	 "Unreleased reference id=2 alloc_insn=4\n"
	 "BPF_EXIT instruction in main prog would lead to reference leak\n"
	 "processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0\n",
	 "submitted, discarded"},
	/* 5.10 */
	{"; }\n"
	 "8: (b4) w0 = 0\n"
	 "9: (95) exit\n"
	 "Unreleased reference id=2 alloc_insn=4\n"
	 "processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0\n",
	 "submitted, discarded"},
	/* 6.18 */
	{"; __u64 *p = (void *)ctx[0]; return *(__u64 *)((__u64)p & ~7ull); @ number.bpf.c:12\n"
	 "0: (79) r1 = *(u64 *)(r1 +0)          ; R1=scalar()\n"
	 "1: (57) r1 &= -8\n"
	 "2: (79) r0 = *(u64 *)(r1 +0)\n"
	 "R1 invalid mem access 'scalar'\n"
	 "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "BPF_CORE_READ()"},
	/* 5.10 */
	{"1: (57) r1 &= -8\n"
	 "; __u64 *p = (void *)ctx[0]; return *(__u64 *)((__u64)p & ~7ull);\n"
	 "2: (79) r0 = *(u64 *)(r1 +0)\n"
	 "R1 invalid mem access 'inv'\n"
	 "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "BPF_CORE_READ()"},
	/* 6.18 */
	{"; return 7; @ exit.bpf.c:12\n"
	 "0: (b4) w0 = 7                        ; R0=7\n"
	 "1: (95) exit\n"
	 "At program exit the register R0 has smin=7 smax=7 should have been in [0, 1]\n"
	 "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "certain values"},
	/* 5.10 */
	{"; return 7;\n"
	 "0: (b4) w0 = 7\n"
	 "1: (95) exit\n"
	 "At program exit the register R0 has value (0x7; 0x0) should have been in (0x0; 0x1)\n"
	 "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "certain values"},
	/* 6.18 */
	{"0: R1=ctx() R10=fp0\n"
	 "; return *(volatile __u64 *)((char *)ctx + 200); @ context.bpf.c:12\n"
	 "0: (79) r0 = *(u64 *)(r1 +200)\n"
	 "invalid bpf_context access off=200 size=8\n"
	 "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "no such member in this program"},
	/* 5.10 */
	{"Unrecognized arg#0 type PTR\n"
	 "; return *(volatile __u64 *)((char *)ctx + 200);\n"
	 "0: (79) r0 = *(u64 *)(r1 +200)\n"
	 "invalid bpf_context access off=200 size=8\n"
	 "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "no such member in this program"},
	/* 6.18 */
	{"; char c[16]; return bpf_probe_write_user((void *)1, c, 8); @ helper2.bpf.c:12\n"
	 "2: (b7) r1 = 1                        ; R1=1\n"
	 "3: (b4) w3 = 8                        ; R3=8\n"
	 "4: (85) call bpf_probe_write_user#36\n"
	 "program of this type cannot use helper bpf_probe_write_user#36\n"
	 "processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "may not call this helper"},
	/* 5.10 */
	{"; char c[16]; return bpf_probe_write_user((void *)1, c, 8);\n"
	 "2: (b7) r1 = 1\n"
	 "3: (b4) w3 = 8\n"
	 "4: (85) call bpf_probe_write_user#36\n"
	 "unknown func bpf_probe_write_user#36\n"
	 "processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "may not call this helper"},
	/* 6.18 */
	{"; bpf_trace_printk(\"x\", 2); return 0; @ gpl.bpf.c:12\n"
	 "0: (18) r1 = 0xffffc90000e2f000       ; R1=map_value(map=.rodata.str1.1,ks=4,vs=2)\n"
	 "2: (b4) w2 = 2                        ; R2=2\n"
	 "3: (85) call bpf_trace_printk#6\n"
	 "cannot call GPL-restricted function from non-GPL compatible program\n"
	 "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "for GPL programs only"},
	/* 5.10 */
	{"; bpf_trace_printk(\"x\", 2); return 0;\n"
	 "0: (18) r1 = 0xffffc9000009a000\n"
	 "2: (b4) w2 = 2\n"
	 "3: (85) call bpf_trace_printk#6\n"
	 "cannot call GPL-restricted function from non-GPL compatible program\n"
	 "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "for GPL programs only"},
	/* 6.18 */
	{"; return (long)bpf_map_lookup_elem(&m, (void *)ctx[0]); @ argtype.bpf.c:12\n"
	 "0: (79) r2 = *(u64 *)(r1 +0)          ; R1=ctx() R2=scalar()\n"
	 "1: (18) r1 = 0xffff8881043fe000       ; R1=map_ptr(map=m,ks=4,vs=8)\n"
	 "3: (85) call bpf_map_lookup_elem#1\n"
	 "R2 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_\n"
	 "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "wants an address"},
	/* 5.10 */
	{"; return (long)bpf_map_lookup_elem(&m, (void *)ctx[0]);\n"
	 "1: (18) r1 = 0xffff88800542e400\n"
	 "3: (85) call bpf_map_lookup_elem#1\n"
	 "R2 type=inv expected=fp, pkt, pkt_meta, map_value\n"
	 "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "wants an address"},
	/* 6.18 */
	{"; return ((__u64 *)ctx)[bpf_get_prandom_u32() & 1]; @ ctxvar.bpf.c:12\n"
	 "3: (67) r0 <<= 3\n"
	 "4: (0f) r6 += r0\n"
	 "5: (79) r0 = *(u64 *)(r6 +0)\n"
	 "variable ctx access var_off=(0x0; 0x8) disallowed\n"
	 "processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "only fixed places"},
	/* 5.10 */
	{"; return ((__u64 *)ctx)[bpf_get_prandom_u32() & 1];\n"
	 "regs=1 stack=0 before 2: (54) w0 &= 1\n"
	 "regs=1 stack=0 before 1: (85) call bpf_get_prandom_u32#7\n"
	 "5: (79) r0 = *(u64 *)(r6 +0)\n"
	 "variable ctx access var_off=(0x0; 0x8) disallowed\n"
	 "processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "only fixed places"},
	/* 6.18 */
	{"; ((volatile char *)&constant)[0] = 1; return 0; @ rodata.bpf.c:13\n"
	 "0: (18) r1 = 0xffffc90001a30000       ; R1=map_value(map=rodata.rodata,ks=4,vs=8)\n"
	 "2: (b4) w2 = 1                        ; R2=1\n"
	 "3: (73) *(u8 *)(r1 +0) = r2\n"
	 "write into map forbidden, value_size=8 off=0 size=1\n"
	 "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "drop const"},
	/* 5.10 */
	{"; ((volatile char *)&constant)[0] = 1; return 0;\n"
	 "0: (18) r1 = 0xffffc90000072000\n"
	 "2: (b4) w2 = 1\n"
	 "3: (73) *(u8 *)(r1 +0) = r2\n"
	 "write into map forbidden, value_size=8 off=0 size=1\n"
	 "processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "drop const"},
	/* 6.18 */
	{"0: R1=ctx() R10=fp0\n"
	 "; return ((long (*)(void))250)(); @ newer.bpf.c:12\n"
	 "0: (85) call unknown#250\n"
	 "invalid func unknown#250\n"
	 "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "does not have this helper"},
	/* 5.10 */
	{"Unrecognized arg#0 type PTR\n"
	 "; return ((long (*)(void))250)();\n"
	 "0: (85) call unknown#250\n"
	 "invalid func unknown#250\n"
	 "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "does not have this helper"},
	/* 6.18 */
	{"0: R1=ctx() R10=fp0\n"
	 "; register long v asm(\"r7\"); asm volatile(\"%0 = r8\" : \"=r\"(v)); return v; @ uninit.bpf.c:12\n"
	 "0: (bf) r7 = r8\n"
	 "R8 !read_ok\n"
	 "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "before it is set"},
	/* 5.10 */
	{"Unrecognized arg#0 type PTR\n"
	 "; register long v asm(\"r7\"); asm volatile(\"%0 = r8\" : \"=r\"(v)); return v;\n"
	 "0: (bf) r7 = r8\n"
	 "R8 !read_ok\n"
	 "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "before it is set"},
	/* 5.10 */
	{"number of funcs in func_info doesn't match number of subprogs\n"
	 "processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "callbacks"},
	/* 6.18 */
	{"0: R1=ctx() R10=fp0\n"
	 "; int prog_core(unsigned long long *ctx) @ core.bpf.c:11\n"
	 "0: <invalid CO-RE relocation>\n"
	 "failed to resolve CO-RE relocation <byte_off> [32] struct task_struct.no_such_member (0:0 @ offset 0)\n"
	 "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "no such type or member"},
	/* 5.10 */
	{"Unrecognized arg#0 type PTR\n"
	 "; int prog_core(unsigned long long *ctx)\n"
	 "0: <invalid CO-RE relocation>\n"
	 "failed to resolve CO-RE relocation <byte_off> [32] struct task_struct.no_such_member (0:0 @ offset 0)\n"
	 "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
	 "no such type or member"},
};

static void hints(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(logs); i++) {
		const char *hint = refusal__hint(logs[i].log);

		if (!hint || !strstr(hint, logs[i].hint))
			fail_msg("of %s\nhint: %s\nwanted: %s", logs[i].log, hint ?: "none",
				 logs[i].hint);
	}
}

/* What is wrong, and in which line of the source: never what the registers held. */
static void words(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(logs); i++) {
		struct error err = {};
		const char *wrong, *at;

		assert_int_equal(refusal__tell(&err, -EACCES, "mine.bpf.o", "f", logs[i].log),
				 -EACCES);
		wrong = strstr(err.text, "refuses the program f: ");
		at = strstr(err.text, "\n    at: ");
		assert_non_null(wrong);
		wrong += strlen("refuses the program f: ");
		if (*wrong == '\n' || !*wrong || !strncmp(wrong, "processed", 9) ||
		    strchr("0123456789", *wrong) || !strncmp(wrong, "old state", 9))
			fail_msg("of %s\nsaid: %s", logs[i].log, err.text);
		assert_true(!at == !strstr(logs[i].log, "; "));
	}
}

static void unknown(void **state)
{
	assert_null(refusal__hint("something new\nprocessed 5 insns"));
	assert_null(refusal__hint(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hints),
		cmocka_unit_test(words),
		cmocka_unit_test(unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
