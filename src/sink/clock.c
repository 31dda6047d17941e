// SPDX-License-Identifier: Apache-2.0
#include "clock.h"

static void two(char *p, unsigned int n)
{
	p[0] = '0' + n / 10;
	p[1] = '0' + n % 10;
}

static void set_epoch(struct clock *c, uint64_t second)
{
	unsigned int size = sizeof(c->epoch);

	do {
		c->epoch[--size] = '0' + second % 10;
		second /= 10;
	} while (second);
	c->epoch_size = sizeof(c->epoch) - size;
	memmove(c->epoch, c->epoch + size, c->epoch_size);
}

static void set(struct clock *c, const struct host *host, uint64_t second)
{
	int64_t day = ((int64_t)second + (host ? host__utc_offset(host, second) : 0)) % 86400;
	unsigned int s = day < 0 ? day + 86400 : day;

	c->known = true;
	c->second = second;
	two(c->text, s / 3600);
	c->text[2] = ':';
	two(c->text + 3, s / 60 % 60);
	c->text[5] = ':';
	two(c->text + 6, s % 60);
	set_epoch(c, second);
}

uint32_t clock__show(struct clock *c, const struct host *host, uint64_t boot_ns)
{
	uint64_t ns = host ? host__real_time(host, boot_ns) : boot_ns, second = ns / 1000000000;

	if (unlikely(second != c->second || !c->known))
		set(c, host, second);
	return ns % 1000000000;
}

void clock__time(struct clock *c, struct buffer *b, const struct host *host, uint64_t boot_ns,
		 unsigned int digits)
{
	uint32_t fraction = clock__show(c, host, boot_ns);

	buffer__bytes(b, c->text, sizeof(c->text));
	if (!digits)
		return;
	buffer__char(b, '.');
	for (unsigned int i = digits; i < 9; i += 3)
		fraction /= 1000;
	buffer__digits(b, fraction, digits);
}
