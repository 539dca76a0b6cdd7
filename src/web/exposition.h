/* Figures as Prometheus reads them (its text format 0.0.4). Pure. */
#ifndef WEB_EXPOSITION_H
#define WEB_EXPOSITION_H

#include "base/buffer.h"
#include "base/histogram.h"

/* What a name means; once, in front of its values. `type`: "counter", "gauge" or "histogram". */
void exposition_family(struct buffer *out, const char *name, const char *type, const char *help);

/* One value, with a label unless it is NULL. */
void exposition_number(struct buffer *out, const char *name, const char *label, const char *value,
                       uint64_t number);
/* `number` of `per_unit` a unit: 1500 of 1000 is 1.5. */
void exposition_amount(struct buffer *out, const char *name, uint64_t number, uint64_t per_unit);
void exposition_histogram(struct buffer *out, const char *name, const struct histogram *h);

#endif
