// SPDX-License-Identifier: Apache-2.0
/* Mappings, their protection, advice and locks; anonymous files; policies. */
#include "corpus.h"
#include <linux/membarrier.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>

#define PAGE 4096ul

int main(void)
{
	unsigned char resident[4];
	unsigned long nodes = 1;
	void *pages[1];
	int mode, status[1], fd;
	char *p, *q;

	p = (void *)CALL(mmap, NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0L);
	memset(p, 1, 4 * PAGE);
	CALL(mprotect, p, PAGE, PROT_READ);
	CALL(mprotect, p, PAGE, PROT_NONE);
	CALL(mprotect, p + 1, PAGE, PROT_READ);
	CALL(mprotect, p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	CALL(madvise, p, PAGE, MADV_DONTNEED);
	CALL(madvise, p, PAGE, MADV_HUGEPAGE);
	CALL(madvise, p, PAGE, 9999);
	CALL(mincore, p, PAGE, resident);
	CALL(mincore, p + 1, PAGE, resident);
	CALL(mlock, p, PAGE);
	CALL(mlock2, p, PAGE, 1);
	CALL(mlock2, p, PAGE, 0x70);
	CALL(munlock, p, PAGE);
	CALL(mlockall, MCL_CURRENT | MCL_ONFAULT);
	CALL(mlockall, 0x70);
	CALL(munlockall);
	CALL(msync, p, PAGE, MS_SYNC);
	CALL(msync, p, PAGE, MS_ASYNC | MS_INVALIDATE);
	CALL(msync, p, PAGE, MS_ASYNC | MS_SYNC);
	q = (void *)CALL(mremap, p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, 0L);
	CALL(mremap, q, 8 * PAGE, 4 * PAGE, 0, 0L);
	CALL(mremap, q, 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, q + 64 * PAGE);
	CALL(mremap, q, PAGE, PAGE, 0x70, 0L);
	CALL(munmap, q + 64 * PAGE, 4 * PAGE);
	CALL(munmap, q + 1, PAGE);
	CALL(mmap, NULL, 0L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
	CALL(mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0L);
	CALL(mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 1L);
	fd = CALL(memfd_create, "a name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CALL(ftruncate, fd, PAGE);
	p = (void *)CALL(mmap, NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0L);
	CALL(mmap, p, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_POPULATE | MAP_NORESERVE, fd,
	     0L);
	CALL(remap_file_pages, p, PAGE, 0, 0L, 0);
	CALL(munmap, p, PAGE);
	CALL(fcntl, fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
	CALL(fcntl, fd, F_GET_SEALS);
	CALL(ftruncate, fd, 2 * PAGE);
	CALL(close, fd);
	CALL(memfd_create, BAD_ADDRESS, 0);
	CALL(memfd_create, "x", 0x7700);
	CALL(brk, NULL);
	CALL(brk, BAD_ADDRESS);
	CALL(membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
	CALL(membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	CALL(membarrier, 0x7000, 0, 0);
	CALL(pkey_alloc, 1L, 0L);
	CALL(pkey_free, 99);
	CALL(pkey_mprotect, NULL, 0L, PROT_READ, -1);
	p = (void *)CALL(mmap, NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0L);
	*p = 1;
	pages[0] = p;
	CALL(mbind, p, PAGE, MPOL_DEFAULT, NULL, 0L, 0);
	CALL(set_mempolicy, MPOL_PREFERRED, &nodes, 8L);
	CALL(set_mempolicy, MPOL_DEFAULT, NULL, 0L);
	CALL(get_mempolicy, &mode, NULL, 0L, NULL, 0L);
	CALL(get_mempolicy, &mode, NULL, 0L, p, (long)(MPOL_F_NODE | MPOL_F_ADDR));
	CALL(move_pages, 0, 1L, pages, NULL, status, MPOL_MF_MOVE);
	CALL(migrate_pages, 0x7ffffff, 8L, &nodes, &nodes);
	CALL(userfaultfd, 0x7777);
	CALL(memfd_secret, 0x77);
	CALL(process_madvise, -1, NULL, 0L, MADV_COLD, 0);
	CALL(process_mrelease, -1, 0);
	CALL(swapon, "missing", 0x8000 | 3);
	CALL(swapoff, "missing");
	return 0;
}
