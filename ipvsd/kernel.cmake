# The kernel half of ipvsd: pure middles and netlink.
add_library(ipvsd_pure STATIC desired.c desired_addr.c diff.c diff_addr.c
    grow.c ipvs_table.c lease.c table_digest.c)
target_include_directories(ipvsd_pure PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(ipvsd_pure PUBLIC common)

add_library(ipvsd_kernel STATIC addr_batch.c addr_nl.c addr_nl_msg.c
    ipvs_nl.c ipvs_nl_msg.c kernel.c kernel_address.c kernel_ask.c
    kernel_daemon.c kernel_dump.c kernel_index.c kernel_instance.c kernel_link.c
    kernel_save.c kernel_table.c netlink.c sysctl.c)
target_link_libraries(ipvsd_kernel PUBLIC ipvsd_pure common
    PkgConfig::EVENT PkgConfig::NL PkgConfig::NL_GENL)
