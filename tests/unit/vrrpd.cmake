# vrrpd's pure middle: the advert codec and the state machine
set(vrrpd ${CMAKE_SOURCE_DIR}/vrrpd)
triumvir_unit(packet_send packet_util.c ${vrrpd}/packet.c)
triumvir_unit(packet_accept packet_util.c ${vrrpd}/packet.c)
triumvir_unit(packet_receive packet_util.c ${vrrpd}/packet.c)
set(fsm fsm_util.c ${vrrpd}/fsm.c ${vrrpd}/fsm_advert.c
    ${vrrpd}/fsm_announce.c ${vrrpd}/fsm_lease.c ${vrrpd}/fsm_operator.c
    ${vrrpd}/fsm_state.c)
triumvir_unit(fsm_backup ${fsm})
triumvir_unit(fsm_master ${fsm})
triumvir_unit(fsm_lease ${fsm})
triumvir_unit(fsm_operator ${fsm})
triumvir_unit(vrrp_fuzz ${fsm} packet_util.c ${vrrpd}/packet.c)
