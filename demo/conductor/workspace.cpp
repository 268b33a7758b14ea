#include "conductor/workspace.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace weir::demo {

workspace::workspace() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
    folder_ = name;
}

workspace::~workspace() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(folder_, ignored);
}

} // namespace weir::demo
