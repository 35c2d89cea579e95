# SPDX-License-Identifier: ISC
"""The next version: this one's sources with one more of everything that a
version may add.

They are copied, edited and built below the build directory, so that nothing of
it is in what is installed. An edit that finds no place any more says so.
"""

import os
import re
import shutil
import subprocess

from scenario import checkout
from suite import build

DIRECTORIES = ("common", "ipvsd", "vrrpd", "checkd", "vipctl", "etc",
               "packaging/systemd")
PROGRAMS = ("ipvsd", "vrrpd", "checkd", "vipctl")
VERSION = "99.0.0"
REASON = "a reason of the next version"
SAYS = "something that only the next version says"
# As they are in the build that the next version is to replace.
SETTINGS = ("CMAKE_C_COMPILER", "CMAKE_C_FLAGS", "TRIUMVIR_SANITIZE")

# A file: what is found there once, and what it becomes; LEVEL: see _level().
EDITS = {
    "CMakeLists.txt": [(r"(project\(triumvir VERSION )[\d.]+",
                        rf"\g<1>{VERSION}")],
    "common/link/msg.h": [(r"(#define MSG_LEVEL\s+)\d+", r"\g<1>LEVEL")],
    # A message that checkd says, at the end of its table; and a reason.
    "common/link/msg_table.h": [
        (r"(\n\tX\([^\n]*\))(\n\nenum msg_type)",
         r"\1 \\\n\tX(NEXT, MK, MI, 4, 4, 0, GEN_LINK, PACE_MANY, LEVEL)\2")],
    "common/link/health.h": [
        (r"(\n\tX\([^\n]*\))(\n\nenum reason)",
         rf'\1 \\\n\tX(NEXT, "{REASON}", LEVEL)\2')],
    "checkd/verdict.c": [(r"return REASON_REFUSED;", "return REASON_NEXT;")],
    "checkd/tell.c": [
        (r"(\tlink_send_snapshot\(peer->link, false\);)",
         r"""	if (peer->id == PEER_IPVSD && link_knows(peer->link, MSG_NEXT)) {
		put_u32(link_compose(peer->link, MSG_NEXT), 7);
		link_send(peer->link, 0, -1);
	}
\1""")],
    "ipvsd/dispatch.c": [
        (r"(\tcase MSG_VERDICTS:\n)",
         rf"""	case MSG_NEXT:
		log_info("checkd: {SAYS}: %u", get_u32(&msg->body));
		return reader_done(&msg->body) ? 0 : -1;
\1""")],
    # A value in a row of all daemons, before others.
    "common/ctl/ctl_table.h": [
        (r"(#define CTL_KEYS_link\(X, N\) *\\\n)",
         rf'\1\tX(next, TEXT, "", ALWAYS, "{SAYS}") \\\n')],
    "common/ctl/ctl_rows.c": [
        (r"(\t    \.peer = ctl_text\()",
         rf'\t    .next = ctl_text("{SAYS}"),\n\1')],
    # A key of a server that does nothing, and a check that does as tcp does.
    "common/conf/service.h": [
        (r"(\tuint32_t max_connections;)", r"\tuint32_t note_next;\n\1")],
    "common/conf/schema_services.c": [
        (r'(    \{"state", T_WORD, 0, MI, SERVER)',
         r"""    {"note_next", T_NUMBER, 0, MI, SERVER(c.note_next),
	RANGE(0, 65535), DEF("0")},
\1""")],
    "common/conf/enum.h": [
        (r'(\tX\(CHECK_\w+, "\w+"\))(\nCONF_ENUM\(conf_check_type)',
         r'\1 \\\n\tX(CHECK_NEXT, "next")\2')],
    "checkd/check_types.c": [
        (r"(\tcase CHECK_TCP:\n)", r"\tcase CHECK_NEXT:\n\1")],
}


def _level():
    """MSG_LEVEL of this version."""
    with open(f"{checkout()}/common/link/msg.h", encoding="utf-8") as file:
        return int(re.search(r"#define MSG_LEVEL\s+(\d+)", file.read())[1])


LEVEL = _level() + 1


def _edited(path):
    with open(f"{checkout()}/{path}", "rb") as file:
        data = file.read()
    for what, becomes in EDITS.get(path, ()):
        data, count = re.subn(what, becomes.replace("LEVEL", str(LEVEL)),
                              data.decode())
        assert count == 1, f"{path}: {count} x {what}: tests/lib/next_version.py"
        data = data.encode()
    return data


def _paths():
    yield "CMakeLists.txt"
    for directory in DIRECTORIES:
        for where, _, names in os.walk(f"{checkout()}/{directory}"):
            for name in names:
                yield os.path.relpath(f"{where}/{name}", checkout())


def _write(path, data):
    """Only when it is another, so that little is built again."""
    if os.path.exists(path):
        with open(path, "rb") as file:
            if file.read() == data:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def _copy(source):
    paths = set(_paths())
    for where, _, names in os.walk(source):
        for name in names:
            path = os.path.relpath(f"{where}/{name}", source)
            if path not in paths:
                os.unlink(f"{source}/{path}")
    for path in paths:
        _write(f"{source}/{path}", _edited(path))


def _settings():
    with open(f"{build()}/CMakeCache.txt", encoding="utf-8") as file:
        cache = dict(re.findall(r"^(\w+):\w+=(.*)$", file.read(), re.MULTILINE))
    return [f"-D{name}={cache[name]}" for name in SETTINGS if name in cache]


def _run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def next_version():
    """Its build directory, built."""
    source, where = f"{build()}/next-source", f"{build()}/next"
    _copy(source)
    # No optimizer: it is to be built fast.
    _run("cmake", "-S", source, "-B", where, "-DTRIUMVIR_TESTS=OFF",
         "-DCMAKE_BUILD_TYPE=None", *_settings())
    _run("cmake", "--build", where, f"-j{os.cpu_count()}", "--target",
         *PROGRAMS)
    for name in PROGRAMS:
        assert shutil.which(f"{where}/{name}/{name}"), name
    return where
