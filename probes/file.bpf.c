// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Files, as the kernel's own functions see them: what was found behind a path, and what came of it.
 */
#include <sonde/probe.bpf.h>
#include "lib/hooks.h"

HOOK_EVENT(security_file_open, file,
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
