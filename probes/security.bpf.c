// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What the kernel's security modules are asked: may this be done? With the verdict, where it can be
 * known. */
#include <sonde/probe.bpf.h>
#include "lib/hooks.h"

EVENT(security_file_open, file,
      "a file is opened: the one that the kernel found, whatever path led there")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	__u32 flags FLAGS(open);
};

LSM_HOOK(security_file_open, file_open, struct file *file)
{
	struct sonde_event__security_file_open *e = begin_hook(security_file_open);

	if (!e)
		return 0;
	e->flags = BPF_CORE_READ(file, f_flags);
	put_file(security_file_open, file, file);
	return submit(e);
}
