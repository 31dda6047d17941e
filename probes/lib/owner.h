/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Whose is this connection? It changes its state mostly in interrupts, where `current` is a
 * stranger. Who connected or listened is remembered with the socket; what comes out of one that
 * listens is its owner's, until somebody accepts it. Only tasks that are traced own anything here:
 * whether an event is followed is whether its socket has an owner.
 */
#ifndef SONDE_OWNER_H
#define SONDE_OWNER_H

#include "socket.h"

struct socket_owner {
	__u64 key;
	__u64 ino; /* of the socket, when it had one */
	__u32 pid, tid;
	__u32 version, generation;
};

/*
 * By struct sock. Its memory comes to be used for another socket: each way to begin one (connect,
 * listen, a connection that comes in) sets its entry or takes it away.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct socket_owner);
} socket_owners SEC(".maps");

static __always_inline __u64 inode_number(struct sock *sk)
{
	return is_small_sock(sk) ? 0 : BPF_CORE_READ((struct inode *)inode_of_sock(sk), i_ino);
}

/* The subject of the record that is being made owns the socket from now on. */
static __always_inline void remember_owner(struct scratch *s, __u64 sk)
{
	const struct sonde_record *r = (void *)s->data;
	struct socket_owner owner = {
		.key = r->key,
		.ino = inode_number((struct sock *)sk),
		.pid = r->pid,
		.tid = r->tid,
		.version = r->version,
		.generation = config.generation,
	};

	bpf_map_update_elem(&socket_owners, &sk, &owner, BPF_ANY);
}

static __always_inline void forget_owner(__u64 sk)
{
	bpf_map_delete_elem(&socket_owners, &sk);
}

static __always_inline struct socket_owner *owner_of(__u64 sk)
{
	struct socket_owner *owner = bpf_map_lookup_elem(&socket_owners, &sk);
	__u64 ino;

	if (!owner || !owner->ino)
		return owner;
	ino = inode_number((struct sock *)sk);
	return ino && ino != owner->ino ? NULL : owner;
}

/*
 * A connection that came in begins as a copy of the socket that listens, to which nothing in it
 * points: but the copy of its link in the list of those that are bound to the port still says where
 * that list points to the original.
 */
static __always_inline void inherit_owner(__u64 address)
{
	struct sock *sk = (void *)address, *listener;
	struct hlist_node **link = BPF_CORE_READ(sk, __sk_common.skc_bind_node.pprev);
	struct hlist_node *node = NULL;
	struct socket_owner copy, *owner = NULL;
	__u64 key;

	bpf_probe_read_kernel(&node, sizeof(node), link);
	listener = (void *)node - bpf_core_field_offset(struct sock, __sk_common.skc_bind_node);
	if (node && BPF_CORE_READ(listener, __sk_common.skc_state) == TCP_LISTEN &&
	    BPF_CORE_READ(listener, __sk_common.skc_num) ==
		    BPF_CORE_READ(sk, __sk_common.skc_num) &&
	    BPF_CORE_READ(listener, __sk_common.skc_net.net) ==
		    BPF_CORE_READ(sk, __sk_common.skc_net.net)) {
		key = (__u64)listener;
		owner = bpf_map_lookup_elem(&socket_owners, &key);
	}
	if (!owner) {
		forget_owner(address);
		return;
	}
	copy = *owner;
	copy.ino = 0;
	bpf_map_update_elem(&socket_owners, &address, &copy, BPF_ANY);
}

/* As begin_scratch(), of a record whose subject is the socket's owner, whoever runs. */
__noinline int begin_owned_scratch(__u32 hook, __u32 event, __u32 fixed, __u64 sk)
{
	struct socket_owner *owner = owner_of(sk);
	struct sonde_record *r;
	struct scratch *s;

	if (!owner && follow)
		return end_early(hook, SONDE_FILTERED);
	s = begin_record(hook, event, fixed, false, true, NULL);
	if (!s)
		return 0;
	r = (void *)s->data;
	r->subject = owner ? SONDE_SUBJECT_OWNER : SONDE_SUBJECT_NONE;
	r->pid = owner ? owner->pid : 0;
	r->tid = owner ? owner->tid : 0;
	r->key = owner ? owner->key : 0;
	/* for another consumer that version was not introduced: the latest is */
	r->version = owner && owner->generation == config.generation ? owner->version : 0;
	return 1;
}

#define begin_owned(name, sk) begin_with(begin_owned_scratch, name, name, sk)

#endif
