# What ipvsd's process does beside the kernel half, as far as it is pure
set(ipvsd ${CMAKE_SOURCE_DIR}/ipvsd)
triumvir_unit(ipvsd_carry ${ipvsd}/running/carry.c)
triumvir_unit(ipvsd_override ${ipvsd}/running/override.c
    ${ipvsd}/running/target.c)
triumvir_unit(ipvsd_generation ${ipvsd}/running/generation.c)
triumvir_unit(ipvsd_parse ${ipvsd}/reload/parse.c
    ${ipvsd}/running/generation.c)
triumvir_unit(ipvsd_may_preempt ipvsd_make.c ${ipvsd}/lease/may_preempt.c)
foreach(name carry override generation parse may_preempt)
	target_link_libraries(unit_ipvsd_${name} PRIVATE ipvsd_pure)
endforeach()

# libyaml is in the parser alone.
add_test(NAME unit.libraries COMMAND ${SYSTEM_PYTHON}
    ${CMAKE_CURRENT_SOURCE_DIR}/libraries.py $<TARGET_FILE:ipvsd-parser>
    $<TARGET_FILE:ipvsd> $<TARGET_FILE:vrrpd> $<TARGET_FILE:checkd>)
set_tests_properties(unit.libraries PROPERTIES LABELS unit TIMEOUT 120)
