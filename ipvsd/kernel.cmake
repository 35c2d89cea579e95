# The kernel half of ipvsd: pure middles and netlink.
add_library(ipvsd_pure STATIC desired.c desired_addr.c diff.c diff_addr.c
    grow.c ipvs_table.c lease.c table_digest.c)
target_include_directories(ipvsd_pure PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(ipvsd_pure PUBLIC common)
