"""What measured circuits are worth in a system: columns, converters, dot products, energy accounts."""
