"""The kernels in Cython. Each has an equal in Python and is left out where it does not compile."""

from setuptools import Extension, setup

KERNELS = (
    "chaffinch.explain._kernel",
    "chaffinch.features._kernel",
    "chaffinch.models._kernel",
    "chaffinch.readers._kernel",
    "chaffinch.readers.html._kernel",
)


def kernel(name: str) -> Extension:
    """Return the extension of a module; `optional` is what lets an install go on without it."""
    source = f"src/{name.replace('.', '/')}.pyx"
    # What debuggers need would be most of a kernel.
    options = ["-O3", "-g0", "-ffp-contract=off"]
    return Extension(name, [source], extra_compile_args=options, optional=True)


setup(ext_modules=[kernel(name) for name in KERNELS])
