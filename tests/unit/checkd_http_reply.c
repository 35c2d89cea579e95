/* SPDX-License-Identifier: ISC */
/*
 * checkd/http_reply.c and checkd/search.c: what is a reply, where it ends, and
 * whether it is the expected one, in whatever pieces it comes.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "checkd/http_reply.h"
#include "checkd/search.h"

#define OK    "HTTP/1.1 200 OK\r\n"
#define CHUNK OK "Transfer-Encoding: chunked\r\n\r\n"

/* How a story ends, beside a reason. */
enum {
	MORE = 100, /* it waits for more */
	INVALID,
	CLOSED /* it waited for more when the server closed */
};

static const struct story {
	const char *reply;
	const char *text; /* looked for in its body */
	int end;
	bool head;
} stories[] = {
    {"", NULL, CLOSED, false},
    {OK, NULL, CLOSED, false},
    {OK "\r\n", NULL, REASON_OK, false},
    {OK "\r\nhello", "hello", REASON_OK, false},
    {OK "\r\nhello", "bye", REASON_BODY, false},
    {"HTTP/1.0 200\n\nhello", "hello", REASON_OK, false},
    {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", NULL, REASON_STATUS,
	false},
    /* a status line */
    {"HTTP/2 200 OK\r\n\r\n", NULL, INVALID, false},
    {"HTTP/1.1 20 OK\r\n\r\n", NULL, INVALID, false},
    {"HTTP/1.1 2000 OK\r\n\r\n", NULL, INVALID, false},
    {"HTTP/1.1 099 OK\r\n\r\n", NULL, INVALID, false},
    {"SSH-2.0-OpenSSH\r\n", NULL, INVALID, false},
    {"\r\n" OK "\r\n", NULL, INVALID, false},
    /* a length */
    {OK "Content-Length: 5\r\n\r\nhello", "hello", REASON_OK, false},
    {OK "content-length:5\r\n\r\nhell", NULL, CLOSED, false},
    {OK "Content-Length : 2\r\n\r\nokay", "oka", REASON_BODY, false},
    {OK "Content-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok", "ok", REASON_OK,
	false},
    {OK "Content-Length:\r\n 2\r\n\r\nok", "ok", REASON_OK, false},
    {OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", NULL, INVALID,
	false},
    {OK "Content-Length: 2,3\r\n\r\nok", NULL, INVALID, false},
    {OK "Content-Length: +2\r\n\r\nok", NULL, INVALID, false},
    {OK "Content-Length: -2\r\n\r\nok", NULL, INVALID, false},
    {OK "Content-Length: 0x2\r\n\r\nok", NULL, INVALID, false},
    {OK "Content-Length:\r\n\r\nok", NULL, INVALID, false},
    {OK "Content-Length: 99999999999999999999\r\n\r\nok", NULL, INVALID, false},
    {OK "Content-Length: 9\r\n\r\n", NULL, REASON_OK, true},
    {OK "Transfer-Encoding: chunked\r\n\r\n", NULL, REASON_OK, true},
    {"HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n", NULL, REASON_OK, false},
    {"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", NULL, REASON_STATUS,
	false},
    {OK "Content-Length: 1000000\r\n\r\n", NULL, REASON_OK, false},
    {OK "Content-Length: 1000000\r\n\r\n", "x", CLOSED, false},
    /* chunks */
    {CHUNK "3\r\nall\r\n6\r\n is we\r\n2\r\nll\r\n0\r\n\r\n", "all is well",
	REASON_OK, false},
    {CHUNK "5;a=b\r\nhello\r\n0;last\r\n\r\n", "hello", REASON_OK, false},
    {CHUNK "5 ; a=\"b;c\"\r\nhello\r\n000\r\nX: y\r\n\r\n", "hello", REASON_OK,
	false},
    {CHUNK "5\nhello\n0\n\n", "hello", REASON_OK, false},
    {CHUNK "0000000000000000000A\r\nhellohello\r\n0\r\n\r\n", "ohello",
	REASON_OK, false},
    {CHUNK "5\r\nhello\r\n0\r\n", "hello", CLOSED, false},
    {CHUNK "5\r\nhello\r\n", "hello", CLOSED, false},
    {CHUNK "zz\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK "\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK ";a=b\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK "0x5\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK "-5\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK " 5\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK "5 5\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK "5g\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK "10000000000000005\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK "4\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    {CHUNK "7\r\nhello\r\n0\r\n\r\n", NULL, INVALID, false},
    /* chunked wins over a length; who is not chunked last ends by closing */
    {OK "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
	"5\r\nhello\r\n0\r\n\r\n",
	"hello", REASON_OK, false},
    {OK "Transfer-Encoding: gzip , Chunked\r\nContent-Length: x\r\n\r\n"
	"5\r\nhello\r\n0\r\n\r\n",
	"hello", REASON_OK, false},
    {OK "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	NULL, INVALID, false},
    {OK "Transfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhello", "hello",
	REASON_OK, false},
    {OK "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nhello",
	"hello", REASON_BODY, false},
    /* what comes before the answer */
    {"HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 0\r\n\r\n", NULL,
	REASON_OK, false},
    {"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n"
     "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n" OK "\r\nhello",
	"hello", REASON_OK, false},
    {"HTTP/1.1 199 What\r\n\r\nHTTP/1.1 503 No\r\n\r\n", NULL, REASON_STATUS,
	false},
    {"HTTP/1.1 100 Continue\r\n\r\n", NULL, CLOSED, false},
    {"HTTP/1.1 103 Hints\r\n\r\nhello", NULL, CLOSED, false},
    {"HTTP/1.1 101 Switching\r\n\r\n", NULL, REASON_STATUS, false},
    /* lines of a header */
    {OK "no colon\r\n\r\n", NULL, INVALID, false},
    {OK ": no name\r\n\r\n", NULL, INVALID, false},
    {OK " goes on\r\n\r\n", NULL, INVALID, false},
    {OK "a: b\r\n goes on\r\n\tand on\r\n\r\nhello", "hello", REASON_OK, false},
};

static int
end_of(const struct http_reply *reply, const struct conf_http *conf, int open)
{
	if (reply->part == HTTP_INVALID)
		return INVALID;
	return reply->part == HTTP_DONE ? (int)http_reply_judge(reply, conf) :
					  open;
}

/* In pieces of so many bytes. */
static int
play(const struct story *story, size_t piece)
{
	struct conf_http conf = {.method = story->head ? "HEAD" : "GET",
	    .path = "/",
	    .body = story->text};
	struct http_reply reply;
	size_t len = strlen(story->reply);
	int end;

	assert_true(http_reply_init(&reply, &conf));
	for (size_t at = 0; at < len; at += piece)
		http_reply_take(&reply, story->reply + at,
		    piece < len - at ? piece : len - at);
	http_reply_close(&reply);
	end = end_of(&reply, &conf, CLOSED);
	http_reply_free(&reply);
	return end;
}

static void
test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		for (size_t piece = 1; piece < 200; piece += 3) {
			int end = play(&stories[i], piece);

			if (end != stories[i].end)
				fail_msg("%s: %d, not %d, by %zu bytes",
				    stories[i].reply, end, stories[i].end,
				    piece);
		}
}

/* Sends begin, and then fill so often. */
static int
flood(const char *begin, const char *fill, size_t times, const char *text)
{
	struct conf_http conf = {.method = "GET", .path = "/", .body = text};
	struct http_reply reply;
	int end;

	assert_true(http_reply_init(&reply, &conf));
	http_reply_take(&reply, begin, strlen(begin));
	for (size_t i = 0; i < times; i++)
		http_reply_take(&reply, fill, strlen(fill));
	end = end_of(&reply, &conf, MORE);
	http_reply_free(&reply);
	return end;
}

/* What has no end by itself has one here. */
static void
test_bounds(void **state)
{
	const char *line = "a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	(void)state;
	assert_int_equal(flood("", "HTTP/1.1 100 Go\r\n\r\n", 64, NULL), MORE);
	assert_int_equal(
	    flood("", "HTTP/1.1 100 Go\r\n\r\n", 65, NULL), INVALID);
	assert_int_equal(flood(OK, "a:\r\n", 127, NULL), MORE);
	assert_int_equal(flood(OK, "a:\r\n", 128, NULL), INVALID);
	assert_int_equal(flood(OK, line, 300, NULL), MORE);
	assert_int_equal(flood(OK, line, 400, NULL), INVALID);
	assert_int_equal(flood(CHUNK "0\r\n", "a:\r\n", 200, NULL), INVALID);
	assert_int_equal(flood(CHUNK, "0", 4000, NULL), MORE);
	assert_int_equal(flood(CHUNK, "0", 5000, NULL), INVALID);
	assert_int_equal(flood(CHUNK "5;", "a", 5000, NULL), INVALID);
	assert_int_equal(
	    flood(OK "\r\n", "12345678", HTTP_BODY_MAX / 8, "9"), MORE);
	assert_int_equal(
	    flood(OK "\r\n", "12345678", HTTP_BODY_MAX / 8 + 1, "9"),
	    REASON_TOO_LARGE);
	assert_int_equal(
	    flood(OK "\r\n9", "12345678", HTTP_BODY_MAX / 8, "9"), REASON_OK);
	assert_int_equal(flood(CHUNK "ffffffff\r\nready\n", "12345678",
			     HTTP_BODY_MAX / 8, "ready"),
	    REASON_OK);
	assert_int_equal(
	    flood(OK "\r\n", "12345678", HTTP_BODY_MAX / 8 + 1, NULL),
	    REASON_OK);
}

/* The same as strstr(3), for all texts and words of two letters. */
static void
test_search(void **state)
{
	char word[6], bytes[13];

	(void)state;
	for (unsigned w = 1; w < 64; w++) {
		size_t len = 0;

		for (unsigned bits = w; bits > 1; bits /= 2)
			word[len++] = bits % 2 ? 'a' : 'b';
		word[len] = '\0';
		for (unsigned b = 0; len > 0 && b < 4096; b++) {
			struct search *search = search_new(word);

			assert_non_null(search);
			for (size_t i = 0; i < 12; i++)
				bytes[i] = (b >> i) % 2 ? 'a' : 'b';
			bytes[12] = '\0';
			search_take(search, bytes, b % 12);
			search_take(search, bytes + b % 12, 12 - b % 12);
			assert_int_equal(
			    search_found(search), strstr(bytes, word) != NULL);
			search_free(search);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stories),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
