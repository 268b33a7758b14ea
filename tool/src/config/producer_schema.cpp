#include "names.hpp"
#include "schemas.hpp"

namespace weir::tool {

namespace {

using connector::after_attempts;
using connector::dead_letter_form;
using connector::dead_letter_topic;
using connector::idempotency_options;
using connector::on_failure;
using connector::on_success;
using connector::producer_options;
using connector::qos2_mode;
using connector::redelivery_options;
using connector::topic;

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
        value(
            "max_attempts", &o::max_attempts, integer<std::uint32_t>(0, 0xFFFF'FFFF),
            "deliveries of a failing message; 0: no limit"),
        value(
            "then", &o::then,
            one_of<after_attempts>(
                {{"hold", after_attempts::hold},
                 {"dead_letter", after_attempts::dead_letter},
                 {"ack", after_attempts::ack},
                 {"reject", after_attempts::reject},
                 {"stop", after_attempts::stop}}),
            "what follows the last one"),
        value("skip_after", &o::skip_after, time_span(), "then later messages' acks no longer wait for it"),
        value("qos0", &o::qos0, flag(), "failed QoS 0 messages come again, too"),
    };
    return s;
}

const schema<idempotency_options>& idempotency_schema() {
    using o = idempotency_options;
    static const schema<o> s{
        value("user_property", &o::user_property, text(), "v5: the User Property that has a message's key"),
        value("correlation_data", &o::correlation_data, flag(), "v5: the Correlation Data is the key"),
        value(
            "entries", &o::entries, integer<std::size_t>(0),
            "keys remembered, so that a message that comes again is not processed again; 0: none"),
        value("ttl", &o::ttl, time_span(), "how long a key is remembered"),
    };
    return s;
}

const schema<dead_letter_topic>& dead_letter_topic_schema() {
    using o = dead_letter_topic;
    static const schema<o> s{
        value("topic", &o::topic, text(), "where dead letters go; {topic} and {client_id} are filled in"),
        value("qos", &o::qos, one_of_or_number(qos_names(), 2), "1 or 2"),
        value("retain", &o::retain, flag(), "publish them with RETAIN"),
        value(
            "form", &o::form,
            one_of<dead_letter_form>(
                {{"payload", dead_letter_form::payload}, {"json", dead_letter_form::json}}),
            "payload: as it came, v5 with the reason as user properties; json: an object with both"),
    };
    return s;
}

codec<mqtt::reason_code> rejection() {
    return converted<mqtt::reason_code>(
        integer<std::uint8_t>(128, 255), [](std::uint8_t v) { return static_cast<mqtt::reason_code>(v); },
        [](mqtt::reason_code v) { return static_cast<std::uint8_t>(v); });
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
            one_of<on_failure>(
                {{"noop", on_failure::noop},
                 {"ack", on_failure::ack},
                 {"reject", on_failure::reject},
                 {"dead_letter", on_failure::dead_letter},
                 {"stop", on_failure::stop}}),
            "what a failed message means to the broker; noop: not acknowledged and tried again"),
        of_producer("reject_code", &o::reject_code, rejection(), "v5: what reject says, such as 153"),
        of_producer(
            "qos2", &o::qos2,
            one_of<qos2_mode>(
                {{"after_processing", qos2_mode::after_processing},
                 {"durable", qos2_mode::durable},
                 {"sink", qos2_mode::sink}}),
            "who remembers a QoS 2 message: durable: the session store, before it is processed; sink: the "
            "sink"),
        of_producer("append_index", &o::append_index, flag(), "client id is <clientid>_<index>"),
        of_producer(
            "drain_timeout", &o::drain_timeout, time_span(),
            "how long a stop waits for messages in work; default shutdown less 3s"),
        of_producer(
            "stall_after", &o::stall_after, time_span(), "a full window that long is told as window.stalled"),
        of_producer(
            "drop_expired", &o::drop_expired, flag(), "v5: acknowledge what expired here, unprocessed"),
        of_producer(
            "overlap", &o::overlap,
            one_of<connector::overlap>(
                {{"allow", connector::overlap::allow},
                 {"reject", connector::overlap::reject},
                 {"dedup", connector::overlap::dedup}}),
            "filters that select the same topic; dedup: v5, copies are recognised"),
        of_producer(
            "unmatched", &o::unmatched,
            one_of<connector::unmatched>(
                {{"deliver", connector::unmatched::deliver}, {"ack", connector::unmatched::ack}}),
            "messages that no filter of topics selects"),
        of_producer(
            "unsubscribe", &o::unsubscribe, text_list("an array of topic filters"),
            "filters of older configurations, to be left at the start"),
        of_producer(
            "subscription_policy", &o::subscription_policy,
            one_of<connector::subscription_policy>(
                {{"all", connector::subscription_policy::all}, {"any", connector::subscription_policy::any}}),
            "whether the broker must grant all filters"),
        of_producer("strict_qos", &o::strict_qos, flag(), "a filter granted with a lower QoS is refused"),
        of_producer(
            "startup", &o::startup,
            one_of<connector::startup>(
                {{"background", connector::startup::background}, {"wait", connector::startup::wait}}),
            "wait: not being connected in time is an error"),
        of_producer("startup_timeout", &o::startup_timeout, time_span(), "of startup = wait"),
        of_producer(
            "on_fatal", &o::on_fatal,
            one_of<connector::on_fatal>(
                {{"stop", connector::on_fatal::stop}, {"retry", connector::on_fatal::retry}}),
            "what follows bad credentials, a refused filter and the like"),
        of_producer(
            "on_stop", &o::on_stop,
            one_of<connector::on_stop>(
                {{"keep", connector::on_stop::keep}, {"end_session", connector::on_stop::end_session}}),
            "what a stop does to the session"),
        inside(&producer_section::options, table("redelivery", &o::redelivery, redelivery_schema())),
        inside(
            &producer_section::options, table("idempotency_key", &o::idempotency_key, idempotency_schema())),
        inside(&producer_section::options, table("dead_letter", &o::dead_letter, dead_letter_topic_schema())),
        table("config", &producer_section::config, client_schema()),
    };
    return s;
}

} // namespace weir::tool
