# vrrpd's pure middle: the advert codec and the state machine
foreach(name packet_send packet_accept packet_receive)
	triumvir_unit(${name} packet_util.c)
endforeach()
foreach(name fsm_backup fsm_master fsm_lease fsm_operator)
	triumvir_unit(${name} fsm_util.c)
endforeach()
triumvir_unit(vrrp_fuzz fsm_util.c packet_util.c)
foreach(name packet_send packet_accept packet_receive fsm_backup fsm_master
    fsm_lease fsm_operator vrrp_fuzz)
	target_link_libraries(unit_${name} PRIVATE vrrp)
endforeach()
