# SPDX-License-Identifier: GPL-2.0-or-later
# boxtop_test(NAME LIBRARIES...): tests/.../test_NAME.c, linked with that layer's libraries only, so that a
# forbidden dependency fails to link.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
function(boxtop_test name)
  add_executable(test_${name} test_${name}.c)
  target_link_libraries(test_${name} PRIVATE bt_flags ${ARGN} PkgConfig::CMOCKA)
  target_compile_definitions(test_${name} PRIVATE FIXTURES="${CMAKE_SOURCE_DIR}/tests/fixtures"
    SOURCE_DIR="${CMAKE_SOURCE_DIR}" BINARY_DIR="${CMAKE_BINARY_DIR}/bin")
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS unit)
endfunction()
