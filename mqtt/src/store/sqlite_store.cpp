#include "store/database.hpp"
#include "store/record_table.hpp"
#include "store/salvage.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <filesystem>
#include <optional>
#include <utility>

namespace weir::mqtt {
namespace {

/// How many writes go by between looks at what could be given back.
constexpr unsigned writes_between_shrinking = 256;

class sqlite_store final : public session_store {
  public:
    explicit sqlite_store(store_options o)
        : options_(std::move(o))
        , path_((std::filesystem::path{options_.path} / "session.db").string()) {}

    result<store_content> open() override {
        try {
            make_directory();
            return read();
        } catch (const database_error& e) {
            close();
            return e.reason();
        }
    }

    result<store_usage> write(std::span<const store_change> changes) override {
        try {
            if (!table_) connect();
            table_->write(changes);
            if (++writes_ % writes_between_shrinking == 0) table_->shrink();
            return store_usage{table_->bytes_in_use(), table_->records()};
        } catch (const database_error& e) {
            // SQLite may see the file through stale state after it could not be written.
            if (e.reason().code == errc::store_full && db_)
                db_->undo();
            else
                close();
            return e.reason();
        }
    }

    void close() noexcept override {
        table_.reset();
        db_.reset();
    }

  private:
    void make_directory() {
        std::error_code failed;
        std::filesystem::create_directories(options_.path, failed);
        if (failed) throw database_error{{errc::io_error, options_.path + ": " + failed.message()}};
    }

    void connect() {
        close();
        db_.emplace(path_);
        table_.emplace(*db_, options_);
    }

    store_content read() {
        store_content content;
        if (options_.repair) content.warnings = salvage(path_, options_);
        connect();
        content.records = table_->read([](const error& e) -> bool { throw database_error{e}; });
        content.uuid = table_->uuid();
        content.bytes = table_->bytes_in_use();
        return content;
    }

    const store_options options_;
    const std::string path_;
    std::optional<database> db_;
    std::optional<record_table> table_; // refers to `db_`
    unsigned writes_{0};
};

} // namespace

std::string_view to_string(stored_record::kind k) noexcept {
    switch (k) {
    case stored_record::kind::session: return "session";
    case stored_record::kind::message: return "message";
    case stored_record::kind::flight: return "flight";
    case stored_record::kind::received_id: return "received_id";
    case stored_record::kind::received: return "received";
    case stored_record::kind::subscription: return "subscription";
    }
    return "unknown";
}

std::unique_ptr<session_store> make_sqlite_store(const store_options& options) {
    return std::make_unique<sqlite_store>(options);
}

} // namespace weir::mqtt
