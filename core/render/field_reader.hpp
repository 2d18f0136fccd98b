// Reads a map into typed fields the way Go's encoding/json fills a struct: names without regard to case, null is
// absent, a wrong type is an error that names the field.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/value.hpp"

namespace gitops::render {

using StringMap = std::map<std::string, std::string>;

/// Whether a number or boolean where a text belongs is an error (kustomization files) or its spelling (the objects and
/// files that sigs.k8s.io/yaml reads straight into structs).
enum class Scalars { exact, as_text };
/// What a field that nobody asked for is.
enum class Unknown { refuse, ignore };

class FieldReader {
  public:
    /// `type` is the struct's name in messages. `value` may be null (no fields); Error(invalid) when it is no map.
    FieldReader(const doc::Value& value, std::string type, std::string file, Scalars scalars = Scalars::exact);

    void text(std::string_view name, std::string& out);
    void flag(std::string_view name, bool& out);
    void integer(std::string_view name, std::int64_t& out);
    void texts(std::string_view name, std::vector<std::string>& out);
    void text_map(std::string_view name, StringMap& out);
    void any(std::string_view name, doc::Value& out);
    /// Calls `read` for every item of a list of maps.
    void each(std::string_view name, const std::function<void(const doc::Value&)>& read);
    /// Calls `read` when the field is there.
    void one(std::string_view name, const std::function<void(const doc::Value&)>& read);
    /// True when the field is there and not null.
    bool has(std::string_view name);
    /// Error(invalid) for a field nobody asked for, with near names.
    void refuse_unknown() const;

    const std::string& file() const { return m_file; }
    [[noreturn]] void fail(const doc::Value& at, const std::string& message) const;

  private:
    const doc::Value* get(std::string_view name);
    std::string text_of(const doc::Value& value, std::string_view name, std::string_view go_type) const;
    void expect(const doc::Value& value, bool good, std::string_view name, std::string_view go_type) const;

    const doc::Value& m_value;
    std::string m_type;
    std::string m_file;
    Scalars m_scalars;
    std::vector<std::string> m_known;
};

/// The items as texts; Error(invalid) when it is no list of strings.
std::vector<std::string> text_list(const doc::Value& value, const std::string& what, const std::string& file);

}  // namespace gitops::render
