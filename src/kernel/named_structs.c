// SPDX-License-Identifier: Apache-2.0
/* What of a kernel's struct says what it is, and where is a member? */
#include "named_structs.h"
#include "../base/suggest.h"

#include <bpf/btf.h>
#include <string.h>

const struct struct_shown structs_shown[] = {
	{"file", .what = SONDE_NAMED_FILE, .kind = KIND_file},
	{"path", .what = SONDE_NAMED_PATH, .kind = KIND_file},
	{"dentry", .what = SONDE_NAMED_DENTRY, .kind = KIND_file},
	{"sock", .what = SONDE_NAMED_SOCK, .kind = KIND_file},
	{"socket", .what = SONDE_NAMED_SOCKET, .kind = KIND_file},
	{"kiocb", "ki_filp"},
	{"filename", "name", .kind = KIND_path},
	{"qstr", "name"},
	{"sockaddr", .what = SONDE_NAMED_BYTES_AT, .kind = KIND_sockaddr},
	{"sockaddr_in", .what = SONDE_NAMED_BYTES_AT, .kind = KIND_sockaddr},
	{"sockaddr_in6", .what = SONDE_NAMED_BYTES_AT, .kind = KIND_sockaddr},
	{"sockaddr_un", .what = SONDE_NAMED_BYTES_AT, .kind = KIND_sockaddr},
	{"sockaddr_storage", .what = SONDE_NAMED_BYTES_AT, .kind = KIND_sockaddr},
	{"__kernel_sockaddr_storage", .what = SONDE_NAMED_BYTES_AT, .kind = KIND_sockaddr},
	{"msghdr", "msg_name", "_name", SONDE_NAMED_BYTES_AT, KIND_sockaddr},
	{"msghdr", "msg_iter.count", "_bytes", .kind = KIND_size},
	{"sk_buff", "len", "_len", .kind = KIND_size},
	{"sk_buff", NULL, "_protocol", SONDE_NAMED_PACKET, KIND_enum, PACKET_PROTOCOL,
	 "ip_protocol"},
	{"sk_buff", NULL, "_saddr", SONDE_NAMED_PACKET, KIND_ip, PACKET_SOURCE},
	{"sk_buff", NULL, "_sport", SONDE_NAMED_PACKET, KIND_port, PACKET_SOURCE_PORT},
	{"sk_buff", NULL, "_daddr", SONDE_NAMED_PACKET, KIND_ip, PACKET_DESTINATION},
	{"sk_buff", NULL, "_dport", SONDE_NAMED_PACKET, KIND_port, PACKET_DESTINATION_PORT},
	{"net_device", "name"},
	{"task_struct", "pid", "_pid"},
	{"task_struct", "comm", "_comm"},
	{"cred", "uid", "_uid"},
	{"cred", "gid", "_gid"},
	{"cred", "euid", "_euid"},
	{"cred", "cap_effective", "_caps", .kind = KIND_caps},
	{"cgroup", .what = SONDE_NAMED_CGROUP, .kind = KIND_string},
	{"cgroup_subsys_state", "cgroup"},
	{"inode", "i_ino", "_ino"},
	{"inode", "i_sb->s_dev", "_dev"},
	{"super_block", "s_id"},
	{"super_block", "s_dev", "_dev"},
	{"block_device", "bd_dev"},
	{"gendisk", "disk_name"},
	{"bio", "bi_iter.bi_sector", "_sector"},
	{"bio", "bi_iter.bi_size", "_size", .kind = KIND_size},
	{"request", "__sector", "_sector"},
	{"request", "__data_len", "_len", .kind = KIND_size},
	{"iov_iter", "count", "_count"},
	{"linux_binprm", "filename", .kind = KIND_path},
	{"linux_binprm", "file", "_file"},
	{"vm_area_struct", "vm_start", "_start", .kind = KIND_hex},
	{"vm_area_struct", "vm_end", "_end", .kind = KIND_hex},
	{"vm_area_struct", "vm_flags", "_flags", .kind = KIND_hex},
	{"vm_area_struct", "vm_file", "_file"},
	{"module", "name"},
	{"bpf_prog", "aux->name"},
	{"bpf_map", "name"},
	{"kernel_siginfo", "si_signo", "_signo", .kind = KIND_signal},
};
const unsigned int structs_shown_count = ARRAY_SIZE(structs_shown);

uint32_t type__plain(const struct btf *kernel, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(kernel, id);

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t)) {
		id = t->type;
		t = btf__type_by_id(kernel, id);
	}
	return id;
}

bool type__member(const struct btf *kernel, const struct btf_type *t, const char *name, size_t size,
		  struct suggest *near, struct type_place *ret)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = &btf_members(t)[i];
		const char *theirs = btf__name_by_offset(kernel, m->name_off);
		unsigned int bit = btf_member_bit_offset(t, i);
		uint32_t inner = type__plain(kernel, m->type);

		if (!*theirs && btf_is_composite(btf__type_by_id(kernel, inner))) {
			if (!type__member(kernel, btf__type_by_id(kernel, inner), name, size, near,
					  ret))
				continue;
			ret->offset += bit / 8;
			return true;
		}
		if (near)
			suggest__offer(near, theirs);
		if (strlen(theirs) != size || memcmp(theirs, name, size))
			continue;
		ret->type = m->type;
		ret->offset = bit / 8;
		ret->bits = btf_member_bitfield_size(t, i);
		ret->bit = ret->bits ? bit % 8 : 0;
		return true;
	}
	return false;
}

bool type__follow(const struct btf *kernel, uint32_t id, const char *members,
		  struct sonde_named_field *from, uint32_t *type)
{
	for (*type = id; *members;) {
		const struct btf_type *t = btf__type_by_id(kernel, type__plain(kernel, *type));
		size_t size = strcspn(members, "-.");
		struct type_place place;

		if (btf_is_ptr(t)) {
			if (++from->steps >= SONDE_NAMED_STEPS)
				return false;
			t = btf__type_by_id(kernel, type__plain(kernel, t->type));
		}
		if (!btf_is_composite(t) || !type__member(kernel, t, members, size, NULL, &place))
			return false;
		from->offsets[from->steps] += place.offset;
		from->bit = place.bit;
		from->bits = place.bits;
		*type = place.type;
		members += size + strspn(members + size, "->.");
	}
	return true;
}
