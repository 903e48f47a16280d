"""The projector's schema, one file a step, applied in order."""
