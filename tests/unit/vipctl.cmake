triumvir_unit(vipctl_text ${CMAKE_SOURCE_DIR}/vipctl/text.c)

# vipctl itself, against daemons that the test plays.
add_test(NAME unit.vipctl COMMAND /usr/bin/python3
    ${CMAKE_SOURCE_DIR}/tests/vipctl/vipctl.py $<TARGET_FILE:vipctl>)
set_tests_properties(unit.vipctl PROPERTIES LABELS unit TIMEOUT 300)
if(TRIUMVIR_SANITIZE)
	set_tests_properties(unit.vipctl PROPERTIES
	    ENVIRONMENT TRIUMVIR_SANITIZED=1)
endif()
