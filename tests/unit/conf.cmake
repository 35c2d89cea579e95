foreach(name conf_codec conf_form conf_identity conf_keepalived conf_load
    conf_manual conf_print conf_reload conf_roles conf_text)
	triumvir_unit(${name})
	target_link_libraries(unit_${name} PRIVATE conf_load)
	target_compile_definitions(unit_${name} PRIVATE
	    CONF_TESTS="${CMAKE_SOURCE_DIR}/tests/conf"
	    CONF_MANUAL="${CMAKE_SOURCE_DIR}/etc/director.yaml.5")
endforeach()

# A daemon's side of their coming into force.
triumvir_unit(receiver receiver_conf.c)
target_link_libraries(unit_receiver PRIVATE conf_load)
target_link_options(unit_receiver PRIVATE -Wl,--wrap=clock_monotonic)
