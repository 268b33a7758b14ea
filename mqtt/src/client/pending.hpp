#pragma once

#include <weir/base/operation.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

namespace weir::mqtt {

/// An operation that can be canceled, and that tells when nobody wants it any more.
template <class T>
class pending final : public operation_state<T> {
  public:
    /// Called, on any thread, when it was given up or canceled; not when it was completed.
    using listener = std::function<void(const pending*)>;

    explicit pending(listener on_given_up = {})
        : on_given_up_(std::move(on_given_up)) {}

    /// `post` runs a function where the operation may be completed, if that is there still.
    template <class Post>
    void watch(std::stop_token cancel, Post post) {
        if (!cancel.stop_possible()) return;
        const auto self = std::static_pointer_cast<pending>(this->shared_from_this());
        canceled_.emplace(std::move(cancel), [post = std::move(post), weak = std::weak_ptr<pending>{self}] {
            post([weak] {
                if (const auto one = weak.lock()) one->cancel();
            });
        });
    }

  private:
    void cancel() {
        if (this->complete(result<T>{error{errc::aborted, "canceled"}})) given_up();
    }

    void given_up() noexcept override {
        if (on_given_up_) on_given_up_(this);
    }

    listener on_given_up_;
    std::optional<std::stop_callback<std::function<void()>>> canceled_;
};

} // namespace weir::mqtt
