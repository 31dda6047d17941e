// SPDX-License-Identifier: Apache-2.0
/* What all sinks share: the way out. */
#include "sink.h"

#include <errno.h>
#include <poll.h>

int sink__flush(struct sink *sink)
{
	size_t done = 0;

	if (sink->out.failed && !sink->error)
		sink->error = -ENOMEM;
	while (done < sink->out.size && !sink->error) {
		ssize_t n = write(sink->fd, sink->out.data + done, sink->out.size - done);

		if (n >= 0) {
			done += n;
		} else if (errno == EAGAIN) {
			/* A terminal that somebody else set to non-blocking. */
			struct pollfd p = {.fd = sink->fd, .events = POLLOUT};

			(void)poll(&p, 1, -1);
		} else if (errno != EINTR) {
			sink->error = -errno;
		}
	}
	buffer__reset(&sink->out);
	return sink->error;
}

void sink__hint(struct sink *sink, const struct event *e)
{
	if (sink->ops->hint)
		sink->ops->hint(sink, e);
}

void sink__waiting(struct sink *sink, const struct waiting *w)
{
	if (sink->ops->waiting)
		sink->ops->waiting(sink, w);
}

void sink__lost(struct sink *sink, const struct host *host, const struct sonde_lost *lost)
{
	if (sink->ops->lost)
		sink->ops->lost(sink, host, lost);
}

void sink__tick(struct sink *sink, uint64_t now)
{
	if (sink->ops->tick)
		sink->ops->tick(sink, now);
}

int sink__finish(struct sink *sink, const struct sink_end *end)
{
	if (sink->ops->finish)
		sink->ops->finish(sink, end);
	return sink__flush(sink);
}

void sink__free(struct sink *sink)
{
	if (!sink)
		return;
	buffer__free(&sink->out);
	sink->ops->free(sink);
}

const char *sink__lost_reason(uint32_t reason)
{
	switch (reason) {
	case SONDE_LOST_RING:
		return "ring full";
	case SONDE_LOST_NESTED:
		return "nested";
	case SONDE_LOST_MEMORY:
		return "no memory";
	case SONDE_LOST_AMBIGUOUS:
		return "which request is not known";
	case SONDE_LOST_SKIPPED:
		return "skipped by the kernel";
	}
	return "unknown reason";
}

void sink__losses(struct buffer *b, const uint64_t *by_reason)
{
	const char *separator = " (";
	uint64_t sum = 0;

	for (unsigned int i = SONDE_LOST_RING; i <= SONDE_LOST_SKIPPED; i++)
		sum += by_reason[i];
	buffer__unsigned(b, sum);
	buffer__text(b, sum == 1 ? " record was lost" : " records were lost");
	for (unsigned int i = SONDE_LOST_RING; i <= SONDE_LOST_SKIPPED; i++) {
		if (!by_reason[i])
			continue;
		buffer__printf(b, "%s%llu ", separator, (unsigned long long)by_reason[i]);
		buffer__text(b, sink__lost_reason(i));
		separator = ", ";
	}
	buffer__text(b, by_reason[SONDE_LOST_RING]
				? "): raise --buffer, or trace less"
				: "): trace less; a larger --buffer does not help");
}
