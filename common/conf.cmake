# The configuration: what every daemon reads (in common), and the loader
# (conf_load), alone in linking libyaml.
target_sources(common PRIVATE conf.c conf_arena.c conf_codec.c conf_schema.c
    conf_words.c)
