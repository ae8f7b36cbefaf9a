"""Pictures of the product for the guides, taken from the demonstration."""
