#include "topology.hpp"

#include "engine/coro_batch_processor.hpp"
#include "engine/coro_processor.hpp"
#include "stage_names.hpp"

#include <weir/base/log.hpp>
#include <weir/pipeline/events/producer.hpp>
#include <weir/pipeline/events/spans.hpp>

#include <algorithm>
#include <numeric>

namespace weir::pipeline {
namespace {

std::size_t credit_step(const processors_options& p) {
    return p.max_demand - p.min_demand;
}

std::size_t chunk_limit(const processors_options& p) {
    return p.time_limit.count() > 0 ? 1 : credit_step(p);
}

/// In the shared queue: messages that came with credit, and those on their way back through it.
std::size_t queue_bound(const options& o, std::size_t sources) {
    const auto retries = o.retry.max_attempts > 1 ? o.retry.max_waiting : 0;
    return o.processors.max_concurrency * o.processors.max_demand * sources + retries;
}

outcome dead_letter_outcome(const options& o) {
    using settling = dead_letter_options::settling;
    return o.dead_letter.settle_as == settling::failed ? outcome::failed : outcome::successful;
}

std::vector<std::string> names_of(const std::vector<batcher_options>& batchers) {
    std::vector<std::string> names;
    names.reserve(batchers.size());
    for (const auto& b : batchers)
        names.push_back(b.name);
    return names;
}

/// As many as there may ever be.
std::size_t most_workers_of(const options& o) {
    return std::accumulate(
        o.batchers.begin(), o.batchers.end(), o.processors.max_concurrency,
        [](std::size_t sum, const batcher_options& b) { return sum + b.max_concurrency; });
}

} // namespace

// Lanes of the accounts: one for each source, one for the conductor, one for each worker.
topology::topology(options o, parts p)
    : options_(std::move(o))
    , registration_(options_.name)
    , parts_(std::move(p))
    , time_(parts_.how.time != nullptr ? *parts_.how.time : real_time())
    , ledger_(parts_.sources, parts_.sources.size() + 1 + most_workers_of(options_), control_.progress)
    , lanes_(parts_.sources.size() + 1, most_workers_of(options_))
    , rejects_(control_, ledger_, parts_.sources, conductor_lane())
    , queue_(make_queue())
    , retries_(options_.retry, control_, *queue_, time_, parts_.how.seed)
    , routes_(names_of(options_.batchers))
    , starvation_(ledger_, parts_.sources, batchers_)
    , admission_(options_, control_, time_, parts_.sources)
    , order_(static_cast<std::minstd_rand::result_type>(parts_.how.seed + 1))
    , next_push_(parts_.how.seed)
    , drain_progress_(control_, [this] { return look(); })
    , conductor_(*this, control_, time_)
    , restarter_(options_, {control_, time_, parts_.sources, conductor_, ledger_}, parts_.how.seed) {
    control_.pipeline = options_.name;
    control_.time = &time_;
    control_.bus = parts_.bus;
    for (auto& s : parts_.sources)
        s->connect(*this, admission_);
    if (options_.circuit_breaker.is_on()) control_.outcomes = &admission_;
    conductor_.agenda().add(admission_);
    conductor_.agenda().add(restarter_);
    build_batchers();
    for (std::size_t i = 0; i <= batchers_.size(); ++i)
        meters_.push_back(std::make_unique<engine::stage_meters>(ledger_.lanes()));
    crews_.push_back(make_processors());
    for (std::size_t i = 0; i < batchers_.size(); ++i)
        crews_.push_back(make_batch_processors(*batchers_[i], *batch_retries_[i]));
    limit_time();
    if (retries_.enabled()) conductor_.agenda().add(retries_);
    if (options_.processors.ordering.mode != ordering::none) conductor_.agenda().add(rejects_);
    conductor_.agenda().add(drain_progress_);
}

std::unique_ptr<engine::work_queue> topology::make_queue() {
    const auto& p = options_.processors;
    if (p.ordering.mode == ordering::none)
        return std::make_unique<engine::shared_queue>(
            queue_bound(options_, parts_.sources.size()), chunk_limit(p));
    // A coroutine has the messages of a chunk under way at the same time, and what has been handled already
    // cannot wait for a message before it.
    const bool one_by_one = parts_.stages->abilities().awaits_messages || options_.retry.hold_lane;
    const auto in_chunk = one_by_one ? 1 : chunk_limit(p);
    return std::make_unique<engine::lane_queue>(
        p.ordering, p.concurrency, in_chunk,
        engine::lane_queue::parts{*parts_.stages, parts_.sources, rejects_});
}

topology::~topology() {
    registration_.retire();
    for (auto& c : crews_)
        c->join();
    conductor_.join();
}

void topology::build_batchers() {
    const engine::batcher_stage::parts p{*parts_.stages, ledger_, parts_.sources, time_};
    for (const auto& b : options_.batchers) {
        const auto bound = options_.processors.concurrency * b.max_demand;
        batchers_.push_back(std::make_unique<engine::batcher_stage>(b, bound, p));
        batch_retries_.push_back(std::make_unique<engine::batch_retries>(
            b.retry, control_, *batchers_.back(), time_, parts_.how.seed));
        if (batch_retries_.back()->enabled()) conductor_.agenda().add(*batch_retries_.back());
    }
}

std::unique_ptr<engine::crew> topology::make_processors() {
    const engine::processor::parts p{
        *queue_,
        {*parts_.stages, ledger_, parts_.sources, batchers_, routes_, starvation_, retries_, time_,
         queue_->max_chunk(), options_.processors.time_limit.count() > 0, dead_letter_outcome(options_),
         options_.processors.name, *meters_[0]},
        credit_step(options_.processors)};
    const auto recruit = [this, p](std::size_t index, std::size_t lane) -> std::unique_ptr<engine::worker> {
        auto name = processor_name(options_, index);
        auto short_form = short_name(options_.name, "proc", index);
        if (parts_.stages->abilities().awaits_messages)
            return std::make_unique<engine::coro_processor>(
                std::move(name), std::move(short_form), index, lane, control_, p,
                options_.processors.in_flight);
        return std::make_unique<engine::processor>(
            std::move(name), std::move(short_form), index, lane, control_, p);
    };
    return std::make_unique<engine::crew>(options_.processors.concurrency, recruit, lanes_, stepped());
}

std::unique_ptr<engine::crew> topology::make_batch_processors(
    engine::batcher_stage& batcher, engine::batch_retries& again) {
    const engine::batch_processor::parts p{
        {*parts_.stages, ledger_, batcher, again, retries_, dead_letter_outcome(options_), time_,
         *meters_[crews_.size()]},
        starvation_};
    const auto recruit = [this, &batcher,
                          p](std::size_t index, std::size_t lane) -> std::unique_ptr<engine::worker> {
        const auto& o = batcher.options();
        auto name = batch_processor_name(options_, o.name, index);
        auto short_form = short_name(options_.name, o.name, index);
        if (parts_.stages->abilities().awaits_batches)
            return std::make_unique<engine::coro_batch_processor>(
                std::move(name), std::move(short_form), index, lane, control_, p, o.in_flight);
        return std::make_unique<engine::batch_processor>(
            std::move(name), std::move(short_form), index, lane, control_, p);
    };
    return std::make_unique<engine::crew>(batcher.options().concurrency, recruit, lanes_, stepped());
}

/// The crews are those of the processors and of each batcher.
void topology::limit_time() {
    const auto watch = [this](engine::crew& workers, const auto& o, bool passes) {
        if (o.time_limit.count() == 0) return;
        const engine::watchdog::parts p{control_,         ledger_, time_,
                                        conductor_lane(), passes,  o.replace_hanging ? o.max_concurrency : 0};
        watchdogs_.push_back(std::make_unique<engine::watchdog>(workers, o.time_limit, p));
        conductor_.agenda().add(*watchdogs_.back());
    };
    watch(*crews_.front(), options_.processors, true);
    for (std::size_t i = 0; i < batchers_.size(); ++i)
        watch(*crews_[i + 1], batchers_[i]->options(), false);
}

std::vector<std::shared_ptr<engine::worker>> topology::everyone() const {
    std::vector<std::shared_ptr<engine::worker>> all;
    for (const auto& c : crews_) {
        const auto some = c->everyone();
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

void topology::start() {
    try {
        start_stages();
    } catch (...) {
        tear_down();
        throw;
    }
    registration_.publish(*this);
    for (auto& s : parts_.sources)
        s->give_credit(credit_per_source());
}

void topology::start_stages() {
    for (auto& c : parts_.components) {
        c->start();
        ++components_started_;
    }
    start_sources();
    warn();
    for (auto& c : crews_)
        c->start();
    control_.bus->emit<topology_init>([this] {
        return topology_init{options_.name, time_.system_now(), &options_};
    });
    if (stepped())
        conductor_.start_stepped();
    else
        conductor_.start();
}

void topology::start_sources() {
    for (auto& s : parts_.sources)
        s->prepare({options_, s->index(), parts_.sources.size(), time_});
    for (auto& s : parts_.sources) {
        s->start();
        control_.bus->emit<producer_started>([&] { return producer_started{options_.name, s->index()}; });
    }
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

/// Undoes a start that failed half-way. No demand was announced yet, but a source may have emitted.
void topology::tear_down() {
    static_cast<void>(static_cast<engine::drainable&>(*this).abandon());
    close(time_.now());
}

stop_report topology::stop(std::chrono::milliseconds limit) {
    conductor_.request(limit);
    if (inside_callback()) return {};
    drive_to_end();
    return conductor_.wait();
}

bool topology::inside_callback() const noexcept {
    const auto* me = engine::worker::current();
    return me != nullptr && &me->shared() == &control_;
}

std::size_t topology::source_lane(const engine::source& s) const noexcept {
    return s.index();
}

std::size_t topology::conductor_lane() const noexcept {
    return parts_.sources.size();
}

} // namespace weir::pipeline
