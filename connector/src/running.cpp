#include "mqtt_source.hpp"

#include <weir/connector/running.hpp>

#include <utility>

namespace weir::connector {

running::running(pipeline::running_pipeline p, std::shared_ptr<mqtt_source> source) noexcept
    : source_(std::move(source))
    , pipeline_(std::move(p)) {}

running::running(running&&) noexcept = default;

/// The pipeline that is replaced must have stopped before its connections go.
running& running::operator=(running&& other) noexcept {
    pipeline_ = std::move(other.pipeline_);
    source_ = std::move(other.source_);
    return *this;
}

running::~running() = default;

result<void> running::wait_until_ready(std::chrono::milliseconds limit) {
    return source_->wait_until_ready(limit);
}

result<pipeline::stop_report> running::wait() {
    return pipeline_.wait();
}

bool running::wait_for(std::chrono::milliseconds limit) {
    return pipeline_.wait_for(limit);
}

pipeline::stop_report running::stop() {
    return pipeline_.stop();
}

pipeline::stop_report running::stop(std::chrono::milliseconds limit) {
    return pipeline_.stop(source_->drain_time(limit));
}

void running::request_stop() {
    pipeline_.request_stop();
}

void running::request_stop(std::chrono::milliseconds limit) {
    pipeline_.request_stop(source_->drain_time(limit));
}

result<std::size_t> running::push(std::span<pipeline::entry<inbound>> entries) {
    return pipeline_.push(entries);
}

result<void> running::pause() {
    return pipeline_.pause();
}

result<void> running::resume() {
    return pipeline_.resume();
}

bool running::paused() const {
    return pipeline_.paused();
}

result<pipeline::rate_limiting_options> running::rate_limiting() const {
    return pipeline_.rate_limiting();
}

result<void> running::update_rate_limiting(const pipeline::rate_limiting_change& change, bool reset) {
    return pipeline_.update_rate_limiting(change, reset);
}

result<std::size_t> running::set_processors(std::size_t count) {
    return pipeline_.set_processors(count);
}

result<std::size_t> running::set_batch_processors(std::string_view batcher, std::size_t count) {
    return pipeline_.set_batch_processors(batcher, count);
}

std::size_t running::processors() const {
    return pipeline_.processors();
}

std::size_t running::batch_processors(std::string_view batcher) const {
    return pipeline_.batch_processors(batcher);
}

result<pipeline::topology_description> running::describe() const {
    return pipeline_.describe();
}

const std::string& running::name() const noexcept {
    return pipeline_.name();
}

pipeline::state running::state() const noexcept {
    return pipeline_.state();
}

pipeline::snapshot running::snapshot() const {
    return pipeline_.snapshot();
}

stats running::stats() const {
    return source_->stats();
}

stats_reader running::reader() const {
    return {pipeline_.name(), source_};
}

} // namespace weir::connector
