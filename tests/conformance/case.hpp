#pragma once

#include <weir/mqtt/types/protocol_version.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// Conversations with a client as data: what the server's end sends, what it must get, what the application
/// does and what it is told. One file per subject, one case per rule; the title names the clause.
namespace weir::conformance {

using json = nlohmann::json;

/// One connection of a case.
struct connection_script {
    std::string connack{}; ///< hex; the usual acceptance when empty
    int at{1};             ///< the number of the server that is connected to
    bool restart{false};   ///< it is that of the next process
    json steps{};
};

/// A case for one version of the protocol.
struct test_case {
    std::string file{};
    std::string title{};
    mqtt::protocol_version version{mqtt::protocol_version::v5};
    std::string only{}; ///< the one subject it is for; all when empty
    json options{};
    std::vector<connection_script> connections{};

    /// Fit for the name of a test.
    [[nodiscard]] std::string name() const;
};

[[nodiscard]] mqtt::protocol_version version_named(const std::string& name);

/// The text of `value` for `version`: either one for all, or an object with one for each.
[[nodiscard]] std::string text_for(const json& value, mqtt::protocol_version version);

/// Every case of every file in `folder`, once for each of its versions, and of an entry with `each`, once for
/// every element of it: an object of texts, of which the text under "name" takes the place of each "{name}"
/// in the entry. Throws what is wrong with a file.
[[nodiscard]] std::vector<test_case> load_cases(const std::filesystem::path& folder);

} // namespace weir::conformance
