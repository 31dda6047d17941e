// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#define MIGRATE
#define REUSEPORT "sk_reuseport/migrate"
#include "reuseport.bpf.c"
