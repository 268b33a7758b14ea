#include "consumer.hpp"

#include "sink_writer.hpp"

#include <weir/weir.hpp>

#include <string>

namespace weir::tool {

namespace {

struct one_by_one {
    sink_writer* writer;

    void handle_message(message<bytes>& m) { writer->write({&m, 1}); }
};

struct in_batches {
    sink_writer* writer;
    std::string batcher;

    void handle_message(message<bytes>& m) { m.put_batcher(batcher); }

    void handle_batch(batch<bytes>& b) { writer->write(b.messages()); }
};

} // namespace

connector::running start_consumer(const file_config& config, sink_writer& writer) {
    const auto& batchers = config.pipeline.batchers;
    if (batchers.empty()) return start(one_by_one{&writer}, config.pipeline);
    return start(in_batches{&writer, batchers.front().name}, config.pipeline);
}

} // namespace weir::tool
