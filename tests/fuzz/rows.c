/* SPDX-License-Identifier: ISC */
/*
 * A daemon's part of a configuration, as ipvsd would hand it over: every
 * decoder of the rows. The first byte says whose.
 */
#include <sys/mman.h>

#include <fcntl.h>
#include <unistd.h>

#include "../conf/whole_conf.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum role readers[] = {
	    ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};
	const char *why = NULL;
	struct conf *conf;
	int fd;

	if (size < 1)
		return 0;
	fd = memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	MUST(fd != -1);
	MUST(write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
	MUST(fcntl(fd, F_ADD_SEALS,
		 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) !=
	    -1);
	conf = decode_whole(fd, readers[data[0] % 3], &why);
	MUST(conf != NULL || why != NULL);
	conf_free(conf);
	close(fd);
	return 0;
}
