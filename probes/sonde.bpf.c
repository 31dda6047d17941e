// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The built-in probes as one object: loading one costs vmlinux' BTF once. One translation unit
 * instead of a link, so that two events of one name are a compiler's error, and what probes share
 * needs no __weak.
 */
#include "process.bpf.c"
#include "signal.bpf.c"
#include "syscall.bpf.c"
#include "tasks.bpf.c"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
