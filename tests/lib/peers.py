# SPDX-License-Identifier: ISC
"""Other people's VRRP routers on a host, to meet ours."""

import shutil

from scenario import Skip
from suite import work_directory


def keepalived(net, host, config):
    """Debian's keepalived with a configuration text, running; a Process."""
    program = shutil.which("keepalived", path="/usr/sbin:/usr/bin")
    if program is None:
        raise Skip("no keepalived")
    directory = work_directory(net)
    path = f"{directory}/keepalived.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(config)
    return host.popen("keepalived", program, "--dont-fork", "--log-console",
                      "--log-detail", "--dump-conf", "-f", path,
                      "-p", f"{directory}/pid", "-r", f"{directory}/vrrp.pid",
                      "-c", f"{directory}/check.pid")
