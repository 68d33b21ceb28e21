/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A growing text, and what is done to texts before anybody sees them.
 */
#ifndef BOXTOP_BASE_STR_H
#define BOXTOP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    char *text; /* NUL-terminated once something was added; NULL before. Free with str_free(). */
    size_t len, cap;
};

void str_add(struct str *s, const char *text);
void str_add_bytes(struct str *s, const char *bytes, size_t count);
/* A number in digits, and the letter after it; 0: none. Cheaper than a format. */
void str_add_number(struct str *s, uint64_t number, char after);
void str_addf(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds `text` quoted for sh if it needs quoting: a word that can be copied to a shell. */
void str_add_shell(struct str *s, const char *text);
/* Adds a whole argument vector, quoted, with blanks between. */
void str_add_shell_list(struct str *s, char *const *list);
const char *str_text(const struct str *s); /* never NULL */
void str_clear(struct str *s);
void str_free(struct str *s);

/* Copies `from` with every control byte, DEL, C1 control and byte that is not valid UTF-8 as \xNN: fit for a
 * terminal. Always terminates; cuts at a whole character. Returns the length. */
size_t str_printable(char *to, size_t size, const char *from);

bool str_starts(const char *text, const char *front);
/* Copies, cutting at size-1; returns false when it had to cut. */
bool str_copy(char *to, size_t size, const char *from);

#endif
