#include <weir/mqtt/codec/input_buffer.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::mqtt {
namespace {

/// A packet up to this size gets its whole block at once; for larger ones the block grows with what arrives.
constexpr std::size_t allocate_at_once = 4'096;

} // namespace

void input_buffer::feed(bytes chunk) {
    if (chunk.empty()) return;
    size_ += chunk.size();
    if (front_.whole().empty()) {
        front_ = slicer{std::move(chunk)};
        return;
    }
    const bool joined = rest_.empty() ? front_.extend(chunk) : rest_.back().extend(chunk);
    if (!joined) rest_.push_back(std::move(chunk));
}

void input_buffer::clear() noexcept {
    front_ = slicer{};
    rest_.clear();
    position_ = 0;
    own_ = nullptr;
    size_ = 0;
}

void input_buffer::consume(std::size_t count) noexcept {
    position_ += count;
    size_ -= count;
    own_ = nullptr; // slices of it may be out now, so nothing is appended any more
    drop_used_up_front();
}

void input_buffer::drop_used_up_front() noexcept {
    if (position_ != front_.whole().size()) return;
    position_ = 0;
    own_ = nullptr;
    if (rest_.empty()) {
        front_ = slicer{};
    } else {
        front_ = slicer{std::move(rest_.front())};
        rest_.pop_front();
    }
}

bool input_buffer::gather_slowly(std::size_t count) {
    if (rest_.empty()) return false; // one piece: more may still be read behind it, into the same block
    while (!rest_.empty() && front().size() < count) {
        const auto missing = count - front().size();
        reserve(count, std::min(missing, rest_.front().size()));
        move_to_own(missing);
    }
    return front().size() >= count;
}

/// Makes `front_` a block of our own with room for `arriving` bytes more, on the way to `wanted`.
void input_buffer::reserve(std::size_t wanted, std::size_t arriving) {
    const auto have = front().size();
    const auto room = own_ == nullptr ? 0 : own_->capacity - front_.whole().size();
    if (room >= arriving) return;
    const auto capacity =
        wanted <= allocate_at_once ? allocate_at_once : std::min(wanted, 2 * (have + arriving));
    block* grown = make_block(std::max(capacity, have + arriving));
    std::memcpy(grown->data, front().data(), have);
    moved_ += have;
    front_ = slicer{bytes{grown, grown->data, have}};
    position_ = 0;
    own_ = grown;
}

/// Appends at most `count` bytes of the next chunk; there is room for them.
void input_buffer::move_to_own(std::size_t count) {
    bytes& next = rest_.front();
    const auto moving = std::min(count, next.size());
    const auto end = front_.whole().size();
    std::memcpy(own_->data + end, next.data(), moving);
    moved_ += moving;
    own_->retain();
    const bytes appended{own_, own_->data + end, moving};
    front_.extend(appended);
    if (moving == next.size())
        rest_.pop_front();
    else
        next = next.slice(moving, next.size() - moving);
}

} // namespace weir::mqtt
