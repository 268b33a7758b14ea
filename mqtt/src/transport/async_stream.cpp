#include "transport/async_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace weir::mqtt {
namespace asio = boost::asio;

void async_stream::start_read(asio::mutable_buffer into, handler done) {
    if (into.size() == 0) return complete_later(std::move(done), {}, 0);
    if (!leftover_.empty()) return complete_later(std::move(done), {}, take_leftover(into));
    if (failure_) return complete_later(std::move(done), asio::error::eof, 0);
    into_ = into;
    read_ = std::move(done);
    below_->read();
}

std::size_t async_stream::take_leftover(asio::mutable_buffer into) {
    const auto count = asio::buffer_copy(into, asio::buffer(leftover_.data(), leftover_.size()));
    leftover_ = leftover_.slice(count, leftover_.size() - count);
    if (leftover_.empty()) leftover_ = {};
    return count;
}

void async_stream::start_write(handler done) {
    if (failure_) {
        out_.clear();
        return complete_later(std::move(done), asio::error::broken_pipe, 0);
    }
    writing_ = out_.size();
    if (writing_ == 0) return complete_later(std::move(done), {}, 0);
    write_ = std::move(done);
    below_->write(out_);
}

void async_stream::complete_later(handler done, const error_code& ec, std::size_t count) {
    asio::post(context_, [done = std::move(done), ec, count]() mutable { done(ec, count); });
}

void async_stream::transport_connected(const std::string& endpoint) {
    connected_ = true;
    owner_.stream_connected(endpoint);
}

void async_stream::transport_received(bytes chunk) {
    leftover_ = std::move(chunk);
    const auto count = take_leftover(into_);
    auto done = std::move(read_);
    done({}, count);
}

void async_stream::transport_written() {
    auto done = std::move(write_);
    done({}, writing_);
}

void async_stream::transport_failed(const error& reason) {
    failure_ = reason;
    if (!connected_) return owner_.stream_failed(reason);
    below_->close(); // the other operation under way must not end a second time
    // Taken along: the first of them may end this object.
    auto read = std::move(read_);
    auto write = std::move(write_);
    if (read) complete_later(std::move(read), asio::error::eof, 0);
    if (write) complete_later(std::move(write), asio::error::broken_pipe, 0);
}

void async_stream::abandon() noexcept {
    below_->close();
    const auto read = std::move(read_);
    const auto write = std::move(write_);
}

} // namespace weir::mqtt
