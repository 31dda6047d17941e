# SPDX-License-Identifier: Apache-2.0
"""A program that loads and attaches BPF programs by bpf(2) alone: what tests run to see it traced."""

import ctypes
import os
import resource
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
alive = []  # what the kernel is given the address of


def text(words):
    alive.append(ctypes.create_string_buffer(words))
    return ctypes.addressof(alive[-1])


def call(number, *args):
    done = libc.syscall(number, *(ctypes.c_long(a) for a in args))
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done


def bpf(cmd, attr):
    return call(321, cmd, text(attr), len(attr))


def programs():
    """Of all that are loaded: their names by their numbers."""
    found, number = {}, 0
    while True:
        attr = ctypes.create_string_buffer(struct.pack('<II', number, 0) + bytes(8))
        try:
            call(321, 11, ctypes.addressof(attr), len(attr))
            number = struct.unpack_from('<I', attr, 4)[0]
            fd = bpf(13, struct.pack('<III', number, 0, 0))
        except FileNotFoundError:
            return found
        info = ctypes.create_string_buffer(80)
        bpf(15, struct.pack('<IIQ', fd, len(info), ctypes.addressof(info)))
        os.close(fd)
        found[number] = info.raw[64:].split(b'\0')[0].decode()


def insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack('<BBhi', code, dst | src << 4, off, imm)


def returning(n):
    return insn(0xb7, imm=n) + insn(0x95)


def calling(*helpers):
    """A program that calls bpf_probe_write_user(NULL, stack, 8) and the like."""
    code = insn(0x7a, 10, off=-8)
    for helper in helpers:
        code += insn(0xb7, 1) + insn(0xbf, 2, 10) + insn(7, 2, imm=-8) + insn(0xb7, 3, imm=8) + insn(0x85, imm=helper)
    return code + returning(0)


def load(kind, code, name=b'sonde_test', attach=0, btf_id=0):
    fd = bpf(5, struct.pack('<IIQQIIQII16sIIIIQIIQIIII', kind, len(code) // 8, text(code), text(b'GPL'), 0, 0, 0, 0, 0, name, 0,
                            attach, 0, 0, 0, 0, 0, 0, 0, btf_id, 0, 0))
    seen = dict(line.split(':\t') for line in open(f'/proc/self/fdinfo/{fd}').read().splitlines() if ':\t' in line)
    print('program', name.decode(), seen['prog_id'], seen['prog_tag'], flush=True)
    return fd


def map_create(kind, key, value, entries, flags=0, name=b'sonde_map'):
    fd = bpf(0, struct.pack('<IIIIIII16s', kind, key, value, entries, flags, 0, 0, name))
    seen = dict(line.split(':\t') for line in open(f'/proc/self/fdinfo/{fd}').read().splitlines() if ':\t' in line)
    print('map', name.decode(), seen['map_id'], flush=True)
    return fd


def perf(source, config=0, config1=0, config2=0):
    kind = source if isinstance(source, int) else int(open(f'/sys/bus/event_source/devices/{source}/type').read())
    attr = struct.pack('<IIQQQQQIIQQ', kind, 112, config, 0, 0, 0, 0, 0, 0, config1, config2).ljust(112, b'\0')
    return call(298, text(attr), -1 & 0xffffffff, 0, -1 & 0xffffffff, 0)


def set_bpf(event, program):
    return call(16, event, 0x40042408, program)


def link(program, target, attach):
    return bpf(28, struct.pack('<IIII', program, target, attach, 0))


def raw_tracepoint(program, name=None):
    return bpf(17, struct.pack('<QII', text(name) if name else 0, program, 0))


def cgroup(path):
    os.makedirs(path, exist_ok=True)
    return os.open(path, os.O_RDONLY)


def xdp(program, interface):
    """By netlink, as `ip link set dev lo xdpgeneric` does."""
    nested = struct.pack('<HHi', 8, 1, program) + struct.pack('<HHI', 8, 3, 2)
    body = struct.pack('<BxHiII', 0, 0, interface, 0, 0) + struct.pack('<HH', 4 + len(nested), 43 | 0x8000) + nested
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.send(struct.pack('<IHHII', 16 + len(body), 19, 5, 1, 0) + body)
        return struct.unpack_from('<i', s.recv(4096), 16)[0]


if __name__ == '__main__':
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (-1, -1))  # what counts up to 5.10
    exec(sys.argv[1])
