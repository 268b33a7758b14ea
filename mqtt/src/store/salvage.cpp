#include "store/salvage.hpp"

#include "store/database.hpp"
#include "store/record_table.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <filesystem>
#include <map>
#include <utility>

namespace weir::mqtt {
namespace {

using warnings = std::vector<std::string>;
using found = std::map<std::pair<stored_record::kind, std::uint64_t>, stored_record>;

/// Everything that can be read, from both ends: a page that cannot be read ends the way from either.
class reader_of_ruins {
  public:
    reader_of_ruins(const std::string& path, const store_options& options)
        : path_(path)
        , options_(options) {}

    /// False when the store is sound.
    [[nodiscard]] bool damaged() {
        try {
            read_as_store();
        } catch (const database_error& e) {
            if (e.reason().code != errc::store_corrupt && e.reason().code != errc::store_mismatch) throw;
            warnings_.emplace_back(e.what());
            read_raw("SELECT id, head, payload, crc FROM record ORDER BY id");
            read_raw("SELECT id, head, payload, crc FROM record ORDER BY id DESC");
        }
        return !warnings_.empty();
    }

    warnings warnings_{};
    found records_{};

  private:
    void read_as_store() {
        database db{path_};
        record_table table{db, options_};
        keep(table.read([this](const error& e) {
            warnings_.push_back(e.detail);
            return true;
        }));
    }

    void read_raw(const char* sql) {
        try {
            database db{path_};
            const auto s = db.prepare(sql);
            while (db.step(s.get()))
                if (auto r = sound_record(s.get())) keep({std::move(*r)});
        } catch (const database_error&) {
            return; // this was the way to its end
        }
    }

    void keep(std::vector<stored_record> list) {
        for (auto& r : list)
            records_.insert_or_assign({r.what, r.key}, std::move(r));
    }

    const std::string& path_;
    const store_options& options_;
};

void put_aside(const std::string& path) {
    const auto rename = [](const std::string& from, const std::string& to) {
        std::error_code failed;
        std::filesystem::rename(from, to, failed);
        if (failed && failed != std::errc::no_such_file_or_directory)
            throw database_error{{errc::io_error, from + ": " + failed.message()}};
    };
    rename(path, path + ".damaged");
    rename(path + "-wal", path + ".damaged-wal");
    rename(path + "-shm", path + ".damaged-shm");
}

} // namespace

std::vector<std::string> salvage(const std::string& path, const store_options& options) {
    if (!std::filesystem::exists(path)) return {};
    reader_of_ruins ruins{path, options};
    if (!ruins.damaged()) return {};
    put_aside(path);
    std::vector<stored_record> kept;
    for (auto& [id, r] : ruins.records_)
        kept.push_back(std::move(r));
    database db{path};
    record_table table{db, options};
    table.replace_all(table.uuid(), kept);
    ruins.warnings_.push_back(
        path + ": " + std::to_string(kept.size()) + " records were saved; what it was is in " + path +
        ".damaged");
    return std::move(ruins.warnings_);
}

} // namespace weir::mqtt
