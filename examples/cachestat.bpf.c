// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What of the files that are read is in memory already, and what must the disk be asked for?
 *     sonde probe run cachestat.bpf.o -- CMD
 *     sonde probe run cachestat.bpf.o --maps 1s --deltas         (the whole machine)
 * Pages of regular files, by the file's name. hits: a read asked for them, and they were there;
 * misses: they had to be read from the disk, for it or a little ahead of it; the share of hits
 * stands beside them. unread: read in, and not asked for by a read: too far ahead, or for a
 * mapping, whose use nobody sees. written: they became dirty, so that the disk will be asked.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/files.h>

/* Who reads is told by a tracepoint (6.12), before by a function that readers call. */
const volatile __u32 get_pages_arguments ARGUMENTS_OF(mm_filemap_get_pages) = 0;

#define PAGE_SHIFT 12

struct address_space {
	struct inode *host;
} __attribute__((preserve_access_index));

struct page {
	struct address_space *mapping;
	unsigned long index;
} __attribute__((preserve_access_index));

/* Since 5.16: one or more pages. */
struct folio {
	struct address_space *mapping;
	unsigned long index;
	unsigned long _flags_1; /* since 6.6: the lowest byte is the order */
} __attribute__((preserve_access_index));

struct folio___v6_5 {
	unsigned char _folio_order;
} __attribute__((preserve_access_index));

struct page_flags {
	unsigned long flags; /* the first word of both */
};

enum pageflags { PG_head };

struct file_name {
	char file[32];
	__u64 inode DETAIL;
	__u32 dev KIND(dev) DETAIL;
};

struct pages {
	__u64 hits SHARE(misses);
	__u64 misses;
	__u64 unread;
	__u64 written;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct file_name);
	__type(value, struct pages);
} page_cache SEC(".maps") TOTAL;

/* What a thread did last. */
struct last {
	__u64 mapping, first, end; /* that it read */
	__u64 added_to, added;     /* a page that it put into memory: to be read, or written? */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct last);
} threads SEC(".maps") HIDDEN;

/* Of regular files. */
static __always_inline struct pages *pages_of(struct address_space *mapping)
{
	struct inode *inode = BPF_CORE_READ(mapping, host);
	struct file_name name = {};

	if (!inode || (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return NULL;
	name.inode = BPF_CORE_READ(inode, i_ino);
	name.dev = user_dev(BPF_CORE_READ(inode, i_sb, s_dev));
	bpf_probe_read_kernel_str(name.file, sizeof(name.file),
				  BPF_CORE_READ(alias_of(inode), d_name.name));
	return value_of(page_cache, &name);
}

static __always_inline __u64 pages_in(struct folio *folio)
{
	struct folio___v6_5 *old = (void *)folio;
	unsigned long flags = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), folio);
	if (!(flags >> bpf_core_enum_value(enum pageflags, PG_head) & 1))
		return 1;
	if (bpf_core_field_exists(old->_folio_order))
		return 1ull << (BPF_CORE_READ(old, _folio_order) & 31);
	return 1ull << (BPF_CORE_READ(folio, _flags_1) & 31);
}

static __always_inline __u64 pages_of_size(struct address_space *mapping)
{
	return ((__u64)BPF_CORE_READ(mapping, host, i_size) + (1 << PAGE_SHIFT) - 1) >> PAGE_SHIFT;
}

/* Pages that a read asks for. Those that were read in and nobody asked for yet come first. */
static __always_inline int asked(struct address_space *mapping, __u64 count)
{
	struct pages *p = pages_of(mapping);
	__u64 fresh;

	if (!p)
		return 0;
	fresh = p->unread < count ? p->unread : count;
	add_to(p->unread, -fresh);
	add_to(p->misses, fresh);
	add_to(p->hits, count - fresh);
	return 0;
}

static __always_inline int added(struct address_space *mapping, __u64 index, __u64 count)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct pages *p = is_traced() ? pages_of(mapping) : NULL;
	struct last *last = p ? value_of(threads, &tid) : NULL;

	/* Behind the end there is nothing to read: it is to be written, or (5.10) for who reads
	 * there. */
	if (!last || index >= pages_of_size(mapping))
		return 0;
	add_to(p->unread, count);
	last->added_to = (__u64)mapping;
	last->added = index;
	return 0;
}

static __always_inline int dirtied(struct address_space *mapping, __u64 index, __u64 count)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct pages *p = is_traced() ? pages_of(mapping) : NULL;
	struct last *last = p ? bpf_map_lookup_elem(&threads, &tid) : NULL;

	if (!p)
		return 0;
	add_to(p->written, count);
	/* It was put into memory to be written: the disk was not asked. */
	if (last && last->added_to == (__u64)mapping && last->added == index) {
		add_to(p->unread, -count);
		last->added_to = 0;
	}
	return 0;
}

SEC("?tp_btf/mm_filemap_get_pages")
int BPF_PROG(on_get_pages, struct address_space *mapping, unsigned long index, unsigned long to)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct last *last = is_traced() ? value_of(threads, &tid) : NULL;
	__u64 end = to + 1, size = pages_of_size(mapping);
	bool goes_on;

	if (!last)
		return 0;
	/* A read asks for all that its buffer has room for. */
	if (end > size)
		end = size;
	/* What one look does not find is asked for again, up to the same page. */
	goes_on = last->mapping == (__u64)mapping && last->end == end && index > last->first;
	last->mapping = (__u64)mapping;
	last->first = index;
	last->end = end;
	return goes_on || index >= end ? 0 : asked(mapping, end - index);
}

SEC("?kprobe/folio_mark_accessed")
int BPF_KPROBE(on_folio_accessed, struct folio *folio)
{
	if (get_pages_arguments || !bpf_core_type_exists(struct folio) || !is_traced())
		return 0;
	return asked(BPF_CORE_READ(folio, mapping), pages_in(folio));
}

SEC("?kprobe/mark_page_accessed")
int BPF_KPROBE(on_page_accessed, struct page *page)
{
	/* Since 5.16 it calls the other one. */
	if (get_pages_arguments || bpf_core_type_exists(struct folio) || !is_traced())
		return 0;
	return asked(BPF_CORE_READ(page, mapping), 1);
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int on_added(__u64 *ctx)
{
	__u64 folio = argument(ctx, 0);

	if (bpf_core_type_exists(struct folio))
		return added(BPF_CORE_READ((struct folio *)folio, mapping),
			     BPF_CORE_READ((struct folio *)folio, index),
			     pages_in((struct folio *)folio));
	return added(BPF_CORE_READ((struct page *)folio, mapping),
		     BPF_CORE_READ((struct page *)folio, index), 1);
}

SEC("?tp_btf/writeback_dirty_folio")
int BPF_PROG(on_dirty_folio, struct folio *folio, struct address_space *mapping)
{
	return dirtied((void *)number_of(mapping), BPF_CORE_READ(folio, index), pages_in(folio));
}

SEC("?tp_btf/writeback_dirty_page")
int BPF_PROG(on_dirty_page, struct page *page, struct address_space *mapping)
{
	return dirtied((void *)number_of(mapping), BPF_CORE_READ(page, index), 1);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
