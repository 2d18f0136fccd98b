// Datum is a value inside a running Go template: what Go's reflection would see. Unlike doc::Value it has Go's
// reference semantics (`set $d "k" 1` changes the map that $d names) and tells int from float64 and nil from missing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"

namespace gitops::templates {

class Datum;

/// What Go would call the element type: []interface {}, []string, []int; map[string]interface {}, map[string]string.
enum class Elements : std::uint8_t { any, string, integer };

struct DatumList;
struct DatumMap;
struct GoFunction;

/// How wide an integer is, which Go keeps apart: `len` gives int, sprig's `add` gives int64.
enum class IntWidth : std::uint8_t { plain, wide };

class Datum {
  public:
    enum class Kind : std::uint8_t { missing, nil, boolean, integer, floating, string, list, map, time, function };

    Datum() = default;  ///< nil
    Datum(bool flag) : m_data(flag) {}
    Datum(double number) : m_data(number) {}
    Datum(std::string text) : m_data(std::move(text)) {}
    Datum(std::string_view text) : m_data(std::string(text)) {}
    Datum(const char* text) : m_data(std::string(text)) {}
    Datum(base::Time time) : m_data(time) {}
    static Datum missing();  ///< no value at all: a key that is not there
    static Datum integer(std::int64_t number, IntWidth width = IntWidth::plain);
    static Datum list(std::vector<Datum> items, Elements elements = Elements::any);
    static Datum strings(const std::vector<std::string>& items);
    static Datum map(Elements elements = Elements::any);
    static Datum function(GoFunction function);  ///< what `call` calls

    Kind kind() const { return static_cast<Kind>(m_data.index()); }
    bool is_string() const { return kind() == Kind::string; }
    bool is_integer() const { return kind() == Kind::integer; }
    bool is_floating() const { return kind() == Kind::floating; }
    bool is_list() const { return kind() == Kind::list; }
    bool is_map() const { return kind() == Kind::map; }
    /// nil or missing.
    bool is_nothing() const { return kind() <= Kind::nil; }

    bool flag() const { return std::get<bool>(m_data); }
    std::int64_t number() const { return std::get<Integer>(m_data).number; }
    IntWidth width() const { return std::get<Integer>(m_data).width; }
    double floating() const { return std::get<double>(m_data); }
    const std::string& text() const { return std::get<std::string>(m_data); }
    base::Time time() const { return std::get<base::Time>(m_data); }
    const GoFunction& function() const { return *std::get<std::shared_ptr<const GoFunction>>(m_data); }
    // Shared with every other Datum that is the same list or map.
    std::vector<Datum>& items() const;
    std::map<std::string, Datum, std::less<>>& entries() const;
    /// The same list or map, not only an equal one.
    bool is_same(const Datum& other) const;

    Elements elements() const;
    /// The entry's value; nullptr when this is no map or has no such entry.
    const Datum* find(std::string_view key) const;

    /// Go's truth: not false, zero, nil or empty.
    bool truth() const;
    /// "int", "map[string]interface {}", "<nil>" for nothing.
    std::string type_name() const;
    /// reflect's kind: "int", "map", "slice", "invalid".
    std::string_view kind_name() const;

  private:
    struct Missing {};
    struct Integer {
        std::int64_t number;
        IntWidth width;
    };
    std::variant<Missing, std::monostate, bool, Integer, double, std::string, std::shared_ptr<DatumList>,
                 std::shared_ptr<DatumMap>, base::Time, std::shared_ptr<const GoFunction>>
        m_data = std::monostate{};
};

// Freed without recursion: a hostile template nests as deep as its budget of work lets it.
struct DatumList {
    std::vector<Datum> items;
    Elements elements = Elements::any;
    ~DatumList();
};

struct DatumMap {
    std::map<std::string, Datum, std::less<>> entries;
    Elements elements = Elements::any;
    ~DatumMap();
};

/// What numbers of a document become: encoding/json makes every one a float64.
enum class Numbers { as_float, as_written };

Datum to_datum(const doc::Value& value, Numbers numbers);
/// nil, missing and functions are null; a whole float is an integer, as in JSON. Error(invalid) when it is nested deeper than
/// 1,000 levels: a map may hold itself.
doc::Value to_value(const Datum& datum);
/// A copy that shares nothing. Error(invalid) as to_value().
Datum deep_copy(const Datum& datum);
/// Equal as reflect.DeepEqual has it: same types, same content.
bool deep_equal(const Datum& a, const Datum& b);

}  // namespace gitops::templates
