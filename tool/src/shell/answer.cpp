#include "answer.hpp"

#include <utility>

namespace weir::tool {

answer::answer(event_queue& out, std::string client, std::uint64_t line, std::string command)
    : out_(&out)
    , client_(std::move(client))
    , line_(line)
    , command_(std::move(command)) {}

void answer::settled(const error& why, const json_value& more) const {
    json_value fields{{"line", line_}, {"command", command_}, {"ok", !why}};
    if (why) fields["error"] = to_json(why);
    fields.update(more);
    out_->tell("outcome", client_, fields);
}

void answer::tell(std::string_view event) const {
    out_->tell(std::string(event), client_, {{"line", line_}});
}

} // namespace weir::tool
