// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#define STREAM "sk_skb/stream_verdict"
#include "sockmap.h"
