#pragma once

#include <weir/connector/testing.hpp>
#include <weir/pipeline/testing/faulty_handler.hpp>
#include <weir/pipeline/testing/reports.hpp>
#include <weir/pipeline/testing/test_message.hpp>
#include <weir/pipeline/testing/test_producer.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>

/// All that the tests of a pipeline need; no part of any program that runs one.
namespace weir::testing {

using connector::testing::make_inbound;
using connector::testing::publish;
using pipeline::testing::faults;
using pipeline::testing::faulty_handler;
using pipeline::testing::reports;
using pipeline::testing::test_batch;
using pipeline::testing::test_message;
using pipeline::testing::virtual_pipeline;

/// Emits publishes that a test makes up.
using test_producer = pipeline::testing::test_producer<connector::inbound>;

} // namespace weir::testing
