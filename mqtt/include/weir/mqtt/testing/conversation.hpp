#pragma once

#include <weir/mqtt/testing/broker_connection.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weir::mqtt::testing {

/// What a broker expects and does on one connection, in order:
///
///     conversation{}.accept().expect(suback_of...).send(publish{...}).expect_ack(...).close()
///
/// A conversation that does not end the connection stays on it until the client closes, answers PINGREQ and
/// takes DISCONNECT; anything else is a failure.
class conversation {
  public:
    /// How long one expectation waits, from here on. Default 5 s.
    conversation& within(std::chrono::milliseconds limit);

    /// Exactly this packet comes next.
    conversation& expect(packet p);

    /// Exactly these bytes come next, written as `from_hex` reads them: one packet or many.
    conversation& expect_hex(const std::string& text);

    /// The next packet is one that `fits`; `what` names it in a failure.
    conversation& expect_where(const std::string& what, std::function<bool(const packet&)> fits);

    /// The next packet is a `Packet` that `fits`.
    template <class Packet>
    conversation& expect_a(
        std::string what, std::function<bool(const Packet&)> fits = [](const Packet&) { return true; }) {
        return expect_where(std::move(what), [fits = std::move(fits)](const packet& p) {
            const auto* typed = std::get_if<Packet>(&p);
            return typed != nullptr && fits(*typed);
        });
    }

    /// Any CONNECT, answered with `answer`.
    conversation& accept(connack answer = {});

    /// Any SUBSCRIBE, granted as asked.
    conversation& grant_subscribe();

    conversation& send(packet p);
    conversation& send_hex(const std::string& text);
    conversation& send_raw(std::string bytes);
    conversation& expect_nothing(std::chrono::milliseconds how_long);

    /// The client closes; nothing comes before that.
    conversation& expect_eof();

    /// Stops reading for a while.
    conversation& stall(std::chrono::milliseconds how_long);

    conversation& close();
    conversation& reset();

    /// Code of the test's own, on the broker's thread; what it throws is the failure.
    conversation& run(std::string what, std::function<void(broker_connection&)> code);

    /// Waits until `holds`, asked every few milliseconds.
    conversation& wait_until(const std::string& what, std::function<bool()> holds);

    /// Takes every step on `connection`; throws `script_failure` that names the step.
    void play(broker_connection& connection) const;

  private:
    struct step {
        std::string what;
        std::function<void(broker_connection&)> take;
    };

    conversation& add(std::string what, std::function<void(broker_connection&)> take);

    std::vector<step> steps_{};
    std::chrono::milliseconds limit_{5'000};
};

} // namespace weir::mqtt::testing
