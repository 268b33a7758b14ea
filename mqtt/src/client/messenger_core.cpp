#include "client/messenger_core.hpp"

#include "codec/strict_utf8.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

namespace weir::mqtt {
namespace {

const error gone{errc::aborted, "the client has been stopped"};

/// The thread of a lane cannot wait for its own end.
void let_go(std::shared_ptr<io_lane> lane) {
    if (lane != nullptr && lane->is_current()) std::thread{[last = std::move(lane)] {}}.detach();
}

} // namespace

messenger::core::core(io_lane* lane, client_observer* listener)
    : own_lane_(lane == nullptr ? std::make_shared<io_lane>() : nullptr)
    , lane_(lane == nullptr ? *own_lane_ : *lane)
    , listener_(listener)
    , inbox_(std::make_shared<inbox>([this](std::size_t messages) {
        (void)with_client([&](mqtt::client& c) { c.demand(messages); });
    })) {}

void messenger::core::open(client_options options) {
    auto_ack_ = std::exchange(options.auto_ack, false);
    version_ = options.proto_ver;
    strict_utf8_ = options.strict_utf8;
    client_ = std::make_unique<mqtt::client>(lane_, std::move(options), *this);
    open_ = true;
}

void messenger::core::close() {
    {
        const std::scoped_lock lock{mutex_};
        if (!std::exchange(open_, false)) return;
        ++ends_asked_;
    }
    if (lane_.is_current()) {
        client_.reset();
        end(gone);
    } else {
        client_->abort();
        lane_.post([this] { end(gone); });
        client_.reset(); // after what was posted to the lane
    }
    inbox_->clear();
    handler_.reset();
    let_go(std::exchange(own_lane_, nullptr));
}

// ---- calls

operation<connected> messenger::core::connect(std::stop_token cancel) {
    const auto one =
        std::make_shared<pending<connected>>([weak = weak_from_this()](const pending<connected>* gone_one) {
            if (const auto self = weak.lock()) self->forget(gone_one);
        });
    {
        const std::scoped_lock lock{mutex_};
        if (ends_asked_ != 0) return operation<connected>{result<connected>{gone}};
        if (ready_) return operation<connected>{result<connected>{ready_info_}};
        connecting_.push_back(one);
        inbox_->reopen(); // not after the end of a disconnect that comes meanwhile
    }
    client_->start();
    watch(*one, std::move(cancel));
    return operation<connected>{one};
}

operation<void> messenger::core::disconnect(reason_code code, properties props) {
    const auto state = std::make_shared<operation_state<void>>();
    {
        const std::scoped_lock lock{mutex_};
        ++ends_asked_;
    }
    client_->leave(code, std::move(props), [self = shared_from_this(), state](const error& refused) {
        if (refused) {
            const std::scoped_lock lock{self->mutex_};
            --self->ends_asked_;
        } else {
            self->end(gone);
        }
        (void)state->complete(refused ? result<void>{refused} : result<void>{});
    });
    return operation<void>{state};
}

std::optional<closing_packet> messenger::core::said() {
    const std::scoped_lock lock{mutex_};
    return said_;
}

operation<incoming> messenger::core::receive(std::stop_token cancel) {
    if (cancel.stop_requested())
        return operation<incoming>{result<incoming>{error{errc::aborted, "canceled"}}};
    auto answer = inbox_->receive();
    if (answer.now) return operation<incoming>{std::move(*answer.now)};
    watch(*answer.later, std::move(cancel));
    return operation<incoming>{std::move(answer.later)};
}

void messenger::core::receive_each(std::function<void(incoming&)> handler) {
    auto shared = handler ? std::make_shared<message_handler>(std::move(handler)) : nullptr;
    post([this, shared = std::move(shared)] {
        handler_ = shared;
        while (handler_ != nullptr) {
            auto one = inbox_->take();
            if (!one) return;
            call_handler(std::move(*one));
        }
    });
}

// ---- acknowledgements

error messenger::core::acknowledge(const ack_token& token, reason_code code, properties props) {
    if (code == reason_code::success && props.empty()) return decide({.token = token});
    ack probe;
    probe.type = token.level == qos::at_least_once ? ack_type::puback : ack_type::pubrec;
    probe.packet_id = token.packet_id;
    probe.code = code;
    probe.props = std::move(props);
    const auto version = [this] {
        const std::scoped_lock lock{mutex_};
        return version_;
    }();
    if (auto fault = check_outgoing(probe, version)) return *std::move(fault);
    if (strict_utf8_)
        if (auto fault = check_strict_utf8(probe.props)) return *std::move(fault);
    return with_client([&](mqtt::client& c) { c.acknowledge(token, code, std::move(probe.props)); });
}

error messenger::core::decide(const ack_outcome& outcome) {
    return with_client([&](mqtt::client& c) { c.acknowledge(std::span{&outcome, 1}); });
}

template <class Call>
error messenger::core::with_client(Call call) {
    const std::scoped_lock lock{mutex_};
    if (!open_) return gone;
    call(*client_);
    return {};
}

void messenger::core::post(std::function<void()> task) {
    const std::scoped_lock lock{mutex_};
    if (!open_) return;
    lane_.post([weak = weak_from_this(), task = std::move(task)] {
        if (const auto self = weak.lock()) task();
    });
}

// ---- what the client tells

void messenger::core::on_connected(const connected& info, const std::string& endpoint, duration took) {
    info_ = info;
    if (listener_ != nullptr) listener_->on_connected(info, endpoint, took);
}

void messenger::core::on_warning(const std::string& text) {
    if (listener_ != nullptr) return listener_->on_warning(text);
    warnings_.write(text);
}

void messenger::core::on_ready() {
    const auto self = shared_from_this();
    {
        const std::scoped_lock lock{mutex_};
        ready_ = true;
        ready_info_ = info_;
        said_.reset();
    }
    if (listener_ != nullptr) listener_->on_ready();
    inbox_->reopen();
    for (const auto& one : take_connecting())
        (void)one->complete(result<connected>{info_});
}

void messenger::core::on_down(const connection_down& info) {
    {
        const std::scoped_lock lock{mutex_};
        ready_ = false;
        said_ = info.said;
    }
    if (listener_ != nullptr) listener_->on_down(info);
}

void messenger::core::on_attempt_failed(const connection_down& info) {
    {
        const std::scoped_lock lock{mutex_};
        said_ = info.said;
    }
    if (listener_ != nullptr) listener_->on_attempt_failed(info);
}

void messenger::core::on_messages(std::span<message_received> messages) {
    const auto self = shared_from_this(); // whoever gets a message may let go of the messenger
    for (auto& m : messages) {
        const auto token = m.token;
        hand_over(incoming{std::move(m), acknowledgement{self, token}});
    }
}

void messenger::core::hand_over(incoming&& one) {
    if (handler_ == nullptr) return inbox_->add(std::move(one));
    inbox_->note_used();
    call_handler(std::move(one));
}

void messenger::core::call_handler(incoming&& one) {
    const auto handler = handler_; // which may let go of the messenger
    try {
        auto own = std::move(one);
        (*handler)(own);
    } catch (const std::exception& e) {
        on_callback_error(e.what());
    } catch (...) {
        on_callback_error("an exception that is no std::exception");
    }
}

void messenger::core::on_event(const event& e) {
    if (const auto* fallback = std::get_if<version_fallback>(&e)) {
        const std::scoped_lock lock{mutex_};
        version_ = fallback->to;
    }
    if (listener_ != nullptr) listener_->on_event(e);
}

void messenger::core::on_gave_up(const error& reason) {
    const auto self = shared_from_this();
    if (listener_ != nullptr) listener_->on_gave_up(reason);
    end(reason);
}

void messenger::core::on_callback_error(const std::string& what) noexcept {
    if (listener_ != nullptr) return listener_->on_callback_error(what);
    callback_errors_.write("a callback of the MQTT client threw: " + what);
}

/// Whoever hears of the end may connect again at once: that is not to be ended, too.
void messenger::core::end(const error& why) {
    const auto waited_until_now = take_connecting();
    inbox_->end(why);
    for (const auto& one : waited_until_now)
        (void)one->complete(result<connected>{why});
}

std::vector<std::shared_ptr<pending<connected>>> messenger::core::take_connecting() {
    const std::scoped_lock lock{mutex_};
    return std::exchange(connecting_, {});
}

void messenger::core::forget(const pending<connected>* one) {
    std::vector<std::shared_ptr<pending<connected>>> gone_ones; // destroyed outside of the lock
    const std::scoped_lock lock{mutex_};
    const auto found =
        std::find_if(connecting_.begin(), connecting_.end(), [one](const auto& p) { return p.get() == one; });
    if (found == connecting_.end()) return;
    gone_ones.push_back(std::move(*found));
    connecting_.erase(found);
}

} // namespace weir::mqtt
