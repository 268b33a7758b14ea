#include "jsonl_sink.hpp"
#include "sqlite_sink.hpp"

#include <weir/sinks/make_sink.hpp>

namespace weir::sinks {

namespace {

class discard_sink final : public sink {
  public:
    void write(std::span<message> /*messages*/) override {}
};

struct maker {
    std::unique_ptr<sink> operator()(const discard_options&) const {
        return std::make_unique<discard_sink>();
    }

    std::unique_ptr<sink> operator()(const sqlite_options& o) const {
        return std::make_unique<sqlite_sink>(o);
    }

    std::unique_ptr<sink> operator()(const jsonl_options& o) const { return std::make_unique<jsonl_sink>(o); }
};

} // namespace

std::unique_ptr<sink> make_sink(const sink_options& o) {
    return std::visit(maker{}, o);
}

} // namespace weir::sinks
