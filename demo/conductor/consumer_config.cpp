#include "conductor/consumer_config.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <stdexcept>

namespace weir::demo {
namespace {

toml::table& table_at(toml::table& root, const std::string& path, const std::string& file) {
    auto* found = root.at_path(path).as_table();
    if (found == nullptr) throw std::runtime_error(file + ": no table [" + path + "]");
    return *found;
}

} // namespace

consumer_facts write_consumer_config(
    const std::string& from, const std::string& to, const consumer_setup& setup) {
    toml::table root = toml::parse_file(from);
    auto& config = table_at(root, "producer.config", from);
    config.insert_or_assign("host", "127.0.0.1");
    config.insert_or_assign("port", setup.port);
    config.insert_or_assign("proto_ver", setup.version);
    if (setup.exactly_once) table_at(root, "producer", from).insert_or_assign("qos2", "sink");
    consumer_facts facts;
    if (auto* topics = root.at_path("producer.topics").as_array())
        topics->for_each([&](toml::table& t) {
            t.insert_or_assign("qos", setup.qos);
            facts.filters.push_back(t["filter"].value_or(std::string{}));
        });
    auto& sink = table_at(root, "sink", from);
    if (sink["type"].value_or(std::string{}) != "sqlite")
        throw std::runtime_error(from + ": the demo needs a sink of type \"sqlite\"");
    sink.insert_or_assign("path", setup.database);
    std::ofstream(to) << root << '\n';
    facts.table = sink["table"].value_or(std::string{"messages"});
    return facts;
}

} // namespace weir::demo
