"""PDKs: what bitline must know of a process, and its transistors' models as plain numbers.

`descriptor` is a process's TOML file and locates its library, `install` fetches the library, `library` reads
the text of one corner, `expressions` evaluates its arithmetic, and `slim` folds a transistor into a model card.
"""
