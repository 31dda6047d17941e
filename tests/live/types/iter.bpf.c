// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* One line for each thing that program_types_test has made for this, of whatever it goes through.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/kernel_code.h>
#include <sonde/lib/kernel_net.h>

const volatile __u32 only;   /* the test's process */
const volatile __u64 inode;  /* of a file that it has open and mapped */
const volatile __u32 port;   /* TCP and UDP */
const volatile __u32 portid; /* netlink */
const volatile __u64 cgroup; /* the id of a cgroup */
const volatile __u64 text;   /* where the test has some */

#define SAY(format, args...) BPF_SEQ_PRINTF(ctx->meta->seq, format "\n", ##args)

static __always_inline bool same(const char *a, const char *b, int size)
{
	barrier_var(a); /* where it is may be found at loading, but not how large it is */
	for (int i = 0; i < size; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} elements SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 37);
	__type(key, __u32);
	__type(value, __u64);
} others SEC(".maps");

/* Each element is ten times its key. */
SEC("tp_btf/sys_enter")
int fill(void *ctx)
{
	for (__u32 key = 0; key < 3; key++) {
		__u32 at = key;
		__u64 value = 10 * key;

		bpf_map_update_elem(&elements, &at, &value, BPF_ANY);
	}
	return 0;
}

SEC("iter/task")
int on_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && task->pid == (int)only)
		SAY("task %d", task->tgid);
	return 0;
}

SEC("iter/task_file")
int on_task_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	if (task && file && task->tgid == (int)only && file->f_inode->i_ino == inode)
		SAY("task_file %d", ctx->fd);
	return 0;
}

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
};

struct bpf_iter__bpf_map {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	__u32 *key;
	__u64 *value;
};

struct bpf_iter__bpf_prog {
	struct bpf_iter_meta *meta;
	struct bpf_prog *prog;
};

struct bpf_iter__bpf_link {
	struct bpf_iter_meta *meta;
	struct bpf_link *link;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
};

struct udp_sock {
	struct inet_sock inet;
};

struct bpf_iter__udp {
	struct bpf_iter_meta *meta;
	struct udp_sock *udp_sk;
};

struct bpf_iter__unix {
	struct bpf_iter_meta *meta;
	struct unix_sock *unix_sk;
};

struct bpf_iter__netlink {
	struct bpf_iter_meta *meta;
	struct netlink_sock *sk;
};

struct kallsym_iter {
	char name[128];
};

struct bpf_iter__ksym {
	struct bpf_iter_meta *meta;
	struct kallsym_iter *ksym;
};

struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	struct cgroup *cgroup;
};

#pragma clang attribute pop

SEC("iter/task_vma")
int on_task_vma(struct bpf_iter__task_vma *ctx)
{
	struct task_struct *task = ctx->task;
	struct vm_area_struct *vma = ctx->vma;
	struct file *file;

	if (!task || !vma || task->tgid != (int)only)
		return 0;
	file = vma->vm_file;
	if (file && file->f_inode->i_ino == inode)
		SAY("task_vma %lx-%lx", vma->vm_start, vma->vm_end);
	return 0;
}

SEC("iter/bpf_map")
int on_bpf_map(struct bpf_iter__bpf_map *ctx)
{
	struct bpf_map *map = ctx->map;

	if (map && map->max_entries == 37)
		SAY("bpf_map %s %u", map->name, map->max_entries);
	return 0;
}

/* The array, although another map would fit. */
SEC("iter/bpf_map_elem")
ATTACH("elements") int on_bpf_map_elem(struct bpf_iter__bpf_map_elem *ctx)
{
	__u32 *key = ctx->key;
	__u64 *value = ctx->value;

	if (key && value)
		SAY("bpf_map_elem %u=%llu", *key, *value);
	return 0;
}

SEC("iter/bpf_prog")
int on_bpf_prog(struct bpf_iter__bpf_prog *ctx)
{
	struct bpf_prog *prog = ctx->prog;

	if (prog && same(prog->aux->name, "on_bpf_prog", 12))
		SAY("bpf_prog %s", prog->aux->name);
	return 0;
}

SEC("iter/bpf_link")
int on_bpf_link(struct bpf_iter__bpf_link *ctx)
{
	struct bpf_link *link = ctx->link;
	struct bpf_prog *prog = link ? link->prog : NULL;

	if (prog && same(prog->aux->name, "on_bpf_link", 12))
		SAY("bpf_link %s", prog->aux->name);
	return 0;
}

SEC("iter/tcp")
int on_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;

	if (sk && sk->skc_num == port)
		SAY("tcp %u", sk->skc_state);
	return 0;
}

SEC("iter/udp")
int on_udp(struct bpf_iter__udp *ctx)
{
	struct udp_sock *sk = ctx->udp_sk;

	if (sk && sk->inet.sk.__sk_common.skc_num == port)
		SAY("udp %u", sk->inet.sk.__sk_common.skc_family);
	return 0;
}

SEC("iter/unix")
int on_unix(struct bpf_iter__unix *ctx)
{
	struct unix_sock *sk = ctx->unix_sk;
	struct unix_address *addr = sk ? sk->addr : NULL;

	/* An abstract name: "\0sonde-types". */
	if (addr && same(&addr->name[0].sun_path[1], "sonde-types", 11))
		SAY("unix %d", addr->len);
	return 0;
}

SEC("iter/netlink")
int on_netlink(struct bpf_iter__netlink *ctx)
{
	struct netlink_sock *sk = ctx->sk;

	if (sk && sk->portid == portid)
		SAY("netlink %u", sk->portid);
	return 0;
}

SEC("iter/ksym")
int on_ksym(struct bpf_iter__ksym *ctx)
{
	struct kallsym_iter *symbol = ctx->ksym;

	if (symbol && same(symbol->name, "vfs_fsync_range", 16))
		SAY("ksym %s", symbol->name);
	return 0;
}

SEC("iter/cgroup")
int on_cgroup(struct bpf_iter__cgroup *ctx)
{
	struct cgroup *found = ctx->cgroup;

	if (found && found->kn->id == cgroup)
		SAY("cgroup %d", found->level);
	return 0;
}

/* May sleep: reads what the test has in its memory. */
SEC("iter.s/task")
int on_task_s(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	char here[16] = {};

	if (!task || task->pid != (int)only)
		return 0;
	if (bpf_copy_from_user_task(here, sizeof(here) - 1, (void *)text, task, 0))
		return 0;
	SAY("iter.s %s", here);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
