# Filled when the libraries can be installed.
