# What ipvsd's process does beside the kernel half, as far as it is pure
set(ipvsd ${CMAKE_SOURCE_DIR}/ipvsd)
triumvir_unit(ipvsd_carry ${ipvsd}/carry.c)
triumvir_unit(ipvsd_override ${ipvsd}/override.c)
triumvir_unit(ipvsd_generation ${ipvsd}/reload/generation.c)
triumvir_unit(ipvsd_parse ${ipvsd}/reload/parse.c ${ipvsd}/reload/generation.c)
foreach(name carry override generation parse)
	target_link_libraries(unit_ipvsd_${name} PRIVATE ipvsd_pure)
endforeach()
