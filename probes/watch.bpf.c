// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Who watches files by inotify, fanotify or dnotify, and which files the kernel reads for itself.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>

HOOK_EVENT(security_path_notify, file, "a file, a mount or a filesystem is to be watched")
{
	__s64 res RESULT;
	struct sonde_file_ref path;
	__u64 mask FLAGS(fsnotify) HELP("what is to be told");
	__u32 obj_type ENUM(fsnotify_object)
		HELP("what is watched: the file or all of its mount ...");
}
INSTEAD("inotify_add_watch,fanotify_mark", "blind to the file that the path led to");

LSM_HOOK(security_path_notify, path_notify, const struct path *path, __u64 mask,
	 unsigned int obj_type)
{
	struct sonde_event__security_path_notify *e = begin_hook(security_path_notify);

	if (!e)
		return 0;
	put_path(security_path_notify, path, path);
	e->mask = mask;
	e->obj_type = obj_type;
	return submit(e);
}

HOOK_EVENT(security_kernel_read_file, file, "the kernel is about to read a file for itself")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	__u32 id ENUM(kernel_read_file) HELP("what for");
	__u8 contents KIND(bool) HELP("all of it will be read at once, and can be checked then");
	__s64 size KIND(size) HELP("bytes of the file");
}
INSTEAD("finit_module,kexec_file_load", "blind to firmware, policies and certificates");

LSM_HOOK(security_kernel_read_file, kernel_read_file, struct file *file, unsigned int id,
	 bool contents)
{
	struct sonde_event__security_kernel_read_file *e = begin_hook(security_kernel_read_file);

	if (!e)
		return 0;
	put_file(security_kernel_read_file, file, file);
	e->id = id;
	e->contents = contents;
	e->size = BPF_CORE_READ(file, f_inode, i_size);
	return submit(e);
}

HOOK_EVENT(security_kernel_post_read_file, file, "the kernel has read a file for itself")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	__u32 id ENUM(kernel_read_file) HELP("what for");
	__s64 size KIND(size) HELP("bytes read");
}
INSTEAD("finit_module,kexec_file_load",
	"blind to firmware, policies and certificates, and what was read");

LSM_HOOK(security_kernel_post_read_file, kernel_post_read_file, struct file *file, char *buf,
	 __s64 size, unsigned int id)
{
	struct sonde_event__security_kernel_post_read_file *e =
		begin_hook(security_kernel_post_read_file);

	if (!e)
		return 0;
	put_file(security_kernel_post_read_file, file, file);
	e->id = id;
	e->size = size;
	return submit(e);
}
