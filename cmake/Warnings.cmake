# SPDX-License-Identifier: GPL-2.0-or-later
# Strict in every build, fatal with BOXTOP_WERROR (CI).
add_library(bt_warnings INTERFACE)
target_compile_options(bt_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings -Wvla -Wimplicit-fallthrough
  -Wno-format-nonliteral)
# A statement expression (take_ptr) is GNU C, which gcc and clang both have.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(bt_warnings INTERFACE -Wno-pedantic -Wlogical-op -Wduplicated-cond)
else()
  target_compile_options(bt_warnings INTERFACE -Wno-gnu-statement-expression)
endif()
if(BOXTOP_WERROR)
  target_compile_options(bt_warnings INTERFACE -Werror)
endif()
