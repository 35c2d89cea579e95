# checkd's pure middle
set(checkd ${CMAKE_SOURCE_DIR}/checkd)
triumvir_unit(checkd_schedule ${checkd}/schedule.c ${checkd}/heap.c)
triumvir_unit(checkd_verdict ${checkd}/verdict.c)
triumvir_unit(checkd_http ${checkd}/check_http.c ${checkd}/check_socket.c
    ${checkd}/http_reply.c ${checkd}/search.c ${checkd}/verdict.c)
target_include_directories(unit_checkd_http PRIVATE ${checkd})
triumvir_unit(checkd_http_reply ${checkd}/http_reply.c ${checkd}/search.c)
