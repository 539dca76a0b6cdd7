#include "sys/http.h"

#include "base/memory.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { WAIT_MS = 1000 };

struct http {
    CURL *easy;
    CURLM *multi; /* only this can be woken from another thread */
    atomic_bool is_interrupted;
    char why[CURL_ERROR_SIZE];
};

/* What the other side says besides its status is of no use to us. */
static size_t drop(char *at, size_t size, size_t count, void *arg)
{
    return size * count;
}

static bool set_up(struct http *h, const char *url)
{
    bool is_plain = span_starts_nocase(span_of(url), SPAN("http://"));
    CURL *c = h->easy;
    return curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https") == CURLE_OK &&
           /* what is not encrypted stays on this machine */
           (!is_plain || curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK) &&
           curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_USERAGENT, "plainpost") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->why) == CURLE_OK;
}

struct http *http_new(const char *url, struct error *e)
{
    struct http *h = memory_new(sizeof *h);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(h);
        error_set(e, "libcurl can't be used");
        return NULL;
    }
    h->easy = curl_easy_init();
    h->multi = curl_multi_init();
    if (h->easy && h->multi && set_up(h, url))
        return h;
    error_set(e, "libcurl does not take the address %s", url);
    http_free(&h);
    return NULL;
}

void http_free(struct http **http)
{
    struct http *h = *http;
    if (!h)
        return;
    curl_easy_cleanup(h->easy);
    curl_multi_cleanup(h->multi);
    curl_global_cleanup();
    free(h);
    *http = NULL;
}

void http_interrupt(struct http *h)
{
    atomic_store(&h->is_interrupted, true);
    curl_multi_wakeup(h->multi);
}

/* Until it is done, or interrupted. */
static CURLcode perform(struct http *h)
{
    int running = 1, left;
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    while (running && !atomic_load(&h->is_interrupted)) {
        if (curl_multi_perform(h->multi, &running) != CURLM_OK ||
            (running && curl_multi_poll(h->multi, NULL, 0, WAIT_MS, NULL) != CURLM_OK))
            return CURLE_FAILED_INIT;
    }
    for (CURLMsg *m; (m = curl_multi_info_read(h->multi, &left));)
        if (m->msg == CURLMSG_DONE)
            result = m->data.result;
    return result;
}

static struct curl_slist *header(const struct http_post *p)
{
    struct buffer type = BUFFER_EMPTY;
    buffer_printf(&type, "Content-Type: %s", p->type);
    struct curl_slist *fields = curl_slist_append(NULL, buffer_text(&type));
    fields = curl_slist_append(fields, "Expect:"); /* no question before the body */
    for (const char *const *f = p->fields; *f; f++)
        fields = curl_slist_append(fields, *f);
    buffer_free(&type);
    return fields;
}

int http_post(struct http *h, const struct http_post *p, struct error *e)
{
    long status = 0;
    struct curl_slist *fields = header(p);
    h->why[0] = '\0';
    curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, p->body.at);
    curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->body.len);
    curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, (long)p->most_ms);
    curl_multi_add_handle(h->multi, h->easy);
    CURLcode result = perform(h);
    if (result == CURLE_OK)
        curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
    else
        error_set(e, "%s", h->why[0] ? h->why : curl_easy_strerror(result));
    curl_multi_remove_handle(h->multi, h->easy);
    curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(fields);
    return (int)status;
}
