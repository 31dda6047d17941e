# SPDX-License-Identifier: Apache-2.0
"""What the live tests in Python share: running sonde, and demanding things of what it said."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SONDE = Path(os.environ.get('SONDE', HERE.parent.parent / 'build/sonde')).absolute()
PROGRAMS = Path(os.environ.get('SONDE_PROGRAMS', SONDE.parent / 'tests/live'))
PATIENCE = 150 if os.environ.get('SONDE_VM') else 20

# Started by hand and not by tests/run-live: what is made goes away with the test.
if 'SONDE_ROOT' not in os.environ:
    own = tempfile.TemporaryDirectory(prefix='sonde-test.')
    os.chdir(own.name)

failed = 0
checked = 0


def skip(missing):
    print(missing)
    sys.exit(77)


def expect(what, seen, wanted):
    """seen must be wanted; or wanted(seen) true, where wanted is a function."""
    global failed, checked
    checked += 1
    if wanted(seen) if callable(wanted) else seen == wanted:
        return True
    failed += 1
    wanted = 'something else' if callable(wanted) else repr(wanted)
    print(f'FAIL  {what}: wanted {wanted}, seen {str(seen)[:600]!r}')
    return False


def get(event, name):
    """The value under a dotted name, as jq's .proc.pid; None where there is none."""
    for part in name.split('.'):
        if not isinstance(event, dict) or part not in event:
            return None
        event = event[part]
    return event


def expect_fields(what, event, **fields):
    """Each keyword is a field's name with __ for the dot: proc__pid=1."""
    if event is None:
        expect(what, 'no such event', fields)
        return
    for name, wanted in fields.items():
        expect(f'{what}: {name.replace("__", ".")}', get(event, name.replace('__', '.')), wanted)


def program(name):
    path = PROGRAMS / f'live-{name}'
    if not path.exists():
        skip(f'{path}: ninja builds it where it can')
    return str(path)


def function(*names):
    """What this kernel calls a function that kernels call by these names."""
    with open('/proc/kallsyms') as f:
        there = {line.split()[2] for line in f}
    return next(n for n in names if n in there)


class Trace:
    """A finished run: its status, what went to the standard error, its lines, and with --json its events."""

    def __init__(self, *arguments, output='trace', patience=3 * PATIENCE, **more):
        self.output = Path(output)
        command = [str(SONDE), 'trace', '-o', str(self.output), *map(str, arguments)]
        more.setdefault('stdin', subprocess.DEVNULL)
        p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        self.pid = p.pid
        out, err = p.communicate(timeout=patience)
        self.status, self.out, self.err = p.returncode, out.decode(errors='replace'), err.decode(errors='replace')
        self.read()

    def read(self):
        self.text = self.output.read_text(errors='surrogateescape') if self.output.is_file() else ''
        self.lines = self.text.splitlines()
        self.events = []
        self.end, self.lost = None, {'events': 0, 'introductions': 0}
        for line in self.lines:
            if not line.startswith('{'):
                continue
            event = json.loads(line)
            if 'end' in event:
                self.end = event['end']
            elif isinstance(event.get('lost'), dict):
                self.lost[event['lost']['of']] += event['lost']['count']
            elif 'evt' in event:
                self.events.append(event)

    @classmethod
    def of(cls, background):
        t = cls.__new__(cls)
        t.output, t.err = background.output, background.err
        t.read()
        return t

    def all(self, type, **fields):
        return [e for e in self.events if get(e, 'evt.type') == type and
                all(get(e, n.replace('__', '.')) == v for n, v in fields.items())]

    def first(self, type, **fields):
        return next(iter(self.all(type, **fields)), None)


class Background:
    """sonde, running; wait_for() text in its output, then stop()."""

    def __init__(self, *arguments, output='background', **more):
        self.output = Path(output)
        self.output.unlink(missing_ok=True)
        command = [str(SONDE), 'trace', '-o', str(self.output), *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, **more)

    def text(self):
        return self.output.read_text(errors='surrogateescape') if self.output.exists() else ''

    def wait_for(self, condition):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None or condition(self.text()):
                return condition(self.text())
            time.sleep(0.02)
        return False

    def stop(self, signal, group=False):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal) if group else self.process.send_signal(signal)
        _, err = self.process.communicate(timeout=PATIENCE)
        self.err = err.decode(errors='replace')
        return self.process.returncode


def done(what):
    print(f'{what}: {checked} checks, {failed} failed')
    sys.exit(1 if failed else 0)
