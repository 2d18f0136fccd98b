#include "cli/canary_selection.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <charconv>

#include "cli/arguments.hpp"
#include "cli/input.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

std::vector<int> percentages(const std::string& text) {
    std::vector<int> numbers;
    if (text.empty()) return numbers;
    for (const auto part : base::split(text, ',')) {
        const auto word = base::trim(part);
        int number = 0;
        const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (problem != std::errc{} || end != word.data() + word.size())
            throw UsageError("--stages takes percentages such as 5,10,25,50,100, found \"" + text + "\"");
        numbers.push_back(number);
    }
    return numbers;
}

}  // namespace

void declare_named(CLI::App& parser, CanarySelection& selection) {
    add_required(parser, "NAME", selection.name, "the canary");
    add_value(parser, "-n,--namespace", selection.ns, "NS", "its namespace (default: wherever the cluster has it)");
}

void declare_spec(CLI::App& parser, CanarySelection& selection) {
    add_optional(parser, "NAME", selection.name, "a canary the cluster knows, or the one that is meant in the file");
    add_value(parser, "-f,--filename", selection.file, "FILE|DIR|-", "a Canary, and MetricTemplates beside it");
    add_value(parser, "-n,--namespace", selection.ns, "NS", "for a manifest without one (default: the context's, else default)");
    add_value(parser, "--stages", selection.stages, "5,10,25,50,100", "count successes per stage at these weights");
    parser.add_option("--successes", selection.successes, "successes in a row that a stage needs")->type_name("N");
    parser.add_option("--max-failures", selection.max_failures, "failed checks that are tolerated")->type_name("M");
    add_value(parser, "--interval", selection.interval, "DURATION", "between two checks");
    add_value(parser, "--method", selection.method, "HOW", "threshold (default) or sequential: anytime-valid tests on counters")
        ->check(CLI::IsMember({"threshold", "sequential"}));
    add_value(parser, "--provider", selection.provider, "PROVIDER", "of traffic: replicas, istio, gatewayapi:v1, nginx, ...");
    add_value(parser, "--compat", selection.compat, "TOOL", "flagger: keep its defects, too")->check(CLI::IsMember({"flagger"}));
}

rollout::Overrides overrides_of(const CanarySelection& selection) {
    rollout::Overrides overrides;
    overrides.stages = percentages(selection.stages);
    if (selection.successes >= 0) overrides.successes = selection.successes;
    if (selection.max_failures >= 0) overrides.max_failures = selection.max_failures;
    overrides.interval = selection.interval;
    overrides.sequential = selection.method == "sequential";
    overrides.provider = selection.provider;
    return overrides;
}

rollout::Compat compat_of(const CanarySelection& selection) {
    return selection.compat == "flagger" ? rollout::Compat::flagger : rollout::Compat::none;
}

std::optional<std::string> given_namespace(const CanarySelection& selection) {
    return selection.ns.empty() ? std::nullopt : std::optional(selection.ns);
}

rollout::CanarySpec selected_spec(Env& env, const CanarySelection& selection, std::vector<kube::Manifest>& manifests) {
    if (selection.name.empty() && selection.file.empty()) throw UsageError("name a canary, or give its manifest with -f");
    if (!selection.file.empty()) {
        manifests = read_objects(selection.file);
        const auto ns = selection.ns.empty() ? std::string("default") : selection.ns;
        return rollout::with_overrides(app::spec_of(manifests, selection.name, ns), overrides_of(selection));
    }
    const auto record = app::canary_of(*env.cluster(), given_namespace(selection), selection.name);
    return rollout::with_overrides(rollout::read_canary(record.manifest, "record of " + record.name, record.ns), overrides_of(selection));
}

}  // namespace gitops::cli
