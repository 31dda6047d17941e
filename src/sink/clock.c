// SPDX-License-Identifier: Apache-2.0
#include "clock.h"

#include <time.h>

static void two(char *p, unsigned int n)
{
	p[0] = '0' + n / 10;
	p[1] = '0' + n % 10;
}

static void set(struct clock *c, uint64_t second)
{
	int64_t day = ((int64_t)second + c->utc_offset) % 86400;
	unsigned int s = day < 0 ? day + 86400 : day;

	c->second = second;
	two(c->text, s / 3600);
	c->text[2] = ':';
	two(c->text + 3, s / 60 % 60);
	c->text[5] = ':';
	two(c->text + 6, s % 60);
}

void clock__time(struct clock *c, struct buffer *b, uint64_t epoch_ns, unsigned int digits)
{
	uint64_t second = epoch_ns / 1000000000;
	uint32_t fraction = epoch_ns % 1000000000;

	if (second != c->second)
		set(c, second);
	buffer__bytes(b, c->text, sizeof(c->text));
	if (!digits)
		return;
	buffer__char(b, '.');
	for (unsigned int i = digits; i < 9; i += 3)
		fraction /= 1000;
	buffer__digits(b, fraction, digits);
}

void clock__iso(struct clock *c, struct buffer *b, uint64_t epoch_ns)
{
	time_t local = epoch_ns / 1000000000 + c->utc_offset;
	unsigned int minutes = (c->utc_offset < 0 ? -c->utc_offset : c->utc_offset) / 60;
	struct tm tm;

	if (!gmtime_r(&local, &tm))
		return;
	buffer__digits(b, tm.tm_year + 1900, 4);
	buffer__char(b, '-');
	buffer__digits(b, tm.tm_mon + 1, 2);
	buffer__char(b, '-');
	buffer__digits(b, tm.tm_mday, 2);
	buffer__char(b, 'T');
	clock__time(c, b, epoch_ns, 9);
	buffer__char(b, c->utc_offset < 0 ? '-' : '+');
	buffer__digits(b, minutes / 60, 2);
	buffer__char(b, ':');
	buffer__digits(b, minutes % 60, 2);
}
