#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/notifications.hpp"
#include "cli/print.hpp"
#include "core/app/controller/argo_status.hpp"
#include "core/backend/couriers.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

struct Options {
    std::string app;
    std::string trigger;
    std::string recipient;
    std::string file;
    bool send = false;
};

/// What is subscribed to; with --trigger and --recipient that, whether somebody subscribed or not.
std::vector<notify::Occasion> wanted(const Options& options, const notify::Catalog& catalog, const notify::Occasions& found) {
    if (options.trigger.empty() || options.recipient.empty()) {
        std::vector<notify::Occasion> chosen;
        std::ranges::copy_if(found.items, std::back_inserter(chosen), [&](const notify::Occasion& occasion) {
            return options.trigger.empty() ? occasion.holds : occasion.trigger == options.trigger;
        });
        return chosen;
    }
    const auto recipient = catalog.resolved(notify::parse_recipient(options.recipient));
    if (!catalog.services.contains(recipient.service)) {
        if (const auto off = catalog.off_services.find(recipient.service); off != catalog.off_services.end())
            throw Error(Code::invalid, "the service \"" + recipient.service + "\" is off: " + off->second);
        std::vector<std::string> names;
        for (const auto& [name, service] : catalog.services) names.push_back(name);
        throw Error(Code::not_found, "there is no service \"" + recipient.service + "\"").suggest(base::near_names(recipient.service, names));
    }
    std::vector<notify::Occasion> chosen;
    for (const auto& condition : catalog.triggers.at(options.trigger))
        chosen.push_back({recipient, options.trigger, chosen.size(), true, "test", true, condition.send});
    return chosen;
}

void require_trigger(const notify::Catalog& catalog, const std::string& trigger) {
    if (trigger.empty() || catalog.triggers.contains(trigger)) return;
    if (const auto off = catalog.off_triggers.find(trigger); off != catalog.off_triggers.end())
        throw Error(Code::invalid, "the trigger \"" + trigger + "\" is off: " + off->second);
    std::vector<std::string> names;
    for (const auto& [name, conditions] : catalog.triggers) names.push_back(name);
    throw Error(Code::not_found, "there is no trigger \"" + trigger + "\"").suggest(base::near_names(trigger, names));
}

std::string letter_text(const notify::Letter& letter, const std::string& trigger) {
    std::string text = trigger + " to " + letter.recipient.service +
                       (letter.recipient.address.empty() ? "" : ":" + letter.recipient.address) + "\n";
    const auto add = [&](std::string_view what, const std::string& value) {
        if (!value.empty()) text += "  " + std::string(what) + ": " + value + "\n";
    };
    add("subject", letter.subject);
    add("message", letter.message);
    add("attachments", letter.attachments);
    add("blocks", letter.blocks);
    if (letter.service.kind == notify::Service::Kind::webhook) {
        add("request", (letter.request.method.empty() ? "GET" : letter.request.method) + " " + letter.request.path);
        add("body", letter.request.body);
    }
    return text;
}

int run(Env& env, const Options& options) {
    const auto catalog = notification_catalog(env, options.file);
    if (!catalog)
        throw Error(Code::not_found, "no notifications are configured")
            .hint("write Argo CD's argocd-notifications-cm into notifications.yaml of the home, or name a file with --notifications");
    require_trigger(*catalog, options.trigger);
    const auto& services = env.services();
    const auto application = app::application_of(services, options.app);
    const auto subject = app::subject_now(services, application);
    const auto found = notify::occasions_of(*catalog, subject);
    for (const auto& problem : found.problems) warn(env, problem);
    const auto chosen = wanted(options, *catalog, found);
    backend::Couriers couriers({}, env.clock());
    for (const auto& occasion : chosen) {
        for (const auto& name : occasion.templates) {
            const auto letter = notify::letter_of(*catalog, occasion, name, subject);
            print_text(env, letter_text(letter, occasion.trigger));
            if (!options.send) continue;
            couriers.deliver(letter, env.stop());
            tell(env, "sent");
        }
    }
    if (chosen.empty()) tell(env, options.app + ": nobody would be told anything now");
    return chosen.empty() ? 1 : 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "APP", options->app, "the application");
    add_value(parser, "--trigger", options->trigger, "TRIGGER", "this one only; with --recipient whether it holds or not");
    add_value(parser, "--recipient", options->recipient, "SERVICE:ADDRESS", "this one, whether it subscribed or not");
    add_value(parser, "--notifications", options->file, "FILE", "instead of notifications.yaml in the home");
    add_switch(parser, "--send", options->send, "send them; otherwise they are only shown");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_notify_test(Commands& commands) {
    commands.push_back({
        .path = "notify test",
        .summary = "Show, or send, what an application gives occasion to tell.",
        .examples = "gitopsctl notify test wafer\n"
                    "gitopsctl notify test wafer --trigger on-sync-failed --recipient slack:wafer-team --send",
        .exits = "0  something would be told, or was sent\n"
                 "1  nobody would be told anything\n"
                 "2  the configuration is wrong, or a service did not take it",
        .declare = declare,
    });
}

}  // namespace gitops::cli
