#include "sensors.hpp"

#include <cstdio>

namespace {

class printing_store final : public store {
  public:
    void insert(const std::vector<reading>& readings) override {
        for (const auto& r : readings)
            std::printf("%s %.1f\n", r.sensor.c_str(), r.celsius);
    }
};

} // namespace

int main() {
    printing_store out;
    auto running = weir::start(sensors{&out}, &decode_reading, sensor_options());
    return weir::run_until_signal(running);
}
