#include "transport/happy_connect.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace weir::mqtt {

using tcp = boost::asio::ip::tcp;

std::vector<tcp::endpoint> interleave_families(const std::vector<tcp::endpoint>& addresses) {
    std::vector<tcp::endpoint> mixed = addresses;
    if (mixed.empty()) return mixed;
    const auto family = mixed.front().protocol();
    const auto others = std::stable_partition(
        mixed.begin(), mixed.end(), [&](const auto& address) { return address.protocol() == family; });
    // Each turn brings the next of the other family forward behind one of the first.
    auto place = mixed.begin() + 1;
    for (auto other = others; other != mixed.end() && place < other; ++other, place += 2)
        std::rotate(place, other, other + 1);
    return mixed;
}

happy_connect::happy_connect(
    boost::asio::io_context& context, std::vector<tcp::endpoint> addresses, completion done,
    preparation prepare)
    : context_(context)
    , addresses_(std::move(addresses))
    , done_(std::move(done))
    , prepare_(std::move(prepare))
    , timer_(context) {
    sockets_.reserve(addresses_.size()); // operations under way refer to them
}

void happy_connect::try_next() {
    const auto index = sockets_.size();
    if (!done_ || index == addresses_.size()) return;
    auto& socket = sockets_.emplace_back(context_);
    auto answer = [self = shared_from_this(), index](const error_code& ec) { self->answered(index, ec); };
    const auto unfit = prepare_ ? prepare_(socket, addresses_[index]) : error_code{};
    if (unfit) return boost::asio::post(context_, [answer, unfit] { answer(unfit); });
    socket.async_connect(addresses_[index], std::move(answer));
    wait_for_answer();
}

void happy_connect::wait_for_answer() {
    timer_.expires_after(stagger);
    timer_.async_wait([self = shared_from_this()](const error_code& ec) {
        if (!ec) self->try_next();
    });
}

void happy_connect::answered(std::size_t index, const error_code& ec) {
    if (!done_) return;
    if (!ec) return finish(ec, std::move(sockets_[index]));
    ++failed_;
    if (failed_ == addresses_.size()) return finish(ec, tcp::socket{context_});
    if (failed_ == sockets_.size()) try_next();
}

void happy_connect::finish(const error_code& ec, tcp::socket winner) {
    const auto done = std::exchange(done_, nullptr);
    cancel();
    done(ec, std::move(winner));
}

void happy_connect::cancel() noexcept {
    done_ = nullptr;
    timer_.cancel();
    error_code ignored;
    for (auto& socket : sockets_)
        socket.close(ignored);
}

} // namespace weir::mqtt
