// SPDX-License-Identifier: Apache-2.0
/* Structures whose form another argument decides: options of sockets, requests, commands. */
#include "corpus.h"
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/time.h>

static void options(int stream, int datagram)
{
	struct linger linger = {1, 3};
	struct timeval time = {1, 2};
	struct ip_mreq group = {{inet_addr("224.0.0.7")}, {inet_addr("127.0.0.1")}};
	struct ip_mreqn group_on = {{inet_addr("224.0.0.7")}, {inet_addr("127.0.0.1")}, 1};
	struct ipv6_mreq group6 = {IN6ADDR_LOOPBACK_INIT, 1};
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0xffff)};
	struct sock_fprog program = {1, code};
	struct tcp_info state;
	socklen_t size = sizeof(linger);

	CALL(setsockopt, stream, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	CALL(getsockopt, stream, SOL_SOCKET, SO_LINGER, &linger, &size);
	size = sizeof(time);
	CALL(setsockopt, stream, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
	CALL(getsockopt, stream, SOL_SOCKET, SO_RCVTIMEO, &time, &size);
	CALL(setsockopt, datagram, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group));
	CALL(setsockopt, datagram, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group_on, sizeof(group_on));
	CALL(setsockopt, datagram, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group6, sizeof(group6));
	CALL(setsockopt, datagram, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	size = sizeof(state);
	CALL(getsockopt, stream, IPPROTO_TCP, TCP_INFO, &state, &size);
	CALL(setsockopt, stream, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
}

static void interfaces(int fd)
{
	struct ifreq request = {.ifr_name = "lo"};
	int n;

	CALL(ioctl, fd, SIOCGIFINDEX, &request);
	CALL(ioctl, fd, SIOCGIFFLAGS, &request);
	CALL(ioctl, fd, SIOCGIFADDR, &request);
	CALL(ioctl, fd, SIOCGIFNETMASK, &request);
	CALL(ioctl, fd, SIOCGIFMTU, &request);
	CALL(ioctl, fd, SIOCGIFTXQLEN, &request);
	CALL(ioctl, fd, FIONREAD, &n);
}

static void queues(void)
{
	struct {
		long type;
		char text[8];
	} message = {3, "message"};
	struct msqid_ds queue;
	struct shmid_ds memory;
	struct semid_ds semaphores;
	int id = CALL(msgget, IPC_PRIVATE, 0600);

	CALL(msgsnd, id, &message, 5, 0);
	CALL(msgrcv, id, &message, 8, 0, IPC_NOWAIT);
	CALL(msgctl, id, IPC_STAT, &queue);
	CALL(msgctl, id, IPC_SET, &queue);
	CALL(msgctl, id, IPC_RMID, NULL);
	id = CALL(shmget, IPC_PRIVATE, 4096, 0600);
	CALL(shmctl, id, IPC_STAT, &memory);
	CALL(shmctl, id, IPC_SET, &memory);
	CALL(shmctl, id, IPC_RMID, NULL);
	id = CALL(semget, IPC_PRIVATE, 2, 0600);
	CALL(semctl, id, 0, IPC_STAT, &semaphores);
	CALL(semctl, id, 0, IPC_RMID, 0);
}

static void rings(void)
{
	struct io_uring_params params = {.flags = IORING_SETUP_CLAMP};
	int fds[2] = {0, 1}, ring = CALL(io_uring_setup, 4, &params);
	struct io_uring_files_update update = {0, 0, (uintptr_t)fds};
	unsigned int workers[2] = {1, 2};
	struct iovec vector = {fds, 8};

	if (ring < 0)
		return;
	CALL(io_uring_register, ring, IORING_REGISTER_FILES, fds, 2);
	CALL(io_uring_register, ring, IORING_UNREGISTER_FILES, NULL, 0);
	CALL(io_uring_register, ring, IORING_REGISTER_BUFFERS, &vector, 1);
	CALL(io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0);
	CALL(io_uring_register, ring, IORING_REGISTER_EVENTFD, fds, 1);
	CALL(io_uring_register, ring, IORING_REGISTER_FILES_UPDATE, &update, 2);
	CALL(io_uring_register, ring, IORING_REGISTER_IOWQ_MAX_WORKERS, workers, 2);
	CALL(io_uring_enter, ring, 0, 0, IORING_ENTER_GETEVENTS, NULL, 8);
	CALL(close, ring);
}

static void programs(void)
{
	struct bpf_insn code[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0}, {BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY,
			       .key_size = 4,
			       .value_size = 8,
			       .max_entries = 1,
			       .map_name = "corpus"};
	int map = CALL(bpf, BPF_MAP_CREATE, &attr, sizeof(attr)), program;
	uint64_t key = 0, value = 5;
	char info[64] = {0};

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	CALL(bpf, BPF_MAP_UPDATE_ELEM, &attr, 32);
	CALL(bpf, BPF_MAP_LOOKUP_ELEM, &attr, 32);
	CALL(bpf, BPF_MAP_DELETE_ELEM, &attr, 32);
	CALL(bpf, BPF_MAP_GET_NEXT_KEY, &attr, 32);
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insn_cnt = 2;
	attr.insns = (uintptr_t)code;
	attr.license = (uintptr_t) "GPL";
	strcpy(attr.prog_name, "corpus");
	program = CALL(bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = program;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)info;
	CALL(bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, 16);
	memset(&attr, 0, sizeof(attr));
	CALL(bpf, BPF_PROG_GET_NEXT_ID, &attr, 12);
	attr.prog_id = 999999999;
	CALL(bpf, BPF_PROG_GET_FD_BY_ID, &attr, 12);
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = program;
	attr.link_create.target_fd = 99;
	attr.link_create.attach_type = BPF_CGROUP_INET_INGRESS;
	CALL(bpf, BPF_LINK_CREATE, &attr, 16);
	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.name = (uintptr_t) "missing";
	attr.raw_tracepoint.prog_fd = program;
	CALL(bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, 16);
	close_it(map);
	close_it(program);
}

static void counters(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .size = 128,
				       .config = PERF_COUNT_SW_CPU_CLOCK,
				       .sample_period = 1000,
				       .sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID,
				       .disabled = 1,
				       .exclude_kernel = 1};

	close_it(CALL(perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
	attr.type = PERF_TYPE_HARDWARE;
	attr.config = PERF_COUNT_HW_INSTRUCTIONS;
	attr.freq = 1;
	CALL(perf_event_open, &attr, 99999999, -1, -1, 0);
}

static void keys(void)
{
	char buffer[64];

	CALL(keyctl, KEYCTL_SETPERM, 99, 0x3f3f0000);
	CALL(keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "missing", 0);
	CALL(keyctl, KEYCTL_CHOWN, 99, 1, 2);
	CALL(keyctl, KEYCTL_SET_TIMEOUT, 99, 10);
	CALL(keyctl, KEYCTL_UPDATE, 99, "abc", 3);
	CALL(keyctl, KEYCTL_READ, 99, buffer, sizeof(buffer));
	CALL(keyctl, KEYCTL_SET_REQKEY_KEYRING, -1);
}

int main(void)
{
	int stream = CALL(socket, AF_INET, SOCK_STREAM, 0),
	    datagram = CALL(socket, AF_INET, SOCK_DGRAM, 0);

	options(stream, datagram);
	interfaces(datagram);
	close_it(stream);
	close_it(datagram);
	queues();
	rings();
	programs();
	counters();
	keys();
	return 0;
}
