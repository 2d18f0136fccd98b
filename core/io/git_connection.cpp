#include "core/io/git_connection.hpp"

#include <fmt/format.h>
#include <git2.h>

#include "core/base/text.hpp"
#include "core/io/git_auth.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_state.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t k_longest_reason = 300;  ///< more of what a server says is not kept

struct HttpMeaning {
    std::string_view said;  ///< by libgit2
    Code code;
    std::string_view says;  ///< after "the repository URL "
    std::string_view hint;
};
constexpr HttpMeaning k_http[] = {
    {"status code: 404", Code::not_found, "does not exist, or the credentials may not see it", "check the URL and the credentials"},
    {"status code: 403", Code::denied, "refused the credentials", "check that they may use the repository"},
    {"status code: 401", Code::denied, "asks for other credentials", "check the token"},
    {"authentication replays", Code::denied, "refused the credentials", "check that they are valid"},
    {"redirect", Code::denied, "redirects to another place, which is not followed", "use the address it redirects to"},
    {"repository not found", Code::not_found, "does not exist, or the credentials may not see it",
     "check the URL and the credentials"},
    {"safe.directory", Code::denied, "belongs to another user",
     "if you trust it: git config --global --add safe.directory <its path>"},
    {"does not appear to be a git repository", Code::not_found, "does not exist on its host", "check the URL"},
    {"failed to resolve path", Code::not_found, "does not exist", "check the URL"},
    {"authentication required", Code::denied, "asks for credentials", "give credentials with 'gitopsctl repo add'"},
};

std::string said_last() {
    const git_error* last = git_error_last();
    return last && last->message ? last->message : "";
}

}  // namespace

struct Connection::State : Authenticator {
    Handle<git_remote> handle;
    PushReply reply;
    std::string server_said;

    static State& of(void* payload) { return *static_cast<State*>(static_cast<Authenticator*>(payload)); }

    void listen(git_remote_callbacks& callbacks) {
        install(callbacks);
        callbacks.push_update_reference = [](const char*, const char* status, void* payload) {
            if (status) of(payload).reply = {false, one_line(status)};
            return 0;
        };
        callbacks.sideband_progress = [](const char* text, int length, void* payload) {
            std::string& said = of(payload).server_said;
            if (length > 0 && said.size() < k_longest_reason) said.append(text, static_cast<std::size_t>(length));
            return 0;
        };
    }

    /// A redirect would take the token along. Over https the certificate callback sees to which host; over loopback
    /// http nobody does, so none is followed.
    git_remote_redirect_t redirects() const {
        return remote.scheme == "https" ? GIT_REMOTE_REDIRECT_INITIAL : GIT_REMOTE_REDIRECT_NONE;
    }

    /// Throws what the callbacks or libgit2 have to say about a failure.
    void check(int result, std::string_view doing) {
        if (result >= 0) return;
        if (refusal) throw *refusal;
        std::string said = base::lower(said_last() + " " + server_said);
        for (const HttpMeaning& meaning : k_http)
            if (said.find(meaning.said) != said.npos)
                throw Error(meaning.code, describe(remote) + " " + std::string(meaning.says)).hint(meaning.hint);
        Error error = git_error_of(result, fmt::format("cannot {} {}", doing, describe(remote)));
        if (error.code() == Code::internal)
            error = Error(Code::unavailable, error.message()).hint("check the address and the network");
        else if (error.code() == Code::unavailable && error.hint_text().empty())
            error.hint("check the address and the network");
        throw error;
    }

    void create(git_repository* repo) {
        git_remote* made = nullptr;
        git_remote_create_options creation = GIT_REMOTE_CREATE_OPTIONS_INIT;
        creation.repository = repo;
        // No url.*.insteadOf: the URL that was checked is the one that is used (and libgit2 1.5 leaks on each look-up).
        creation.flags = GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC | GIT_REMOTE_CREATE_SKIP_INSTEADOF;
        check(git_remote_create_with_opts(&made, remote.url.c_str(), &creation), "use");
        handle.reset(made);
    }

    int connect(Direction direction) {
        git_remote_connect_options how = GIT_REMOTE_CONNECT_OPTIONS_INIT;
        listen(how.callbacks);
        how.follow_redirects = redirects();
        return git_remote_connect_ext(handle.get(), direction == Direction::push ? GIT_DIRECTION_PUSH : GIT_DIRECTION_FETCH,
                                      &how);
    }
};

Connection::Connection(git_repository* repo, const GitOptions& options, const RemoteUrl& remote, Direction direction)
    : m_state(std::make_unique<State>()) {
    start_libgit2();
    m_state->options = options;
    m_state->remote = remote;
    m_state->create(repo);
    int result = m_state->connect(direction);
    if (result < 0 && !m_state->refusal && m_state->agent_asked) {
        // libssh2 ends the whole login when there is no agent: once more, with key files only.
        m_state->use_agent = false;
        m_state->create(repo);
        result = m_state->connect(direction);
    }
    m_state->check(result, "reach");
}

Connection::~Connection() {
    if (m_state->handle) git_remote_disconnect(m_state->handle.get());
}

RefList Connection::list() const {
    const git_remote_head** heads = nullptr;
    std::size_t count = 0;
    m_state->check(git_remote_ls(&heads, &count, m_state->handle.get()), "list");
    RefList found;
    for (std::size_t i = 0; i < count; ++i) {
        std::string_view name = heads[i]->name;
        if (name == "HEAD") {
            found.head_sha = sha_of(heads[i]->oid);
            if (heads[i]->symref_target) found.head_target = heads[i]->symref_target;
        } else if (!name.ends_with("^{}") && (name.starts_with("refs/heads/") || name.starts_with("refs/tags/") ||
                                              name.starts_with("refs/notes/"))) {
            found.refs.emplace(name, sha_of(heads[i]->oid));
        }
    }
    return found;
}

void Connection::fetch(const std::vector<std::string>& refspecs) {
    std::vector<char*> pointers;
    std::vector<std::string> copies = refspecs;
    for (std::string& spec : copies) pointers.push_back(spec.data());
    git_strarray specs{pointers.data(), pointers.size()};
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    m_state->listen(options.callbacks);
    options.follow_redirects = m_state->redirects();
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;  // the refspecs name them
    options.update_fetchhead = 0;
    options.prune = GIT_FETCH_NO_PRUNE;
    m_state->check(git_remote_fetch(m_state->handle.get(), &specs, &options, "gitopsctl: fetch"), "fetch");
}

PushReply Connection::push(const std::string& refspec) {
    std::string copy = refspec;
    char* pointer = copy.data();
    git_strarray specs{&pointer, 1};
    git_push_options options = GIT_PUSH_OPTIONS_INIT;
    m_state->listen(options.callbacks);
    options.follow_redirects = m_state->redirects();
    options.pb_parallelism = 1;
    m_state->reply = {};
    int result = git_remote_push(m_state->handle.get(), &specs, &options);
    if (result == GIT_ENONFASTFORWARD) return {false, "non-fast-forward"};
    m_state->check(result, "push to");
    if (!m_state->reply.accepted && !m_state->server_said.empty())
        m_state->reply.reason = one_line(m_state->reply.reason + ": " + m_state->server_said);
    return m_state->reply;
}

}  // namespace gitops::io
