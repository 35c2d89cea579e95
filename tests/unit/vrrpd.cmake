# vrrpd's pure middle: the advert codec and the state machine
set(vrrpd ${CMAKE_SOURCE_DIR}/vrrpd)
triumvir_unit(packet_send packet_util.c ${vrrpd}/packet.c)
triumvir_unit(packet_receive packet_util.c ${vrrpd}/packet.c)
