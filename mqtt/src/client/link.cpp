#include "client/link.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <utility>

namespace weir::mqtt {

void link::open(std::unique_ptr<transport> stream, const std::string& host, std::uint16_t port) {
    drop();
    transport_ = std::move(stream);
    transport_->connect(host, port, *this);
}

std::string_view link::phase() const noexcept {
    if (!transport_) return ended_in_;
    return up_ ? "connack" : transport_->phase();
}

void link::transport_connected(const std::string& endpoint) {
    up_ = true;
    listener_.link_up(endpoint);
}

void link::send(session& source) {
    if (up_ && !writing_ && !finishing_ && source.has_output()) write_output(source);
}

void link::write_output(session& source) {
    source.take_output(out_);
    if (out_.empty()) return;
    writing_ = true;
    progress_ = transport_->stats().bytes_written;
    progress_check_ = time_.now() + limits_.write_timeout;
    transport_->write(out_);
}

void link::transport_written() {
    writing_ = false;
    progress_check_.reset();
    if (finishing_) return finish_writing();
    listener_.link_written();
}

void link::want_more() {
    if (!up_ || reading_) return;
    reading_ = true;
    transport_->read();
}

void link::transport_received(bytes chunk) {
    reading_ = false;
    if (finishing_) return want_more();
    listener_.link_received(std::move(chunk));
}

void link::finish(session& source) {
    if (!up_ || finishing_) return;
    finishing_ = true;
    last_words_ = &source;
    close_by_ = time_.now() + limits_.close_timeout;
    want_more();
    if (!writing_) finish_writing();
}

void link::finish_writing() {
    if (auto* source = std::exchange(last_words_, nullptr); source != nullptr && source->has_output())
        write_output(*source);
    if (!writing_) transport_->shutdown();
}

void link::transport_failed(const error& reason) {
    end(reason);
}

void link::drop() noexcept {
    ended_in_ = transport_ ? phase() : "resolve";
    if (transport_) {
        transport_->close();
        past_ = stats();
    }
    transport_.reset();
    out_.clear();
    up_ = reading_ = writing_ = finishing_ = false;
    last_words_ = nullptr;
    progress_check_.reset();
    close_by_.reset();
}

void link::end(const error& reason) {
    const error kept = reason; // NOLINT: it may live in what is dropped
    drop();
    listener_.link_ended(kept);
}

std::optional<time_point> link::deadline() const noexcept {
    if (!progress_check_) return close_by_;
    return close_by_ ? std::min(*progress_check_, *close_by_) : *progress_check_;
}

void link::ticked(time_point now) {
    if (close_by_ && now >= *close_by_)
        return end({errc::local_close, "the peer did not close within close_timeout"});
    if (progress_check_ && now >= *progress_check_) check_progress(now);
}

void link::check_progress(time_point now) {
    const auto written = transport_->stats().bytes_written;
    if (written == progress_) {
        const auto limit = std::to_string(limits_.write_timeout.count());
        return end({errc::write_timeout, "the peer took no byte for " + limit + " ms"});
    }
    progress_ = written;
    progress_check_ = now + limits_.write_timeout;
}

transport::counters link::stats() const noexcept {
    if (!transport_) return past_;
    const auto now = transport_->stats();
    return {
        past_.reads + now.reads, past_.writes + now.writes, past_.bytes_read + now.bytes_read,
        past_.bytes_written + now.bytes_written};
}

} // namespace weir::mqtt
