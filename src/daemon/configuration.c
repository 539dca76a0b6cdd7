#include "daemon/configuration.h"

#include "base/memory.h"
#include "config/options_change.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <stdlib.h>

enum { LARGEST = 1024 * 1024 };

static bool read_file(const char *path, struct buffer *text, struct error *e)
{
    if (whole_file_read(path, 0, LARGEST, text))
        return true;
    return errno == EFBIG ? error_set(e, "%s is larger than a configuration can be (1 MB)", path)
                          : error_system(e, errno, "cannot read the configuration file %s", path);
}

static struct options *read_options(const char *file, struct error *e)
{
    struct options *o = memory_new(sizeof *o);
    struct buffer text = BUFFER_EMPTY;
    bool ok = true;
    if (!file)
        options_defaults(o);
    else
        ok = read_file(file, &text, e) && options_parse(o, file, buffer_span(&text), e);
    buffer_free(&text);
    if (ok)
        return o;
    free(o);
    return NULL;
}

const struct options *configuration_read(const char *file, struct error *e)
{
    return read_options(file, e);
}

const struct options *configuration_read_again(const char *file, const struct options *was,
                                               struct error *e)
{
    struct error why;
    struct options *fresh = read_options(file, e);
    const struct options *result = fresh;
    if (fresh && !options_keep(fresh, was, &why)) {
        error_set(e,
                  "%s: segment-size can change only when the server is started anew, and until "
                  "then %s",
                  file, why.text);
        options_unref(&result);
    }
    return result;
}
