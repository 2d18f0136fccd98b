// The objects of a build in their order, findable by every id they have or had.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/render/object.hpp"

namespace gitops::render {

class Collection {
  public:
    using Items = std::vector<std::unique_ptr<Object>>;

    const Items& items() const { return m_items; }
    std::size_t size() const { return m_items.size(); }
    /// True when two objects have one id, as changes of names can make them.
    bool has_twins() const { return m_current.size() != m_items.size(); }
    /// Error(invalid) when an object of the same id is there.
    Object& append(std::unique_ptr<Object> object);
    /// Appends all of `other`, which is empty afterwards.
    void append_all(Collection& other);
    /// Puts `next` where `old` is.
    void replace(Object& old, std::unique_ptr<Object> next);
    void drop_gone();
    /// Reads the object's id again after its content or history changed.
    void sync(Object& object);
    /// After a change of many objects at once.
    void sync_all();
    void remove_if(const std::function<bool(const Object&)>& unwanted);
    void reorder(Items items) { m_items = std::move(items); }
    Items take();

    std::size_t count_current(const Id& id) const;
    /// Objects that have or had this id, in order; deleted ones do not count.
    std::vector<Object*> find_any(const Id& id) const;
    /// The same, whatever the namespace.
    std::vector<Object*> find_any_namespace(const Id& id) const;
    /// Objects that have or had this name, in order.
    std::vector<Object*> named(std::string_view name) const;
    /// Error(invalid) unless exactly one object has or had this id.
    Object& only(const Id& id) const;
    /// The object's place in items().
    std::size_t position(const Object& object) const;

  private:
    void index(Object& object);
    void unindex(const Object& object, const Id& id);
    void reposition() const;

    Items m_items;
    std::unordered_map<std::string, std::size_t> m_current;              ///< id key -> how many objects
    std::unordered_map<std::string, std::vector<Object*>> m_by_name;     ///< name -> objects that may have had it
    std::unordered_map<const Object*, std::string> m_keys;               ///< the id key an object is counted under
    mutable std::unordered_map<const Object*, std::size_t> m_positions;
    mutable bool m_positions_valid = false;
};

}  // namespace gitops::render
