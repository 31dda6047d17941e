// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Who loads BPF programs and maps into the kernel, and which? */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>
#include <sonde/lib/program.h>

HOOK_EVENT(security_bpf, bpf, "bpf(2) was called, and may do what it was asked for or not")
{
	__s64 res RESULT;
	__u32 cmd ENUM(bpf);
	__u32 size HELP("of the attributes that the call passes");
	__u8 kernel KIND(bool) QUIET HELP("it is the kernel that calls, for a program of its own");
}
INSTEAD("bpf", "the result is the whole call's");

LSM_HOOK(security_bpf, bpf, int cmd, void *attr, unsigned int size, bool kernel)
{
	struct sonde_event__security_bpf *e = begin_hook(security_bpf);

	if (!e)
		return 0;
	e->cmd = cmd;
	e->size = size;
	e->kernel = kernel;
	return submit(e);
}

HOOK_EVENT(security_bpf_map, bpf,
	   "a descriptor of a BPF map is asked for: made, or taken from elsewhere")
{
	__s64 res RESULT;
	__u32 map_type ENUM(bpf_map_type);
	struct sonde_data name;
	__u32 id HELP("as bpftool map has it");
	__u32 key_size HELP("bytes");
	__u32 value_size HELP("bytes");
	__u32 max_entries;
	__u32 map_flags FLAGS(bpf_map_flags) QUIET;
	__u32 fmode FLAGS(fmode) HELP("what may be done through the descriptor");
}
INSTEAD("bpf", "blind to the name of the map, where the call does not say it");

LSM_HOOK(security_bpf_map, bpf_map, struct bpf_map *map, unsigned int fmode)
{
	struct sonde_event__security_bpf_map *e = begin_hook(security_bpf_map);

	if (!e)
		return 0;
	e->map_type = BPF_CORE_READ(map, map_type);
	put_text(e, security_bpf_map, name, &map->name);
	e->id = BPF_CORE_READ(map, id);
	e->key_size = BPF_CORE_READ(map, key_size);
	e->value_size = BPF_CORE_READ(map, value_size);
	e->max_entries = BPF_CORE_READ(map, max_entries);
	e->map_flags = BPF_CORE_READ(map, map_flags);
	e->fmode = fmode;
	return submit(e);
}

HOOK_EVENT(security_bpf_prog, bpf,
	   "a descriptor of a BPF program is asked for: loaded, or taken from elsewhere")
{
	__s64 res RESULT;
	__u32 prog_type ENUM(bpf_prog_type);
	struct sonde_data name;
	__u32 id HELP("as bpftool prog has it");
	struct sonde_data helpers SET(bpf_helper)
		HELP("that it calls; ESRCH: it was loaded before they were looked for");
	__u64 tag KIND(hex) HELP("checksum of its instructions");
	__u32 attach_type ENUM(bpf_attach_type) QUIET;
	struct sonde_data attach_func HELP("the function or tracepoint that it is made for");
	__u32 insns HELP("how many instructions");
	__u32 jited_bytes HELP("of the processor's instructions that became of them");
	__u32 maps QUIET HELP("how many it uses");
	__u32 uid KIND(uid) HELP("who loaded it");
	__u8 gpl_compatible KIND(bool);
}
INSTEAD("bpf", "blind to the name of the program, where the call does not say it");

LSM_HOOK(security_bpf_prog, bpf_prog, struct bpf_prog *prog)
{
	struct sonde_event__security_bpf_prog *e = begin_hook(security_bpf_prog);
	struct bpf_prog_aux *aux = BPF_CORE_READ(prog, aux);

	if (!e)
		return 0;
	e->prog_type = BPF_CORE_READ(prog, type);
	put_text(e, security_bpf_prog, name, &aux->name);
	e->id = BPF_CORE_READ(aux, id);
	append_helpers(scratch_of(e), SLOT(struct sonde_event__security_bpf_prog, helpers), aux);
	e->tag = program_tag(prog);
	e->attach_type = BPF_CORE_READ(prog, expected_attach_type);
	put_text_if_any(e, security_bpf_prog, attach_func, BPF_CORE_READ(aux, attach_func_name));
	e->insns = BPF_CORE_READ(prog, len);
	e->jited_bytes = BPF_CORE_READ(prog, jited_len);
	e->maps = BPF_CORE_READ(aux, used_map_cnt);
	e->uid = BPF_CORE_READ(aux, user, uid.val);
	e->gpl_compatible = BPF_CORE_READ_BITFIELD_PROBED(prog, gpl_compatible);
	return submit(e);
}

/* A program enters the verifier; that is where its helpers are seen. */
HOOK_OF(bpf_check, bpf_attach, security_bpf_prog);

ENTRY_HOOK(bpf_check, struct bpf_prog **prog)
{
	struct helpers none = {};
	struct program_key key;
	struct bpf_prog *p = NULL;

	bpf_probe_read_kernel(&p, sizeof(p), prog);
	key = program_key(BPF_CORE_READ(p, aux));
	bpf_map_update_elem(&program_helpers, &key, &none, BPF_ANY);
	return end_early(sonde_ids__bpf_check.hook, SONDE_FILTERED);
}

HOOK_OF(check_helper_call, bpf_attach, security_bpf_prog);

/* One too many arguments: up to 5.12 it was given the number, later the instruction, and so they
 * are told apart by name. */
ENTRY_HOOK(check_helper_call, struct bpf_verifier_env *env, int func_id, struct bpf_insn *insn,
	   void *insn_idx_p)
{
	struct program_key key = program_key(BPF_CORE_READ(env, prog, aux));
	struct helpers *helpers = bpf_map_lookup_elem(&program_helpers, &key);
	__u32 id = insn ? BPF_CORE_READ(insn, imm) : (__u32)func_id;

	if (helpers && id / 64 < HELPER_WORDS)
		helpers->words[id / 64 & (HELPER_WORDS - 1)] |= 1ull << (id & 63);
	return end_early(sonde_ids__check_helper_call.hook, SONDE_FILTERED);
}
