# The configuration: what every daemon reads (in common), and the loader
# (conf_load), alone in linking libyaml.
target_sources(common PRIVATE conf.c conf_arena.c conf_codec.c conf_decode.c
    conf_holds.c conf_schema.c conf_words.c)

add_library(conf_load STATIC conf_bind.c conf_build.c conf_encode.c
    conf_find.c conf_forms.c conf_forms_service.c conf_forms_vrrp.c
    conf_host.c conf_lint.c conf_lint_reload.c conf_lint_services.c
    conf_lint_vrrp.c conf_load.c conf_out.c conf_print.c conf_probes.c
    conf_resolve.c conf_services.c conf_spread.c conf_table.c conf_text.c
    conf_yaml.c)
target_link_libraries(conf_load PUBLIC common PRIVATE PkgConfig::YAML)
