#pragma once

#include <weir/pipeline/producer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// Reads a text file line by line, as fast as the pipeline asks for lines and no faster, and finishes at its
/// end. A line's token is its number. Knows how many lines were handled and which were not.
class line_producer final : public weir::pipeline::producer<std::string> {
  public:
    explicit line_producer(std::string path)
        : path_(std::move(path)) {}

    /// What it throws keeps the pipeline from starting.
    void start(weir::pipeline::intake<std::string>& into) override {
        into_ = &into;
        file_.open(path_);
        if (!file_) throw std::runtime_error{"cannot open \"" + path_ + "\""};
    }

    /// Any worker may call this, at any time: the first one reads, the others leave it their wish.
    void demand(std::size_t count) override {
        if (wanted_.fetch_add(count) > 0) return;
        for (auto open = count; open > 0; open = wanted_.fetch_sub(open) - open)
            read(open);
    }

    /// There is nothing to be emitted that was not asked for.
    void drain() override { into_->drained(); }

    void stop(weir::time_point) override { file_.close(); }

    void settle(std::span<const weir::pipeline::settlement> settlements) override {
        for (const auto& s : settlements)
            ++(s.result == weir::pipeline::outcome::successful ? handled_ : rejected_);
    }

    [[nodiscard]] std::size_t handled() const { return handled_; }

    [[nodiscard]] std::size_t rejected() const { return rejected_; }

  private:
    void read(std::size_t count) {
        std::vector<weir::pipeline::entry<std::string>> lines;
        std::string line;
        while (lines.size() < count && std::getline(file_, line))
            lines.push_back({.value = std::move(line), .token = ++last_line_});
        into_->emit(lines);
        if (!file_) into_->finished();
    }

    std::string path_;
    weir::pipeline::intake<std::string>* into_{nullptr};
    std::ifstream file_;
    std::uint64_t last_line_{0};
    std::atomic<std::size_t> wanted_{0};
    std::atomic<std::size_t> handled_{0};
    std::atomic<std::size_t> rejected_{0};
};
