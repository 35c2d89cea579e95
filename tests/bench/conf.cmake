triumvir_bench(conf-load ${CMAKE_CURRENT_SOURCE_DIR}/conf-load
    $<TARGET_FILE:conf-check>)
