"""Being written by the engineer of tests/benches, tests/lut/test_build.py and tests/test_bad_runs.py."""
