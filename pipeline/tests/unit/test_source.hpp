#pragma once

#include <weir/pipeline/testing/test_producer.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir::pipeline::testing {

/// Emits numbers that are at the same time their tokens.
class test_source final : public test_producer<int> {
  public:
    struct ending {
        outcome result;
        std::string reason;
    };

    using test_producer<int>::test_producer;

    void emit(const std::vector<int>& values) {
        std::vector<entry<int>> entries;
        for (const auto v : values)
            entries.push_back({.value = v, .token = static_cast<std::uint64_t>(v), .windowed = windowed});
        test_producer<int>::emit(std::span{entries});
    }

    void emit_range(int first, int count) {
        std::vector<int> values;
        for (int i = 0; i < count; ++i)
            values.push_back(first + i);
        emit(values);
    }

    /// By token; how often a token was settled.
    [[nodiscard]] std::multimap<std::uint64_t, ending> endings() const {
        std::multimap<std::uint64_t, ending> by_token;
        for (const auto& e : test_producer<int>::endings())
            by_token.emplace(e.token, ending{e.result, e.reason});
        return by_token;
    }

    /// Of a token that was settled once.
    [[nodiscard]] ending ending_of(std::uint64_t token) const {
        const auto all = endings();
        return all.count(token) == 1 ? all.find(token)->second
                                     : ending{outcome::abandoned, "not settled once"};
    }
};

} // namespace weir::pipeline::testing
