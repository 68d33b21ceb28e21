/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/packbytes.h"

#include <string.h>

uint64_t zigzag(uint64_t difference)
{
    return difference << 1 ^ (difference >> 63 ? UINT64_MAX : 0);
}

uint64_t unzigzag(uint64_t number)
{
    return number >> 1 ^ (number & 1 ? UINT64_MAX : 0);
}

void put_number(struct str *to, uint64_t number)
{
    unsigned char bytes[10];
    size_t count = 0;
    for (; number > 127; number >>= 7)
        bytes[count++] = (unsigned char)(number | 128);
    bytes[count++] = (unsigned char)number;
    str_add_bytes(to, (const char *)bytes, count);
}

void put_signed(struct str *to, uint64_t difference)
{
    put_number(to, zigzag(difference));
}

void put_bits(struct str *to, uint64_t bits)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(bits >> 8 * i);
    str_add_bytes(to, (const char *)bytes, sizeof bytes);
}

void put_double(struct str *to, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_bits(to, bits);
}

void put_text(struct str *to, const char *text)
{
    put_number(to, text ? strlen(text) + 1 : 0);
    str_add(to, text ? text : "");
}

static unsigned char get_byte(struct reader *from)
{
    if (!from->left) {
        from->failed = true;
        return 0;
    }
    from->left--;
    return *from->at++;
}

uint64_t get_number(struct reader *from)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned char byte = get_byte(from);
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return number;
    }
    from->failed = true;
    return 0;
}

uint64_t get_signed(struct reader *from)
{
    return unzigzag(get_number(from));
}

uint64_t get_bits(struct reader *from)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++)
        bits |= (uint64_t)get_byte(from) << 8 * i;
    return bits;
}

double get_double(struct reader *from)
{
    uint64_t bits = get_bits(from);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

bool get_text(struct reader *from, char *to, size_t size)
{
    uint64_t len = get_number(from);
    to[0] = '\0';
    if (len == 0)
        return false;
    len--;
    if (len >= size || len > from->left || memchr(from->at, '\0', (size_t)len)) {
        from->failed = true;
        return false;
    }
    memcpy(to, from->at, (size_t)len);
    to[len] = '\0';
    from->at += len;
    from->left -= (size_t)len;
    return true;
}
