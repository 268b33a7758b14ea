#pragma once

#include <weir/mqtt/transport/transport.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace weir::mqtt {

/// What waits for the end of an operation, whatever its type; called once.
class io_handler {
  public:
    using error_code = boost::system::error_code;

    io_handler() = default;

    template <class Handler>

    requires(!std::is_same_v<std::decay_t<Handler>, io_handler>)
        io_handler(Handler&& h) // NOLINT(google-explicit-constructor): as std::function
        : held_(std::make_unique<holder<std::decay_t<Handler>>>(std::forward<Handler>(h))) {}

    explicit operator bool() const noexcept { return held_ != nullptr; }

    void operator()(const error_code& ec, std::size_t count) {
        std::exchange(held_, nullptr)->call(ec, count);
    }

  private:
    struct base {
        base() = default;
        base(const base&) = delete;
        base& operator=(const base&) = delete;
        virtual ~base() = default;
        virtual void call(const error_code& ec, std::size_t count) = 0;
    };

    template <class Handler>
    struct holder final : base {
        explicit holder(Handler h)
            : handler(std::move(h)) {}

        void call(const error_code& ec, std::size_t count) override { handler(ec, count); }

        Handler handler;
    };

    std::unique_ptr<base> held_;
};

/// A `transport` in the clothes of an Asio stream, for what is written against Asio. One read and one write
/// at a time. Lane only.
class async_stream final : transport_listener {
  public:
    using executor_type = boost::asio::io_context::executor_type;
    using error_code = boost::system::error_code;
    using handler = io_handler;

    /// Told of connecting; all else reaches whoever reads or writes.
    class owner {
      public:
        virtual void stream_passed(std::string_view phase) = 0;
        virtual void stream_warned(const std::string& text) = 0;
        virtual void stream_connected(const std::string& endpoint) = 0;

        /// Before the stream was connected.
        virtual void stream_failed(const error& reason) = 0;

      protected:
        ~owner() = default;
    };

    async_stream(boost::asio::io_context& context, std::unique_ptr<transport> below, owner& told)
        : context_(context)
        , below_(std::move(below))
        , owner_(told) {}

    void connect(const std::string& host, std::uint16_t port) { below_->connect(host, port, *this); }

    [[nodiscard]] transport& below() noexcept { return *below_; }

    /// Why an operation failed, in the library's own words.
    [[nodiscard]] const std::optional<error>& failure() const noexcept { return failure_; }

    [[nodiscard]] executor_type get_executor() noexcept { return context_.get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token) {
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto done, const Buffers& to) { start_read(first_of(to), std::move(done)); }, token, into);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& from, Token&& token) {
        return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto done, const Buffers& data) {
                for (auto i = boost::asio::buffer_sequence_begin(data);
                     i != boost::asio::buffer_sequence_end(data); ++i) {
                    const boost::asio::const_buffer one{*i};
                    out_.append(std::string_view{static_cast<const char*>(one.data()), one.size()});
                }
                start_write(std::move(done));
            },
            token, from);
    }

    /// Ends everything; whoever waits is not told.
    void abandon() noexcept;

  private:
    /// The first buffer with room: a read need not fill them all.
    template <class Buffers>
    static boost::asio::mutable_buffer first_of(const Buffers& list) {
        for (auto i = boost::asio::buffer_sequence_begin(list); i != boost::asio::buffer_sequence_end(list);
             ++i)
            if (const boost::asio::mutable_buffer one{*i}; one.size() != 0) return one;
        return {};
    }

    void start_read(boost::asio::mutable_buffer into, handler done);
    void start_write(handler done);
    void complete_later(handler done, const error_code& ec, std::size_t count);
    [[nodiscard]] std::size_t take_leftover(boost::asio::mutable_buffer into);

    void transport_passed(std::string_view phase) override { owner_.stream_passed(phase); }

    void transport_warned(const std::string& text) override { owner_.stream_warned(text); }

    void transport_connected(const std::string& endpoint) override;
    void transport_received(bytes chunk) override;
    void transport_written() override;
    void transport_failed(const error& reason) override;

    boost::asio::io_context& context_;
    const std::unique_ptr<transport> below_;
    owner& owner_;
    bool connected_{false};
    boost::asio::mutable_buffer into_;
    handler read_;
    handler write_;
    bytes leftover_; ///< received and not yet asked for
    output_buffer out_;
    std::size_t writing_{0};
    std::optional<error> failure_;
};

} // namespace weir::mqtt
