# vrrpd's pure middle: the advert codec and the state machine
foreach(name packet_send packet_accept packet_receive packet_neighbour
    packet_outgoing)
	triumvir_unit(${name} packet_util.c)
endforeach()
foreach(name fsm_backup fsm_fault fsm_master fsm_lease fsm_operator)
	triumvir_unit(${name} fsm_util.c)
endforeach()
triumvir_unit(vrrp_fuzz fsm_util.c packet_util.c)
foreach(name packet_send packet_accept packet_receive packet_neighbour
    packet_outgoing fsm_backup fsm_fault fsm_master fsm_lease fsm_operator vrrp_fuzz)
	target_link_libraries(unit_${name} PRIVATE vrrp)
endforeach()

# Those of its process: what they call is the test's.
set(vrrpd ${CMAKE_SOURCE_DIR}/vrrpd)
triumvir_unit(vrrpd_rtnetlink ${vrrpd}/rtnetlink.c)
target_link_libraries(unit_vrrpd_rtnetlink PRIVATE vrrp net)
target_link_options(unit_vrrpd_rtnetlink PRIVATE -Wl,--wrap=recvmsg)
triumvir_unit(vrrpd_iface ${vrrpd}/iface.c)
target_link_libraries(unit_vrrpd_iface PRIVATE vrrp net)
triumvir_unit(vrrpd_strangers packet_util.c ${vrrpd}/strangers.c
    ${vrrpd}/iface.c ${vrrpd}/generation.c)
target_link_libraries(unit_vrrpd_strangers PRIVATE vrrp net)
triumvir_unit(vrrpd_reload vrrpd_reload_conf.c ${vrrpd}/reload.c
    ${vrrpd}/generation.c ${vrrpd}/instance.c ${vrrpd}/act.c ${vrrpd}/turn.c
    ${vrrpd}/work.c)
target_link_libraries(unit_vrrpd_reload PRIVATE vrrp conf_load)
target_link_options(unit_vrrpd_reload PRIVATE -Wl,--wrap=clock_monotonic
    -Wl,--wrap=instance_start -Wl,--wrap=instance_configure
    -Wl,--wrap=instance_leave)
