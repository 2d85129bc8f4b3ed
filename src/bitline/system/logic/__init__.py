"""Networks of standard cells as data: what they compute, and what their switching costs."""
