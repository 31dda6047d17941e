# SPDX-License-Identifier: Apache-2.0
"""Modules of the kernel that runs, for tests that insert some: in a VM only."""

import lzma
import os
import re
from pathlib import Path
from live import skip


def file(name):
    """The module as the kernel takes it, in the current directory; None: this kernel has none."""
    if 'SONDE_VM_KERNEL' not in os.environ:
        skip('it inserts modules: tests/vm/run')
    for path in Path(os.environ['SONDE_VM_KERNEL']).rglob(f'{name}.ko*'):
        data = path.read_bytes()
        Path(f'{name}.ko').write_bytes(lzma.decompress(data) if path.suffix == '.xz' else data)
        return os.path.abspath(f'{name}.ko')
    return None


def info(name, key):
    """What modinfo says."""
    found = re.search(b'(?:^|\0)' + key.encode() + b'=([^\0]*)', Path(f'{name}.ko').read_bytes())
    return found and found[1].decode()
