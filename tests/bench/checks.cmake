# The checks' benchmark: what is probed, and the floor
add_executable(checks_server checks_server.c)
add_executable(checks_bare checks_bare.c)

# Against keepalived, which needs ip_vs, and against the floor here
triumvir_bench(checks ${CMAKE_SOURCE_DIR}/tests/lab/run -t 900
    ${CMAKE_CURRENT_SOURCE_DIR}/checks.py)
triumvir_bench(checks_floor ${SYSTEM_PYTHON}
    ${CMAKE_CURRENT_SOURCE_DIR}/checks.py)
