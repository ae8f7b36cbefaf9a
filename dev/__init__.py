"""What a developer runs; the addon never imports it."""
