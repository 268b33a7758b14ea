#include "topology.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <utility>

namespace weir::pipeline {

running_pipeline::running_pipeline(std::unique_ptr<topology> t) noexcept
    : topology_(std::move(t)) {}

running_pipeline::running_pipeline(running_pipeline&&) noexcept = default;

running_pipeline& running_pipeline::operator=(running_pipeline&& other) noexcept {
    if (this == &other) return *this;
    if (topology_ != nullptr) stop();
    topology_ = std::move(other.topology_);
    return *this;
}

running_pipeline::~running_pipeline() {
    if (topology_ != nullptr) stop();
}

result<stop_report> running_pipeline::wait() {
    if (topology_->inside_callback()) return error{errc::inside_callback, "wait for \"" + name() + "\""};
    topology_->drive_to_end();
    auto report = topology_->ending().wait();
    if (report.reason) return report.reason;
    return report;
}

bool running_pipeline::wait_for(std::chrono::milliseconds limit) {
    return !topology_->inside_callback() && topology_->ending().wait_for(limit);
}

stop_report running_pipeline::stop() {
    return stop(topology_->configuration().shutdown);
}

stop_report running_pipeline::stop(std::chrono::milliseconds limit) {
    return topology_->stop(limit);
}

void running_pipeline::request_stop() {
    request_stop(topology_->configuration().shutdown);
}

void running_pipeline::request_stop(std::chrono::milliseconds limit) {
    topology_->ending().request(limit);
}

result<std::size_t> running_pipeline::push(const std::type_info& type, void* entries, std::size_t count) {
    return topology_->push(type, entries, count);
}

result<void> running_pipeline::pause() {
    if (topology_->ending().has_ended()) return not_running();
    topology_->intake().pause();
    return {};
}

result<void> running_pipeline::resume() {
    if (topology_->ending().has_ended()) return not_running();
    topology_->intake().resume();
    return {};
}

bool running_pipeline::paused() const {
    return topology_->intake().paused();
}

result<rate_limiting_options> running_pipeline::rate_limiting() const {
    if (topology_->ending().has_ended()) return not_running();
    if (const auto limits = topology_->intake().rate_limiting()) return *limits;
    return error{errc::rate_limiting_disabled, "pipeline \"" + name() + "\""};
}

result<void> running_pipeline::update_rate_limiting(const rate_limiting_change& change, bool reset) {
    if (topology_->ending().has_ended()) return not_running();
    return topology_->intake().change(change, reset);
}

result<std::size_t> running_pipeline::set_processors(std::size_t count) {
    return topology_->set_processors(count);
}

result<std::size_t> running_pipeline::set_batch_processors(std::string_view batcher, std::size_t count) {
    return topology_->set_batch_processors(batcher, count);
}

std::size_t running_pipeline::processors() const {
    return topology_->processors();
}

std::size_t running_pipeline::batch_processors(std::string_view batcher) const {
    return topology_->batch_processors(batcher);
}

state running_pipeline::state() const noexcept {
    return topology_->ending().state();
}

snapshot running_pipeline::snapshot() const {
    return topology_->look();
}

result<topology_description> running_pipeline::describe() const {
    if (topology_->ending().has_ended()) return not_running();
    return topology_->describe();
}

result<std::vector<std::string>> running_pipeline::producer_names() const {
    if (topology_->ending().has_ended()) return not_running();
    return topology_->producer_names();
}

error running_pipeline::not_running() const {
    return {errc::not_running, "\"" + name() + "\""};
}

const options& running_pipeline::configuration() const noexcept {
    return topology_->configuration();
}

const std::string& running_pipeline::name() const noexcept {
    return topology_->configuration().name;
}

} // namespace weir::pipeline
