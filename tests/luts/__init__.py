"""Small LUTs that tests share, one module for each sort of table: ``from luts.column import make_column_lut``.

Most are made from formulas, so that what a consumer computes can be repeated by hand; `reduced` ones come out of
a bench's own reduction, `sampled` ones have drawn numbers from a fixed seed.
"""
