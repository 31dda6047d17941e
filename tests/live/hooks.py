# SPDX-License-Identifier: Apache-2.0
"""What the tests of the kernel's hooks share. Each event is caused once, with the hook that serves it here; a line
`event NAME STATE HOOK: WHY` says what came of it, from which tests/vm/table makes its table."""

import json
import subprocess
import sys
from live import SONDE, Trace, expect, get
import live

listed = {}
unavailable = []


def about(event):
    """What `sonde events` says of it here: hook, state and why."""
    if event not in listed:
        p = subprocess.run([str(SONDE), 'events', '--json', '@hooks'], stdout=subprocess.PIPE, check=True)
        for line in p.stdout.decode().splitlines():
            known = json.loads(line)
            listed[known['name']] = known
    return listed[event]


def has_hook(event):
    """Whether it is served here, and by more than what stands in."""
    return about(event)['state'] != 'missing' and about(event)['hook'] != 'none'


def python(script):
    """A command that runs a script in Python, whose ctypes makes every call there is."""
    return [sys.executable, '-c', 'import ctypes, os, socket, sys, time\nlibc = ctypes.CDLL(None, use_errno=True)\n' + script]


def is_here(event):
    known = about(event)
    if has_hook(event):
        return True
    unavailable.append(event)
    reason = known['why'].splitlines()[0] + (f' ({known["config"]})' if known['config'] else '')
    print(f'event {event} missing {known["hook"]}: {reason}')
    return False


def case(event, command, check, *options):
    """Runs `command` traced for `event` alone (and whatever `options` add); check(t) is given the trace."""
    return cases({event: check}, command, *options)


def cases(checks, command, *options):
    """The same for several events at once, each with its check."""
    here = {event: check for event, check in checks.items() if is_here(event)}
    if not here:
        return None
    t = Trace('--json', '-e', ','.join(here), *options, '--', *command)
    for event, check in here.items():
        before = live.failed
        if expect(f'{event}: was seen', len(t.all(event)), lambda n: n > 0):
            check(t)
        else:
            print(t.err)
        expect(f'{event}: nothing is lost', t.end and t.end['lost'], 0)
        print(f'event {event} {"passed" if live.failed == before else "failed"} {about(event)["hook"]}: {about(event)["why"]}')
    return t


def done(what):
    if unavailable and not live.checked:
        print(f'this kernel has no hook for {", ".join(unavailable)}')
        sys.exit(77)
    live.done(what)
