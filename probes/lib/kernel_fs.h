/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Of the kernel's types, see kernel.h: files, mounts and cgroups, and what carries their bytes:
 * block devices and io_uring. */
#ifndef SONDE_KERNEL_FS_H
#define SONDE_KERNEL_FS_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

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
	struct hlist_node d_alias; /* in 7.2 */
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct dentry___old { /* to 6.18 at least */
	struct {
		struct hlist_node d_alias;
	} d_u;
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

struct io_kiocb___old {
	__u64 user_data;
};

struct io_kiocb {
	struct file *file;
	__u8 opcode;
	struct io_cqe cqe; /* since 5.19 */
	struct io_ring_ctx *ctx;
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

struct file_operations {
	struct module *owner;
};

struct proc_dir_entry {
	const void *proc_ops;
	struct proc_dir_entry *parent;
	char *name;
	__u16 mode;
	kuid_t uid;
	kgid_t gid;
};

#pragma clang attribute pop

#endif
