// SPDX-License-Identifier: Apache-2.0
/* The merge of several rings, over memory that looks like a BPF ring buffer's: no kernel takes
 * part. */
#include "records.h"

#include "src/kernel/merge.h"

#include <linux/bpf.h>
#include <stdio.h>
#include <sys/mman.h>

#define MAX_RINGS 8
#define MAX_SEEN  4096

struct seen {
	uint64_t time;
	uint32_t seq;
	uint8_t class;
	bool late;
};

struct fake {
	struct merge merge;
	struct ring list[MAX_RINGS];
	struct ring *heap[MAX_RINGS];
	unsigned long consumer[MAX_RINGS], producer[MAX_RINGS];
	struct seen seen[MAX_SEEN];
	unsigned int count;
	void (*during)(struct fake *f); /* called with each delivery */
	unsigned int accepted;          /* of what it put */
};

/* Rings of one page, mapped twice, one behind the other, as the kernel does it. */
static struct fake *make(unsigned int rings, unsigned int classes)
{
	static struct fake fake;
	struct fake *f = &fake;
	size_t page = sysconf(_SC_PAGESIZE);

	memset(f, 0, sizeof(*f));
	f->merge = (struct merge){.list = f->list, .count = rings, .heap = f->heap};
	for (unsigned int i = 0; i < rings; i++) {
		int fd = memfd_create("ring", 0);
		char *at = mmap(NULL, 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		assert_true(fd >= 0 && !ftruncate(fd, page) && at != MAP_FAILED);
		for (unsigned int k = 0; k < 2; k++)
			assert_true(mmap(at + k * page, page, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED);
		close(fd);
		f->list[i] = (struct ring){.fd = -1,
					   .class = i % classes,
					   .size = page,
					   .consumer = &f->consumer[i],
					   .producer = &f->producer[i],
					   .data = at};
	}
	return f;
}

static void unmake(struct fake *f)
{
	for (unsigned int i = 0; i < f->merge.count; i++)
		munmap((void *)f->list[i].data, 2 * f->list[i].size);
}

/* As bpf_ringbuf_output() does: false when the ring is full. */
static uint32_t *put_raw(struct fake *f, unsigned int ring, const void *data, uint32_t size,
			 uint32_t bits)
{
	struct ring *r = &f->list[ring];
	char *at = (char *)r->data + (f->producer[ring] & (r->size - 1));
	unsigned long whole = (size + BPF_RINGBUF_HDR_SZ + 7ul) & ~7ul;

	if (f->producer[ring] + whole - f->consumer[ring] > r->size)
		return NULL;
	memcpy(at + BPF_RINGBUF_HDR_SZ, data, size);
	*(uint32_t *)at = size | bits;
	f->producer[ring] += whole;
	return (uint32_t *)at;
}

static uint32_t *put(struct fake *f, unsigned int ring, uint64_t time, uint32_t seq, uint32_t bits)
{
	struct {
		struct sonde_record record;
		char more[200];
	} r = {.record = {.time = time, .seq = seq, .class = f->list[ring].class}};

	r.record.size = sizeof(r.record) + seq % 24 * 8;
	return put_raw(f, ring, &r, r.record.size, bits);
}

static void deliver(void *context, const struct sonde_record *r, bool late)
{
	struct fake *f = context;

	assert_true(f->count < MAX_SEEN);
	f->seen[f->count++] = (struct seen){r->time, r->seq, r->class, late};
	if (f->during)
		f->during(f);
}

static unsigned long drain(struct fake *f, uint64_t watermark)
{
	f->count = 0;
	return merge__drain(&f->merge, watermark, deliver, f);
}

/* What was delivered, by sequence number. */
static void expect(struct fake *f, uint64_t watermark, const char *expected)
{
	char text[1024] = "", *at = text;
	unsigned long delivered = drain(f, watermark);

	assert_int_equal(delivered, f->count);
	for (unsigned int i = 0; i < f->count; i++)
		at += sprintf(at, "%s%u%s", i ? " " : "", f->seen[i].seq,
			      f->seen[i].late ? "L" : "");
	assert_string_equal(text, expected);
}

static void order(void **state)
{
	struct fake *f = make(3, 1);

	expect(f, 100, "");
	assert_false(merge__pending(&f->merge));
	put(f, 0, 10, 1, 0);
	put(f, 0, 40, 4, 0);
	put(f, 1, 20, 2, 0);
	put(f, 1, 50, 5, 0);
	put(f, 2, 30, 3, 0);
	put(f, 2, 60, 6, 0);
	assert_true(merge__pending(&f->merge));
	expect(f, 100, "1 2 3 4 5 6");
	assert_false(merge__pending(&f->merge));
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(f->consumer[i], f->producer[i]);
	expect(f, 100, "");
	unmake(f);
}

/* Introductions come before the events that mention them; CPUs in their order. */
static void equal_times(void **state)
{
	struct fake *f = make(6, 3);

	for (unsigned int i = 6; i > 0; i--) {
		put(f, i - 1, 10, i - 1, 0);
		put(f, i - 1, 20, 10 + i - 1, 0);
	}
	expect(f, 100, "0 3 1 4 2 5 10 13 11 14 12 15");
	for (unsigned int i = 0; i < f->count; i++)
		assert_int_equal(f->seen[i].class, f->seen[i].seq % 10 % 3);
	unmake(f);
}

static void watermark(void **state)
{
	struct fake *f = make(2, 1);

	put(f, 0, 10, 1, 0);
	put(f, 0, 30, 3, 0);
	put(f, 1, 20, 2, 0);
	put(f, 1, 40, 4, 0);
	expect(f, 10, "");
	expect(f, 30, "1 2");
	assert_true(merge__pending(&f->merge));
	expect(f, 31, "3");
	expect(f, ~0ull, "4");
	unmake(f);
}

/* What comes after younger ones is delivered, and says so; what is as old as the last one is not
 * late. */
static void late(void **state)
{
	struct fake *f = make(2, 1);

	put(f, 0, 10, 1, 0);
	put(f, 0, 30, 2, 0);
	expect(f, 100, "1 2");
	put(f, 1, 20, 3, 0);
	put(f, 1, 30, 4, 0);
	put(f, 1, 25, 5, 0); /* a ring is not in order itself: an interrupt's record may overtake
				the one interrupted */
	put(f, 1, 31, 6, 0);
	expect(f, 100, "3L 4 5L 6");
	unmake(f);
}

static void discarded(void **state)
{
	struct fake *f = make(1, 1);

	put(f, 0, 10, 1, BPF_RINGBUF_DISCARD_BIT);
	put(f, 0, 20, 2, 0);
	put(f, 0, 30, 3, BPF_RINGBUF_DISCARD_BIT);
	put(f, 0, 40, 4, BPF_RINGBUF_DISCARD_BIT);
	expect(f, 100, "2");
	assert_false(merge__pending(&f->merge));
	assert_int_equal(f->consumer[0], f->producer[0]);
	assert_int_equal(f->merge.damaged, 0);
	unmake(f);
}

/* One that is reserved and not committed may be older than all others: they wait for it. */
static void busy(void **state)
{
	struct fake *f = make(3, 1);
	uint32_t *header;

	header = put(f, 0, 10, 1, BPF_RINGBUF_BUSY_BIT);
	put(f, 0, 40, 4, 0);
	put(f, 1, 20, 2, 0);
	put(f, 2, 30, 3, 0);
	expect(f, 100, "");
	expect(f, 100, "");
	assert_true(merge__pending(&f->merge));
	*header &= ~BPF_RINGBUF_BUSY_BIT;
	expect(f, 100, "1 2 3 4");
	/* behind others: what is before it is delivered */
	put(f, 0, 50, 5, 0);
	header = put(f, 0, 60, 6, BPF_RINGBUF_BUSY_BIT);
	put(f, 1, 70, 7, 0);
	expect(f, 100, "5");
	*header |= BPF_RINGBUF_DISCARD_BIT;
	expect(f, 100, "");
	*header &= ~BPF_RINGBUF_BUSY_BIT;
	expect(f, 100, "7");
	/* at the end nothing is waited for */
	put(f, 0, 80, 8, BPF_RINGBUF_BUSY_BIT);
	put(f, 1, 90, 9, 0);
	expect(f, ~0ull, "9");
	assert_true(merge__pending(&f->merge));
	unmake(f);
}

static void wrap_around(void **state)
{
	struct fake *f = make(2, 1);
	uint64_t time = 0, seq = 0, seen = 0;
	unsigned int rounds = 0;

	while (rounds++ < 300) {
		for (unsigned int i = 0; i < 8 + rounds % 5; i++, seq++)
			if (!put(f, seq % 2, ++time, seq, 0))
				break;
		drain(f, time - rounds % 4);
		for (unsigned int i = 0; i < f->count; i++) {
			assert_int_equal(f->seen[i].seq, (uint32_t)seen++);
			assert_false(f->seen[i].late);
		}
	}
	drain(f, ~0ull);
	assert_int_equal(seen + f->count, seq);
	assert_true(f->producer[0] > 10 * f->list[0].size);
	assert_int_equal(f->merge.damaged, 0);
	unmake(f);
}

static void more_while_delivering(struct fake *f)
{
	f->accepted += !!put(f, 0, 1000 + f->accepted, 1000 + f->accepted, 0);
}

/* There is room for new records before the drain of a full ring has come to its end; they are seen
 * by the next one. */
static void while_draining(void **state)
{
	struct fake *f = make(2, 1);
	unsigned int count = 0;

	while (put(f, 0, 10 + count, count, 0))
		count++;
	f->during = more_while_delivering;
	assert_int_equal(drain(f, 10000), count);
	assert_true(f->accepted > count / 2);
	f->during = NULL;
	assert_int_equal(drain(f, 10000), f->accepted);
	for (unsigned int i = 0; i < f->count; i++)
		assert_int_equal(f->seen[i].seq, 1000 + i);
	unmake(f);
}

static void introduce_while_delivering(struct fake *f)
{
	if (f->count > 1)
		return;
	put(f, 0, 20, 2, 0);
	put(f, 1, 20, 3, 0);
}

/* An event and its introduction that are written while the rings are looked at stay together, also
 * where both are old: the probe may have been held up. */
static void introduced_while_draining(void **state)
{
	struct fake *f = make(2, 2);

	f->during = introduce_while_delivering;
	put(f, 1, 10, 1, 0);
	expect(f, 100, "1");
	expect(f, 100, "2 3");
	unmake(f);
}

/* Sizes that lie: within the ring that entry alone is lost, beyond it what lies behind; never a
 * read outside. */
static void damaged(void **state)
{
	struct fake *f = make(2, 1);
	struct sonde_record r = {.time = 10, .size = sizeof(r), .seq = 1};
	uint32_t *header;

	r.size = sizeof(r) + 8; /* more than the entry has */
	put_raw(f, 0, &r, sizeof(r), 0);
	r.size = sizeof(r) - 8;
	put_raw(f, 0, &r, sizeof(r), 0);
	r.size = 0;
	put_raw(f, 0, &r, sizeof(r), 0);
	put_raw(f, 0, &r, 8, 0); /* too small for a header */
	put_raw(f, 0, &r, 0, 0);
	put(f, 0, 20, 2, 0);
	expect(f, 100, "2");
	assert_int_equal(f->merge.damaged, 5);
	/* an entry's own size: on to the producer's position, which is an entry's beginning for
	 * certain */
	header = put(f, 0, 30, 3, 0);
	put(f, 0, 40, 4, 0);
	*header = 0x3fffffff;
	expect(f, 100, "");
	assert_int_equal(f->merge.damaged, 6);
	assert_false(merge__pending(&f->merge));
	put(f, 0, 50, 5, 0);
	expect(f, 100, "5");
	header = put(f, 0, 60, 6, 0);
	*header += 8;
	expect(f, 100, "");
	assert_int_equal(f->merge.damaged, 7);
	header = put(f, 0, 70, 7, 0);
	*header = 0x3fffffff | BPF_RINGBUF_DISCARD_BIT;
	expect(f, 100, "");
	assert_false(merge__pending(&f->merge));
	unmake(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(equal_times),
		cmocka_unit_test(watermark),
		cmocka_unit_test(late),
		cmocka_unit_test(discarded),
		cmocka_unit_test(busy),
		cmocka_unit_test(wrap_around),
		cmocka_unit_test(while_draining),
		cmocka_unit_test(introduced_while_draining),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
