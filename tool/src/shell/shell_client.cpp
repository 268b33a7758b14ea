#include "shell_client.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace weir::tool {

namespace {

constexpr std::size_t most_on_the_way = 1'000;  ///< messages demanded and not yet written
constexpr std::size_t most_undecided = 65'535;  ///< then no more are taken
constexpr std::size_t most_deliveries = 65'535; ///< whose release can be told with the message's number

} // namespace

shell_client::shell_client(std::string name, mqtt::io_lane& lane, event_queue& out)
    : name_(std::move(name))
    , lane_(lane)
    , out_(out) {}

shell_client::~shell_client() {
    forget();
}

void shell_client::prepare(client_settings s) {
    forget();
    version_ = s.options.proto_ver;
    decides_ = !s.options.auto_ack;
    takes_all_ = !s.demand;
    if (!s.manual_auth.empty()) {
        desk_ = std::make_shared<auth_desk>([this](std::string_view stage, const mqtt::auth_message& said) {
            json_value fields{{"stage", std::string(stage)}};
            if (said.data) put_bytes(fields, "data", *said.data);
            fields["properties"] = to_json(said.props);
            out_.tell("auth", name_, fields);
        });
        s.options.auth = [desk = desk_, method = s.manual_auth] {
            return make_manual_authenticator(desk, method);
        };
    }
    client_ = std::make_unique<mqtt::client>(lane_, std::move(s.options), *this);
    if (s.demand) {
        client_->demand(*s.demand);
    } else {
        ask_for_more();
    }
}

void shell_client::begin() {
    gave_up_ = false;
    set_state("connecting");
    get().start();
}

error shell_client::disconnect(mqtt::reason_code code, mqtt::properties props) {
    std::promise<error> told;
    get().leave(code, std::move(props), [&told](const error& refused) { told.set_value(refused); });
    auto refused = told.get_future().get();
    if (!refused) forget();
    return refused;
}

void shell_client::abort() {
    get().abort();
    forget();
}

void shell_client::forget() {
    if (desk_) desk_->close();
    client_.reset();
    desk_.reset();
    gave_up_ = false;
    demanded_ = 0;
    messages_.decide_all();
    set_state("none");
}

mqtt::client& shell_client::get() const {
    if (!client_) throw no_client("there is no client; connect first");
    return *client_;
}

void shell_client::set_state(std::string state) {
    const std::lock_guard lock(mutex_);
    state_ = std::move(state);
}

std::string shell_client::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

std::string shell_client::client_id() const {
    const std::lock_guard lock(mutex_);
    return client_id_;
}

void shell_client::demand(std::size_t count) {
    takes_all_ = false;
    get().demand(count);
}

void shell_client::ask_for_more() {
    if (!client_ || !takes_all_) return;
    const auto undecided = messages_.open_count();
    const auto wanted =
        undecided < most_undecided ? std::min(most_on_the_way, most_undecided - undecided) : 0;
    const auto on_the_way = demanded_.load();
    if (wanted <= on_the_way) return;
    demanded_ += wanted - on_the_way;
    client_->demand(wanted - on_the_way);
}

void shell_client::tell(const named_event& e) {
    out_.tell(e.name, name_, e.fields);
}

void shell_client::on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) {
    set_state("connected");
    {
        const std::lock_guard lock(mutex_);
        client_id_ = info.client_id;
    }
    tell(to_event(info, endpoint, took, version_));
}

void shell_client::on_warning(const std::string& text) {
    out_.tell("warning", name_, {{"text", text}});
}

void shell_client::on_ready() {
    out_.tell("ready", name_);
}

void shell_client::on_down(const mqtt::connection_down& info) {
    ended(info, true);
}

void shell_client::on_attempt_failed(const mqtt::connection_down& info) {
    ended(info, false);
}

void shell_client::ended(const mqtt::connection_down& info, bool was_up) {
    set_state(info.will_retry ? "waiting" : "none");
    tell(to_event(info, was_up));
}

void shell_client::on_messages(std::span<mqtt::message_received> messages) {
    for (const auto& m : messages) {
        const bool open = decides_ && m.token.delivery != 0;
        const auto number = messages_.add(m.token, open);
        if (m.received.qos == mqtt::qos::exactly_once) {
            const std::lock_guard lock(mutex_);
            if (deliveries_.size() == most_deliveries) deliveries_.pop_front();
            deliveries_.emplace_back(m.token.delivery, number);
        }
        tell(to_event(m, number));
    }
    demanded_ -= std::min(demanded_.load(), messages.size());
}

void shell_client::on_event(const mqtt::event& e) {
    if (const auto* const v = std::get_if<mqtt::version_fallback>(&e)) version_ = v->to;
    if (std::holds_alternative<mqtt::session_lost>(e)) messages_.decide_all();
    if (const auto* const r = std::get_if<mqtt::release_requested>(&e)) return tell_release(*r);
    if (const auto told = to_event(e)) tell(*told);
}

void shell_client::tell_release(const mqtt::release_requested& r) {
    json_value fields{{"packet_id", r.packet_id}};
    {
        const std::lock_guard lock(mutex_);
        if (releases_.size() == most_deliveries) releases_.erase(releases_.begin());
        releases_[++last_release_] = r.request;
        fields["request"] = last_release_;
        const auto found = std::find_if(deliveries_.begin(), deliveries_.end(), [&](const auto& d) {
            return r.delivery != 0 && d.first == r.delivery;
        });
        if (found != deliveries_.end()) fields["number"] = found->second;
    }
    out_.tell("release_requested", name_, fields);
}

std::optional<std::uint64_t> shell_client::take_release(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = releases_.find(number);
    if (found == releases_.end()) return std::nullopt;
    const auto request = found->second;
    releases_.erase(found);
    return request;
}

void shell_client::on_gave_up(const error& reason) {
    set_state("gave_up");
    gave_up_ = true;
    out_.tell("gave_up", name_, {{"error", to_json(reason)}});
}

void shell_client::on_callback_error(const std::string& what) noexcept {
    out_.tell("warning", name_, {{"text", what}});
}

} // namespace weir::tool
