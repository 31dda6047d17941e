// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What becomes part of the kernel or changes its course: modules, probes in its code, programs that
 * it starts by itself, its clock. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>
#include <sonde/lib/hooks.h>
#include <sonde/lib/kernel_code.h>

/* As lsmod has it: without what only the initialisation needs. */
static __always_inline __u32 module_size(struct module *mod)
{
	if (!bpf_core_field_exists(mod->mem))
		return BPF_CORE_READ((struct module___old *)mod, core_layout.size);
	return BPF_CORE_READ(mod, mem[0].size) + BPF_CORE_READ(mod, mem[1].size) +
	       BPF_CORE_READ(mod, mem[2].size) + BPF_CORE_READ(mod, mem[3].size);
}

/* What module_load and module_free have in common. */
#define put_module(name_of, e, mod)                                                                \
	do {                                                                                       \
		put_text(e, name_of, name, &(mod)->name);                                          \
		(e)->taints = BPF_CORE_READ(mod, taints);                                          \
		(e)->size = module_size(mod);                                                      \
		put_text_if_any(e, name_of, version, BPF_CORE_READ(mod, version));                 \
		put_text_if_any(e, name_of, srcversion, BPF_CORE_READ(mod, srcversion));           \
	} while (0)

HOOK_EVENT(module_load, module,
	   "a module was linked into the kernel; its initialisation follows: do_init_module")
{
	struct sonde_data name;
	__u32 taints FLAGS(taint) HELP("what it does to the kernel's good name");
	__u8 signature_ok KIND(bool)
		HELP("signed by a key that the kernel trusts; false also where it does not look");
	__u32 size HELP("bytes, as lsmod has it");
	struct sonde_data version;
	struct sonde_data srcversion HELP("checksum of its sources");
}
INSTEAD("init_module,finit_module", "blind to the name of the module");

SEC("?tp_btf/module_load")
int BPF_PROG(module_load, struct module *mod)
{
	struct sonde_event__module_load *e = begin(module_load);

	if (!e)
		return 0;
	put_module(module_load, e, mod);
	if (bpf_core_field_exists(mod->sig_ok))
		e->signature_ok = BPF_CORE_READ(mod, sig_ok);
	return submit(e);
}

HOOK_EVENT(module_free, module,
	   "a module was removed from the kernel, or its initialisation had failed")
{
	struct sonde_data name;
	__u32 taints FLAGS(taint);
	__u32 size HELP("bytes, as lsmod has it");
	struct sonde_data version;
	struct sonde_data srcversion HELP("checksum of its sources");
}
INSTEAD("delete_module", "blind to modules whose initialisation failed");

SEC("?tp_btf/module_free")
int BPF_PROG(module_free, struct module *mod)
{
	struct sonde_event__module_free *e = begin(module_free);

	if (!e)
		return 0;
	put_module(module_free, e, mod);
	return submit(e);
}

/*
 * A module whose initialisation failed is gone when do_init_module() returns: its name is kept, by
 * thread, from the moment before.
 */
struct module_name {
	char name[56];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct module_name);
} module_names SEC(".maps");

HOOK_EVENT(do_init_module, module, "a module ran its initialisation: it is in use, or was refused")
{
	__s64 res RESULT;
	struct sonde_data name;
}
INSTEAD("init_module,finit_module", "blind to the name of the module");

FUNCTION_HOOK(int, do_init_module, struct module *mod)
{
	struct sonde_event__do_init_module *e;
	__u32 tid = bpf_get_current_pid_tgid();
	struct module_name *name;

	e = begin_hook(do_init_module);
	if (!e)
		return 0;
	name = bpf_map_lookup_elem(&module_names, &tid);
	if (name)
		put_text(e, do_init_module, name, name->name);
	else
		append_fault(scratch_of(e), SLOT(struct sonde_event__do_init_module, name), -ESRCH);
	return submit(e);
}

HOOK_OF(module_linked, do_init_module);

SEC("?tp_btf/module_load")
int BPF_PROG(module_linked, struct module *mod)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct module_name name = {};

	bpf_core_read_str(name.name, sizeof(name.name), &mod->name);
	bpf_map_update_elem(&module_names, &tid, &name, BPF_ANY);
	return end_early(sonde_ids__module_linked.hook, SONDE_FILTERED);
}

HOOK_EVENT(kprobe_attach, module, "a probe was set into the kernel's code")
{
	__s64 res RESULT;
	struct sonde_data symbol HELP("as asked for; empty: by address alone");
	__u32 offset QUIET;
	__u64 address KIND(address);
	__u32 flags FLAGS(kprobe);
	__u64 pre_handler KIND(address) HELP("what runs before the instruction");
	__u64 post_handler KIND(address) QUIET;
}
INSTEAD("perf_event_open", "blind to probes of tracefs and of modules, and where they are set")
SONDE_TAG("blind:what is set by ftrace alone: kprobe.multi, fprobe");

FUNCTION_HOOK_AT(int, kprobe_attach, "register_kprobe", struct kprobe *p)
{
	struct sonde_event__kprobe_attach *e = begin_hook(kprobe_attach);

	if (!e)
		return 0;
	put_text_if_any(e, kprobe_attach, symbol, BPF_CORE_READ(p, symbol_name));
	e->offset = BPF_CORE_READ(p, offset);
	e->address = (__u64)BPF_CORE_READ(p, addr);
	e->flags = BPF_CORE_READ(p, flags);
	e->pre_handler = (__u64)BPF_CORE_READ(p, pre_handler);
	e->post_handler = (__u64)BPF_CORE_READ(p, post_handler);
	return submit(e);
}

HOOK_EVENT(kallsyms_lookup_name, module, "the kernel was asked for the address of a symbol by name")
{
	__s64 res RESULT HELP("ENOENT: there is no such symbol");
	struct sonde_data name;
	__u64 address KIND(address);
};

FUNCTION_HOOK(__s64, kallsyms_lookup_name, const char *name)
{
	struct sonde_event__kallsyms_lookup_name *e = begin_hook(kallsyms_lookup_name);

	if (!e)
		return 0;
	e->address = e->res;
	e->res = e->address ? 0 : -ENOENT;
	put_text(e, kallsyms_lookup_name, name, name);
	return submit(e);
}

HOOK_EVENT(call_usermodehelper, module, "the kernel starts a program by itself")
{
	struct sonde_data path KIND(path);
	struct sonde_data argv KIND(strings);
	struct sonde_data envp KIND(strings);
	__u32 wait FLAGS(usermodehelper) HELP("what the kernel waits for");
};

ENTRY_HOOK_AT(call_usermodehelper, "call_usermodehelper_exec", struct subprocess_info *sub_info,
	      int wait)
{
	struct sonde_event__call_usermodehelper *e = begin(call_usermodehelper);
	__u32 index = scratch_index(sonde_ids__call_usermodehelper.hook);

	if (!e)
		return 0;
	put_text(e, call_usermodehelper, path, BPF_CORE_READ(sub_info, path));
	append_strings(index, (__u64)BPF_CORE_READ(sub_info, argv),
		       SLOT(struct sonde_event__call_usermodehelper, argv), true);
	append_strings(index, (__u64)BPF_CORE_READ(sub_info, envp),
		       SLOT(struct sonde_event__call_usermodehelper, envp), true);
	e->wait = wait;
	return submit(e);
}

HOOK_EVENT(security_settime64, module, "somebody sets the clock, or the time zone")
{
	__s64 res RESULT;
	__u64 time KIND(time) QUIET HELP("new; 0: not set");
	__s32 minutes_west QUIET HELP("of Greenwich: the time zone");
	__u8 set_zone KIND(bool) QUIET;
}
INSTEAD("clock_settime,settimeofday", "blind to 32-bit stime");

LSM_HOOK(security_settime64, settime, const struct timespec64 *ts, const struct timezone *tz)
{
	struct sonde_event__security_settime64 *e = begin_hook(security_settime64);

	if (!e)
		return 0;
	if (ts)
		e->time = BPF_CORE_READ(ts, tv_sec) * 1000000000ull + BPF_CORE_READ(ts, tv_nsec);
	e->set_zone = tz != NULL;
	if (tz)
		e->minutes_west = BPF_CORE_READ(tz, tz_minuteswest);
	return submit(e);
}
