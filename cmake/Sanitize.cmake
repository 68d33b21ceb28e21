# SPDX-License-Identifier: GPL-2.0-or-later
add_library(bt_sanitize INTERFACE)
if(BOXTOP_SANITIZE)
  string(REPLACE "+" "," _kinds "${BOXTOP_SANITIZE}")
  target_compile_options(bt_sanitize INTERFACE -fsanitize=${_kinds} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(bt_sanitize INTERFACE -fsanitize=${_kinds})
else()
  target_compile_options(bt_sanitize INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2)
endif()
