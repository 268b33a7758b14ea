#include "outputs.hpp"

#include <weir/sinks/make_sink.hpp>

#include <algorithm>
#include <utility>

namespace weir::tool {

namespace {

/// Each message is in one of them, and nobody has to know in which.
class receipts_of_all final : public connector::receipts {
  public:
    explicit receipts_of_all(std::vector<connector::receipts*> each)
        : each_(std::move(each)) {}

    void release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) override {
        for (auto* one : each_)
            one->release(client_id, packet_ids);
    }

    void reset(std::string_view client_id) override {
        for (auto* one : each_)
            one->reset(client_id);
    }

  private:
    std::vector<connector::receipts*> each_;
};

class tokens_of_all final : public connector::delivery_tokens {
  public:
    explicit tokens_of_all(std::vector<connector::delivery_tokens*> each)
        : each_(std::move(each)) {}

    void release(std::string_view store, std::span<const std::uint64_t> numbers) override {
        for (auto* one : each_)
            one->release(store, numbers);
    }

    void reset(std::string_view store, std::uint64_t first) override {
        for (auto* one : each_)
            one->reset(store, first);
    }

  private:
    std::vector<connector::delivery_tokens*> each_;
};

} // namespace

outputs::open_sink::open_sink(const sinks::sink_options& o)
    : sink(sinks::make_sink(o))
    , writer(*sink) {}

outputs::outputs(const file_config& c) {
    const auto options = all_sinks(c);
    can_keep_tokens_ = std::ranges::all_of(options, sinks::keeps_receipts);
    for (const auto& o : options)
        sinks_.push_back(std::make_unique<open_sink>(o));
    for (std::size_t i = 0; i < std::max<std::size_t>(1, c.pipeline.batchers.size()); ++i) {
        const auto same = std::find(options.begin(), options.end(), sink_of(c, i));
        of_batcher_.push_back(&sinks_[static_cast<std::size_t>(same - options.begin())]->writer);
    }
    if (c.dead_letters) dead_letters_ = std::make_unique<sinks::dead_letter_file>(*c.dead_letters);
}

std::shared_ptr<connector::receipts> outputs::receipts() const {
    std::vector<connector::receipts*> each;
    for (const auto& s : sinks_)
        each.push_back(s->sink->receipts());
    return std::make_shared<receipts_of_all>(std::move(each));
}

std::shared_ptr<connector::delivery_tokens> outputs::keep_tokens() const {
    if (!can_keep_tokens_) return nullptr;
    std::vector<connector::delivery_tokens*> each;
    for (const auto& s : sinks_)
        each.push_back(s->sink->keep_tokens());
    return std::make_shared<tokens_of_all>(std::move(each));
}

bool outputs::any_is_closed() const noexcept {
    return std::any_of(sinks_.begin(), sinks_.end(), [](const auto& s) { return s->writer.is_closed(); });
}

} // namespace weir::tool
