#include "cli/print.hpp"

#include "cli/output/report_value.hpp"
#include "cli/output/terminal.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

bool wants_document(const Env& env) { return env.format() == Format::json || env.format() == Format::yaml; }

void print_document(Env& env, const doc::Value& document) {
    print_value(env.terminal(), document, env.format() == Format::yaml ? Format::yaml : Format::json);
}

void print_text(Env& env, std::string_view text) { env.terminal().print(text); }

void tell(Env& env, std::string_view line) {
    if (!env.globals().quiet) env.terminal().print_note(line);
}

void warn(Env& env, std::string_view line) { env.terminal().print_note(line); }

void print_listing(Env& env, const Listing& listing) {
    if (wants_document(env)) {
        print_document(env, items_document(listing.items));
    } else if (env.format() == Format::name) {
        for (const std::string& name : listing.names) print_text(env, name + "\n");
    } else if (listing.table.empty()) {
        if (!listing.nothing.empty()) tell(env, listing.nothing);
    } else {
        listing.table.print(env.terminal());
    }
}

void print_objects(Env& env, std::vector<doc::Value> objects) {
    if (env.format() == Format::json) {
        print_document(env, items_document(std::move(objects)));
    } else if (env.format() == Format::name) {
        for (const doc::Value& object : objects) print_text(env, kube::key_of(object).text() + "\n");
    } else {
        print_text(env, doc::write_yaml_stream(objects));
    }
}

doc::Value items_document(std::vector<doc::Value> items) {
    doc::Value document = doc::Value::map();
    document.set("items", doc::Value::list(std::move(items)));
    return document;
}

}  // namespace gitops::cli
