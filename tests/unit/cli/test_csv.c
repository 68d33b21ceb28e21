/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "cli/watch_csv.h"

static void test_line(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    csv_text(out, true, "plain");
    csv_text(out, false, "a,b");
    csv_text(out, false, "say \"so\"");
    csv_text(out, false, "two\nlines");
    csv_text(out, false, "");
    csv_value(out, false, json_null());
    csv_value(out, false, json_integer(0));
    csv_value(out, false, json_string("max"));
    csv_value(out, false, json_real(49.9));
    csv_value(out, false, json_true());
    csv_end(out);
    fclose(out);
    assert_string_equal(text, "plain,\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",,,0,max,49.9,true\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
