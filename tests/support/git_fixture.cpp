#include "tests/support/git_fixture.hpp"

#include <git2.h>

#include <stdexcept>
#include <vector>

namespace gitops::test {

namespace {

constexpr std::int64_t k_first_commit = 1'700'000'000;

void must(int result) {
    if (result >= 0) return;
    const git_error* error = git_error_last();
    throw std::runtime_error(std::string("git fixture: ") + (error ? error->message : "unknown error"));
}

git_oid oid_of(std::string_view sha) {
    git_oid oid;
    must(git_oid_fromstrn(&oid, sha.data(), sha.size()));
    return oid;
}

template <class T, void (*free)(T*)>
struct Freed {
    void operator()(T* handle) const { free(handle); }
};
using RepoHandle = std::unique_ptr<git_repository, Freed<git_repository, git_repository_free>>;
using CommitHandle = std::unique_ptr<git_commit, Freed<git_commit, git_commit_free>>;
using TreeHandle = std::unique_ptr<git_tree, Freed<git_tree, git_tree_free>>;
using SignatureHandle = std::unique_ptr<git_signature, Freed<git_signature, git_signature_free>>;
using ObjectHandle = std::unique_ptr<git_object, Freed<git_object, git_object_free>>;
using RefHandle = std::unique_ptr<git_reference, Freed<git_reference, git_reference_free>>;

struct Update {
    std::string path;
    git_oid id{};
    git_filemode_t mode = GIT_FILEMODE_UNREADABLE;  ///< UNREADABLE: remove
};

}  // namespace

struct TestRepo::State {
    RepoHandle repo;
    std::vector<Update> updates;
    std::vector<std::string> changed;  ///< by the last commit; none: look at everything
    std::int64_t commits = 0;

    CommitHandle commit(const std::string& sha) const {
        git_commit* found = nullptr;
        git_oid oid = oid_of(sha);
        must(git_commit_lookup(&found, repo.get(), &oid));
        return CommitHandle(found);
    }

    TreeHandle tree(const std::string& sha) const {
        git_tree* found = nullptr;
        must(git_commit_tree(&found, commit(sha).get()));
        return TreeHandle(found);
    }

    SignatureHandle signature() {
        git_signature* made = nullptr;
        must(git_signature_new(&made, "Test", "test@example.com", k_first_commit + 60 * commits++, 0));
        return SignatureHandle(made);
    }

    git_oid blob(std::string_view text) {
        git_oid id;
        must(git_blob_create_from_buffer(&id, repo.get(), text.data(), text.size()));
        return id;
    }

    git_oid updated_tree(git_tree* base) {
        std::vector<git_tree_update> changes;
        for (const Update& update : updates) {
            auto action = update.mode == GIT_FILEMODE_UNREADABLE ? GIT_TREE_UPDATE_REMOVE : GIT_TREE_UPDATE_UPSERT;
            changes.push_back({action, update.id, update.mode, update.path.c_str()});
        }
        git_oid id;
        must(git_tree_create_updated(&id, repo.get(), base, changes.size(), changes.data()));
        changed.clear();
        for (Update& update : updates) changed.push_back(std::move(update.path));
        updates.clear();
        return id;
    }

    std::string record(const git_oid& tree_id, const std::vector<std::string>& parents, std::string_view message,
                       const std::string& branch) {
        git_tree* found = nullptr;
        must(git_tree_lookup(&found, repo.get(), &tree_id));
        TreeHandle tree(found);
        std::vector<CommitHandle> held;
        std::vector<const git_commit*> pointers;
        for (const std::string& parent : parents) {
            held.push_back(commit(parent));
            pointers.push_back(held.back().get());
        }
        SignatureHandle who = signature();
        git_oid id;
        must(git_commit_create(&id, repo.get(), ("refs/heads/" + branch).c_str(), who.get(), who.get(), nullptr,
                               std::string(message).c_str(), tree.get(), pointers.size(), pointers.data()));
        follow(branch);
        return git_oid_tostr_s(&id);
    }

    void follow(const std::string& branch) {
        if (git_repository_is_bare(repo.get())) return;
        git_reference* head = nullptr;
        must(git_repository_head(&head, repo.get()));
        RefHandle owned(head);
        if (git_reference_name(head) != "refs/heads/" + branch) return;
        git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
        options.checkout_strategy = GIT_CHECKOUT_FORCE | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
        std::vector<char*> pointers;
        for (std::string& path : changed) pointers.push_back(path.data());
        options.paths = {pointers.data(), pointers.size()};
        must(git_checkout_head(repo.get(), &options));
        changed.clear();
    }
};

TestRepo::TestRepo(const std::string& path, RepoKind kind) : m_path(path), m_state(std::make_unique<State>()) {
    static const int k_started = git_libgit2_init();  // kept: starting it costs more than most tests
    must(k_started);
    git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
    options.flags = GIT_REPOSITORY_INIT_MKPATH;
    if (kind == RepoKind::bare) options.flags |= GIT_REPOSITORY_INIT_BARE;
    options.initial_head = "main";
    git_repository* made = nullptr;
    must(git_repository_init_ext(&made, path.c_str(), &options));
    m_state->repo.reset(made);
}

TestRepo::~TestRepo() = default;

TestRepo& TestRepo::write(std::string_view path, std::string_view text) {
    m_state->updates.push_back({std::string(path), m_state->blob(text), GIT_FILEMODE_BLOB});
    return *this;
}

TestRepo& TestRepo::remove(std::string_view path) {
    m_state->updates.push_back({std::string(path), {}, GIT_FILEMODE_UNREADABLE});
    return *this;
}

TestRepo& TestRepo::symlink(std::string_view path, std::string_view target) {
    m_state->updates.push_back({std::string(path), m_state->blob(target), GIT_FILEMODE_LINK});
    return *this;
}

TestRepo& TestRepo::submodule(std::string_view path, std::string_view sha) {
    m_state->updates.push_back({std::string(path), oid_of(sha), GIT_FILEMODE_COMMIT});
    return *this;
}

std::string TestRepo::commit(std::string_view message, const std::string& branch) {
    std::string parent = tip(branch);
    if (parent.empty()) return m_state->record(m_state->updated_tree(nullptr), {}, message, branch);
    TreeHandle base = m_state->tree(parent);
    return m_state->record(m_state->updated_tree(base.get()), {parent}, message, branch);
}

std::string TestRepo::commit(const std::map<std::string, std::string>& files, std::string_view message,
                             const std::string& branch) {
    for (const auto& [path, text] : files) write(path, text);
    return commit(message, branch);
}

std::string TestRepo::merge(const std::string& other, const std::string& tree_of, const std::string& branch) {
    TreeHandle tree = m_state->tree(tree_of);
    return m_state->record(*git_tree_id(tree.get()), {tip(branch), other}, "merge", branch);
}

void TestRepo::branch(const std::string& name, const std::string& sha) {
    git_reference* made = nullptr;
    git_oid oid = oid_of(sha);
    must(git_reference_create(&made, m_state->repo.get(), ("refs/heads/" + name).c_str(), &oid, 1, nullptr));
    git_reference_free(made);
}

void TestRepo::delete_branch(const std::string& name) {
    must(git_reference_remove(m_state->repo.get(), ("refs/heads/" + name).c_str()));
}

void TestRepo::tag(const std::string& name, const std::string& sha) {
    git_oid id;
    must(git_tag_create_lightweight(&id, m_state->repo.get(), name.c_str(),
                                    reinterpret_cast<git_object*>(m_state->commit(sha).get()), 1));
}

void TestRepo::annotated_tag(const std::string& name, const std::string& sha) {
    git_oid id;
    SignatureHandle who = m_state->signature();
    must(git_tag_create(&id, m_state->repo.get(), name.c_str(),
                        reinterpret_cast<git_object*>(m_state->commit(sha).get()), who.get(), "a tag", 1));
}

void TestRepo::set_head(const std::string& branch) {
    must(git_repository_set_head(m_state->repo.get(), ("refs/heads/" + branch).c_str()));
    m_state->follow(branch);
}

void TestRepo::detach_head(const std::string& sha) {
    git_oid oid = oid_of(sha);
    must(git_repository_set_head_detached(m_state->repo.get(), &oid));
}

void TestRepo::set_identity(std::string_view name, std::string_view mail) {
    git_config* config = nullptr;
    must(git_repository_config(&config, m_state->repo.get()));
    std::unique_ptr<git_config, Freed<git_config, git_config_free>> owned(config);
    must(git_config_set_string(config, "user.name", std::string(name).c_str()));
    must(git_config_set_string(config, "user.email", std::string(mail).c_str()));
}

std::string TestRepo::tip(const std::string& branch) const {
    git_oid oid;
    if (git_reference_name_to_id(&oid, m_state->repo.get(), ("refs/heads/" + branch).c_str()) < 0) return {};
    return git_oid_tostr_s(&oid);
}

std::optional<std::string> TestRepo::text(const std::string& revision, const std::string& path) const {
    git_object* found = nullptr;
    if (git_revparse_single(&found, m_state->repo.get(), (revision + ":" + path).c_str()) < 0) return std::nullopt;
    ObjectHandle owned(found);
    auto* blob = reinterpret_cast<git_blob*>(found);
    return std::string(static_cast<const char*>(git_blob_rawcontent(blob)), git_blob_rawsize(blob));
}

}  // namespace gitops::test
