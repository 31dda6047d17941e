// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Files, as the kernel's own functions see them: what was found behind a path, what was read and
 * written, and what was changed of the file itself. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>
#include <sonde/lib/hooks.h>

HOOK_EVENT(security_file_open, file,
	   "a file is opened: the one that the kernel found, whatever path led there")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	__u32 flags FLAGS(open) HELP("f_flags: also what the kernel adds by itself");
	__s32 call KIND(call) HELP("the system call that opens it; -1: none, a kernel thread");
	INODE_FIELDS;
}
INSTEAD("open",
	"blind to what is executed, what the kernel opens by itself, and the file where it failed");

LSM_HOOK(security_file_open, file_open, struct file *file)
{
	struct sonde_event__security_file_open *e = begin_hook(security_file_open);

	if (!e)
		return 0;
	put_file(security_file_open, file, file);
	e->flags = BPF_CORE_READ(file, f_flags);
	e->call = current_call();
	put_inode(e, BPF_CORE_READ(file, f_inode));
	return submit(e);
}

/* What reading and writing have in common, of one piece of memory or of several. */
#define TRANSFER_FIELDS                                                                            \
	__s64 res RESULT;                                                                          \
	struct sonde_file_ref file;                                                                \
	__s64 count KIND(long) HELP("bytes asked for; -1: too many pieces to add up");             \
	__s64 pos KIND(offset) HELP("where it began; -1: has no position, as a pipe or a socket")

#define TRANSFER_BLIND                                                                             \
	"blind:mmap, io_uring, splice and sendfile, the kernel's own reads and writes"

#define put_transfer(name, e, asked, position)                                                     \
	do {                                                                                       \
		put_file(name, file, file);                                                        \
		(e)->count = (asked);                                                              \
		(e)->pos = began_at(position, (e)->res);                                           \
	} while (0)

/* The position when the function has returned, less what was done. */
static __always_inline __s64 began_at(const __s64 *pos, __s64 done)
{
	__s64 at = -1;

	if (pos && !bpf_probe_read_kernel(&at, sizeof(at), pos) && done > 0)
		at -= done;
	return at;
}

#define PIECES 64 /* of a vector: added up */

/* Bytes that the vector of a program asks for. */
__noinline __s64 vector_bytes(__u64 address, __u64 pieces, __u32 compat)
{
	__u64 piece[2], sum = 0;
	__u32 piece32[2];

	if (pieces > PIECES)
		return -1;
	for (__u64 i = 0; i < PIECES && i < pieces; i++) {
		if (!compat &&
		    !bpf_probe_read_user(piece, sizeof(piece), (void *)address + i * sizeof(piece)))
			sum += piece[1];
		else if (compat && !bpf_probe_read_user(piece32, sizeof(piece32),
							(void *)address + i * sizeof(piece32)))
			sum += piece32[1];
		else
			return -1;
	}
	return sum;
}

HOOK_EVENT(vfs_read, file, "bytes of a file were read")
{
	TRANSFER_FIELDS;
}
INSTEAD("read", "blind to the place in the file, where the call does not say it")
SONDE_TAG(TRANSFER_BLIND);

FUNCTION_HOOK(__s64, vfs_read, struct file *file, char *buf, __u64 count, __s64 *pos)
{
	struct sonde_event__vfs_read *e = begin_hook(vfs_read);

	if (!e)
		return 0;
	put_transfer(vfs_read, e, count, pos);
	return submit(e);
}

HOOK_EVENT(vfs_write, file, "bytes of a file were written")
{
	TRANSFER_FIELDS;
}
INSTEAD("write", "blind to the place in the file, where the call does not say it")
SONDE_TAG(TRANSFER_BLIND);

FUNCTION_HOOK(__s64, vfs_write, struct file *file, const char *buf, __u64 count, __s64 *pos)
{
	struct sonde_event__vfs_write *e = begin_hook(vfs_write);

	if (!e)
		return 0;
	put_transfer(vfs_write, e, count, pos);
	return submit(e);
}

#define VECTOR_FIELDS                                                                              \
	TRANSFER_FIELDS;                                                                           \
	__u32 vlen HELP("pieces");                                                                 \
	__u32 flags FLAGS(rwf)

#define put_vector(name, e, vec, pieces, position, rwf)                                            \
	do {                                                                                       \
		__u32 compat__ = call_is_compat(current_task());                                   \
                                                                                                   \
		put_transfer(name, e, vector_bytes((__u64)(vec), pieces, compat__), position);     \
		(e)->vlen = (pieces);                                                              \
		(e)->flags = (rwf);                                                                \
	} while (0)

HOOK_EVENT(vfs_readv, file, "bytes of a file were read into several pieces")
{
	VECTOR_FIELDS;
}
INSTEAD("readv,preadv,preadv2", "blind to the place in the file, where the call does not say it")
SONDE_TAG(TRANSFER_BLIND);

FUNCTION_HOOK(__s64, vfs_readv, struct file *file, const void *vec, __u64 vlen, __s64 *pos,
	      int flags)
{
	struct sonde_event__vfs_readv *e = begin_hook(vfs_readv);

	if (!e)
		return 0;
	put_vector(vfs_readv, e, vec, vlen, pos, flags);
	return submit(e);
}

HOOK_EVENT(vfs_writev, file, "bytes of a file were written from several pieces")
{
	VECTOR_FIELDS;
}
INSTEAD("writev,pwritev,pwritev2", "blind to the place in the file, where the call does not say it")
SONDE_TAG(TRANSFER_BLIND);

FUNCTION_HOOK(__s64, vfs_writev, struct file *file, const void *vec, __u64 vlen, __s64 *pos,
	      int flags)
{
	struct sonde_event__vfs_writev *e = begin_hook(vfs_writev);

	if (!e)
		return 0;
	put_vector(vfs_writev, e, vec, vlen, pos, flags);
	return submit(e);
}

HOOK_EVENT(do_truncate, file, "a file was cut or lengthened, also by O_TRUNC")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	__s64 length KIND(offset);
	__u32 time_attrs FLAGS(inode_attr) HELP("what else was set: ATTR_OPEN by O_TRUNC");
	INODE_FIELDS;
}
INSTEAD("truncate", "blind to O_TRUNC, and the file that the path led to");

FUNCTION_HOOK(int, do_truncate, struct dentry *dentry, __s64 length, unsigned int time_attrs,
	      struct file *filp)
{
	struct sonde_event__do_truncate *e = begin_hook(do_truncate);

	if (!e)
		return 0;
	if (filp)
		put_file(do_truncate, file, filp);
	else
		put_dentry(do_truncate, file, dentry);
	e->length = length;
	e->time_attrs = time_attrs;
	put_inode(e, BPF_CORE_READ(dentry, d_inode));
	return submit(e);
}

HOOK_EVENT(chmod_common, file, "the permissions of a file were set")
{
	__s64 res RESULT;
	struct sonde_file_ref path;
	__u32 asked KIND(mode);
	INODE_FIELDS;
}
INSTEAD("chmod", "blind to the file that the path led to");

FUNCTION_HOOK(int, chmod_common, const struct path *path, unsigned short mode)
{
	struct sonde_event__chmod_common *e = begin_hook(chmod_common);

	if (!e)
		return 0;
	put_path(chmod_common, path, path);
	e->asked = mode;
	put_inode(e, BPF_CORE_READ(path, dentry, d_inode));
	return submit(e);
}

HOOK_EVENT(chown_common, file, "the owner of a file was set")
{
	__s64 res RESULT;
	struct sonde_file_ref path;
	__s32 user KIND(uid) HELP("-1: stays");
	__s32 group KIND(gid) HELP("-1: stays");
	INODE_FIELDS;
}
INSTEAD("chown", "blind to the file that the path led to");

FUNCTION_HOOK(int, chown_common, const struct path *path, unsigned int user, unsigned int group)
{
	struct sonde_event__chown_common *e = begin_hook(chown_common);

	if (!e)
		return 0;
	put_path(chown_common, path, path);
	e->user = user;
	e->group = group;
	put_inode(e, BPF_CORE_READ(path, dentry, d_inode));
	return submit(e);
}

HOOK_EVENT(vfs_utimes, file, "the times of a file were set")
{
	__s64 res RESULT;
	struct sonde_file_ref path;
	struct sonde_data times KIND(timespec_pair) HELP("of access and modification; NULL: now");
	INODE_FIELDS;
}
INSTEAD("utime", "blind to the file that the path led to");

FUNCTION_HOOK(int, vfs_utimes, const struct path *path, struct timespec64 *times)
{
	struct sonde_event__vfs_utimes *e = begin_hook(vfs_utimes);

	if (!e)
		return 0;
	put_path(vfs_utimes, path, path);
	if (times)
		append_kernel_bytes(scratch_of(e), SLOT(struct sonde_event__vfs_utimes, times),
				    times, 2 * sizeof(*times));
	else
		append_null(scratch_of(e), SLOT(struct sonde_event__vfs_utimes, times));
	put_inode(e, BPF_CORE_READ(path, dentry, d_inode));
	return submit(e);
}
