#include "sys/http_fetch.h"

#include <curl/curl.h>

struct fetching {
    const struct http_fetch *fetch;
    struct buffer *body;
    struct buffer url, place, authorities;
    char why[CURL_ERROR_SIZE];
};

static size_t take(char *at, size_t size, size_t count, void *arg)
{
    struct fetching *f = arg;
    if (f->body->len + size * count > f->fetch->most)
        return 0; /* which ends it */
    buffer_add(f->body, at, size * count);
    return size * count;
}

static int stops(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
    return atomic_load(((struct fetching *)arg)->fetch->stops);
}

static bool set_up(CURL *c, struct fetching *f, struct curl_slist *places)
{
    const char *authorities = buffer_text(&f->authorities);
    return curl_easy_setopt(c, CURLOPT_URL, buffer_text(&f->url)) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_RESOLVE, places) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           (!authorities[0] || (curl_easy_setopt(c, CURLOPT_CAINFO, authorities) == CURLE_OK &&
                                curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == CURLE_OK)) &&
           curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_USERAGENT, "plainpost") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)f->fetch->most_ms) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEDATA, f) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, stops) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_XFERINFODATA, f) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_ERRORBUFFER, f->why) == CURLE_OK;
}

static enum http_result unfetched(const struct fetching *f, CURLcode code, struct error *e)
{
    error_set(e, "%s",
              code == CURLE_WRITE_ERROR ? "the answer is too long"
              : f->why[0]               ? f->why
                                        : curl_easy_strerror(code));
    return code == CURLE_PEER_FAILED_VERIFICATION ? HTTP_UNTRUSTED : HTTP_UNFETCHED;
}

static void take_date(CURL *c, struct buffer *date)
{
    struct curl_header *h;
    if (date && curl_easy_header(c, "Date", 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
        buffer_add_text(date, h->value);
}

static enum http_result perform(CURL *c, struct fetching *f, struct curl_slist *places,
                                struct buffer *type, struct error *e)
{
    long status = 0;
    const char *told = NULL;
    CURLcode code = set_up(c, f, places) ? curl_easy_perform(c) : CURLE_FAILED_INIT;
    if (code != CURLE_OK)
        return unfetched(f, code, e);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &told);
    if (told)
        buffer_add_text(type, told);
    take_date(c, f->fetch->date);
    if (status == 200)
        return HTTP_FETCHED;
    error_set(e, "the web server answers with status %ld", status);
    return HTTP_UNFETCHED;
}

enum http_result http_fetch(const struct http_fetch *fetch, struct buffer *body,
                            struct buffer *type, struct error *e)
{
    struct fetching f = {.fetch = fetch, .body = body};
    enum http_result result = HTTP_UNFETCHED;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        error_set(e, "libcurl can't be used");
        return result;
    }
    buffer_printf(&f.url, "https://%s%s", fetch->host, fetch->path);
    buffer_printf(&f.place, "%s:443:%s", fetch->host, fetch->addresses);
    buffer_add_span(&f.authorities, fetch->authorities);
    struct curl_slist *places = curl_slist_append(NULL, buffer_text(&f.place));
    CURL *c = curl_easy_init();
    if (c)
        result = perform(c, &f, places, type, e);
    else
        error_set(e, "libcurl can't be used");
    curl_easy_cleanup(c);
    curl_slist_free_all(places);
    curl_global_cleanup();
    buffer_free(&f.url);
    buffer_free(&f.place);
    buffer_free(&f.authorities);
    return result;
}
