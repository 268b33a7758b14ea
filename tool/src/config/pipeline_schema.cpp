#include "names.hpp"
#include "schemas.hpp"

namespace weir::tool {

namespace {

using connector::on_failure;
using connector::on_success;
using connector::producer_options;
using connector::redelivery_options;
using connector::topic;
using pipeline::batcher_options;
using pipeline::processors_options;

/// An entry for a member of `Owner` made from one for a member of the part `Owner::*part`.
template <class Owner, class Part>
entry<Owner> inside(Part Owner::*part, entry<Part> e) {
    entry<Owner> out{e.key, e.allowed, e.doc, e.nested, e.refused, {}, {}, e.describe_nested};
    out.read = [part, read = e.read](const toml::node& n, Owner& to, reader& r) { read(n, to.*part, r); };
    out.print = [part, print = e.print](const Owner& from, printer& p) { print(from.*part, p); };
    return out;
}

codec<mqtt::retain_handling> retain_handling() {
    using enum mqtt::retain_handling;
    return one_of_or_number<mqtt::retain_handling>(
        {{"send", send}, {"send_if_new", send_if_new}, {"do_not_send", do_not_send}}, 2);
}

/// "auto" stands for nothing given: the connector chooses.
entry<topic> retain_handling_entry() {
    const auto known = retain_handling();
    entry<topic> e;
    e.key = "retain_handling";
    e.allowed = "\"auto\", " + known.allowed;
    e.doc = "when retained messages are sent; auto: on a lasting v5 session only for a new subscription";
    e.read = [known, allowed = e.allowed](const toml::node& n, topic& to, reader& r) {
        const auto* const name = n.as_string();
        if (name != nullptr && name->get() == "auto") {
            to.retain_handling.reset();
        } else if (const auto v = known.read(n)) {
            to.retain_handling = v;
        } else {
            r.refuse(n, allowed);
        }
    };
    e.print = [known](const topic& from, printer& p) {
        if (from.retain_handling) p.value("retain_handling", known.write(*from.retain_handling), false);
    };
    return e;
}

const schema<topic>& topic_schema() {
    static const schema<topic> s{
        value("filter", &topic::filter, text(), "topic filter, wildcards + and # allowed"),
        value("qos", &topic::qos, one_of_or_number(qos_names(), 2), "quality of service asked for"),
        value("no_local", &topic::no_local, flag(), "v5: not what this client publishes itself"),
        value("retain_as_published", &topic::retain_as_published, flag(), "v5: keep the RETAIN flag"),
        retain_handling_entry(),
    };
    return s;
}

const schema<redelivery_options>& redelivery_schema() {
    using o = redelivery_options;
    static const schema<o> s{
        value("min", &o::min, time_span(), "before a failed message's second attempt; doubles each time"),
        value("max", &o::max, time_span(), "longest delay between attempts"),
        value("skip_after", &o::skip_after, time_span(), "then later messages' acks no longer wait for it"),
    };
    return s;
}

const schema<processors_options>& processors_schema() {
    using o = processors_options;
    static const schema<o> s{
        value("name", &o::name, text(), "seen in telemetry and thread names"),
        value("concurrency", &o::concurrency, integer<std::size_t>(0), "workers; 0 = twice the cores"),
        value("max_demand", &o::max_demand, integer<std::size_t>(1), "messages one worker may hold"),
        value_by<o, std::size_t>(
            "min_demand", integer<std::size_t>(0), "asks again at or below this; default half of max_demand",
            [](const o& from) {
                return from.min_demand == o::npos ? std::nullopt : std::optional(from.min_demand);
            },
            [](o& to, std::size_t v) { to.min_demand = v; }),
    };
    return s;
}

const schema<batcher_options>& batcher_schema() {
    using o = batcher_options;
    static const schema<o> s{
        value("name", &o::name, text(), "what put_batcher names"),
        value("batch_size", &o::batch_size, integer<std::size_t>(1), "messages in a batch"),
        value("batch_timeout", &o::batch_timeout, time_span(), "from a batch's first message"),
        value("concurrency", &o::concurrency, integer<std::size_t>(1), "batches written at the same time"),
        value("max_demand", &o::max_demand, integer<std::size_t>(0), "per batch processor; 0 = batch_size"),
        value(
            "max_open_messages", &o::max_open_messages, integer<std::size_t>(0),
            "in open batches; 0 = 10 x batch_size, at least 10000"),
    };
    return s;
}

template <class T>
entry<producer_section> of_producer(
    std::string key, T producer_options::*member, codec<T> c, std::string doc) {
    return inside(&producer_section::options, value(std::move(key), member, std::move(c), std::move(doc)));
}

template <class T>
entry<producer_section> of_producer(
    std::string key, std::optional<T> producer_options::*member, codec<T> c, std::string doc) {
    return inside(&producer_section::options, value(std::move(key), member, std::move(c), std::move(doc)));
}

} // namespace

const schema<producer_section>& producer_schema() {
    using o = producer_options;
    static const schema<producer_section> s{
        inside(&producer_section::options, inline_tables("topics", &o::topics, topic_schema())),
        of_producer(
            "max_inflight", &o::max_inflight, integer<std::uint16_t>(1, 65'535),
            "QoS 1 and 2 messages taken and not yet acknowledged, per connection"),
        of_producer("concurrency", &o::concurrency, integer<std::size_t>(1), "connections to the broker"),
        of_producer("shared_group", &o::shared_group, text(), "share the topics' messages in this group"),
        of_producer(
            "on_success", &o::on_success,
            one_of<on_success>({{"ack", on_success::ack}, {"noop", on_success::noop}}),
            "what a processed message means to the broker"),
        of_producer(
            "on_failure", &o::on_failure,
            one_of<on_failure>({{"noop", on_failure::noop}, {"ack", on_failure::ack}}),
            "noop: not acknowledged and tried again; ack: acknowledged although failed"),
        of_producer("append_index", &o::append_index, flag(), "client id is <clientid>_<index>"),
        of_producer(
            "drain_timeout", &o::drain_timeout, time_span(),
            "how long a stop waits for messages in work; default shutdown less 3s"),
        inside(&producer_section::options, table("redelivery", &o::redelivery, redelivery_schema())),
        table("config", &producer_section::config, client_schema()),
    };
    return s;
}

const schema<document>& document_schema() {
    using o = connector::options;
    static const schema<document> s{
        inside(&document::options, value("name", &o::name, text(), "the pipeline's name")),
        inside(
            &document::options, value("shutdown", &o::shutdown, time_span(), "bounds the whole of a stop")),
        inside(
            &document::options,
            value("buffer_size", &o::buffer_size, integer<std::size_t>(1), "messages held beyond demand")),
        table("producer", &document::producer, producer_schema()),
        inside(&document::options, table("processors", &o::processors, processors_schema())),
        inside(&document::options, tables("batchers", &o::batchers, batcher_schema())),
        sink_entry(),
    };
    return s;
}

} // namespace weir::tool
