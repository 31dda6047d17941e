/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sections that a libbpf may be too old to know, though the kernel knows their programs: what they
 * mean is a pair of numbers.
 */
#ifndef SONDE_PROBE_TYPES_H
#define SONDE_PROBE_TYPES_H

#include "../base/base.h"

struct bpf_program;

/* Of enum bpf_prog_type and enum bpf_attach_type, which older headers lack. */
#define PROG_TYPE_NETFILTER     32
#define ATTACH_STRUCT_OPS       44
#define ATTACH_NETFILTER        45
#define ATTACH_TCX_INGRESS      46
#define ATTACH_TCX_EGRESS       47
#define ATTACH_UNIX_CONNECT     49
#define ATTACH_UNIX_SENDMSG     50
#define ATTACH_UNIX_RECVMSG     51
#define ATTACH_UNIX_GETPEERNAME 52
#define ATTACH_UNIX_GETSOCKNAME 53
#define ATTACH_NETKIT_PRIMARY   54
#define ATTACH_NETKIT_PEER      55

/* Of a map of struct_ops: it is registered by a link. */
#define PROBE_F_LINK (1u << 13)

/* Gives a program the type of its section where libbpf did not. */
void probe_type__complete(struct bpf_program *p);
/* Whether programs of a section may call a helper that those of tracing have on this kernel. */
bool probe_type__helps(const char *section, unsigned int helper);

#endif
