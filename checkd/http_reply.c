/* SPDX-License-Identifier: ISC */
/*
 * The reply to an HTTP check; see http_reply.h. What ends a body is decided as
 * RFC 9112 6.3 says. Unlike a browser it takes no reply whose end is in doubt.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "http_reply.h"
#include "search.h"

/* More than any length that comes whole. */
#define LENGTH_MAX (UINT64_MAX >> 8)

bool
http_reply_init(struct http_reply *reply, const struct conf_http *conf)
{
	*reply = (struct http_reply){
	    .head = conf->method != NULL && strcmp(conf->method, "HEAD") == 0};
	if (conf->body == NULL)
		return true;
	reply->search = search_new(conf->body);
	return reply->search != NULL;
}

void
http_reply_free(struct http_reply *reply)
{
	search_free(reply->search);
}

/* --- words --- */

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Cuts blanks off the end of the first len bytes. Returns what is left. */
static size_t
cut_blanks(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

/* Of digits alone. False: it is none, or too large. */
static bool
read_length(const char *text, size_t len, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]) || *value > LENGTH_MAX)
			return false;
		*value = *value * 10 + (uint64_t)(text[i] - '0');
	}
	return len > 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* --- lines --- */

/* "HTTP/1.1 200 OK" */
static enum http_part
read_status(struct http_reply *reply)
{
	const char *text = reply->line;

	if (strncmp(text, "HTTP/1.", 7) != 0 ||
	    !isdigit((unsigned char)text[7]) || text[8] != ' ')
		return HTTP_INVALID;
	text = skip_blanks(text + 8);
	reply->status = 0;
	for (int i = 0; i < 3; i++, text++) {
		if (!isdigit((unsigned char)*text))
			return HTTP_INVALID;
		reply->status = reply->status * 10 + (*text - '0');
	}
	if (reply->status < 100 || (*text != ' ' && *text != '\0'))
		return HTTP_INVALID;
	return HTTP_HEADER;
}

/* A Content-Length may come more than once, if it is always the same. */
static void
take_length(struct http_reply *reply, const char *text, size_t len)
{
	uint64_t length;

	if (!read_length(text, len, &length) ||
	    (reply->has_length && length != reply->length)) {
		reply->bad_length = true;
		return;
	}
	reply->has_length = true;
	reply->length = length;
}

/* "identity" is of HTTP's first version, and no coding. */
static void
take_coding(struct http_reply *reply, const char *text, size_t len)
{
	const char *semicolon = memchr(text, ';', len);

	if (semicolon != NULL)
		len = cut_blanks(text, (size_t)(semicolon - text));
	if (len == 0 || is_word(text, len, "identity"))
		return;
	reply->coded = true;
	reply->chunked = is_word(text, len, "chunked");
}

static void
take_each(struct http_reply *reply, const char *text,
    void (*take)(struct http_reply *, const char *, size_t))
{
	for (size_t len;; text += len + 1) {
		text = skip_blanks(text);
		len = strcspn(text, ",");
		take(reply, text, cut_blanks(text, len));
		if (text[len] == '\0')
			break;
	}
}

/* "Name: value" */
static enum http_part
read_header(struct http_reply *reply)
{
	const char *text = reply->line, *colon = strchr(text, ':');
	bool cut = reply->line_len >= sizeof(reply->line);
	size_t len;

	if (colon == NULL)
		return cut ? HTTP_HEADER : HTTP_INVALID;
	len = cut_blanks(text, (size_t)(colon - text));
	if (len == 0)
		return HTTP_INVALID;
	if (is_word(text, len, "Content-Length")) {
		reply->bad_length |= cut;
		take_each(reply, colon + 1, take_length);
	} else if (is_word(text, len, "Transfer-Encoding")) {
		if (cut)
			return HTTP_INVALID;
		take_each(reply, colon + 1, take_coding);
	}
	return HTTP_HEADER;
}

/* A reply 1xx is not yet the answer, but for one that changes the protocol. */
static bool
is_interim(const struct http_reply *reply)
{
	return reply->status < 200 && reply->status != 101;
}

/* The header is complete: what comes next. */
static enum http_part
end_header(struct http_reply *reply)
{
	bool chunked = reply->chunked, coded = reply->coded;
	bool bad = reply->bad_length, has_length = reply->has_length;

	reply->chunked = reply->coded = false;
	reply->bad_length = reply->has_length = false;
	if (is_interim(reply))
		return HTTP_STATUS_LINE;
	if (reply->head || reply->status == 101 || reply->status == 204 ||
	    reply->status == 304)
		return HTTP_DONE;
	if (chunked)
		return HTTP_CHUNK_SIZE;
	reply->left = UINT64_MAX;
	if (coded)
		return HTTP_BODY;
	if (bad)
		return HTTP_INVALID;
	if (has_length)
		reply->left = reply->length;
	/* Nobody waits for a body that will not be looked at. */
	if (reply->left == 0 ||
	    (has_length && reply->left > HTTP_BODY_MAX &&
		reply->search == NULL))
		return HTTP_DONE;
	return HTTP_BODY;
}

/* "1a" or "1a;name=value" */
static enum http_part
read_chunk_size(struct http_reply *reply)
{
	const char *text = reply->line;
	uint64_t size = 0;

	if (hex_digit(*text) == -1)
		return HTTP_INVALID;
	for (; hex_digit(*text) != -1; text++) {
		if (size > LENGTH_MAX)
			return HTTP_INVALID;
		size = size * 16 + (uint64_t)hex_digit(*text);
	}
	text = skip_blanks(text);
	if (*text != ';' &&
	    (*text != '\0' || reply->line_len >= sizeof(reply->line)))
		return HTTP_INVALID;
	reply->left = size;
	return size == 0 ? HTTP_TRAILER : HTTP_CHUNK;
}

/* A line is complete: what comes next. */
static enum http_part
read_line(struct http_reply *reply)
{
	bool empty = reply->line_len == 0;

	switch (reply->part) {
	case HTTP_STATUS_LINE:
		return read_status(reply);
	case HTTP_HEADER:
		return empty ? end_header(reply) : read_header(reply);
	case HTTP_CHUNK_SIZE:
		return read_chunk_size(reply);
	case HTTP_CHUNK_END:
		return empty ? HTTP_CHUNK_SIZE : HTTP_INVALID;
	default:
		return empty ? HTTP_DONE : HTTP_TRAILER;
	}
}

static void
next_line(struct http_reply *reply)
{
	size_t len = reply->line_len;

	if (len >= sizeof(reply->line))
		len = sizeof(reply->line) - 1;
	reply->line[len] = '\0';
	reply->part = read_line(reply);
	reply->line_len = 0;
	reply->line_ended = false;
}

/* Whether the line is longer, or the header larger, than is taken. */
static bool
is_too_long(struct http_reply *reply, char byte)
{
	if (reply->part == HTTP_CHUNK_SIZE || reply->part == HTTP_CHUNK_END)
		return reply->line_len > HTTP_CHUNK_LINE;
	reply->header++;
	reply->lines += byte == '\n';
	return reply->header > HTTP_HEADER_MAX || reply->lines > HTTP_LINES_MAX;
}

/*
 * A line ends with CR and LF, or with LF alone. The line of a header goes on in
 * the next one if that begins with a blank.
 */
static void
take_byte(struct http_reply *reply, char byte)
{
	if (reply->line_ended && byte != ' ' && byte != '\t')
		next_line(reply);
	reply->line_ended = false;
	if (byte == '\0' || reply->part == HTTP_INVALID ||
	    is_too_long(reply, byte)) {
		reply->part = HTTP_INVALID;
		return;
	}
	if (byte != '\n') {
		if (reply->line_len < sizeof(reply->line))
			reply->line[reply->line_len] = byte;
		reply->line_len++;
		return;
	}
	if (reply->line_len > 0 && reply->line_len <= sizeof(reply->line) &&
	    reply->line[reply->line_len - 1] == '\r')
		reply->line_len--;
	if (reply->part == HTTP_HEADER && reply->line_len > 0)
		reply->line_ended = true;
	else
		next_line(reply);
}

/* --- the body --- */

static void
end_piece(struct http_reply *reply)
{
	reply->part = reply->part == HTTP_CHUNK ? HTTP_CHUNK_END : HTTP_DONE;
}

/* Returns how many of the bytes belong to the body. */
static size_t
take_body(struct http_reply *reply, const char *bytes, size_t len)
{
	uint64_t room = HTTP_BODY_MAX - reply->body;

	if (len > reply->left)
		len = (size_t)reply->left;
	if (reply->search != NULL)
		search_take(reply->search, bytes, len < room ? len : room);
	if (len > room) {
		reply->excess = true;
		reply->part = HTTP_DONE;
		return len;
	}
	reply->body += len;
	if (reply->left != UINT64_MAX)
		reply->left -= len;
	if (reply->left == 0)
		end_piece(reply);
	return len;
}

void
http_reply_take(struct http_reply *reply, const char *bytes, size_t len)
{
	size_t taken;

	for (; len > 0 && reply->part < HTTP_DONE;
	     bytes += taken, len -= taken) {
		taken = 1;
		if (reply->part == HTTP_BODY || reply->part == HTTP_CHUNK)
			taken = take_body(reply, bytes, len);
		else
			take_byte(reply, *bytes);
	}
}

void
http_reply_close(struct http_reply *reply)
{
	if (reply->part == HTTP_BODY && reply->left == UINT64_MAX)
		reply->part = HTTP_DONE;
}

/* --- the verdict --- */

static bool
status_expected(const struct conf_http *conf, int status)
{
	for (uint32_t i = 0; i < conf->status_count; i++) {
		if (status >= conf->status[i].low &&
		    status <= conf->status[i].high)
			return true;
	}
	return conf->status_count == 0 && status >= 200 && status <= 299;
}

enum reason
http_reply_judge(const struct http_reply *reply, const struct conf_http *conf)
{
	if (!status_expected(conf, reply->status))
		return REASON_STATUS;
	if (reply->search == NULL || search_found(reply->search))
		return REASON_OK;
	return reply->excess ? REASON_TOO_LARGE : REASON_BODY;
}
