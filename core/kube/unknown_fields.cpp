#include "core/kube/unknown_fields.hpp"

namespace gitops::kube {
namespace {

using doc::Value;

class Dropper {
  public:
    explicit Dropper(std::vector<std::string>& dropped) : m_dropped(dropped) {}

    Value rest(const Value& value, const Type& type) {
        switch (type.shape()) {
            case Shape::scalar: return value;
            case Shape::list: return value.is_list() ? rest_of_list(value, type.element()) : value;
            case Shape::untyped:
            case Shape::map:
            case Shape::object: return value.is_map() ? rest_of_map(value, type) : value;
        }
        return value;
    }

  private:
    Value rest_of_list(const Value& list, const Type& element) {
        Value out = list;
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto length = m_path.size();
            m_path += "[" + std::to_string(i) + "]";
            Value item = rest(list.items()[i], element);
            if (!item.same_node(list.items()[i])) out.item(i) = std::move(item);
            m_path.resize(length);
        }
        return out;
    }

    Value rest_of_map(const Value& map, const Type& type) {
        Value out = map;
        for (const auto& entry : map.entries()) {
            if (type.shape() == Shape::untyped && !type.declares(entry.name())) continue;
            const auto length = m_path.size();
            m_path.append(".").append(entry.name());
            if (const auto field = type.field(entry.name())) {
                Value kept = rest(entry.value, *field);
                if (!kept.same_node(entry.value)) out.set(entry.name(), std::move(kept));
            } else {
                m_dropped.push_back(m_path);
                out.erase(entry.name());
            }
            m_path.resize(length);
        }
        return out;
    }

    std::vector<std::string>& m_dropped;
    std::string m_path;
};

}  // namespace

Value without_unknown_fields(const Value& object, const Type& type, std::vector<std::string>& dropped) {
    return Dropper(dropped).rest(object, type);
}

}  // namespace gitops::kube
