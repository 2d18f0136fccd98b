// Reads typed fields out of a document with errors that name the field, what was expected and what was found.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/value.hpp"

namespace gitops::doc {

/// One map of a document under reading. It knows its dotted path, and the names it was asked for, so that what is left
/// over can be told as unknown with near names.
class FieldsReader {
  public:
    /// `node` may be null: then every field is absent. Error(invalid) when it is present and no map.
    FieldsReader(const Value* node, std::string path, std::string file);

    bool present() const { return m_node != nullptr && !m_node->is_null(); }
    std::string text(std::string_view key, std::string_view otherwise = {});
    bool flag(std::string_view key, bool otherwise);
    std::optional<std::int64_t> integer(std::string_view key);
    std::optional<double> number(std::string_view key);
    std::vector<std::string> texts(std::string_view key);
    /// The entries of a map of texts, in their order.
    std::vector<std::pair<std::string, std::string>> text_map(std::string_view key);
    FieldsReader child(std::string_view key);
    /// One reader per item of a list of maps.
    std::vector<FieldsReader> children(std::string_view key);
    const Value* raw(std::string_view key);

    /// Names in the map nobody asked for: "spec.syncPolicy.automatd (did you mean automated?)".
    std::vector<std::string> unknown() const;
    /// An Error(invalid) about the field `key` with its place.
    base::Error error(std::string_view key, std::string_view message) const;

  private:
    const Value* take(std::string_view key);
    std::string path_of(std::string_view key) const;
    [[noreturn]] void wrong(std::string_view key, std::string_view expected, const Value& found) const;

    const Value* m_node;
    std::string m_path;
    std::string m_file;
    std::vector<std::string> m_asked;
};

}  // namespace gitops::doc
