// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which modules enter the kernel, and what do they taint it with? init_module and finit_module show
 * who asked; the module's own name and its licence are known only here.
 *
 * A kernel type that sonde does not read yet: only the members that are read stand here, and CO-RE
 * finds where they are in the kernel that runs. In probes/ it belongs into lib/kernel.h.
 * CONTRIBUTING.md, "An event is one file", tells how a probe becomes a part of sonde.
 */
#include <sonde/probe.bpf.h>

struct module {
	char name[56];
	unsigned long taints;
} __attribute__((preserve_access_index));

EVENT(module_load, module, "a module became a part of the kernel")
{
	char name[56];
	__u64 taints KIND(hex)
		HELP("what it taints the kernel with: bits as in /proc/sys/kernel/tainted");
};

SEC("?tp_btf/module_load")
int BPF_PROG(module_load, struct module *module)
{
	struct sonde_event__module_load *e = begin(module_load);

	if (!e)
		return 0;
	bpf_core_read_str(e->name, sizeof(e->name), &module->name);
	e->taints = module->taints;
	return submit(e);
}
