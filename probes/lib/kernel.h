/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The kernel's types and members that sonde reads, and nothing else: the list of what we rely on.
 * CO-RE finds their real offsets at load time. What differs between kernels is a flavour (`___`)
 * with an accessor and the version.
 */
#ifndef SONDE_KERNEL_H
#define SONDE_KERNEL_H

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
typedef __u32 __wsum;
typedef __u16 __sum16;
#define bool _Bool
#define true 1
#define false 0
#define NULL                   ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PROG_ARRAY = 3,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_NO_PREALLOC = 1 << 0,
	BPF_F_MMAPABLE = 1 << 10,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1 << 0,
};

/* Helpers whose presence is asked for by name, since their numbers are the same everywhere. */
enum bpf_func_id {
	BPF_FUNC_task_pt_regs = 175,
};

#define ENOENT 2
#define ESRCH  3
#define EFAULT 14

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r9, r8, r10, di, si, dx, cx, bx, bp, ax, orig_ax, ip, sp;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
	__u64 sp, pc;
};
struct pt_regs {
	struct user_pt_regs user_regs;
	__u64 regs[31];
	__u64 sp, pc;
	__u64 orig_x0;
	__s32 syscallno;
};
#else
#error "no register layout for this architecture"
#endif

struct thread_info {
	unsigned long flags;
	__u32 status; /* x86: TS_COMPAT */
	__u32 cpu;    /* since 5.16 */
};

typedef struct {
	__u32 val;
} kuid_t;
typedef struct {
	__u32 val;
} kgid_t;

/* Since 6.3 one 64-bit word, before two of 32 bits: the same bytes on little-endian machines. */
typedef struct {
	__u64 val;
} kernel_cap_t;

struct user_namespace;

struct proc_ns_operations {
	const char *name;
};

struct ns_common {
	unsigned int inum;
	const struct proc_ns_operations *ops;
};

struct group_info {
	int ngroups;
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	unsigned int securebits;
	kernel_cap_t cap_inheritable;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
	kernel_cap_t cap_bset;
	kernel_cap_t cap_ambient;
	struct group_info *group_info;
	struct user_namespace *user_ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct pid_namespace {
	struct ns_common ns;
};
struct mnt_namespace {
	struct ns_common ns;
};
struct ipc_namespace {
	struct ns_common ns;
};
struct uts_namespace {
	struct ns_common ns;
};
struct user_namespace {
	struct ns_common ns;
};
struct cgroup_namespace {
	struct ns_common ns;
};
struct time_namespace {
	struct ns_common ns;
};
struct net {
	struct ns_common ns;
};

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct time_namespace *time_ns_for_children;
	struct cgroup_namespace *cgroup_ns;
};

struct qstr {
	__u64 hash_len;
	const unsigned char *name;
};

struct file_system_type {
	const char *name;
};

struct super_block {
	__u32 s_dev;
	struct file_system_type *s_type;
	unsigned long s_magic;
	struct dentry *s_root;
	struct mount *s_mounts; /* since 6.18 */
};

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct inode {
	struct hlist_head i_dentry;
	__u16 i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	__s64 i_size;
	__u32 i_rdev;
	void *i_private;
	__s64 i_mtime_sec; /* since 6.11 */
	__s64 i_ctime_sec;
	__u32 i_mtime_nsec;
	__u32 i_ctime_nsec;
};

struct inode___v6_7 { /* 6.7 to 6.10 */
	struct timespec64 __i_mtime;
	struct timespec64 __i_ctime;
};

struct inode___v6_6 { /* ctime was renamed one release earlier than mtime */
	struct timespec64 i_mtime;
	struct timespec64 __i_ctime;
};

struct inode___old {
	struct timespec64 i_mtime;
	struct timespec64 i_ctime;
};

struct dentry {
	struct {
		struct hlist_node d_alias;
	} d_u;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mount *mnt_next_for_sb; /* since 6.18 */
	const char *mnt_devname;
	struct mnt_namespace *mnt_ns;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	unsigned int f_flags;
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct mm_struct {
	unsigned long arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
};

struct vm_area_struct {
	unsigned long vm_start, vm_end, vm_flags;
	struct file *vm_file;
};

enum fault_flag { FAULT_FLAG_WRITE = 1 };

struct vm_fault {
	unsigned long address;
	enum fault_flag flags;
};

struct vm_fault___old { /* before 5.14 */
	unsigned int flags;
};

struct kernfs_node {
	struct kernfs_node *__parent; /* since 6.15 */
	const char *name;
	__u64 id;
};

struct kernfs_node___old {
	struct kernfs_node *parent;
};

struct cgroup_subsys {
	const char *name;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys *ss;
};

struct list_head {
	struct list_head *next;
};

struct super_block___old {
	struct list_head s_mounts;
};

struct mount___old {
	struct list_head mnt_instance;
};

struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id; /* 0: the default one */
	char name[64];    /* of a v1 hierarchy without controllers: "systemd" */
};

struct cgroup {
	int level;
	struct cgroup_subsys_state *subsys[16];
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct cgrp_cset_link {
	struct cgroup *cgrp;
	struct list_head cgrp_link;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
	struct list_head cgrp_links; /* one for each hierarchy */
};

enum cgroup_subsys_id {
	memory_cgrp_id,
};

enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_TGID,
	PIDTYPE_PGID,
	PIDTYPE_SID,
};

struct tty_driver {
	int major;
	int minor_start;
};

struct tty_struct {
	int index;
	struct tty_driver *driver;
};

typedef struct {
	int counter;
} atomic_t;

struct rlimit {
	__u64 rlim_cur, rlim_max;
};

struct signal_struct {
	struct rlimit rlim[16];
	atomic_t live; /* threads that have not exited */
	struct pid *pids[4];
	struct tty_struct *tty;
	int group_exit_code;
	unsigned int flags;
};

/* What lies behind it is the value. */
struct bpf_local_storage_data {
	void *smap;
};

struct bpf_local_storage_elem {
	struct hlist_node snode;
	struct bpf_local_storage_data sdata;
};

struct bpf_local_storage {
	struct hlist_head list;
};

typedef struct {
	unsigned long sig[1];
} sigset_t;

struct sigaction {
	void *sa_handler;
	unsigned long sa_flags;
	sigset_t sa_mask;
};

struct k_sigaction {
	struct sigaction sa;
};

struct sighand_struct {
	struct k_sigaction action[64];
};

struct notification;

struct seccomp_filter {
	struct seccomp_filter *prev;
	struct notification *notif;
};

struct seccomp {
	int mode;
	struct seccomp_filter *filter;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state; /* since 5.14 */
	void *stack;
	unsigned int flags;
	struct mm_struct *mm;
	int exit_code;
	int prio;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	__u64 start_boottime;
	unsigned long nvcsw;
	unsigned long nivcsw;
	const struct cred *real_cred;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct sighand_struct *sighand;
	struct seccomp seccomp;
	kuid_t loginuid;
	unsigned int sessionid;
	struct css_set *cgroups;
	struct bpf_local_storage *bpf_storage; /* since 5.11 */
	unsigned int in_execve : 1;
	int pagefault_disabled;
};

struct task_struct___old {
	volatile long state;
	unsigned int cpu;
};

struct io_uring_cqe {
	__u64 user_data;
	__s32 res;
	__u32 flags;
};

struct io_cqe {
	__u64 user_data;
	__s32 res;
	__u32 flags;
};

struct io_ring_ctx {
	unsigned int flags;
	__u32 *sq_array;
	void *sq_sqes;
	unsigned int cached_sq_head;
	unsigned int sq_entries;
};

struct io_kiocb {
	struct file *file;
	__u8 opcode;
	struct io_cqe cqe; /* since 5.19 */
	struct io_ring_ctx *ctx;
};

struct linux_binprm {
	struct file *file;
	struct cred *cred;
	const char *filename;
	const char *interp;
	int argc, envc;
};

struct filename {
	const char *name;
};

struct kernel_siginfo {
	int si_code;
};

struct in6_addr {
	__u8 s6_addr_[16];
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	struct hlist_node skc_bind_node;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
	struct socket *sk_socket;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
};

struct proto_ops {
	int family;
};

struct socket {
	short type;
	struct file *file;
	struct sock *sk;
	const struct proto_ops *ops;
};

struct socket_alloc { /* what an inode of sockfs lies in */
	struct socket socket;
	struct inode vfs_inode;
};

struct msghdr { /* the kernel's own: the address lies in its memory */
	void *msg_name;
	int msg_namelen;
};

struct sk_buff {
	char cb[48];
	__u16 transport_header, network_header;
	unsigned char *head;
};

struct sockaddr_un {
	__u16 sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[1];
};

struct unix_sock {
	struct sock sk;
	struct unix_address *addr;
	struct sock *peer;
};

struct netlink_sock {
	struct sock sk;
	__u32 portid;
};

struct gendisk {
	int major, first_minor;
	char disk_name[32];
};

struct request_queue {
	struct gendisk *disk; /* since 5.16 */
};

struct request {
	struct request_queue *q;
	unsigned int cmd_flags;
	unsigned int __data_len;
	__u64 __sector;
	__u64 start_time_ns;
};

struct request___old {
	struct gendisk *rq_disk;
};

enum req_opf { REQ_OP_READ }; /* req_op since 6.0 */

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

struct kobject {
	const char *name;
};

struct class
{
	const char *name;
};

struct bus_type {
	const char *name;
};

struct device_type {
	const char *name;
};

struct device {
	struct kobject kobj;
	struct device *parent;
	const char *init_name; /* until device_add() */
	const struct device_type *type;
	const struct bus_type *bus;
	const struct class *class;
	__u32 devt;
};

struct module_memory {
	unsigned int size;
};

struct module {
	char name[56];
	const char *version;
	const char *srcversion;
	bool sig_ok;
	unsigned long taints;
	struct module_memory mem[4]; /* since 6.4, and more: those of its initialisation follow */
};

struct module_layout {
	unsigned int size;
};

struct module___old {
	struct module_layout core_layout;
};

struct file_operations {
	struct module *owner;
};

struct subprocess_info {
	const char *path;
	char **argv;
	char **envp;
};

struct kprobe {
	void *addr;
	const char *symbol_name;
	unsigned int offset;
	void *pre_handler;
	void *post_handler;
	__u32 flags;
};

struct proc_dir_entry {
	const void *proc_ops;
	struct proc_dir_entry *parent;
	char *name;
	__u16 mode;
	kuid_t uid;
	kgid_t gid;
};

struct timezone {
	int tz_minuteswest;
};

struct bpf_insn {
	__s32 imm;
};

struct bpf_map {
	enum bpf_map_type map_type;
	__u32 key_size, value_size, max_entries, map_flags;
	__u32 id;
	char name[16];
};

struct user_struct {
	kuid_t uid;
};

struct bpf_prog_aux {
	__u32 used_map_cnt;
	__u32 id;
	const char *attach_func_name;
	struct user_struct *user;
	__u64 load_time;
	char name[16];
};

enum bpf_prog_type {
	BPF_PROG_TYPE_TRACING = 26,
	BPF_PROG_TYPE_EXT = 28,
	BPF_PROG_TYPE_LSM = 29,
};

enum bpf_attach_type {
	BPF_TRACE_FENTRY = 24,
	BPF_TRACE_FEXIT = 25,
	BPF_MODIFY_RETURN = 26,
};

enum bpf_link_type {
	BPF_LINK_TYPE_RAW_TRACEPOINT = 1,
	BPF_LINK_TYPE_TRACING = 2,
	BPF_LINK_TYPE_CGROUP = 3,
	BPF_LINK_TYPE_ITER = 4,
	BPF_LINK_TYPE_NETNS = 5,
	BPF_LINK_TYPE_XDP = 6,
	BPF_LINK_TYPE_PERF_EVENT = 7,
	BPF_LINK_TYPE_KPROBE_MULTI = 8,
	BPF_LINK_TYPE_STRUCT_OPS = 9,
	BPF_LINK_TYPE_NETFILTER = 10,
	BPF_LINK_TYPE_TCX = 11,
	BPF_LINK_TYPE_UPROBE_MULTI = 12,
	BPF_LINK_TYPE_NETKIT = 13,
	BPF_LINK_TYPE_SOCKMAP = 14,
};

struct bpf_prog {
	__u16 gpl_compatible : 1;
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	__u32 len;
	__u32 jited_len;
	__u8 tag[8];
	struct bpf_prog_aux *aux;
};

struct bpf_verifier_env {
	struct bpf_prog *prog;
};

struct bpf_link {
	__u32 id;
	enum bpf_link_type type;
	struct bpf_prog *prog;
};

struct bpf_link_primer {
	struct bpf_link *link;
	__u32 id;
};

struct tracepoint {
	const char *name;
};

struct bpf_raw_event_map {
	struct tracepoint *tp;
};

struct bpf_raw_tp_link {
	struct bpf_raw_event_map *btp;
};

struct bpf_cgroup_link {
	struct cgroup *cgroup;
};

struct bpf_iter_reg {
	const char *target;
};

struct bpf_iter_target_info {
	const struct bpf_iter_reg *reg_info;
};

struct bpf_iter_link {
	struct bpf_iter_target_info *tinfo;
};

struct net_device {
	char name[16];
};

struct bpf_xdp_link {
	struct net_device *dev;
};

struct tcx_link { /* since 6.6 */
	struct net_device *dev;
};

struct netkit_link { /* since 6.7 */
	struct net_device *dev;
};

struct bpf_perf_link { /* since 5.15 */
	struct file *perf_file;
};

struct bpf_kprobe_multi_link { /* since 5.18 */
	unsigned long *addrs;
	__u32 cnt;
};

struct bpf_uprobe {
	__s64 offset;
};

struct bpf_uprobe_multi_link { /* since 6.6 */
	struct path path;
	struct bpf_link link;
	__u32 cnt;
	struct bpf_uprobe *uprobes;
};

struct bpf_struct_ops_link { /* since 6.4 */
	struct bpf_map *map;
};

struct trace_event_call {
	union {
		const char *name;
		struct tracepoint *tp;
	};
	int flags;
	void *filter;    /* before 6.9: with it, a flag went */
	atomic_t refcnt; /* since 5.15: with it, a flag came */
};

struct perf_event {
	struct bpf_prog *prog;
	struct trace_event_call *tp_event;
};

struct kretprobe {
	struct kprobe kp;
	void *handler;
};

struct trace_probe {
	struct list_head list;
};

struct trace_probe_event {
	struct trace_event_call call;
	struct list_head probes;
};

struct trace_kprobe {
	struct kretprobe rp;
	const char *symbol;
	struct trace_probe tp;
};

struct uprobe_consumer {
	void *ret_handler;
};

struct trace_uprobe {
	struct uprobe_consumer consumer;
	char *filename;
	unsigned long offset;
	struct trace_probe tp;
};

#pragma clang attribute pop

#endif
