#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/error.hpp>
#include <weir/base/result.hpp>
#include <weir/connector/inbound.hpp>
#include <weir/connector/options.hpp>
#include <weir/connector/run_until_signal.hpp>
#include <weir/connector/running.hpp>
#include <weir/connector/start.hpp>
#include <weir/mqtt/types/qos.hpp>
#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/message.hpp>
#include <weir/pipeline/per_worker.hpp>

/// All that a consumer needs: write a decoder and a handler, call `start`, then `run_until_signal`.
namespace weir {

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
using pipeline::batch_mode;
using pipeline::batch_trigger;
using pipeline::per_worker;

/// A message as the handler sees it: `T` is what the decoder makes, the metadata is the received PUBLISH.
template <class T>
using message = pipeline::message<T, inbound>;

template <class T>
using batch = pipeline::batch<T, inbound>;

} // namespace weir
