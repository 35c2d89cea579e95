# SPDX-License-Identifier: ISC
"""System calls made from inside another process, as it is confined.

What a taken-over process could do is tried in the process itself: ptrace(2)
puts the call where it waits for its events, and puts it back afterwards. The
call runs with its user, capabilities, limits and filter.
"""

import contextlib
import ctypes
import os
import platform
import signal
import socket
import struct
import time

from scenario import Skip

# sys/ptrace.h, sys/user.h and sys/wait.h of x86-64
PTRACE_SINGLESTEP, PTRACE_GETREGS, PTRACE_SETREGS = 9, 12, 13
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
PTRACE_SECCOMP_GET_FILTER = 0x420c
WALL = 0x40000000
NAMES = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax "
         "rip cs eflags rsp ss fs_base gs_base ds es fs gs").split()
ARGUMENTS = ("rdi", "rsi", "rdx", "r10", "r8", "r9")
SYSCALL = b"\x0f\x05"
SCRATCH, SCRATCH_SIZE = 16384, 4096     # below its stack
ATTACH_DEADLINE = 10
STEP = struct.Struct("=HBBI")           # linux/filter.h: sock_filter
GETPID = 39
PIDFD_GETFD = 438                       # asm-generic/unistd.h
NETLINK_ROUTE, NETLINK_GENERIC = 0, 16  # linux/netlink.h


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in NAMES]


class Died(Exception):
    """The process was ended by the call: .number is the signal."""

    def __init__(self, number):
        super().__init__(signal.Signals(number).name)
        self.number = number


class Trapped(Exception):
    """The call was answered with SIGSYS, which is not delivered."""


_libc = ctypes.CDLL(None, use_errno=True)


def _ptrace(request, pid, data=None):
    found = _libc.ptrace(ctypes.c_long(request), ctypes.c_long(pid), None,
                         data)
    if found == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return found


def duplicate(pid, fd):
    """A socket of the process, for us, whatever its filter keeps it from:
    pidfd_getfd(2), which root may."""
    process = os.pidfd_open(pid)
    found = _libc.syscall(PIDFD_GETFD, process, fd, 0)
    os.close(process)
    if found == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return socket.socket(fileno=found)


def _netlinks(pid, protocol):
    """The descriptors of its netlink sockets of a protocol."""
    with open(f"/proc/{pid}/net/netlink", encoding="ascii") as file:
        rows = [line.split() for line in file.read().splitlines()[1:]]
    inodes = {row[9] for row in rows if int(row[1]) == protocol}
    found = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{fd}")
        if target.startswith("socket:[") and target[8:-1] in inodes:
            found.append(int(fd))
    return found


def room(pid, protocol, size):
    """What its netlink sockets of a protocol have for the kernel's answers, of
    which others are lost. The kernel makes 1 what it allows: three answers."""
    for fd in _netlinks(pid, protocol):
        with duplicate(pid, fd) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)


class Inside:
    """A context in which the process is stopped and calls can be made."""

    def __init__(self, pid):
        if platform.machine() != "x86_64":
            raise Skip("system calls are injected on x86-64 only")
        self.pid = pid
        self.saved = Registers()
        self.alive = False

    def _wait(self):
        """The signal it stopped by."""
        _, status = os.waitpid(self.pid, WALL)
        if os.WIFSTOPPED(status):
            return os.WSTOPSIG(status)
        self.alive = False
        raise Died(os.WTERMSIG(status) if os.WIFSIGNALED(status) else
                   signal.SIGSYS)

    def _memory(self, flags):
        return os.open(f"/proc/{self.pid}/mem", flags)

    def _waits(self):
        """Whether it is stopped in a system call, behind the instruction."""
        file = self._memory(os.O_RDONLY)
        try:
            return os.pread(file, 2, self.saved.rip - 2) == SYSCALL
        finally:
            os.close(file)

    def __enter__(self):
        end = time.monotonic() + ATTACH_DEADLINE
        while True:
            try:
                _ptrace(PTRACE_SEIZE, self.pid)
            except PermissionError:
                raise Skip("tracing is not permitted here") from None
            _ptrace(PTRACE_INTERRUPT, self.pid)
            self._wait()
            self.alive = True
            _ptrace(PTRACE_GETREGS, self.pid, ctypes.byref(self.saved))
            if self._waits():
                return self
            _ptrace(PTRACE_DETACH, self.pid)
            if time.monotonic() > end:
                raise AssertionError(f"{self.pid} is always busy")

    def __exit__(self, *_):
        if self.alive:
            with contextlib.suppress(OSError):
                _ptrace(PTRACE_SETREGS, self.pid, ctypes.byref(self.saved))
                _ptrace(PTRACE_DETACH, self.pid)

    def filter(self):
        """The filter of system calls put on last: (code, jt, jf, k) each."""
        count = _ptrace(PTRACE_SECCOMP_GET_FILTER, self.pid)
        steps = ctypes.create_string_buffer(count * STEP.size)
        _ptrace(PTRACE_SECCOMP_GET_FILTER, self.pid, steps)
        return list(STEP.iter_unpack(steps.raw))

    def _step(self, registers):
        _ptrace(PTRACE_SETREGS, self.pid, ctypes.byref(registers))
        _ptrace(PTRACE_SINGLESTEP, self.pid)
        return self._wait()

    def call(self, number, *arguments):
        """The call's result; bytes are put into its memory."""
        registers = Registers.from_buffer_copy(self.saved)
        address = (self.saved.rsp - SCRATCH) & ~15
        end = address + SCRATCH_SIZE
        file = self._memory(os.O_WRONLY)
        try:
            for name, value in zip(ARGUMENTS, arguments + (0,) * 6):
                if isinstance(value, bytes):
                    if address + len(value) > end:
                        raise ValueError("too much for the scratch memory")
                    os.pwrite(file, value, address)
                    value, address = address, address + len(value) + 15 & ~15
                setattr(registers, name, value & (1 << 64) - 1)
        finally:
            os.close(file)
        registers.rax = number
        registers.orig_rax = (1 << 64) - 1
        registers.rip = self.saved.rip - 2
        stopped = self._step(registers)
        trapped = stopped == signal.SIGSYS
        if trapped:
            # The trap of the single step is still to come.
            registers.rax = GETPID
            stopped = self._step(registers)
        if stopped != signal.SIGTRAP:
            raise AssertionError(f"stopped by {signal.Signals(stopped).name}")
        if trapped:
            raise Trapped
        _ptrace(PTRACE_GETREGS, self.pid, ctypes.byref(registers))
        return ctypes.c_int64(registers.rax).value
