# The checks' benchmark: what is probed, and the floor
add_executable(checks_server checks_server.c)
add_executable(checks_bare checks_bare.c)
