# SPDX-License-Identifier: Apache-2.0
"""What the tests of the network share: a network namespace of their own, commands in it, and what sonde says of them."""

import ctypes
import json
import os
import subprocess
import sys
from live import PATIENCE, SONDE, expect, skip

libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x40000000):  # CLONE_NEWNET
    skip('needs network namespaces')
KERNEL = open('/sys/kernel/btf/vmlinux', 'rb').read()


def shell(command):
    return subprocess.run(command, shell=True, capture_output=True, text=True)


if shell('ip link set lo up').returncode:
    skip('needs ip')


def knows(name):
    """Whether the kernel's types have a name."""
    return b'\0' + name.encode() + b'\0' in KERNEL


def python(text, *arguments):
    return [sys.executable, '-S', '-c', 'import os, socket, struct, sys, time\n' + text, *map(str, arguments)]


def values(lines):
    """The variables of an object, as they are last."""
    return {e['variable']: e['value'] for e in map(json.loads, lines) if 'variable' in e}


def run(object, *arguments, command, status=0):
    """What the programs of an object say of a command: lines of JSON."""
    r = subprocess.run([SONDE, 'probe', 'run', '--json', '-o', 'said', object, *arguments, '--', *command],
                       capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PATIENCE)
    expect(f'{object.name}: {r.stderr}', (r.returncode, r.stderr), (status, ''))
    with open('said') as f:
        return f.read().splitlines()


class Beside:
    """sonde beside what the test does itself."""

    def __init__(self, object, *arguments):
        self.process = subprocess.Popen([SONDE, 'probe', 'run', '--json', '--maps', '30ms', '-p', str(os.getpid()), object, *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.first = self.process.stdout.readline()  # it is attached

    def stop(self):
        self.process.terminate()
        out, err = self.process.communicate(timeout=PATIENCE)
        expect(f'{self.process.args[-1]}: {err}', (self.process.returncode, err), (0, ''))
        return values(line for line in out.splitlines() if line)
