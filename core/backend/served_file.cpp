#include "core/backend/served_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/doc/json.hpp"

namespace gitops::backend {

using doc::Value;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_format = "gitopsctl discovery 1";
constexpr std::uintmax_t k_largest_file = 32U << 20;

std::string path_of_file(const ServedFile& file) {
    return file.folder + "/" + base::sha256_hex(file.server + "\n" + file.user).substr(0, 32) + ".json";
}

std::optional<std::string> slurp(const std::string& path) {
    std::error_code failed;
    const auto size = fs::file_size(path, failed);
    if (failed || size > k_largest_file) return std::nullopt;
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<std::string> texts(const Value* list) {
    std::vector<std::string> result;
    if (list == nullptr) return result;
    for (const Value& item : list->items()) result.emplace_back(item.text());
    return result;
}

Value text_list(const std::vector<std::string>& texts) { return Value::list({texts.begin(), texts.end()}); }

/// The list as an APIResourceList, so that one reader with one set of limits reads both.
Value list_value(const std::pair<std::string, std::string>& name, const ServedList& list) {
    std::vector<Value> kinds;
    for (const ServedKind& kind : list.kinds) {
        kinds.push_back(Value::map({{"name", kind.info.resource},
                                    {"kind", kind.info.gvk.kind},
                                    {"namespaced", kind.info.scope == kube::Scope::namespaced},
                                    {"verbs", text_list(kind.verbs)}}));
    }
    return Value::map({{"group", name.first},
                       {"version", name.second},
                       {"read", base::to_rfc3339_millis(list.read)},
                       {"resources", Value::list(std::move(kinds))}});
}

Served read_served(const Value& root) {
    Served served;
    served.complete = base::parse_rfc3339(root.text_at("complete"));
    served.broken = texts(root.find("broken"));
    if (const Value* groups = root.find("groups")) {
        for (const Value& group : groups->items()) {
            const auto read = base::parse_rfc3339(group.text_at("read"));
            const std::string name(group.text_at("group"));
            if (!read || (!name.empty() && !is_served_name(name))) continue;
            ServedGroup kept{*read, texts(group.find("versions"))};
            std::erase_if(kept.versions, [](const std::string& version) { return !is_served_name(version); });
            served.groups[name] = std::move(kept);
        }
    }
    if (const Value* lists = root.find("lists")) {
        for (const Value& list : lists->items()) {
            const auto read = base::parse_rfc3339(list.text_at("read"));
            const std::string group(list.text_at("group")), version(list.text_at("version"));
            if (!read || !is_served_name(version)) continue;
            served.lists[{group, version}] =
                std::make_shared<ServedList>(ServedList{*read, read_kinds(list, group, version)});
        }
    }
    return served;
}

Value write_served(const ServedFile& file, const Served& served) {
    std::vector<Value> groups, lists;
    for (const auto& [name, group] : served.groups) {
        if (group.versions.empty()) continue;  // what is not there may come
        groups.push_back(Value::map(
            {{"group", name}, {"read", base::to_rfc3339_millis(group.read)}, {"versions", text_list(group.versions)}}));
    }
    for (const auto& [name, list] : served.lists)
        if (!list->kinds.empty()) lists.push_back(list_value(name, *list));
    return Value::map({{"format", k_format},
                       {"server", file.server},
                       {"user", file.user},
                       {"complete", served.complete ? Value(base::to_rfc3339_millis(*served.complete)) : Value()},
                       {"broken", text_list(served.broken)},
                       {"groups", Value::list(std::move(groups))},
                       {"lists", Value::list(std::move(lists))}});
}

}  // namespace

Served load(const ServedFile& file) {
    if (file.folder.empty()) return {};
    const auto text = slurp(path_of_file(file));
    if (!text) return {};
    try {
        const Value root = doc::read_json(*text);
        const bool ours = root.text_at("format") == k_format && root.text_at("server") == file.server &&
                          root.text_at("user") == file.user;
        return ours ? read_served(root) : Served{};
    } catch (const base::Error&) {
        return {};  // damaged: the server is asked instead
    }
}

void save(const ServedFile& file, const Served& served) {
    if (file.folder.empty()) return;
    std::error_code failed;
    fs::create_directories(file.folder, failed);
    const std::string path = path_of_file(file);
    std::string unfinished = path + ".XXXXXX";
    const int descriptor = mkstemp(unfinished.data());
    if (descriptor < 0) return;
    const std::string text = doc::write_json(write_served(file, served));
    std::size_t written = 0;
    while (written < text.size()) {
        const auto count = write(descriptor, text.data() + written, text.size() - written);
        if (count <= 0) break;
        written += static_cast<std::size_t>(count);
    }
    const bool whole = close(descriptor) == 0 && written == text.size();
    if (!whole || std::rename(unfinished.c_str(), path.c_str()) != 0) unlink(unfinished.c_str());
}

}  // namespace gitops::backend
