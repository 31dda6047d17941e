# SPDX-License-Identifier: Apache-2.0
"""Processes whose context is hard to tell. Each step marks itself by a call that nobody else makes, and by a signal, and
writes down what /proc says of the task just then. Usage: context.py STEP..."""

import ctypes
import json
import os
import signal
import sys
import threading
import time
import traceback
import zlib

libc = ctypes.CDLL(None, use_errno=True)
NEWNS, NEWUTS, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x10000000, 0x20000000, 0x40000000
CLONE_PARENT, CLONE_INTO_CGROUP = 0x8000, 0x200000000
SYS_exit, SYS_clone3 = 93 if os.uname().machine == 'aarch64' else 60, 435
PR_SET_DUMPABLE, PR_SET_NAME, PR_SET_CHILD_SUBREAPER = 4, 15, 36
NAMESPACES = 'mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup', 'time'
LAST_PID = '/proc/sys/kernel/ns_last_pid'


def number(name):
    """The argument of the mark's call: above each process id."""
    return 1 << 24 | zlib.crc32(name.encode()) & 0xffffff


def must(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return result


def status(task):
    return {n: v.split() for n, v in (l.split(':', 1) for l in open(f'/proc/{task}/status'))}


def proc_says():
    me, s = '/proc/thread-self', status('thread-self')
    above = status(s['PPid'][0])['NSpid'] if s['PPid'] != ['0'] else []
    level = len(s['NSpid']) - 1
    numbers = {'proc.pid': s['Tgid'][0], 'thread.tid': s['Pid'][0], 'proc.vpid': s['NStgid'][-1],
               'thread.vtid': s['NSpid'][-1], 'proc.ppid': s['PPid'][0],
               'proc.pvpid': above[level] if level < len(above) else 0, 'proc.vpgid': s['NSpgid'][-1],
               'proc.pgid': s['NSpgid'][0], 'user.ruid': s['Uid'][0], 'user.uid': s['Uid'][1],
               'group.rgid': s['Gid'][0], 'group.gid': s['Gid'][1], 'proc.exe_ino': os.stat(me + '/exe').st_ino}
    for n in NAMESPACES:
        numbers['proc.ns_' + n] = os.stat(f'{me}/ns/{n}').st_ino
    return {**{n: int(v) for n, v in numbers.items()}, 'proc.cwd': os.readlink(me + '/cwd'),
            'proc.exepath': os.readlink(me + '/exe'), 'thread.name': open(me + '/comm').read().rstrip('\n'),
            'proc.name': open(f'/proc/{s["Tgid"][0]}/comm').read().rstrip('\n')}


def mark(name, **others):
    seen = {**proc_says(), **{n.replace('__', '.'): v for n, v in others.items()}}
    os.write(truth, (json.dumps([name, seen]) + '\n').encode())
    libc.getpgid(number(name))
    os.kill(os.getpid(), signal.SIGURG)  # which nobody minds


def child(step, *arguments, fork=os.fork, **more):
    pid = fork()
    if not pid:
        try:
            step(*arguments, **more)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(99)
    return pid


def run(step, *arguments, **more):
    _, code = os.waitpid(child(step, *arguments, **more), 0)
    if code:
        os._exit(98)


def called(name):
    libc.prctl(PR_SET_NAME, name.encode(), 0, 0, 0)


def in_thread(step, *arguments):
    t = threading.Thread(target=step, args=arguments)
    t.start()
    return t


def clone3(flags, cgroup=0):
    arguments = (ctypes.c_uint64 * 11)(flags, 0, 0, 0, 0 if flags & CLONE_PARENT else signal.SIGCHLD, 0, 0, 0, 0, 0, cgroup)
    return must(libc.syscall(SYS_clone3, arguments, ctypes.sizeof(arguments)))


def nested(level=0):
    """A pid namespace within another: who unshares stays where he is, his children are in the new one."""
    mark(f'level {level}')
    if level < 2:
        must(libc.unshare(NEWPID))
        mark(f'level {level}, unshared')
        run(nested, level + 1)
        mark(f'level {level}, child gone')
    else:
        run(mark, 'level 2, child')
        in_thread(mark, 'level 2, thread').join()


def others():
    """Into other namespaces and back."""
    kinds = {'uts': NEWUTS, 'net': NEWNET, 'mnt': NEWNS}
    home = {n: os.open(f'/proc/self/ns/{n}', os.O_RDONLY) for n in (*kinds, 'pid')}
    away = {}
    for n, flag in kinds.items():
        must(libc.unshare(flag))
        mark(f'unshared {n}')
        away[n] = os.open(f'/proc/self/ns/{n}', os.O_RDONLY)
    for n in kinds:
        must(libc.setns(home[n], 0))
        mark(f'home {n}')
        must(libc.setns(away[n], 0))
        mark(f'away {n}')
    # The third may lie where the first one lay.
    for i in range(4):
        must(libc.unshare(NEWUTS))
        must(libc.unshare(NEWUTS))
        mark(f'twice {i}')
    must(libc.unshare(NEWPID))
    inside, outside = os.pipe(), os.pipe()

    def first():
        os.write(outside[1], b'1')
        os.read(inside[0], 1)

    reaper = child(first)
    os.read(outside[0], 1)
    must(libc.setns(home['pid'], 0))
    run(mark, 'child at home')
    must(libc.setns(os.open(f'/proc/{reaper}/ns/pid', os.O_RDONLY), 0))
    mark('joined')
    run(mark, 'child that joined')
    os.write(inside[1], b'1')
    os.wait()


def twice():
    """Programs, users and directories that follow each other before anybody looks."""
    os.chdir('/usr')
    os.chdir('/usr/share')
    mark('moved twice')
    for uid in 11, 12, 13:
        os.setresgid(uid, uid, 0)
        os.setresgid(uid, uid + 1, 0)
        mark(f'group {uid}')


def renamed():
    """The directory that it is in, and one above that, are called otherwise."""
    os.makedirs('above/within')
    os.chdir('above/within')
    mark('in a directory')
    os.rename('../within', '../renamed')
    mark('in a renamed one')
    run(os.rename, '../../above', '../../elsewhere')
    mark('above it renamed')
    os.removedirs(os.getcwd())


def users():
    """root in a user namespace is who he was to the kernel."""
    os.setgid(13)
    os.setuid(21)
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    must(libc.unshare(NEWUSER))
    nobody = dict(user__uid=21, user__ruid=21, group__gid=13, group__rgid=13)
    mark('not mapped', **nobody)
    for name, text in ('setgroups', 'deny'), ('gid_map', '0 13 1'), ('uid_map', '0 21 1'):
        with open(f'/proc/self/{name}', 'w') as f:
            f.write(text)
    if os.getuid() or os.getgid():
        os._exit(97)
    mark('root inside', **nobody)
    os.setuid(0)
    run(mark, 'its child', **nobody)


def thread_exec():
    """A thread that executes becomes the leader; the others end."""
    called('before')

    def execute():
        called('executing')
        mark('a thread')
        os.execv('/bin/true', ['true', 'by a thread'])

    in_thread(time.sleep, 60)
    in_thread(execute)
    time.sleep(60)


def thread_execs():
    must(libc.unshare(NEWPID))
    run(thread_exec)


def spawn():
    """vfork: the parent waits until the child executes."""
    mark('before spawn')
    os.waitpid(os.posix_spawn('/bin/true', ['true', 'spawned'], {}), 0)
    mark('after spawn')


def siblings():
    """A child that is its maker's sibling."""
    def maker():
        child(mark, 'a sibling', fork=lambda: clone3(CLONE_PARENT))
        mark('its maker')

    child(maker)
    os.wait()
    os.wait()


def into_cgroup():
    path = '/sys/fs/cgroup/sonde-context'
    os.makedirs(path, exist_ok=True)
    fd = os.open(path, os.O_RDONLY)
    pid = child(mark, 'in a cgroup', fork=lambda: clone3(CLONE_INTO_CGROUP, fd))
    os.waitpid(pid, 0)
    mark('outside')


def orphans():
    """A parent dies: the subreaper above it is the parent then."""
    reaper = os.getpid()
    called('reaper')
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    near, far = os.pipe(), os.pipe()

    def orphan():
        called('orphan')
        mark('before')
        os.write(near[1], b'1')
        while os.getppid() != reaper:
            libc.getpgid(number('meanwhile'))
        mark('after')
        run(mark, 'grandchild')

    def parent():
        called('parent')
        child(orphan)
        os.read(near[0], 1)
        bytearray(64 << 20)  # it takes time to give it back

    child(parent)
    os.wait()
    os.wait()


def zombie_leader():
    """The leader ends, its thread goes on, and executes."""
    leader = os.getpid()
    called('leader')

    def survivor():
        while open(f'/proc/{leader}/stat').read().rsplit(')', 1)[1].split()[0] != 'Z':
            time.sleep(0.01)
        called('survivor')
        mark('the leader is dead')
        os.chdir('/usr')
        os.close(os.open('/etc/passwd', os.O_RDONLY))
        mark('elsewhere')
        run(mark, 'child of the survivor')
        os.execv('/bin/true', ['true', 'by a survivor'])

    in_thread(survivor)
    libc.syscall(SYS_exit, 0)


def crowds():
    """All threads of a process end at once: the last one is one only."""
    def crowd():
        for _ in range(6):
            threading.Thread(target=time.sleep, args=[60], daemon=True).start()
        called('crowd')
        os._exit(7)

    for _ in range(30):
        os.waitpid(child(crowd), 0)


def killed():
    """By somebody outside of the pid namespace, and by the kernel when its first process ends."""
    into, out = os.pipe()

    def sleeper(name):
        called(name)
        os.write(out, f'{name} {os.readlink("/proc/self")}\n'.encode())
        time.sleep(60)

    def first():
        called('first')
        inner = child(sleeper, 'inner')
        child(sleeper, 'left')
        os.waitpid(inner, 0)

    called('outer')
    must(libc.unshare(NEWPID))
    pid = child(first)
    seen = b''
    while seen.count(b'\n') < 2:
        seen += os.read(into, 100)
    os.kill(int(dict(l.split() for l in seen.splitlines())[b'inner']), signal.SIGTERM)
    os.waitpid(pid, 0)


def as_pid(wanted, step, *arguments):
    """Runs a step in a child that has this id in its own namespace, for which the caller's alone may be asked."""
    def if_it_has():
        if os.getpid() == wanted:
            step(*arguments)

    for _ in range(20):
        with open(LAST_PID, 'w') as f:
            f.write(str(wanted - 1))
        pid = child(if_it_has)
        os.waitpid(pid, 0)
        if pid == wanted:
            return
    raise OSError('others took the id')


def reused(where='here'):
    """An id that one had who is dead is another's; who looks like him in all the rest, too."""
    def one(name, directory):
        called(name)
        os.chdir(directory)
        mark(f'{name} {where}')

    first = child(mark, f'first {where}')
    os.waitpid(first, 0)
    as_pid(first, mark, f'second {where}')
    as_pid(first, one, 'third', '/usr')
    as_pid(first, one, 'fourth', '/usr/share')


def reused_inside():
    must(libc.unshare(NEWPID))
    run(reused, 'inside')


def victim():
    """Dies, and leaves its id to whom the test makes then."""
    run(mark, 'victim')
    while not os.path.exists('go'):
        time.sleep(0.05)


if __name__ == '__main__':
    truth = os.open('truth', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for step in sys.argv[1:]:
        run(globals()[step])
