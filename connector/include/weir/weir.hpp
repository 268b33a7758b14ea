#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/completion.hpp>
#include <weir/base/error.hpp>
#include <weir/base/result.hpp>
#include <weir/base/task.hpp>
#include <weir/connector/inbound.hpp>
#include <weir/connector/options.hpp>
#include <weir/connector/run_until_signal.hpp>
#include <weir/connector/running.hpp>
#include <weir/connector/start.hpp>
#include <weir/mqtt/types/qos.hpp>
#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/dead_letter.hpp>
#include <weir/pipeline/drop.hpp>
#include <weir/pipeline/message.hpp>
#include <weir/pipeline/partition.hpp>
#include <weir/pipeline/per_worker.hpp>
#include <weir/pipeline/this_worker.hpp>
#include <weir/pipeline/verdict.hpp>

/// All that a consumer needs: write a decoder and a handler, call `start`, then `run_until_signal`.
namespace weir {

using connector::after_attempts;
using connector::failure_decision;
using connector::inbound;
using connector::on_failure;
using connector::on_success;
using connector::options;
using connector::producer_options;
using connector::redelivery_options;
using connector::run_until_signal;
using connector::running;
using connector::start;
using connector::topic;
using mqtt::qos;
using mqtt::reason_code;
using pipeline::batch_mode;
using pipeline::batch_trigger;
using pipeline::batcher_options;
using pipeline::circuit_breaker_options;
using pipeline::dead_letter_options;
using pipeline::drop;
using pipeline::failure_stage;
using pipeline::overflow_options;
using pipeline::per_worker;
using pipeline::processors_options;
using pipeline::rate_limiting_options;
using pipeline::retry_options;
using pipeline::stable_hash;
using pipeline::verdict;

namespace this_worker = pipeline::this_worker;

/// A message as the handler sees it: `T` is what the decoder makes, the metadata is the received PUBLISH.
template <class T>
using message = pipeline::message<T, inbound>;

template <class T>
using batch = pipeline::batch<T, inbound>;

/// What `handle_dead_letter` is given.
using dead_letter = pipeline::dead_letter<inbound>;

} // namespace weir
