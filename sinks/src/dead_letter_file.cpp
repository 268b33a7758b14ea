#include "append_file.hpp"

#include <weir/sinks/dead_letter_file.hpp>
#include <weir/sinks/json.hpp>

namespace weir::sinks {

dead_letter_file::dead_letter_file(const jsonl_options& o)
    : file_(std::make_unique<append_file>(o.path, o.fsync)) {}

dead_letter_file::~dead_letter_file() = default;

void dead_letter_file::write(const dead_letter& letter) {
    const auto line = to_json_line(to_record(letter), letter.stage, letter.why.text) + '\n';
    const std::lock_guard lock(mutex_);
    file_->append(line);
    written_.fetch_add(1, std::memory_order_relaxed);
}

} // namespace weir::sinks
