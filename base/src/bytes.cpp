#include <weir/base/bytes.hpp>

#include <cstring>
#include <new>

namespace weir {
namespace {

void free_single_block(block* b) noexcept {
    b->~block();
    ::operator delete(b);
}

} // namespace

block* make_block(std::size_t capacity) {
    // Header and content in one allocation: a copied slice lives as long as a message, so it pays to be
    // cheap.
    void* memory = ::operator new(sizeof(block) + capacity);
    auto* made = new (memory) block;
    made->capacity = capacity;
    made->release = &free_single_block;
    made->data = static_cast<std::byte*>(memory) + sizeof(block);
    return made;
}

bytes bytes::copy(std::span<const std::byte> content) {
    if (content.empty()) return {};
    block* owner = make_block(content.size());
    std::memcpy(owner->data, content.data(), content.size());
    return {owner, owner->data, content.size()};
}

bytes bytes::copy(std::string_view content) {
    return copy(std::as_bytes(std::span{content.data(), content.size()}));
}

} // namespace weir
