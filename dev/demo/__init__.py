"""The main job from end to end: connect, import, log, validate, send, read back."""
