/* What every *_fuzz.c includes first: an entry for libFuzzer that looks at one input, says by an
 * assert what must hold of it, and the ways to take an input apart. The bytes of an input are read
 * from its front; behind its end come zeros and empty texts, so that every input means something.
 */
#ifndef BASE_FUZZ_H
#define BASE_FUZZ_H

#include "base/buffer.h"

#include <assert.h>
#include <stdlib.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

struct fuzz_input {
    struct span rest;
};

struct fuzz_input fuzz_start(const uint8_t *at, size_t len);
uint8_t fuzz_byte(struct fuzz_input *in);
bool fuzz_bool(struct fuzz_input *in);
size_t fuzz_number(struct fuzz_input *in, size_t max); /* 0 to `max`, which is below 65536 */
uint64_t fuzz_u64(struct fuzz_input *in);
struct span fuzz_text(struct fuzz_input *in, size_t max); /* its length comes before it */
struct span fuzz_line(struct fuzz_input *in);             /* up to a LF, which goes */

/* The same bytes in memory of their own, so that reading beyond their end is seen, and what keeps a
 * span of a piece that is gone. */
struct span fuzz_piece(struct span s);
void fuzz_piece_free(struct span piece);

/* What is said of a file that is called "file": where in it, what, and nothing that harms. */
void fuzz_check_file_error(const char *words);

/* Read JSON with another's reader (whose names are those of ours, so not where ours are used): the
 * whole of it must be valid. Appends the text that stands in the object as `member`. */
void fuzz_json_member(struct span json, const char *member, struct buffer *out);

#endif
