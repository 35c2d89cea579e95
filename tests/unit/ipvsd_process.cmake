# What ipvsd's process does beside the kernel half, as far as it is pure
triumvir_unit(ipvsd_carry ${CMAKE_SOURCE_DIR}/ipvsd/carry.c)
triumvir_unit(ipvsd_override ${CMAKE_SOURCE_DIR}/ipvsd/override.c)
target_link_libraries(unit_ipvsd_override PRIVATE ipvsd_pure)
triumvir_unit(ipvsd_generation ${CMAKE_SOURCE_DIR}/ipvsd/generation.c)
triumvir_unit(ipvsd_parse ${CMAKE_SOURCE_DIR}/ipvsd/parse.c
    ${CMAKE_SOURCE_DIR}/ipvsd/generation.c)
