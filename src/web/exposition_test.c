#include "base/test.h"

#include "web/exposition.h"

static void what_prometheus_reads_is_written(void **state)
{
    static const struct histogram_shape shape = {
        .bounds = {500, 2500, 10000000}, .count = 3, .per_unit = 1000000};
    static const uint64_t values[] = {0, 500, 501, 2501, 10000000, 10000001, 3};
    struct histogram h = {.shape = &shape};
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        histogram_add(&h, values[i]);
    exposition_family(&out, "x_total", "counter", "A \"quote\",\na \\.");
    exposition_number(&out, "x_total", NULL, NULL, UINT64_MAX);
    exposition_number(&out, "x_total", "why", "a \"b\"\n\\", 0);
    exposition_amount(&out, "y_seconds", 1500000, 1000000);
    exposition_amount(&out, "y_seconds", 1, 1000000);
    exposition_amount(&out, "y_seconds", 7000, 1000);
    exposition_amount(&out, "y_bytes", 7, 1);
    exposition_histogram(&out, "z", &h);
    assert_string_equal(buffer_text(&out), "# HELP x_total A \"quote\",\\na \\\\.\n"
                                           "# TYPE x_total counter\n"
                                           "x_total 18446744073709551615\n"
                                           "x_total{why=\"a \\\"b\\\"\\n\\\\\"} 0\n"
                                           "y_seconds 1.5\n"
                                           "y_seconds 0.000001\n"
                                           "y_seconds 7\n"
                                           "y_bytes 7\n"
                                           "z_bucket{le=\"0.0005\"} 3\n"
                                           "z_bucket{le=\"0.0025\"} 4\n"
                                           "z_bucket{le=\"10\"} 6\n"
                                           "z_bucket{le=\"+Inf\"} 7\n"
                                           "z_sum 20.003506\n"
                                           "z_count 7\n");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_prometheus_reads_is_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
