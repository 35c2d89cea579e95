# ipvsd's pure middles, and its kernel half against a real kernel
add_executable(kernel-test ${CMAKE_SOURCE_DIR}/tests/lab/kernel/main.c
    ${CMAKE_SOURCE_DIR}/tests/lab/kernel/addresses.c
    ${CMAKE_SOURCE_DIR}/tests/lab/kernel/services.c
    ${CMAKE_SOURCE_DIR}/tests/lab/kernel/world.c)
target_link_libraries(kernel-test PRIVATE ipvsd_kernel)
add_test(NAME net.kernel-addresses COMMAND kernel-test addresses)
set_tests_properties(net.kernel-addresses PROPERTIES LABELS net TIMEOUT 120
    SKIP_RETURN_CODE 77)

# What ipvsd's programming is measured against: tests/bench/programming.py
add_executable(ipvs_floor ${CMAKE_SOURCE_DIR}/tests/bench/ipvs-floor.c)
set_target_properties(ipvs_floor PROPERTIES RUNTIME_OUTPUT_DIRECTORY
    ${CMAKE_BINARY_DIR}/tests/bench)

foreach(test ipvsd_lease ipvsd_desired ipvsd_diff ipvsd_leftover ipvsd_merge
    ipvsd_netlink)
	triumvir_unit(${test} ipvsd_make.c)
	target_link_libraries(unit_${test} PRIVATE ipvsd_kernel)
endforeach()
