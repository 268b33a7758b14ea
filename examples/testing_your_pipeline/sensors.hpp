#pragma once

#include <weir/weir.hpp>

#include <cstddef>
#include <string>
#include <vector>

/// What the pipeline works on.
struct reading {
    std::string sensor;
    double celsius{0};
};

/// "plant/<sensor>" with a number as payload.
weir::result<reading> decode_reading(const weir::inbound& in);

/// Where readings go. In production a database; in the test, a vector.
class store {
  public:
    virtual ~store() = default;
    virtual void insert(const std::vector<reading>& readings) = 0;
};

struct sensors {
    store* into;

    void handle_message(weir::message<reading>& m) const;
    void handle_batch(weir::batch<reading>& b) const;
};

/// The part of the options that the program and its tests have in common.
weir::options sensor_options();
