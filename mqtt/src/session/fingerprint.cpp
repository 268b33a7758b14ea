#include <weir/mqtt/session/fingerprint.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <new>
#include <type_traits>

namespace weir::mqtt {
namespace {

bool lasts(const property& p) {
    return p.id != property_id::topic_alias && p.id != property_id::message_expiry_interval &&
           p.id != property_id::subscription_identifier;
}

class sha256 {
  public:
    sha256()
        : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
            throw std::bad_alloc{};
    }

    void add_number(std::uint64_t value) {
        std::array<std::byte, 8> encoded;
        for (std::size_t i = 0; i < encoded.size(); ++i)
            encoded[i] = static_cast<std::byte>(value >> (8 * i));
        EVP_DigestUpdate(context_.get(), encoded.data(), encoded.size());
    }

    /// With its length in front, so that no two lists of fields run into the same bytes.
    void add(const bytes& field) {
        add_number(field.size());
        EVP_DigestUpdate(context_.get(), field.data(), field.size());
    }

    void add(const property& p) {
        add_number(static_cast<std::uint64_t>(p.id));
        std::visit([this](const auto& value) { add_value(value); }, p.value);
    }

    [[nodiscard]] fingerprint finish() {
        fingerprint out;
        EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
        return out;
    }

  private:
    void add_value(std::uint32_t value) { add_number(value); }

    void add_value(const bytes& value) { add(value); }

    void add_value(const string_pair& value) {
        add(value.first);
        add(value.second);
    }

    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

} // namespace

fingerprint make_fingerprint(const bytes& topic, const bytes& payload, const properties& props) {
    sha256 digest;
    digest.add(topic);
    digest.add(payload);
    for (const property& p : props)
        if (lasts(p)) digest.add(p);
    return digest.finish();
}

bool same_lasting_properties(const properties& a, const properties& b) {
    auto x = std::find_if(a.begin(), a.end(), lasts);
    auto y = std::find_if(b.begin(), b.end(), lasts);
    while (x != a.end() && y != b.end()) {
        if (!(*x == *y)) return false;
        x = std::find_if(std::next(x), a.end(), lasts);
        y = std::find_if(std::next(y), b.end(), lasts);
    }
    return x == a.end() && y == b.end();
}

} // namespace weir::mqtt
