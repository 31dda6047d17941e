// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* More programs than the kernel attaches to one function, which is told only then: a hook that
 * comes last has to be served otherwise. */
#include "mine.h"
#include <sonde/lib/hooks.h>

#define ONE(name)                                                                                  \
	SEC("fexit/vfs_unlink") int name(void *ctx)                                                \
	{                                                                                          \
		return 0;                                                                          \
	}
#define TEN(name)                                                                                  \
	ONE(name##0)                                                                               \
	ONE(name##1)                                                                               \
	ONE(name##2)                                                                               \
	ONE(name##3) ONE(name##4) ONE(name##5) ONE(name##6) ONE(name##7) ONE(name##8) ONE(name##9)

TEN(a)
TEN(b)
TEN(c)
TEN(d)
ONE(e)

SEC("fentry/vfs_unlink")
int too_many(void *ctx)
{
	return 0;
}

EVENT(late, mine, "a name was removed")
{
	__s64 res RESULT;
	__u64 ino;
};

FUNCTION_HOOK_AT(int, late, "vfs_unlink", struct inode *dir)
{
	struct sonde_event__late *e = begin_hook(late);

	if (!e)
		return 0;
	e->ino = BPF_CORE_READ(dir, i_ino);
	return submit(e);
}
