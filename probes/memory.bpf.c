// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Memory: what is mapped, who makes it executable, which code is loaded, which accesses find no
 * page. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>

HOOK_EVENT(security_mmap_addr, memory,
	   "an address is checked against the lowest that may be mapped")
{
	__s64 res RESULT;
	__u64 addr KIND(address);
}
INSTEAD("mmap", "blind to mremap and brk, and what the kernel maps by itself");

LSM_HOOK(security_mmap_addr, mmap_addr, unsigned long addr)
{
	struct sonde_event__security_mmap_addr *e = begin_hook(security_mmap_addr);

	if (!e)
		return 0;
	e->addr = addr;
	return submit(e);
}

HOOK_EVENT(security_mmap_file, memory, "a file, or anonymous memory, is mapped")
{
	__s64 res RESULT;
	struct sonde_file_ref file HELP("NULL: anonymous memory");
	__u32 prot FLAGS(prot);
	__u32 flags FLAGS(mmap);
}
INSTEAD("mmap", "blind to what the kernel maps for execve, shmat");

LSM_HOOK(security_mmap_file, mmap_file, struct file *file, unsigned long prot, unsigned long flags)
{
	struct sonde_event__security_mmap_file *e = begin_hook(security_mmap_file);

	if (!e)
		return 0;
	e->prot = prot;
	e->flags = flags;
	put_file(security_mmap_file, file, file);
	return submit(e);
}

#define PROT_MASK  7 /* VM_READ, VM_WRITE, VM_EXEC: the same bits as PROT_* */
#define PROT_WRITE 2
#define PROT_EXEC  4

HOOK_EVENT(security_file_mprotect, memory, "a region of memory is protected otherwise")
{
	__s64 res RESULT;
	__u64 start KIND(address) HELP("of the region: the call may concern a part of it");
	__u64 end KIND(address);
	__u32 old FLAGS(prot);
	__u32 reqprot FLAGS(prot) HELP("as it was asked for");
	__u32 prot FLAGS(prot)
		HELP("as it will be: with PROT_EXEC where the program's personality says so");
	struct sonde_file_ref file HELP("what is mapped there; NULL: anonymous memory");
	__u8 w_to_x KIND(bool) QUIET HELP("writable memory becomes executable: code made at run "
					  "time");
}
INSTEAD("mprotect", "blind to how it was protected before, and the file behind it");

LSM_HOOK(security_file_mprotect, file_mprotect, struct vm_area_struct *vma, unsigned long reqprot,
	 unsigned long prot)
{
	struct sonde_event__security_file_mprotect *e = begin_hook(security_file_mprotect);

	if (!e)
		return 0;
	e->start = BPF_CORE_READ(vma, vm_start);
	e->end = BPF_CORE_READ(vma, vm_end);
	e->old = BPF_CORE_READ(vma, vm_flags) & PROT_MASK;
	e->reqprot = reqprot;
	e->prot = prot;
	e->w_to_x = (e->old & (PROT_WRITE | PROT_EXEC)) == PROT_WRITE && e->prot & PROT_EXEC;
	put_file(security_file_mprotect, file, BPF_CORE_READ(vma, vm_file));
	return submit(e);
}

HOOK_EVENT(shared_object_loaded, memory,
	   "code was loaded: a file is mapped, privately and to be executed")
{
	struct sonde_file_ref file;
	__u64 inode;
	__u64 dev KIND(dev) HELP("of the filesystem");
	__u64 ctime KIND(time) HELP("when the inode changed last");
	__u32 prot FLAGS(prot);
	__u32 flags FLAGS(mmap);
}
INSTEAD("mmap", "blind to the difference to other mappings: all are shown")
SONDE_TAG("blind:what the kernel maps for execve (the program and its interpreter); "
	  "code that is read, not mapped. That it is an ELF file is not looked at");

#define MAP_TYPE    0x0f
#define MAP_PRIVATE 0x02

LSM_HOOK_AT(shared_object_loaded, "security_mmap_file", mmap_file, struct file *file,
	    unsigned long prot, unsigned long flags)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct sonde_event__shared_object_loaded *e;
	struct inode *inode;
	__u64 mtime;

	if (!file || !(prot & PROT_EXEC) || (flags & MAP_TYPE) != MAP_PRIVATE ||
	    (call->returned && call->result) || BPF_CORE_READ_BITFIELD_PROBED(task, in_execve))
		return end_early(sonde_ids__shared_object_loaded.hook, SONDE_FILTERED);
	e = begin(shared_object_loaded);
	if (!e)
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	e->inode = BPF_CORE_READ(inode, i_ino);
	e->dev = user_dev(BPF_CORE_READ(inode, i_sb, s_dev));
	read_times(inode, &mtime, &e->ctime);
	e->prot = prot;
	e->flags = flags;
	put_file(shared_object_loaded, file, file);
	return submit(e);
}

HOOK_EVENT(do_swap_page, memory, "a page that was swapped out is brought back")
{
	__s64 res RESULT FLAGS(vm_fault) HELP("VM_FAULT_MAJOR: it was read from the device");
	__u64 address KIND(address);
	__u32 flags FLAGS(fault);
}
SONDE_TAG("blind:pages of tmpfs and of shared memory");

FUNCTION_HOOK(__u32, do_swap_page, struct vm_fault *vmf)
{
	struct sonde_event__do_swap_page *e = begin_hook(do_swap_page);

	if (!e)
		return 0;
	e->address = BPF_CORE_READ(vmf, address);
	if (bpf_core_field_exists(vmf->flags))
		e->flags = BPF_CORE_READ(vmf, flags);
	else
		e->flags = BPF_CORE_READ((struct vm_fault___old *)vmf, flags);
	return submit(e);
}

HOOK_EVENT(page_fault, memory, "an access to memory found no page, or one that does not allow it")
{
	__u64 address KIND(address);
	__u64 ip KIND(address) HELP("the instruction's");
	__u32 error_code FLAGS(page_fault)
		HELP("the processor's: without X86_PF_PROT there is no page");
	__u8 kernel KIND(bool) QUIET HELP("by the kernel, at a program's address or its own");
}
SONDE_TAG("blind:the kernel's accesses that may not wait for a page");

static __always_inline int page_fault(struct sonde_event__page_fault *e, __u64 address,
				      struct pt_regs *regs, __u64 error_code, bool kernel)
{
	if (!e)
		return 0;
	e->address = address;
	e->ip = READ_IP(regs);
	e->error_code = error_code;
	e->kernel = kernel;
	return submit(e);
}

SEC("?tp_btf/page_fault_user")
int BPF_PROG(page_fault_user, unsigned long address, struct pt_regs *regs, unsigned long error_code)
{
	return page_fault(begin(page_fault), address, regs, error_code, false);
}

HOOK_OF(page_fault_kernel, page_fault);

SEC("?tp_btf/page_fault_kernel")
int BPF_PROG(page_fault_kernel, unsigned long address, struct pt_regs *regs,
	     unsigned long error_code)
{
	struct task_struct *task = current_task();
	int disabled;

	/* The probes' own reading of a program's memory is of that kind. */
	READ_TASK(disabled, task, pagefault_disabled);
	if (disabled > !has_task_btf) /* a read by the helper counts itself */
		return end_early(sonde_ids__page_fault_kernel.hook, SONDE_FILTERED);
	return page_fault(begin_in(page_fault_kernel, page_fault, false), address, regs, error_code,
			  true);
}
