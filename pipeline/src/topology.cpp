#include "topology.hpp"

#include "stage_names.hpp"

#include <weir/base/log.hpp>

#include <algorithm>
#include <numeric>

namespace weir::pipeline {
namespace {

std::size_t chunk_limit(const processors_options& p) {
    return p.max_demand - p.min_demand;
}

std::size_t credit_per_source(const processors_options& p) {
    return p.concurrency * p.max_demand;
}

/// Messages that came with credit, and those on their way back through the queue.
std::size_t queue_bound(const options& o, std::size_t sources) {
    const auto retries = o.retry.max_attempts > 1 ? o.retry.max_waiting : 0;
    return credit_per_source(o.processors) * sources + retries;
}

outcome dead_letter_outcome(const options& o) {
    using settling = dead_letter_options::settling;
    return o.dead_letter.settle_as == settling::failed ? outcome::failed : outcome::successful;
}

std::vector<std::string> names_of(const std::vector<batcher_options>& batchers) {
    std::vector<std::string> names;
    for (const auto& b : batchers)
        names.push_back(b.name);
    return names;
}

std::size_t workers_of(const options& o) {
    return std::accumulate(
        o.batchers.begin(), o.batchers.end(), o.processors.concurrency,
        [](std::size_t sum, const batcher_options& b) { return sum + b.concurrency; });
}

} // namespace

// Lanes of the accounts: one for each worker, one for each source, one for the conductor.
topology::topology(options o, parts p)
    : options_(std::move(o))
    , registration_(options_.name)
    , parts_(std::move(p))
    , time_(parts_.how.time != nullptr ? *parts_.how.time : real_time())
    , ledger_(parts_.sources, workers_of(options_) + parts_.sources.size() + 1, control_.progress)
    , queue_(queue_bound(options_, parts_.sources.size()), chunk_limit(options_.processors))
    , retries_(options_.retry, control_, queue_, time_, parts_.how.seed)
    , routes_(names_of(options_.batchers))
    , starvation_(ledger_, parts_.sources, batchers_)
    , order_(static_cast<std::minstd_rand::result_type>(parts_.how.seed + 1))
    , conductor_(*this, control_, time_) {
    control_.pipeline = options_.name;
    control_.bus = parts_.bus;
    for (auto& s : parts_.sources)
        s->connect(*this);
    build_batchers();
    build_workers();
    if (retries_.enabled()) conductor_.agenda().add(retries_);
}

topology::~topology() {
    for (auto& w : workers_)
        w->join();
    conductor_.join();
}

void topology::build_batchers() {
    const engine::batcher_stage::parts p{*parts_.stages, ledger_, parts_.sources, time_};
    for (const auto& b : options_.batchers) {
        const auto bound = options_.processors.concurrency * b.max_demand;
        batchers_.push_back(std::make_unique<engine::batcher_stage>(b, bound, p));
    }
}

void topology::build_workers() {
    const engine::processor::parts p{
        queue_,
        {*parts_.stages, ledger_, parts_.sources, batchers_, routes_, starvation_, retries_, time_,
         queue_.max_chunk(), dead_letter_outcome(options_)},
        chunk_limit(options_.processors)};
    std::size_t lane = 0;
    for (std::size_t i = 0; i < options_.processors.concurrency; ++i)
        workers_.push_back(std::make_unique<engine::processor>(
            processor_name(options_, i), short_name(options_.name, "proc", i), lane++, control_, p));
    for (auto& b : batchers_)
        add_batch_processors(*b, lane);
}

void topology::add_batch_processors(engine::batcher_stage& batcher, std::size_t& lane) {
    const auto& b = batcher.options();
    for (std::size_t i = 0; i < b.concurrency; ++i)
        workers_.push_back(std::make_unique<engine::batch_processor>(
            batch_processor_name(options_, b.name, i), short_name(options_.name, b.name, i), lane++, control_,
            engine::batch_processor::parts{
                {*parts_.stages, ledger_, batcher, retries_, dead_letter_outcome(options_)}, starvation_}));
}

void topology::start() {
    try {
        start_stages();
    } catch (...) {
        tear_down();
        throw;
    }
    for (auto& s : parts_.sources)
        s->give_credit(credit_per_source(options_.processors));
}

void topology::start_stages() {
    for (auto& s : parts_.sources) {
        s->start();
        ++sources_started_;
    }
    warn();
    start_workers();
    if (stepped())
        conductor_.start_stepped();
    else
        conductor_.start();
}

/// About windows that do not go with the options. Producers of one pipeline are mostly alike: the same line
/// is logged once.
void topology::warn() const {
    std::vector<std::string> logged;
    for (const auto& s : parts_.sources) {
        for (auto& line : warnings(options_, s->window(), parts_.sources.size())) {
            if (std::find(logged.begin(), logged.end(), line) != logged.end()) continue;
            log(log_level::warning, "pipeline " + options_.name + ": " + line);
            logged.push_back(std::move(line));
        }
    }
}

void topology::start_workers() {
    for (auto& w : workers_) {
        if (stepped())
            w->enter();
        else
            w->start();
    }
}

/// Undoes a start that failed half-way. No demand was announced yet, but a source may have emitted.
void topology::tear_down() {
    static_cast<void>(static_cast<engine::drainable&>(*this).abandon());
    close(time_.now());
}

bool topology::inside_callback() const noexcept {
    const auto* me = engine::worker::current();
    return me != nullptr && &me->shared() == &control_;
}

std::size_t topology::source_lane(const engine::source& s) const noexcept {
    return workers_.size() + s.index();
}

std::size_t topology::conductor_lane() const noexcept {
    return workers_.size() + parts_.sources.size();
}

} // namespace weir::pipeline
