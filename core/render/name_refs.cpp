#include "core/render/name_refs.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

using Objects = std::vector<Object*>;

/// The shorter history is the end of the longer one; an empty one only of an empty one.
bool same_ending(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const auto& shorter = a.size() <= b.size() ? a : b;
    const auto& longer = a.size() <= b.size() ? b : a;
    if (shorter.empty()) return longer.empty();
    return std::equal(shorter.rbegin(), shorter.rend(), longer.rbegin());
}

bool same_context(const Object& a, const Object& b, bool allow_empty) {
    auto part = [&](const std::vector<std::string>& x, const std::vector<std::string>& y) {
        return (allow_empty && (x.empty() || y.empty())) || same_ending(x, y);
    };
    return part(a.prefixes, b.prefixes) && part(a.suffixes, b.suffixes);
}

/// Namespaces of the ServiceAccounts that a RoleBinding names.
std::set<std::string, std::less<>> subject_namespaces(const Object& object) {
    std::set<std::string, std::less<>> namespaces;
    if (object.id().gvk.kind != "RoleBinding") return namespaces;
    const Value* subjects = object.node.find("subjects");
    if (subjects == nullptr) return namespaces;
    for (const auto& subject : subjects->items()) {
        const Value* ns = subject.find("namespace");
        if (ns == nullptr || scalar_text(subject.find("kind")) != "ServiceAccount") continue;
        if (!ns->is_string())
            throw base::Error(base::Code::invalid,
                              "Invalid Input: namespace is blank for resource \"" + object.id().text() + "\"");
        namespaces.emplace(ns->text());
    }
    return namespaces;
}

/// One object whose references are put right.
class Referrer {
  public:
    Referrer(Object& self, const Collection& objects, const std::unordered_map<std::string, Objects>& by_old_name)
        : m_self(self), m_objects(objects), m_by_old_name(by_old_name), m_namespaces(subject_namespaces(self)) {}

    void fix(const FieldSpec& field, const kube::Gvk& target) {
        m_field = &field;
        m_target = &target;
        FieldSpec own = field;
        own.gvk = m_self.id().gvk;
        try {
            apply_spec(m_self, own, Leaf::none, [this](Value& value) { visit(value); });
        } catch (base::Error& error) {
            error.note("updating name reference in '" + field.path + "' field of '" + m_self.id().text() + "'");
            throw;
        }
    }

    /// True when the field holds a name that some object of the build had.
    bool may_change(const Value& value, const std::vector<std::string>& path, std::size_t depth = 0) const {
        if (depth == path.size()) return holds_old_name(value);
        if (value.is_list())
            return std::ranges::any_of(value.items(), [&](const Value& item) { return may_change(item, path, depth); });
        if (!value.is_map()) return !value.is_null();
        std::string_view name = path[depth];
        if (name.ends_with("[]")) name.remove_suffix(2);
        const Value* child = value.find(name);
        return child != nullptr && may_change(*child, path, depth + 1);
    }

  private:
    bool holds_old_name(const Value& value) const {
        if (value.is_null()) return false;
        if (value.is_scalar()) return m_by_old_name.contains(std::string(value.text()));
        if (value.is_list()) return std::ranges::any_of(value.items(), [&](const Value& item) { return holds_old_name(item); });
        const Value* name = value.find("name");
        return name == nullptr || (name->is_scalar() && m_by_old_name.contains(std::string(name->text())));
    }

    void visit(Value& value) {
        if (value.is_null()) return;
        if (value.is_scalar()) return visit_scalar(value);
        if (value.is_map()) return visit_map(value);
        for (std::size_t i = 0; i < value.size(); ++i) {
            const Value& item = value.items()[i];
            if (item.is_null() || !holds_old_name(item)) continue;
            Value& changeable = value.item(i);
            if (changeable.is_scalar()) visit_scalar(changeable);
            else if (changeable.is_map()) visit_map(changeable);
        }
    }

    void visit_scalar(Value& value) {
        std::string old(value.text());
        const Object* referral = choose(old, candidates(old), false);
        if (referral == nullptr || referral->id().name == old) return;
        set_untagged(value, referral->id().name);
    }

    void visit_map(Value& map) {
        const Value* name = map.find("name");
        if (name == nullptr) throw base::Error(base::Code::invalid, "path config error; no 'name' field in node");
        std::string old(scalar_text(name));
        const Object* referral = choose(old, in_namespace_of(map, candidates(old)), true);
        if (referral == nullptr) return;
        const Id& id = referral->id();
        if (id.name == old && id.ns.empty()) return;
        set_untagged(map.at("name"), id.name);
        if (!id.ns.empty()) set_untagged(map.at("namespace"), id.ns);
    }

    /// Objects that had the name and could be meant by this referrer at all.
    Objects candidates(const std::string& old) const {
        auto found = m_by_old_name.find(old);
        if (found == m_by_old_name.end()) return {};
        if (m_self.id().cluster) return found->second;
        Objects near;
        for (Object* object : found->second) {
            const Id& id = object->id();
            if (id.cluster || id.effective_ns() == m_self.id().effective_ns() || m_namespaces.contains(id.ns))
                near.push_back(object);
        }
        return near;
    }

    /// A namespace beside the name: objects that were there first, else those that are there now.
    Objects in_namespace_of(const Value& map, const Objects& all) const {
        const Value* field = map.find("namespace");
        if (field == nullptr) return all;
        std::string ns = node_text(*field);
        bool any_original = false;
        for (const auto& object : m_objects.items()) {
            if (object->original_id().effective_ns() != ns || !reachable(*object)) continue;
            any_original = true;
            break;
        }
        Objects there;
        for (Object* object : all) {
            Id original = object->original_id();
            std::string_view of = any_original ? original.effective_ns() : object->id().effective_ns();
            if (of == ns) there.push_back(object);
        }
        return there;
    }

    bool reachable(const Object& object) const {
        const Id& id = object.id();
        return m_self.id().cluster || id.cluster || id.effective_ns() == m_self.id().effective_ns() ||
               m_namespaces.contains(id.ns);
    }

    /// The kind that a roleRef asks for, when the field is one.
    std::optional<kube::Gvk> role_ref() const {
        if (!m_field->path.ends_with("roleRef/name")) return std::nullopt;
        const Value* reference = m_self.node.find("roleRef");
        const Value* group = reference == nullptr ? nullptr : reference->find("apiGroup");
        const Value* kind = reference == nullptr ? nullptr : reference->find("kind");
        if (group == nullptr || kind == nullptr || group->is_null() || kind->is_null()) return std::nullopt;
        return kube::Gvk{std::string(scalar_text(group)), "", std::string(scalar_text(kind))};
    }

    const Object* choose(const std::string& old, Objects list, bool with_namespace) const {
        std::erase_if(list, [&](const Object* object) { return !object->had_name(old) || !object->was_selected(*m_target); });
        if (auto role = role_ref()) std::erase_if(list, [&](const Object* object) { return !object->was_selected(*role); });
        if (!m_self.id().cluster)
            std::erase_if(list, [&](const Object* object) {
                const Id& id = object->id();
                return !id.cluster && id.gvk.kind != "ServiceAccount" && id.effective_ns() != m_self.id().effective_ns();
            });
        if (list.size() == 1) return list.front();
        std::erase_if(list, [&](const Object* object) { return !same_context(*object, m_self, true); });
        if (list.size() > 1)
            std::erase_if(list, [&](const Object* object) { return !same_context(*object, m_self, false); });
        if (list.empty()) return nullptr;
        auto identical = [&](const Object* object) {
            return object->id().name == list.front()->id().name &&
                   (!with_namespace || object->id().ns == list.front()->id().ns);
        };
        if (std::ranges::all_of(list, identical)) return list.front();
        std::string ids;
        for (const Object* object : list) ids += (ids.empty() ? "" : ", ") + object->id().text();
        throw base::Error(base::Code::invalid, "found multiple possible referrals: " + ids);
    }

    Object& m_self;
    const Collection& m_objects;
    const std::unordered_map<std::string, Objects>& m_by_old_name;
    std::set<std::string, std::less<>> m_namespaces;
    const FieldSpec* m_field = nullptr;
    const kube::Gvk* m_target = nullptr;
};

struct Rule {
    const FieldSpec* field;
    const kube::Gvk* target;
};

using Rules = std::vector<Rule>;

Rules rules_for(const kube::Gvk& gvk, const std::vector<NameReference>& references) {
    Rules rules;
    for (const auto& reference : references)
        for (const auto& field : reference.referrers)
            if (field.applies_to(gvk)) rules.push_back({&field, &reference.target});
    return rules;
}

}  // namespace

void fix_name_references(Collection& objects, const std::vector<NameReference>& references) {
    std::unordered_map<std::string, Objects> by_old_name;
    for (const auto& object : objects.items()) {
        std::set<std::string> names;
        for (const auto& id : object->previous_ids()) names.insert(id.name);
        for (const auto& name : names) by_old_name[name].push_back(object.get());
    }
    for (const auto& object : objects.items()) static_cast<void>(subject_namespaces(*object));
    std::map<kube::Gvk, Rules> rules_of;
    for (const auto& object : objects.items()) {
        kube::Gvk gvk = object->original_id().gvk;
        auto [place, is_new] = rules_of.try_emplace(gvk);
        if (is_new) place->second = rules_for(gvk, references);
        if (place->second.empty()) continue;
        Referrer referrer(*object, objects, by_old_name);
        for (const auto& rule : place->second)
            if (referrer.may_change(object->node, rule.field->steps)) referrer.fix(*rule.field, *rule.target);
        objects.sync(*object);
    }
}

}  // namespace gitops::render
