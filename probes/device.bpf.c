// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Which devices, character devices and files of /proc does the kernel, or a module, offer? */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>
#include <sonde/lib/kernel_code.h>

HOOK_EVENT(device_add, device, "a device was added to the machine")
{
	__s64 res RESULT;
	struct sonde_data name;
	struct sonde_data class;
	struct sonde_data bus;
	struct sonde_data type HELP("what kind of device of its class or bus");
	struct sonde_data parent HELP("the device that it hangs on");
	__u64 dev KIND(dev) QUIET HELP("of its node in /dev; 0: it has none");
};

FUNCTION_HOOK(int, device_add, struct device *dev)
{
	struct sonde_event__device_add *e = begin_hook(device_add);
	const char *name = BPF_CORE_READ(dev, kobj.name);

	if (!e)
		return 0;
	put_text_if_any(e, device_add, name, name ? name : BPF_CORE_READ(dev, init_name));
	put_text_if_any(e, device_add, class, BPF_CORE_READ(dev, class, name));
	put_text_if_any(e, device_add, bus, BPF_CORE_READ(dev, bus, name));
	put_text_if_any(e, device_add, type, BPF_CORE_READ(dev, type, name));
	put_text_if_any(e, device_add, parent, BPF_CORE_READ(dev, parent, kobj.name));
	e->dev = user_dev(BPF_CORE_READ(dev, devt));
	return submit(e);
}

HOOK_EVENT(register_chrdev, device, "a range of character devices was given to a driver")
{
	__s64 res RESULT HELP("the major number, where the kernel was to choose it");
	struct sonde_data name;
	__u32 major HELP("as asked for; 0: the kernel chooses");
	__u32 baseminor QUIET HELP("the first minor number");
	__u32 count HELP("of minor numbers");
	__u64 fops KIND(address) HELP("the driver's functions");
	struct sonde_data module HELP("that has them; empty: the kernel itself");
}
SONDE_TAG("blind:what is registered by register_chrdev_region() and cdev_add()");

FUNCTION_HOOK_AT(int, register_chrdev, "__register_chrdev", unsigned int major,
		 unsigned int baseminor, unsigned int count, const char *name,
		 const struct file_operations *fops)
{
	struct sonde_event__register_chrdev *e = begin_hook(register_chrdev);
	struct module *owner;

	if (!e)
		return 0;
	put_text(e, register_chrdev, name, name);
	e->major = major;
	e->baseminor = baseminor;
	e->count = count;
	e->fops = (__u64)fops;
	owner = BPF_CORE_READ(fops, owner);
	if (owner)
		put_text(e, register_chrdev, module, &owner->name);
	return submit(e);
}

HOOK_EVENT(proc_create, device, "a file, directory or link is made in /proc")
{
	struct sonde_data name;
	struct sonde_data parent HELP("the directory that it lies in: its name alone");
	__u32 mode KIND(fmode);
	__u64 ops KIND(address) HELP("the functions behind it");
	__u32 uid KIND(uid) QUIET;
	__u32 gid KIND(gid) QUIET;
}
SONDE_TAG("blind:what /proc shows of processes");

ENTRY_HOOK_AT(proc_create, "proc_register", struct proc_dir_entry *dir, struct proc_dir_entry *dp)
{
	struct sonde_event__proc_create *e = begin(proc_create);

	if (!e)
		return 0;
	put_text(e, proc_create, name, BPF_CORE_READ(dp, name));
	put_text(e, proc_create, parent, BPF_CORE_READ(dir, name));
	e->mode = BPF_CORE_READ(dp, mode);
	e->ops = (__u64)BPF_CORE_READ(dp, proc_ops);
	e->uid = BPF_CORE_READ(dp, uid.val);
	e->gid = BPF_CORE_READ(dp, gid.val);
	return submit(e);
}
