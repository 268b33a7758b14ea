#include "some_options.hpp"
#include "support/temp_folder.hpp"

#include <weir/connector/start.hpp>

#include <functional>
#include <ostream>
#include <sstream>

namespace weir::connector {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(guarantee, of_a_store_depends_on_the_sink) {
    auto o = good();
    o.producer.topics = {{"a", mqtt::qos::at_least_once}, {"b", mqtt::qos::exactly_once}};
    o.producer.qos2 = qos2_mode::durable;
    o.producer.config.store = {.path = "sessions", .qos1 = true};
    EXPECT_THAT(
        guarantees(o), ElementsAre(
                           HasSubstr("QoS 1: at least once, from the session store"),
                           HasSubstr("QoS 2: at least once, from the session store")));
    EXPECT_THAT(guarantees(o, true), Contains(HasSubstr("QoS 2: effectively once, by the delivery tokens")));
    o.producer.config.clean_start = true;
    EXPECT_THAT(guarantees(o, true), Contains(HasSubstr("not in the store when the process ends is lost")));
    o.producer.config.store.fsync = mqtt::store_fsync::never;
    EXPECT_THAT(guarantees(o), ::testing::Each(HasSubstr("a power failure may lose messages")));
}

TEST(guarantee, is_stated_for_each_qos) {
    auto o = good();
    o.producer.topics = {{"a", mqtt::qos::at_most_once}, {"b", mqtt::qos::exactly_once}};
    EXPECT_THAT(
        guarantees(o), ElementsAre(
                           HasSubstr("QoS 0: at most once"),
                           HasSubstr("QoS 2: at least once; a message may repeat after a crash")));
    o.producer.topics = {{"b", mqtt::qos::exactly_once}, {"c", mqtt::qos::at_least_once}};
    o.producer.qos2 = qos2_mode::sink;
    EXPECT_THAT(
        guarantees(o), ElementsAre(HasSubstr("QoS 1: at least once"), HasSubstr("QoS 2: effectively once")));
    o.producer.config.clean_start = true;
    EXPECT_THAT(guarantees(o), ElementsAre(HasSubstr("is lost"), HasSubstr("is lost")));
    o.producer.on_failure = on_failure::ack;
    EXPECT_THAT(guarantees(o), Contains(HasSubstr("acknowledged all the same")));
}

struct no_receipts final : receipts {
    void release(std::string_view, std::span<const std::uint16_t>) override {}

    void reset(std::string_view) override {}
};

struct no_tokens final : delivery_tokens {
    void release(std::string_view, std::span<const std::uint64_t>) override {}

    void reset(std::string_view, std::uint64_t) override {}
};

struct combination {
    const char* name;
    mqtt::qos level;
    std::function<void(producer_options&)> with;
    const char* line;
};

void PrintTo(const combination& c, std::ostream* out) { // NOLINT: the name that GoogleTest looks for
    *out << c.name;
}

void clean(producer_options& p) {
    p.config.clean_start = true;
}

void stored(producer_options& p) {
    p.qos2 = qos2_mode::durable;
    p.config.store.qos1 = true;
}

void durable(producer_options& p) {
    p.qos2 = qos2_mode::durable;
}

void with_tokens(producer_options& p) {
    durable(p);
    p.tokens = std::make_shared<no_tokens>();
}

void with_receipts(producer_options& p) {
    p.qos2 = qos2_mode::sink;
    p.receipts = std::make_shared<no_receipts>();
}

std::function<void(producer_options&)> both(void (*a)(producer_options&), void (*b)(producer_options&)) {
    return [=](producer_options& p) {
        a(p);
        b(p);
    };
}

constexpr const char* at_most_once = "QoS 0: at most once; a crash or a full buffer loses messages";

const combination combinations[] = {
    {"qos_0", mqtt::qos::at_most_once, [](auto&) {}, at_most_once},
    {"qos_0_clean", mqtt::qos::at_most_once, clean, at_most_once},
    {"qos_1", mqtt::qos::at_least_once, [](auto&) {},
     "QoS 1: at least once; a message may repeat after a crash or a lost connection"},
    {"qos_1_clean", mqtt::qos::at_least_once, clean,
     "QoS 1: at least once while the process runs; what is unacknowledged at its end is lost"},
    {"qos_1_stored", mqtt::qos::at_least_once, stored,
     "QoS 1: at least once, from the session store; a message may repeat after a crash or a lost connection"},
    {"qos_1_beside_durable", mqtt::qos::at_least_once, durable,
     "QoS 1: at least once; a message may repeat after a crash or a lost connection"},
    {"qos_2", mqtt::qos::exactly_once, [](auto&) {},
     "QoS 2: at least once; a message may repeat after a crash, not after a lost connection"},
    {"qos_2_clean", mqtt::qos::exactly_once, clean,
     "QoS 2: once while the process runs; what is unacknowledged at its end is lost"},
    {"qos_2_durable", mqtt::qos::exactly_once, durable,
     "QoS 2: at least once, from the session store; a message may repeat after a crash, not after a lost "
     "connection"},
    {"qos_2_durable_clean", mqtt::qos::exactly_once, both(durable, clean),
     "QoS 2: at least once, from the session store; a message may repeat after a crash, not after a lost "
     "connection; what is not in the store when the process ends is lost"},
    {"qos_2_tokens", mqtt::qos::exactly_once, with_tokens,
     "QoS 2: effectively once, by the delivery tokens that the sink keeps; only a publisher that repeats "
     "itself makes duplicates"},
    {"qos_2_tokens_clean", mqtt::qos::exactly_once, both(with_tokens, clean),
     "QoS 2: effectively once, by the delivery tokens that the sink keeps; only a publisher that repeats "
     "itself makes duplicates; what is not in the store when the process ends is lost"},
    {"qos_2_receipts", mqtt::qos::exactly_once, with_receipts,
     "QoS 2: effectively once, by the store's receipts; only a publisher that repeats itself makes "
     "duplicates"},
};

class guarantee_in_the_log : public ::testing::TestWithParam<combination> {};

TEST_P(guarantee_in_the_log, is_one_line_of_its_own) {
    const weir::testing::temp_folder folder;
    auto o = good();
    o.producer.topics = {{"a", GetParam().level}};
    GetParam().with(o.producer);
    if (o.producer.qos2 == qos2_mode::durable) o.producer.config.store.path = folder.file("session");
    ::testing::internal::CaptureStdout();
    static_cast<void>(prepare(o, able));
    std::istringstream log(::testing::internal::GetCapturedStdout());
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);)
        if (const auto at = line.find("sensors: QoS"); at != std::string::npos)
            lines.push_back(line.substr(at));
    EXPECT_THAT(lines, ElementsAre(std::string("sensors: ") + GetParam().line));
}

INSTANTIATE_TEST_SUITE_P(every, guarantee_in_the_log, ::testing::ValuesIn(combinations), [](const auto& one) {
    return std::string(one.param.name);
});

} // namespace
} // namespace weir::connector
