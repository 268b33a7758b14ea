#include "brokers/features.hpp"

#include <weir/mqtt/messenger.hpp>

#include <array>
#include <chrono>
#include <ostream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::client_options;
using mqtt::messenger;
using mqtt::outgoing;
using mqtt::property_id;

constexpr auto patience = 60s; ///< for what has to come

template <class T>
T must(result<T> got, const char* what) {
    if (!got) throw std::runtime_error(std::string(what) + ": " + got.error().message());
    return std::move(*got);
}

outgoing message(const std::string& topic, const std::string& payload) {
    return {.topic = bytes::copy(topic), .payload = bytes::copy(payload), .qos = mqtt::qos::at_least_once};
}

/// A client of the broker; each question has clients of its own.
class guest {
  public:
    guest(client_options o, const std::string& id, bool lasting = false)
        : client_(with(std::move(o), id, lasting)) {
        up_ = must(client_.connect().get(patience), "connect");
    }

    [[nodiscard]] const mqtt::connected& up() const noexcept { return up_; }

    /// Whether the broker grants it.
    bool subscribe(mqtt::subscription what, mqtt::properties props = {}) {
        what.qos = mqtt::qos::at_least_once;
        const auto done = client_.subscribe({std::move(what)}, std::move(props)).get(patience);
        return done && !done->failed && !done->codes.empty() && !mqtt::is_failure(done->codes[0]);
    }

    void publish(outgoing m) { must(client_.publish(std::move(m)).get(patience), "publish"); }

    mqtt::incoming next() {
        auto got = must(client_.receive().get(patience), "receive");
        got.ack();
        return got;
    }

    /// All that comes before the message with that payload.
    std::vector<mqtt::incoming> until(const std::string& end) {
        std::vector<mqtt::incoming> all;
        for (;;) {
            auto m = next();
            if (m.text() == end) return all;
            all.push_back(std::move(m));
        }
    }

    void leave() { (void)client_.disconnect().get(patience); }

    /// For that long nothing comes.
    void be_still(duration how_long) { (void)client_.receive().get(how_long); }

  private:
    static client_options with(client_options o, const std::string& id, bool lasting) {
        o.clientid = id;
        o.clean_start = !lasting;
        const bool v5 = o.proto_ver == mqtt::protocol_version::v5;
        o.session_expiry = lasting && v5 ? std::optional(600u) : std::nullopt;
        o.auto_ack = false;
        return o;
    }

    messenger client_;
    mqtt::connected up_;
};

class inquiry {
  public:
    inquiry(const client_options& towards, std::string name)
        : towards_(towards)
        , name_(std::move(name)) {}

    broker_features ask() {
        retained();
        wills();
        session();
        shared();
        if (towards_.proto_ver != mqtt::protocol_version::v5) return found_;
        properties();
        expiry();
        own_messages();
        retain_options();
        aliases();
        return found_;
    }

  private:
    guest visit(const std::string& id, bool lasting = false) { return {towards_, name_ + id, lasting}; }

    std::string topic(const std::string& of) const { return name_ + '/' + of; }

    void retained() {
        auto source = visit("r");
        auto kept = message(topic("kept"), "kept");
        kept.retain = true;
        source.publish(kept);
        found_.retained = first_to_newcomer("r1", "kept") == "kept";
        source.publish([&] {
            auto empty = message(topic("kept"), "");
            empty.retain = true;
            return empty;
        }());
        found_.cleared = first_to_newcomer("r2", "kept") == "end";
    }

    /// What a new subscriber gets first: something retained, or what is published now.
    std::string first_to_newcomer(const std::string& id, const std::string& of) {
        auto newcomer = visit(id);
        if (!newcomer.subscribe({.filter = topic(of)})) return {};
        newcomer.publish(message(topic(of), "end"));
        return std::string(newcomer.next().text());
    }

    /// One that breaks off has its will published, one that leaves in order has not.
    void wills() {
        auto witness = visit("w");
        witness.subscribe({.filter = topic("will")});
        const auto with_will = [this](const std::string& text) {
            auto o = towards_;
            o.will = mqtt::will{.topic = topic("will"), .payload = text, .qos = mqtt::qos::at_least_once};
            return o;
        };
        guest{with_will("of the one that left"), name_ + "w1"}.leave();
        { const guest lost{with_will("of the lost"), name_ + "w2"}; }
        const auto before = witness.until("of the lost");
        found_.will = true;
        found_.no_will = before.empty();
    }

    void session() {
        visit("s").leave(); // nothing of before
        {
            auto first = visit("s", true);
            first.subscribe({.filter = topic("session")});
            first.leave();
        }
        auto source = visit("s1");
        source.publish(message(topic("session"), "meanwhile"));
        auto again = visit("s", true);
        found_.session_present = again.up().session_present;
        source.publish(message(topic("session"), "end"));
        if (!found_.session_present) again.subscribe({.filter = topic("session")});
        source.publish(message(topic("session"), "end"));
        const auto came = again.until("end");
        found_.kept = came.size() == 1 && came[0].text() == "meanwhile";
    }

    /// Twenty messages to a group of two.
    void shared() {
        constexpr std::size_t count = 20;
        auto impatient = towards_;
        impatient.ack_timeout = 3s; // ejabberd gives no answer on 3.1.1
        std::array<guest, 2> members{guest{impatient, name_ + "g1"}, guest{impatient, name_ + "g2"}};
        for (auto& m : members) {
            if (!m.subscribe({.filter = "$share/group/" + topic("shared")})) return;
            m.subscribe({.filter = topic("end")});
        }
        auto source = visit("g3");
        for (std::size_t i = 0; i < count; ++i)
            source.publish(message(topic("shared"), std::to_string(i)));
        source.publish(message(topic("end"), "end"));
        std::size_t came = 0;
        for (auto& m : members)
            came += m.until("end").size();
        found_.shared = came == count;
    }

    void properties() {
        auto here = visit("p");
        mqtt::properties id;
        id.set(property_id::subscription_identifier, 7u);
        const bool granted = here.up().subscription_identifiers_available &&
                             here.subscribe({.filter = topic("props")}, std::move(id));
        if (!granted) here.subscribe({.filter = topic("props")});
        auto m = message(topic("props"), "x");
        m.props.add_user_property("unit", "C");
        m.props.set(property_id::response_topic, "answers");
        m.props.set(property_id::correlation_data, "42");
        visit("p1").publish(std::move(m));
        const auto got = here.next();
        found_.subscription_ids = got.subscription_identifiers() == std::vector<std::uint32_t>{7};
        for (const auto& p : got.props())
            found_.user_properties = found_.user_properties || p.id == property_id::user_property;
        found_.request_response = got.props().text(property_id::response_topic) == "answers" &&
                                  got.props().text(property_id::correlation_data) == "42";
    }

    void expiry() {
        {
            auto first = visit("e", true);
            first.subscribe({.filter = topic("expiry")});
            first.leave();
        }
        auto source = visit("e1");
        auto brief = message(topic("expiry"), "brief");
        brief.props.set(property_id::message_expiry_interval, 1u);
        source.publish(std::move(brief));
        source.be_still(2s); // the second passes at the broker
        source.publish(message(topic("expiry"), "end"));
        found_.expiry = visit("e", true).until("end").empty();
    }

    void own_messages() {
        auto alone = visit("n");
        alone.subscribe({.filter = topic("local"), .no_local = true});
        alone.publish(message(topic("local"), "own"));
        visit("n1").publish(message(topic("local"), "end"));
        found_.no_local = alone.until("end").empty();
    }

    void retain_options() {
        auto here = visit("o");
        here.subscribe({.filter = topic("as"), .retain_as_published = true});
        auto m = message(topic("as"), "x");
        m.retain = true;
        visit("o1").publish(std::move(m));
        found_.retain_as_published = here.next().retain();
        auto later = visit("o2");
        later.subscribe({.filter = topic("as"), .retain_handling = mqtt::retain_handling::do_not_send});
        later.publish(message(topic("as"), "end"));
        found_.retain_handling = later.until("end").empty();
    }

    void aliases() {
        found_.topic_aliases = visit("a").up().topic_alias_maximum > 0;
        const guest nameless{towards_, ""};
        found_.assigned_id = !nameless.up().client_id.empty();
    }

    const client_options& towards_;
    const std::string name_;
    broker_features found_;
};

} // namespace

std::ostream& operator<<(std::ostream& out, const broker_features& f) {
    const std::pair<const char*, bool> all[]{
        {"retained", f.retained},
        {"cleared", f.cleared},
        {"will", f.will},
        {"no_will", f.no_will},
        {"session_present", f.session_present},
        {"kept", f.kept},
        {"shared", f.shared},
        {"user_properties", f.user_properties},
        {"request_response", f.request_response},
        {"expiry", f.expiry},
        {"subscription_ids", f.subscription_ids},
        {"no_local", f.no_local},
        {"retain_as_published", f.retain_as_published},
        {"retain_handling", f.retain_handling},
        {"topic_aliases", f.topic_aliases},
        {"assigned_id", f.assigned_id}};
    for (const auto& [name, there] : all)
        out << (there ? "+" : "-") << name << ' ';
    return out;
}

broker_features probe(const client_options& towards, const std::string& name) {
    return inquiry{towards, name}.ask();
}

} // namespace weir::testing
