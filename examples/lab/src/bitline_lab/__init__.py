"""A laboratory's own 8T column for bitline. Its templates and its sweep lie beside this file."""
