# Everything comes from the distribution's packages. Boost is used for its headers only, so no Boost
# component is asked for; Debian 12 installs 1.74 and 1.81 side by side and 1.81 wins when it is there.
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
