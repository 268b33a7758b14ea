#include "session/stored_form.hpp"

#include "codec/property_codec.hpp"
#include "codec/reader.hpp"
#include "codec/writer.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <cstring>
#include <utility>

namespace weir::mqtt {
namespace {

template <class Out>
void write_u64(Out& out, std::uint64_t value) {
    out.u32(static_cast<std::uint32_t>(value >> 32));
    out.u32(static_cast<std::uint32_t>(value));
}

/// `describe` is run twice: for the size, and to write.
template <class Describe>
bytes written(Describe describe) {
    size_counter counter;
    describe(counter);
    block* const memory = make_block(counter.size());
    bytes all{memory, memory->data, counter.size()};
    writer out{memory->data};
    describe(out);
    return all;
}

/// Reads the head of one record.
class head_reader {
  public:
    explicit head_reader(const stored_record& r)
        : record_(r) {
        source_.feed(r.head);
        (void)source_.gather(r.head.size());
        in_.emplace(source_, 0, r.head.size(), fault_);
    }

    [[nodiscard]] reader& in() { return *in_; }

    [[nodiscard]] std::uint64_t u64(const char* what) {
        const auto high = in_->u32(what);
        return std::uint64_t{high} << 32 | in_->u32(what);
    }

    /// A value that must be below `end`.
    [[nodiscard]] std::uint8_t small(std::uint8_t end, const char* what) {
        const auto value = in_->u8(what);
        if (value >= end) in_->fail(reason_code::malformed_packet, std::string(what) + " is unknown");
        return value;
    }

    template <class T>
    [[nodiscard]] result<T> finish(T value) {
        in_->expect_end();
        if (in_->ok()) return value;
        return error{
            errc::store_corrupt, "record " + std::string(to_string(record_.what)) + " " +
                                     std::to_string(record_.key) + " cannot be understood: " + fault_};
    }

  private:
    const stored_record& record_;
    input_buffer source_;
    std::string fault_;
    std::optional<reader> in_;
};

constexpr std::uint8_t retained = 4;
constexpr std::uint8_t no_local = 4;
constexpr std::uint8_t as_published = 8;
constexpr std::uint8_t identified = 16;

} // namespace

// ---- messages

bytes stored_message::head() const {
    return written([this](auto& out) {
        out.u8(
            static_cast<std::uint8_t>(static_cast<unsigned>(packet.qos) | (packet.retain ? retained : 0u)));
        out.u16(packet.packet_id);
        write_u64(out, static_cast<std::uint64_t>(at.count()));
        out.binary(packet.topic.text());
        write_properties(out, packet.props);
    });
}

result<stored_message> stored_message::from(const stored_record& r) {
    head_reader head{r};
    stored_message m;
    const auto flags = head.small(8, "the flags");
    m.packet.qos = static_cast<qos>(flags & 3u);
    m.packet.retain = (flags & retained) != 0;
    m.packet.packet_id = head.in().u16("the packet id");
    m.at = wall_time{static_cast<std::int64_t>(head.u64("the time"))};
    m.packet.topic = head.in().string("the topic");
    // Who wrote it checked it; the server's are the more.
    read_properties(head.in(), {place_of(packet_type::publish), peer::server, true}, m.packet.props);
    m.packet.payload = r.payload;
    if (m.packet.qos == qos::at_most_once || flags % 4 == 3)
        head.in().fail(reason_code::malformed_packet, "the QoS is unknown");
    return head.finish(std::move(m));
}

// ---- flights

bytes stored_flight::head() const {
    return written([this](auto& out) {
        out.u16(packet_id);
        out.u8(static_cast<std::uint8_t>(progress));
        write_u64(out, order);
    });
}

result<stored_flight> stored_flight::from(const stored_record& r) {
    head_reader head{r};
    stored_flight f;
    f.packet_id = head.in().u16("the packet id");
    f.progress = static_cast<stage>(head.small(3, "the progress"));
    f.order = head.u64("the order");
    if (f.packet_id == 0) head.in().fail(reason_code::malformed_packet, "the packet id is 0");
    return head.finish(f);
}

// ---- received ids

bytes stored_id::head() const {
    return bytes::copy(std::span{print});
}

result<stored_id> stored_id::from(const stored_record& r) {
    head_reader head{r};
    stored_id id;
    const auto content = head.in().rest();
    if (content.size() == id.print.size() && r.key >= 1 && r.key <= 65'535)
        std::memcpy(id.print.data(), content.data(), content.size());
    else
        head.in().fail(reason_code::malformed_packet, "it has not the size of a fingerprint");
    return head.finish(id);
}

// ---- the session

bytes stored_session::head() const {
    return written([this](auto& out) {
        out.binary(client_id);
        write_u64(out, incarnation);
        out.u32(expiry);
    });
}

result<stored_session> stored_session::from(const stored_record& r) {
    head_reader head{r};
    stored_session s;
    s.client_id = head.in().string_view("the client id");
    s.incarnation = head.u64("the incarnation");
    s.expiry = head.in().u32("the session expiry");
    return head.finish(std::move(s));
}

bytes stored_numbers::head() const {
    return written([this](auto& out) { write_u64(out, end); });
}

result<stored_numbers> stored_numbers::from(const stored_record& r) {
    head_reader head{r};
    stored_numbers n;
    n.end = head.u64("the number");
    return head.finish(n);
}

// ---- subscriptions

bytes stored_subscription::head() const {
    const auto& s = granted.asked;
    return written([&](auto& out) {
        const unsigned flags = static_cast<unsigned>(s.qos) | (s.no_local ? no_local : 0u) |
                               (s.retain_as_published ? as_published : 0u) |
                               (granted.identifier ? identified : 0u);
        out.u8(static_cast<std::uint8_t>(flags));
        out.u8(static_cast<std::uint8_t>(s.retain_handling));
        out.u8(static_cast<std::uint8_t>(granted.granted));
        out.u32(granted.identifier.value_or(0));
        out.binary(s.filter);
    });
}

result<stored_subscription> stored_subscription::from(const stored_record& r) {
    head_reader head{r};
    stored_subscription s;
    auto& asked = s.granted.asked;
    const auto flags = head.small(32, "the flags");
    asked.qos = static_cast<qos>(flags & 3u);
    asked.no_local = (flags & no_local) != 0;
    asked.retain_as_published = (flags & as_published) != 0;
    asked.retain_handling = static_cast<retain_handling>(head.small(3, "the retain handling"));
    s.granted.granted = static_cast<qos>(head.small(3, "the QoS granted"));
    const auto identifier = head.in().u32("the identifier");
    if ((flags & identified) != 0) s.granted.identifier = identifier;
    asked.filter = head.in().string_view("the filter");
    if (flags % 4 == 3) head.in().fail(reason_code::malformed_packet, "the QoS is unknown");
    return head.finish(std::move(s));
}

// ---- all of it

namespace {

/// Enters what was read, or gives its fault.
template <class T, class Enter>
error taken(result<T> read, Enter enter) {
    if (!read) return read.error();
    enter(*std::move(read));
    return {};
}

error take_in(const stored_record& r, stored_state& to) {
    using kind = stored_record::kind;
    switch (r.what) {
    case kind::session:
        if (r.key == stored_numbers::key)
            return taken(stored_numbers::from(r), [&](auto&& n) { to.numbers = n; });
        return taken(stored_session::from(r), [&](auto&& s) { to.session = std::move(s); });
    case kind::message:
        return taken(stored_message::from(r), [&](auto&& m) { to.outbound.messages[r.key] = std::move(m); });
    case kind::flight:
        return taken(stored_flight::from(r), [&](auto&& f) { to.outbound.flights[r.key] = f; });
    case kind::received_id:
        return taken(
            stored_id::from(r), [&](auto&& id) { to.ids[static_cast<std::uint16_t>(r.key)] = id.print; });
    case kind::received:
        return taken(stored_message::from(r), [&](auto&& m) { to.received[r.key] = std::move(m); });
    case kind::subscription:
        return taken(
            stored_subscription::from(r), [&](auto&& s) { to.subscriptions[r.key] = std::move(s.granted); });
    }
    return {
        errc::store_corrupt, "record " + std::to_string(r.key) + " is of an unknown kind, " +
                                 std::to_string(static_cast<unsigned>(r.what))};
}

} // namespace

result<stored_state> read_state(const store_content& content) {
    stored_state all;
    for (const auto& r : content.records)
        if (auto fault = take_in(r, all); fault.code) return fault;
    return all;
}

} // namespace weir::mqtt
