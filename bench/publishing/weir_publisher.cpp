#include "publishers.hpp"

#include <weir/mqtt/client.hpp>

#include <future>
#include <stdexcept>

namespace weir::bench {
namespace {

class weir_publisher final : mqtt::client_observer {
  public:
    weir_publisher(
        const publishing_task& task, const std::function<void()>& begun, const std::function<void()>& ended)
        : task_(task)
        , begun_(begun)
        , ended_(ended)
        , payload_(bytes::copy(std::string(task.payload, 'x')))
        , client_(lane_, options(), static_cast<mqtt::client_observer&>(*this)) {}

    void run() {
        client_.start();
        done_.get_future().get();
        client_.stop();
    }

  private:
    [[nodiscard]] mqtt::client_options options() const {
        mqtt::client_options o;
        o.host = "127.0.0.1";
        o.port = task_.port;
        o.clientid = "weir";
        o.proto_ver = task_.version == 5 ? mqtt::protocol_version::v5 : mqtt::protocol_version::v4;
        o.max_inflight = task_.window;
        return o;
    }

    void on_connected(const mqtt::connected&, const std::string&, duration) override {
        begun_();
        for (std::size_t i = 0; i < task_.window && sent_ < task_.messages; ++i)
            publish();
    }

    void publish() {
        mqtt::outgoing m;
        m.topic = bytes::copy(topic_of(sent_++));
        m.payload = payload_;
        m.qos = static_cast<mqtt::qos>(task_.qos);
        client_.publish(std::move(m), [this](const mqtt::publish_done& d) { finished(d.failed); });
    }

    void finished(const error& failed) {
        if (failed) return done_.set_exception(std::make_exception_ptr(std::runtime_error(failed.message())));
        if (++finished_ == task_.messages) {
            ended_();
            done_.set_value();
        } else if (sent_ < task_.messages) {
            publish();
        }
    }

    const publishing_task& task_;
    const std::function<void()>& begun_;
    const std::function<void()>& ended_;
    const bytes payload_;
    std::size_t sent_{0};
    std::size_t finished_{0};
    std::promise<void> done_;
    mqtt::io_lane lane_;
    mqtt::client client_;
};

} // namespace

// All of it on the client's lane: the next message is published by the outcome of one before.
void run_weir(
    const publishing_task& task, const std::function<void()>& begun, const std::function<void()>& ended) {
    weir_publisher{task, begun, ended}.run();
}

} // namespace weir::bench
