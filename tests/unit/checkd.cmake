# checkd's pure middle
set(checkd ${CMAKE_SOURCE_DIR}/checkd)
triumvir_unit(checkd_budget ${checkd}/budget.c)
triumvir_unit(checkd_schedule ${checkd}/schedule.c ${checkd}/heap.c)
triumvir_unit(checkd_verdict ${checkd}/verdict.c)
triumvir_unit(checkd_http ${checkd}/check_http.c ${checkd}/http_reply.c
    ${checkd}/budget.c ${checkd}/verdict.c)
target_include_directories(unit_checkd_http PRIVATE ${checkd})
target_link_libraries(unit_checkd_http PRIVATE PkgConfig::EVENT_EXTRA)
