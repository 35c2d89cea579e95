/* SPDX-License-Identifier: ISC */
/*
 * A configuration file: what is read without an error prints a form that loads
 * to itself and whose parts every daemon can decode.
 */
#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "../conf/whole_conf.h"
#include "fuzz.h"
#include "load/load.h"
#include "load/print.h"

static void
report(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	(void)lint;
	(void)arg;
	MUST(severity < SEVERITY_MAX);
	MUST(text != NULL && *text != '\0');
}

static struct conf_source *
load(const void *text, size_t size, unsigned *errors)
{
	struct conf_source *source;
	unsigned warnings = 0;
	char path[64];
	int fd = memfd_create("yaml", MFD_CLOEXEC);

	MUST(fd != -1 && write(fd, text, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	source = conf_load(path, "d1", report, NULL, errors, &warnings);
	close(fd);
	return source;
}

static char *
print(struct conf_source *source, size_t *size)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, size);

	MUST(stream != NULL);
	conf_print(source, stream);
	MUST(fclose(stream) == 0);
	return text;
}

static void
encode(struct conf_source *source)
{
	static const enum role readers[] = {
	    ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};
	const char *why = NULL;
	struct conf *conf;
	int fd;

	for (size_t i = 0; i < 3; i++) {
		fd = encode_whole(source, readers[i]);
		MUST(fd != -1);
		conf = decode_whole(fd, readers[i], &why);
		MUST(conf != NULL);
		conf_free(conf);
		close(fd);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_source *source, *again;
	unsigned errors = 0;
	size_t len, len_again;
	char *text, *text_again;

	source = load(data, size, &errors);
	if (errors == 0) {
		text = print(source, &len);
		again = load(text, len, &errors);
		MUST(errors == 0);
		text_again = print(again, &len_again);
		MUST(len == len_again && memcmp(text, text_again, len) == 0);
		MUST(conf_generation(source) == conf_generation(again));
		encode(source);
		conf_source_free(again);
		free(text);
		free(text_again);
	}
	conf_source_free(source);
	return 0;
}
