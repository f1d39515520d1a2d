"""A run folder as one HTML page that needs no server and no network."""
