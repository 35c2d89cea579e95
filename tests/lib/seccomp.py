# SPDX-License-Identifier: ISC
"""What a filter of system calls (seccomp(2)) allows, by running it."""

# linux/filter.h, those that libseccomp makes.
LOAD, JUMP, RETURN, AND = 0x20, 0x05, 0x06, 0x54
COMPARE = {0x15: lambda a, k: a == k, 0x25: lambda a, k: a > k,
           0x35: lambda a, k: a >= k, 0x45: lambda a, k: a & k != 0}
# linux/seccomp.h: the action, and struct seccomp_data's layout.
ALLOW = 0x7fff0000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
X86_64 = 0xc000003e


def actions(steps, number, arguments=()):
    """All that the filter can say of that call; an argument that is not given
    may be anything."""
    data = {NUMBER: number, ARCHITECTURE: X86_64}
    for place, value in enumerate(arguments):
        data[ARGUMENTS + 8 * place] = value & 0xffffffff
        data[ARGUMENTS + 8 * place + 4] = value >> 32
    found, seen, waiting = set(), set(), [(0, 0)]
    while waiting:
        at, value = waiting.pop()
        if (at, value) in seen:
            continue
        seen.add((at, value))
        code, if_true, if_false, k = steps[at]
        if code == RETURN:
            found.add(k)
        elif code == LOAD:
            waiting.append((at + 1, data.get(k)))
        elif code == AND:
            waiting.append((at + 1, None if value is None else value & k))
        elif code == JUMP:
            waiting.append((at + 1 + k, value))
        elif code in COMPARE:
            for jump, taken in ((if_true, True), (if_false, False)):
                if value is None or COMPARE[code](value, k) == taken:
                    waiting.append((at + 1 + jump, value))
        else:
            raise ValueError(f"step {at}: code {code:#x}")
    return found


def allows(steps, number, arguments=()):
    """Whether it may pass, with some values of what is not given."""
    return ALLOW in actions(steps, number, arguments)
