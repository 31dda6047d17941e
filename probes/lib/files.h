/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Descriptors and paths to ids. A file is introduced once: found again under (mount, dentry) or
 * (sock, inode) with the fingerprint that it had, it costs a lookup. What can make a path stale
 * without touching its own dentry (an ancestor renamed, a mount) advances config.renames.
 */
#ifndef SONDE_FILES_H
#define SONDE_FILES_H

#include "kernel_net.h"

struct file_key {
	__u64 a, b;
};

struct file_value {
	__u64 fingerprint;
	__u64 id;
	__u64 renames;
	__u32 generation;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct file_key);
	__type(value, struct file_value);
} files SEC(".maps");

#define S_IFMT       0170000
#define S_IFREG      0100000
#define S_IFSOCK     0140000
#define S_IFCHR      0020000
#define S_IFBLK      0060000
#define S_IFIFO      0010000
#define SOCKFS_MAGIC 0x534f434b
#define PIPEFS_MAGIC 0x50495045
#define ANON_MAGIC   0x09041934
#define NSFS_MAGIC   0x6e736673
#define PIDFS_MAGIC  0x50494446
#define AF_UNIX      1
#define AF_INET      2
#define AF_INET6     10
#define AF_NETLINK   16
#define AT_FDCWD     -100
#define SOCK_STREAM  1
#define IPPROTO_TCP  6

static __always_inline __u64 mix(__u64 a, __u64 b, __u64 c, __u64 d)
{
	return (a * 0x9e3779b97f4a7c15ull + b * 0xbf58476d1ce4e5b9ull + c * 0x94d049bb133111ebull +
		d * 0xd6e8feb86659fd93ull) |
	       1;
}

/* A device number as user space has it, for KIND(dev). */
static __always_inline __u32 user_dev(__u32 dev)
{
	__u32 major = dev >> 20, minor = dev & 0xfffff;

	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static __always_inline struct sonde_file *start_file(struct scratch *s)
{
	const struct sonde_record *of = (void *)s->data;
	struct sonde_record *r = (void *)s->intro;
	struct sonde_file *f = (void *)(r + 1);

	__builtin_memset(r, 0, sizeof(*r) + sizeof(*f));
	s->intro_size = sizeof(*r) + sizeof(*f);
	r->event = SONDE_EVENT_FILE;
	r->class = SONDE_CLASS_INTRO;
	r->cpu = bpf_get_smp_processor_id();
	r->hook = of->hook;
	r->time = of->time;
	s->counters.files++;
	f->id = (__u64)r->hook << 56 | (__u64)r->cpu << 40 | s->counters.files;
	return f;
}

const char pidfd_name[8] SEC(".rodata") = "[pidfd]";

static __always_inline void intro_kernel_bytes(struct scratch *s, __u8 slot, const void *from,
					       __u32 size)
{
	struct sonde_item *item = intro_item(s);

	if (!item)
		return;
	if (size > 128)
		size = 128;
	bpf_probe_read_kernel(item + 1, size, from);
	*item = (struct sonde_item){
		.slot = slot, .what = SONDE_ITEM_DATA, .size = size, .whole = size};
	s->intro_size += sizeof(*item) + pad8(size);
}

/* A path, pipe, memfd, anonymous inode or namespace. */
static __always_inline void introduce_path(struct scratch *s, __u32 index, __u64 vfsmount,
					   struct dentry *d)
{
	struct ns_common *ns;
	struct inode *inode;
	unsigned long magic;
	struct sonde_file *f;
	__u32 start;
	int walked;

	f = start_file(s);
	inode = BPF_CORE_READ(d, d_inode);
	magic = BPF_CORE_READ(d, d_sb, s_magic);
	f->ino = BPF_CORE_READ(inode, i_ino);
	f->dev = BPF_CORE_READ(d, d_sb, s_dev);
	f->mode = BPF_CORE_READ(inode, i_mode);
	if ((f->mode & S_IFMT) == S_IFCHR || (f->mode & S_IFMT) == S_IFBLK)
		f->rdev = BPF_CORE_READ(inode, i_rdev);
	f->type = SONDE_FILE_PATH;
	if (magic == PIPEFS_MAGIC) {
		f->type = SONDE_FILE_PIPE;
	} else if (magic == NSFS_MAGIC) {
		f->type = SONDE_FILE_NAMESPACE;
		start = s->intro_size;
		s->intro_size = start + sizeof(struct sonde_item);
		ns = BPF_CORE_READ(inode, i_private);
		put_component(s, BPF_CORE_READ(ns, ops, name));
		intro_close(s, start, SLOT(struct sonde_file, path), 0);
	} else if (magic == ANON_MAGIC || magic == SOCKFS_MAGIC) {
		f->type = SONDE_FILE_ANON;
		intro_kernel_bytes(s, SLOT(struct sonde_file, path), BPF_CORE_READ(d, d_name.name),
				   (__u32)(BPF_CORE_READ(d, d_name.hash_len) >> 32));
	} else if (magic == PIDFS_MAGIC) {
		/* since 6.9 a filesystem, which calls itself as before */
		f->type = SONDE_FILE_ANON;
		intro_kernel_bytes(s, SLOT(struct sonde_file, path), pidfd_name,
				   sizeof(pidfd_name) - 1);
	} else {
		if (is_memfd(inode, d))
			f->type = SONDE_FILE_MEMFD;
		if (inode && !BPF_CORE_READ(inode, i_nlink))
			f->flags |= SONDE_FILE_DELETED;
		if (in_upper_layer(inode))
			f->flags |= SONDE_FILE_UPPER;
		start = s->intro_size;
		s->intro_size = start + sizeof(struct sonde_item);
		walked = walk_path(index, vfsmount, (__u64)d);
		intro_close(s, start, SLOT(struct sonde_file, path), walked);
		if (walked & WALK_UNREACHABLE)
			f->flags |= SONDE_FILE_UNREACHABLE;
		if (walked & WALK_CUT)
			f->flags |= SONDE_FILE_CUT;
	}
}

#define TCP_TIME_WAIT    6
#define TCP_NEW_SYN_RECV 12

/* What TCP keeps of a connection that is not yet, or no longer, a socket: only its sock_common. */
static __always_inline bool is_small_sock(struct sock *sk)
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	return state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV;
}

static __always_inline void introduce_socket(struct scratch *s, struct sock *sk,
					     struct socket *socket, __u64 ino)
{
	struct unix_address *name;
	struct sonde_file *f;

	f = start_file(s);
	f->type = SONDE_FILE_SOCKET;
	f->mode = S_IFSOCK;
	f->ino = ino;
	if (!sk) { /* accept's new one, before the connection is put into it */
		f->family = BPF_CORE_READ(socket, ops, family);
		f->socktype = BPF_CORE_READ(socket, type);
		return;
	}
	f->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	f->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	f->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	if (is_small_sock(sk)) {
		f->socktype = SOCK_STREAM;
		f->protocol = IPPROTO_TCP;
	} else {
		f->socktype = BPF_CORE_READ(sk, sk_type);
		f->protocol = BPF_CORE_READ(sk, sk_protocol);
	}
	if (f->family == AF_INET || f->family == AF_INET6) {
		f->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
		if (!f->local_port)
			f->local_port = s->port;
		f->peer_port = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
		if (f->family == AF_INET) {
			bpf_core_read(f->local, 4, &sk->__sk_common.skc_rcv_saddr);
			bpf_core_read(f->peer, 4, &sk->__sk_common.skc_daddr);
		} else {
			bpf_core_read(f->local, 16, &sk->__sk_common.skc_v6_rcv_saddr);
			bpf_core_read(f->peer, 16, &sk->__sk_common.skc_v6_daddr);
		}
	} else if (f->family == AF_UNIX) {
		struct unix_sock *u = (void *)sk;
		struct sock *peer = BPF_CORE_READ(u, peer);
		struct file *other = BPF_CORE_READ(peer, sk_socket, file);

		f->peer_ino = BPF_CORE_READ(other, f_inode, i_ino);
		name = BPF_CORE_READ(u, addr);
		if (!name && peer) /* an accepted or unnamed end: the name is the other's */
			name = BPF_CORE_READ((struct unix_sock *)peer, addr);
		if (name && BPF_CORE_READ(name, len) > 2)
			intro_kernel_bytes(s, SLOT(struct sonde_file, path),
					   &name->name[0].sun_path, BPF_CORE_READ(name, len) - 2);
	} else if (f->family == AF_NETLINK) {
		f->peer_ino = BPF_CORE_READ((struct netlink_sock *)sk, portid);
	}
}

/* The id under which s->key was introduced with this fingerprint, or 0. */
static __always_inline __u64 known_file(struct scratch *s, __u64 print)
{
	struct file_value *v = bpf_map_lookup_elem(&files, s->key);

	if (v && v->fingerprint == print && v->renames == config.renames &&
	    v->generation == config.generation)
		return v->id;
	return 0;
}

/* Emits the introduction that lies in intro; its id, or 0 when the ring was full. */
static __always_inline __u64 emit_file(struct scratch *s, __u64 print)
{
	struct sonde_file *f = (void *)&s->intro[sizeof(struct sonde_record)];
	struct file_value *v = (void *)s->value;

	_Static_assert(sizeof(*v) == sizeof(s->value), "room for one");
	v->fingerprint = print;
	v->id = f->id;
	v->renames = config.renames;
	v->generation = config.generation;
	v->unused = 0;
	if (!emit_intro(s))
		return 0;
	bpf_map_update_elem(&files, s->key, v, BPF_ANY);
	return v->id;
}

/* The socket beside which an inode of sockfs lies. */
static __always_inline struct socket *socket_of_inode(__u64 inode)
{
	return (void *)(inode - bpf_core_field_offset(struct socket_alloc, vfs_inode) +
			bpf_core_field_offset(struct socket_alloc, socket));
}

/*
 * A socket (struct sock) and the inode that it belongs to, as the item of `slot`. Either may be 0:
 * a connection has no inode before it is accepted and after it was closed, and accept's new inode
 * has no connection yet.
 */
__noinline int append_sock(__u32 index, __u64 address, __u64 inode, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct sock *sk = (void *)address;
	__u64 ports, addresses, v6[2] = {}, print, ino;
	__u16 family;

	if (!s || (!sk && !inode))
		return 0;
	s->key[0] = address;
	s->key[1] = inode;
	bpf_core_read(&addresses, 8, &sk->__sk_common.skc_daddr);
	ports = BPF_CORE_READ(sk, __sk_common.skc_dport) |
		(__u64)BPF_CORE_READ(sk, __sk_common.skc_num) << 16 |
		(__u64)BPF_CORE_READ(sk, __sk_common.skc_state) << 32 | (__u64)s->port << 48;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family == AF_INET6)
		bpf_core_read(v6, 16, &sk->__sk_common.skc_v6_daddr);
	else if (family == AF_UNIX)
		v6[1] = (__u64)BPF_CORE_READ((struct unix_sock *)sk, peer) +
			(__u64)BPF_CORE_READ((struct unix_sock *)sk, addr);
	ino = inode ? BPF_CORE_READ((struct inode *)inode, i_ino) : 0;
	print = mix(ports, addresses, v6[0] + v6[1] * 3, ino);
	s->file = known_file(s, print);
	if (!s->file) {
		introduce_socket(s, sk, socket_of_inode(inode), ino);
		s->file = emit_file(s, print);
	}
	if (s->file)
		append_id(s, slot, s->file);
	return 0;
}

/* The socket that an inode of sockfs is of. */
static __always_inline void append_socket(__u32 index, __u64 inode, __u32 slot)
{
	append_sock(index, (__u64)BPF_CORE_READ(socket_of_inode(inode), sk), inode, slot);
}

/*
 * Reads the members of a struct that lie close together, from `first` to `last`, at once: a read
 * costs more than what it brings. Where a kernel has them elsewhere they are read one by one.
 */
#define OFFSET(type, member) ((__u64)bpf_core_field_offset(type, member))
#define READ_BLOCK(s, type, pointer, first, last)                                                  \
	do {                                                                                       \
		__u64 size__ = OFFSET(type, last) + 8 - OFFSET(type, first);                       \
		if (size__ <= BLOCK_BYTES)                                                         \
			bpf_probe_read_kernel((s)->block, size__,                                  \
					      (void *)(pointer) + OFFSET(type, first));            \
	} while (0)
#define FROM_BLOCK(out, s, type, pointer, first, last, member)                                     \
	do {                                                                                       \
		__u64 at__ = OFFSET(type, member) - OFFSET(type, first);                           \
		__u64 end__ = OFFSET(type, last) - OFFSET(type, first);                            \
		if (at__ <= end__ && end__ <= BLOCK_BYTES - 8)                                     \
			(out) = *(typeof(out) *)((char *)(s)->block + at__);                       \
		else                                                                               \
			bpf_core_read(&(out), sizeof(out), &(pointer)->member);                    \
	} while (0)

#define IS_SOCKET 1

/*
 * The id of (vfsmount, dentry), introduced if need be, goes to s->file and becomes the item of
 * `slot`. These functions lie on the deepest chain of calls: their stacks add up with their
 * callers' to 512 bytes at most. IS_SOCKET: nothing was done, the inode in s->facts[0] is a
 * socket's.
 */
__noinline int append_path(__u32 index, __u64 vfsmount, __u64 address, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct dentry *dentry = (void *)address;
	struct super_block *sb;
	struct inode *inode;
	__u64 print, parent, hash_len;
	unsigned long ino;
	unsigned int nlink;
	__u16 mode;

	if (!s)
		return 0;
	s->file = 0;
	if (!dentry)
		return 0;
	s->key[0] = vfsmount;
	s->key[1] = address;
	READ_BLOCK(s, struct dentry, dentry, d_parent, d_inode);
	FROM_BLOCK(parent, s, struct dentry, dentry, d_parent, d_inode, d_parent);
	FROM_BLOCK(hash_len, s, struct dentry, dentry, d_parent, d_inode, d_name.hash_len);
	FROM_BLOCK(inode, s, struct dentry, dentry, d_parent, d_inode, d_inode);
	READ_BLOCK(s, struct inode, inode, i_mode, i_nlink);
	FROM_BLOCK(mode, s, struct inode, inode, i_mode, i_nlink, i_mode);
	FROM_BLOCK(sb, s, struct inode, inode, i_mode, i_nlink, i_sb);
	FROM_BLOCK(ino, s, struct inode, inode, i_mode, i_nlink, i_ino);
	FROM_BLOCK(nlink, s, struct inode, inode, i_mode, i_nlink, i_nlink);
	if ((mode & S_IFMT) == S_IFSOCK && BPF_CORE_READ(sb, s_magic) == SOCKFS_MAGIC) {
		s->facts[0] = (__u64)inode;
		return IS_SOCKET;
	}
	/* without links "(deleted)" is a part of the name */
	print = mix((__u64)inode, hash_len, parent, ino ^ (nlink ? 0 : 1ull << 63));
	s->file = known_file(s, print);
	if (!s->file) {
		introduce_path(s, index, vfsmount, dentry);
		s->file = emit_file(s, print);
	}
	if (s->file)
		append_id(s, slot, s->file);
	return 0;
}

#define SUPER_MOUNTS 32 /* mounts of a filesystem that are looked at */

/* Whether a dentry lies at `root` or below it. */
__noinline int is_below(__u64 address, __u64 root)
{
	struct dentry *d = (void *)address, *parent;

	for (int i = 0; i < PATH_DEPTH; i++) {
		if ((__u64)d == root)
			return 1;
		parent = BPF_CORE_READ(d, d_parent);
		if (parent == d)
			return 0;
		d = parent;
	}
	return 0;
}

/* Whether a dentry of the superblock `sb` can be reached through a mount (struct vfsmount). */
static __always_inline bool shows(__u64 vfsmount, __u64 sb, __u64 dentry)
{
	struct vfsmount *mnt = (void *)vfsmount;
	__u64 root;

	if ((__u64)BPF_CORE_READ(mnt, mnt_sb) != sb)
		return false;
	root = (__u64)BPF_CORE_READ(mnt, mnt_root);
	return root == (__u64)BPF_CORE_READ((struct super_block *)sb, s_root) ||
	       is_below(dentry, root);
}

/* A mount of a superblock in the task's namespace that shows the dentry, to s->facts[0], else 0. */
__noinline int find_mount(__u32 index, __u64 dentry)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mnt_namespace *ns = BPF_CORE_READ(task, nsproxy, mnt_ns);
	struct super_block *sb = BPF_CORE_READ((struct dentry *)dentry, d_sb);
	bool old = !bpf_core_field_exists(sb->s_mounts);
	struct scratch *s = scratch_at(index);
	__u64 at, head = 0, vfsmount;
	struct mount *m;

	if (!s)
		return 0;
	s->facts[0] = 0;
	if (old) { /* a ring, whose head lies in the superblock */
		head = (__u64)sb + bpf_core_field_offset(struct super_block___old, s_mounts);
		at = (__u64)BPF_CORE_READ((struct super_block___old *)sb, s_mounts.next);
	} else {
		at = (__u64)BPF_CORE_READ(sb, s_mounts);
	}
	for (int i = 0; i < SUPER_MOUNTS && at && at != head; i++) {
		m = (void *)(old ? at - bpf_core_field_offset(struct mount___old, mnt_instance)
				 : at);
		vfsmount = (__u64)m + bpf_core_field_offset(struct mount, mnt);
		if (BPF_CORE_READ(m, mnt_ns) == ns && shows(vfsmount, (__u64)sb, dentry)) {
			s->facts[0] = vfsmount;
			return 0;
		}
		at = old ? (__u64)BPF_CORE_READ((struct mount___old *)m, mnt_instance.next)
			 : (__u64)BPF_CORE_READ(m, mnt_next_for_sb);
	}
	return 0;
}

/*
 * A dentry of which nobody says through which mount it was found: that of the working directory or
 * the root directory if it shows it, else one of the task's namespace. If none does its path begins
 * at the filesystem's root, and says that it cannot be reached.
 */
__noinline int append_dentry(__u32 index, __u64 dentry, __u32 slot)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct scratch *s = scratch_at(index);
	__u64 sb, vfsmount;

	if (!s || !dentry)
		return 0;
	sb = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_sb);
	vfsmount = (__u64)BPF_CORE_READ(task, fs, pwd.mnt);
	if (!shows(vfsmount, sb, dentry)) {
		vfsmount = (__u64)BPF_CORE_READ(task, fs, root.mnt);
		if (!shows(vfsmount, sb, dentry)) {
			find_mount(index, dentry);
			vfsmount = s->facts[0];
		}
	}
	return append_path(index, vfsmount, dentry, slot);
}

/* The working directory, whose id is kept with the task while nothing can have changed it or its
 * path. */
static __always_inline void append_cwd(struct scratch *s, __u32 index, struct task_struct *task,
				       __u32 slot)
{
	struct task_value *v = current_value(false);
	__u64 changes = config.changes, renames = config.renames;

	if (v && v->cwd && v->cwd_changes == changes && v->cwd_renames == renames &&
	    v->generation == config.generation) {
		append_id(s, slot, v->cwd);
		return;
	}
	READ_TASK(s->facts[0], task, fs, pwd.mnt);
	READ_TASK(s->facts[1], task, fs, pwd.dentry);
	barrier(); /* as numbers: a function of its own takes no pointers */
	append_path(index, s->facts[0], s->facts[1], slot);
	if (!v)
		return;
	v->cwd = s->file;
	v->cwd_changes = changes;
	v->cwd_renames = renames;
}

/* A name that the file has; NULL: none is in memory. */
static __always_inline struct dentry *alias_of(struct inode *inode)
{
	__u64 alias = (__u64)BPF_CORE_READ(inode, i_dentry.first);

	if (!alias)
		return NULL;
	return (void *)(alias - (bpf_core_field_exists(struct dentry, d_alias)
					 ? bpf_core_field_offset(struct dentry, d_alias)
					 : bpf_core_field_offset(struct dentry___old, d_u)));
}

/* An open file of whatever kind, as the item of `slot`. */
static __always_inline void append_open_file(__u32 index, struct scratch *s, struct file *file,
					     __u32 slot)
{
	struct path path;

	bpf_core_read(&path, sizeof(path), &file->f_path);
	if (append_path(index, (__u64)path.mnt, (__u64)path.dentry, slot) == IS_SOCKET)
		append_socket(index, s->facts[0], slot);
}

/* What an entry of a table of descriptors refers to, if anything. */
static __always_inline void append_entry(__u32 index, struct scratch *s, struct file **entry,
					 __u32 slot)
{
	struct file *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), entry);
	if (file)
		append_open_file(index, s, file, slot);
}

/* Resolves a descriptor of the current task and appends its id as the item of `slot`. */
__noinline int append_fd(__u32 index, int fd, __u32 slot)
{
	struct task_struct *task = current_task();
	struct scratch *s = scratch_at(index);
	struct file **table;
	__u32 max;

	if (!s)
		return 0;
	s->fd = fd;
	if (fd == AT_FDCWD) {
		append_cwd(s, index, task, slot);
		return 0;
	}
	if (fd < 0)
		return 0;
	READ_TASK(max, task, files, fdt, max_fds);
	if ((__u32)fd >= max)
		return 0;
	READ_TASK(table, task, files, fdt, fd);
	append_entry(index, s, table + fd, slot);
	return 0;
}

#endif
