#include "auth_desk.hpp"

#include <utility>

namespace weir::tool {

namespace {

class manual_authenticator final : public mqtt::authenticator {
  public:
    manual_authenticator(std::shared_ptr<auth_desk> desk, std::string method)
        : desk_(std::move(desk))
        , method_(std::move(method)) {}

    std::string_view method() const override { return method_; }

    result<mqtt::auth_message> start() override { return desk_->ask("start", {}); }

    result<mqtt::auth_message> step(const mqtt::auth_message& challenge) override {
        return desk_->ask("step", challenge);
    }

    error finish(const mqtt::auth_message& last) override {
        desk_->note("finish", last);
        return {};
    }

  private:
    std::shared_ptr<auth_desk> desk_;
    std::string method_;
};

} // namespace

result<mqtt::auth_message> auth_desk::ask(std::string_view stage, const mqtt::auth_message& said) {
    std::unique_lock lock(mutex_);
    if (closed_) return failure("the client has ended");
    const auto mine = ++turn_;
    changed_.notify_all();
    given_.reset();
    asking_ = true;
    tell_(stage, said);
    changed_.wait(lock, [&] { return closed_ || turn_ != mine || given_; });
    if (turn_ != mine) return failure("another exchange has begun");
    asking_ = false;
    if (!given_) return failure("the client has ended");
    return *std::exchange(given_, std::nullopt);
}

void auth_desk::note(std::string_view stage, const mqtt::auth_message& said) {
    const std::lock_guard lock(mutex_);
    if (!closed_) tell_(stage, said);
}

bool auth_desk::give(result<mqtt::auth_message> reply) {
    const std::lock_guard lock(mutex_);
    if (closed_ || !asking_ || given_) return false;
    given_ = std::move(reply);
    changed_.notify_all();
    return true;
}

void auth_desk::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

std::unique_ptr<mqtt::authenticator> make_manual_authenticator(
    std::shared_ptr<auth_desk> desk, std::string method) {
    return std::make_unique<manual_authenticator>(std::move(desk), std::move(method));
}

} // namespace weir::tool
