#include "consumer.hpp"

#include "payload_check.hpp"
#include "placement.hpp"
#include "select.hpp"

#include <weir/weir.hpp>

#include <utility>

namespace weir::tool {

namespace {

class file_handler {
  public:
    explicit file_handler(placement p)
        : placement_(std::move(p)) {}

    void handle_message(message<bytes>& m) {
        if (!placement_.has_batchers()) return placement_.direct().write({&m, 1});
        const auto topic = m.metadata.topic();
        const auto& route = placement_.route_for(topic);
        m.put_batcher(route.batcher);
        if (route.rules.batch_key) m.put_batch_key(select(*route.rules.batch_key, topic, m.data.text()));
    }

    std::int64_t partition_by(const inbound& raw) const {
        const auto& by = placement_.partition_by();
        return by ? stable_hash(select(*by, raw.topic(), raw.payload().text())) : 0;
    }

    std::int64_t partition_batch_by(const message<bytes>& m) const {
        const auto& by = placement_.route_of(m.batcher()).rules.partition_by;
        return by ? stable_hash(select(*by, m.metadata.topic(), m.data.text())) : 0;
    }

    void handle_batch(batch<bytes>& b) { placement_.route_of(b.info().batcher).writer->write(b.messages()); }

  private:
    placement placement_;
};

/// A handler that takes dead letters always has them; so one without is a class of its own.
class with_dead_letters : public file_handler {
  public:
    with_dead_letters(placement p, sinks::dead_letter_file& letters)
        : file_handler(std::move(p))
        , letters_(&letters) {}

    void handle_dead_letter(dead_letter& letter) { letters_->write(letter); }

  private:
    sinks::dead_letter_file* letters_;
};

} // namespace

connector::running start_consumer(const file_config& config, const outputs& to) {
    const payload_check decode{config.payload};
    placement where(config, to);
    auto options = config.pipeline;
    if (options.producer.qos2 == connector::qos2_mode::sink) options.producer.receipts = to.receipts();
    if (options.producer.qos2 == connector::qos2_mode::durable) options.producer.tokens = to.keep_tokens();
    if (auto* const letters = to.dead_letters())
        return start(with_dead_letters(std::move(where), *letters), decode, std::move(options));
    return start(file_handler(std::move(where)), decode, std::move(options));
}

} // namespace weir::tool
