"""A stage: a throwaway PostgreSQL, an audit sink and a gateway on free loopback ports, gone again when it closes.

Only Python's standard library and the programs of the build and of PostgreSQL are used.
"""
