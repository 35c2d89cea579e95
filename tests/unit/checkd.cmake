# checkd's pure middle
set(checkd ${CMAKE_SOURCE_DIR}/checkd)
triumvir_unit(checkd_budget ${checkd}/budget.c)
triumvir_unit(checkd_schedule ${checkd}/schedule.c ${checkd}/heap.c)
triumvir_unit(checkd_verdict ${checkd}/verdict.c)
triumvir_unit(checkd_match ${checkd}/match.c)
