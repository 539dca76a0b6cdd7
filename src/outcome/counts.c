#include "outcome/counts.h"

const struct histogram_shape accept_times = {.bounds = {500, 1000, 2500, 5000, 10000, 25000, 50000,
                                                        100000, 250000, 500000, 1000000, 2500000,
                                                        5000000, 10000000},
                                             .count = 14,
                                             .per_unit = 1000000};

enum count count_of_refusal(int code, struct status status, struct span words)
{
    if (status.subject == 5 && code >= 500 && code <= 504) /* RFC 3463 3.6: of the protocol */
        return COUNT_REFUSALS_OF_PROTOCOL;
    return (enum count)(COUNT_REFUSALS + cause_find(code, status, words).cause);
}
