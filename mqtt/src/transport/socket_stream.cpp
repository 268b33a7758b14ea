#include "transport/socket_stream.hpp"

#include "transport/network_error.hpp"
#include "transport/shared_transport.hpp"

#include <span>
#include <utility>

namespace weir::mqtt {
namespace asio = boost::asio;

namespace {

/// More would not fit one system call of Asio's.
constexpr std::size_t most_buffers_per_write = 64;

} // namespace

socket_stream::socket_stream(asio::io_context& context, block_pool& blocks, std::string_view first_phase)
    : context_(context)
    , socket_(context)
    , phase_(first_phase)
    , input_(blocks) {}

void socket_stream::begin(std::string target, transport_listener& listener) {
    listener_ = &listener;
    target_ = std::move(target);
}

void socket_stream::set_low_mem() noexcept {
    low_mem_ = true;
    input_.set_low_mem();
}

void socket_stream::pass(std::string_view next) {
    const auto done = std::exchange(phase_, next);
    listener_->transport_passed(done);
}

void socket_stream::succeed(socket connected, const std::string& peer) {
    socket_ = std::move(connected);
    error_code ignored; // What arrives is then waited for by a read that blocks, late but right.
    if (low_mem_) socket_.non_blocking(true, ignored);
    listener_->transport_passed(phase_);
    if (listener_ != nullptr) listener_->transport_connected(peer);
}

void socket_stream::read() {
    reading_ = true;
    if (low_mem_) return read_what_arrives();
    const auto space = input_.space();
    socket_.async_read_some(
        asio::buffer(space.data(), space.size()),
        [self = shared_from_this()](const error_code& ec, std::size_t count) { self->received(ec, count); });
}

void socket_stream::read_what_arrives() {
    socket_.async_wait(
        socket::wait_read, [self = shared_from_this()](const error_code& ec) { self->arrived(ec); });
}

void socket_stream::arrived(error_code ec) {
    if (listener_ == nullptr) return;
    error_code unknown;
    const auto space = input_.space(socket_.available(unknown));
    const auto count = ec ? 0 : socket_.read_some(asio::buffer(space.data(), space.size()), ec);
    if (ec) input_.release();
    if (ec == asio::error::would_block) return read_what_arrives();
    received(ec, count);
}

void socket_stream::received(const error_code& ec, std::size_t count) {
    reading_ = false;
    if (listener_ == nullptr) return;
    if (ec) return fail(stream_error(ec, target_));
    ++stats_.reads;
    stats_.bytes_read += count;
    listener_->transport_received(input_.commit(count));
    if (broken_ && !reading_) fail(stream_error(broken_, target_));
}

void socket_stream::write(output_buffer& out) {
    writing_.swap(out);
    out.clear();
    written_ = 0;
    write_rest();
}

void socket_stream::write_rest() {
    gather_rest();
    socket_.async_write_some(
        std::span<const asio::const_buffer>{gather_},
        [self = shared_from_this()](const error_code& ec, std::size_t count) { self->wrote(ec, count); });
}

void socket_stream::wrote(const error_code& ec, std::size_t count) {
    if (listener_ == nullptr) return;
    if (ec) return broke(ec);
    ++stats_.writes;
    stats_.bytes_written += count;
    written_ += count;
    if (written_ < writing_.size()) return write_rest();
    writing_.clear(); // Shared payloads go back now, not with the next write.
    if (low_mem_) writing_.release();
    listener_->transport_written();
}

void socket_stream::broke(const error_code& ec) {
    // A peer that closes may have said why. What it said is still there, and then the read ends too.
    if (!reading_) return fail(stream_error(ec, target_));
    broken_ = ec;
}

void socket_stream::gather_rest() {
    gather_.clear();
    std::size_t skip = written_;
    for (const auto& segment : writing_.segments()) {
        if (skip >= segment.size()) {
            skip -= segment.size();
            continue;
        }
        gather_.emplace_back(segment.data() + skip, segment.size() - skip);
        skip = 0;
        if (gather_.size() == most_buffers_per_write) return;
    }
}

void socket_stream::shutdown() noexcept {
    error_code ignored; // A stream that is gone already needs no shutdown.
    socket_.shutdown(socket::shutdown_send, ignored);
}

void socket_stream::close() noexcept {
    listener_ = nullptr;
    stop_connecting();
    error_code ignored;
    socket_.close(ignored);
}

void socket_stream::fail(const error& reason) {
    if (listener_ != nullptr) listener_->transport_failed(reason);
}

std::unique_ptr<transport> make_transport_of(std::shared_ptr<socket_stream> stream) {
    return std::make_unique<shared_transport<socket_stream>>(std::move(stream));
}

} // namespace weir::mqtt
