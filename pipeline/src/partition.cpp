#include <weir/pipeline/partition.hpp>

namespace weir::pipeline {

// FNV-1a over the bytes, then the finalizer of MurmurHash3, which spreads its weak low bits. Never to be
// changed: users' data is divided by it.
partition_value stable_hash(std::string_view text) noexcept {
    std::uint64_t h = 14'695'981'039'346'656'037U;
    for (const char c : text) {
        h ^= static_cast<unsigned char>(c);
        h *= 1'099'511'628'211U;
    }
    h ^= h >> 33U;
    h *= 0xff51afd7ed558ccdU;
    h ^= h >> 33U;
    h *= 0xc4ceb9fe1a85ec53U;
    h ^= h >> 33U;
    return static_cast<partition_value>(h >> 1U);
}

} // namespace weir::pipeline
