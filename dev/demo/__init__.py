"""The main job from end to end: connect, import, log hours, validate, send, compare."""
