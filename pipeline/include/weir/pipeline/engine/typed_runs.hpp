#pragma once

#include <weir/pipeline/engine/parcel.hpp>
#include <weir/pipeline/producer.hpp>

#include <iterator>
#include <memory>
#include <span>
#include <typeinfo>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// Whom to tell about an entry of a producer.
template <class Raw>
[[nodiscard]] ack_ref ack_of(const entry<Raw>& e, acknowledger* producer) noexcept {
    return {e.owner != nullptr ? e.owner : producer, e.token};
}

template <class Raw>
[[nodiscard]] obligation owed(const entry<Raw>& e, acknowledger* producer) noexcept {
    return {ack_of(e, producer), e.windowed, e.accepted_at};
}

template <class Data, class Metadata>
[[nodiscard]] message_view view_of(const message<Data, Metadata>& m) noexcept {
    return {
        .head = &m.head(),
        .data_at = &m.data,
        .data_type = &typeid(Data),
        .metadata_at = &m.metadata,
        .metadata_type = &typeid(Metadata)};
}

template <class Raw>
class typed_raw_run final : public raw_run {
  public:
    typed_raw_run(std::size_t source, acknowledger* owner)
        : raw_run(source, owner) {}

    std::vector<entry<Raw>> entries; // at most a chunk

    [[nodiscard]] std::size_t size() const noexcept override { return entries.size(); }

    void obligations(std::vector<obligation>& into) const override {
        for (const auto& e : entries)
            into.push_back(owed(e, owner()));
    }

    [[nodiscard]] message_view view(std::size_t i) const noexcept override {
        return {.metadata_at = &entries[i].value, .metadata_type = &typeid(Raw)};
    }

    void clear() noexcept override { entries.clear(); }

    [[nodiscard]] std::unique_ptr<raw_run> split(std::size_t keep) override {
        auto rest = std::make_unique<typed_raw_run>(source(), owner());
        const auto cut = entries.begin() + static_cast<std::ptrdiff_t>(keep);
        rest->entries.assign(std::make_move_iterator(cut), std::make_move_iterator(entries.end()));
        entries.erase(cut, entries.end());
        return rest;
    }

    void take(raw_run& from, std::size_t index) override {
        entries.push_back(std::move(static_cast<typed_raw_run&>(from).entries[index]));
    }
};

template <class Data, class Metadata>
class typed_message_run final : public message_run {
  public:
    explicit typed_message_run(std::size_t capacity) { messages.reserve(capacity); }

    std::vector<message<Data, Metadata>> messages; // at most a chunk or a batch

    [[nodiscard]] std::span<message<Data, Metadata>> span() noexcept { return messages; }

    [[nodiscard]] std::size_t size() const noexcept override { return messages.size(); }

    void obligations(std::vector<obligation>& into) const override {
        for (const auto& m : messages)
            into.push_back(owed(m.head()));
    }

    [[nodiscard]] message_view view(std::size_t i) const noexcept override { return view_of(messages[i]); }

    void clear() noexcept override { messages.clear(); }

    [[nodiscard]] head_list heads() noexcept override {
        if (messages.empty()) return {};
        return {&messages.front().head(), sizeof(message<Data, Metadata>), messages.size()};
    }
};

} // namespace weir::pipeline::engine
