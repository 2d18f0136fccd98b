#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/arguments.hpp"
#include "cli/canary_selection.hpp"
#include "cli/canary_views.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/manifest_files.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/rollout/plot/plot.hpp"

namespace gitops::cli {

namespace {

struct Options {
    CanarySelection selection;
    int run = -1;
    std::string form;
    std::string file;
};

const rollout::RunRecord& chosen_run(const rollout::CanaryRecord& record, int number) {
    if (record.runs.empty() || record.runs.back().number == 0)
        throw base::Error(base::Code::not_found, "canary " + record.name + " has not run yet");
    if (number < 0) return record.runs.back();
    return run_of(record, number);
}

/// As asked for, else as the file is called, else text.
std::string form_of(const Options& options) {
    if (!options.form.empty()) return options.form;
    if (options.file.ends_with(".svg")) return "svg";
    if (options.file.ends_with(".html")) return "html";
    return "text";
}

std::string picture(Env& env, const Options& options, const rollout::CanaryRecord& record) {
    const auto& run = chosen_run(record, options.run);
    const auto title = record.ns + "/" + record.name;
    const auto form = form_of(options);
    if (form == "svg") return rollout::plot_svg(run, title);
    if (form == "html") return rollout::plot_html(run, title);
    if (form == "json") return doc::write_json(rollout::to_value(run)) + "\n";
    const auto style = report_style(env);
    return rollout::plot_text(run, title, {style.width, style.glyphs, plot_painter(options.file.empty() ? style.paint : Paint::no)});
}

int show(Env& env, const Options& options) {
    const auto record = app::canary_of(*env.cluster(), given_namespace(options.selection), options.selection.name);
    const auto text = picture(env, options, record);
    if (options.file.empty()) {
        print_text(env, text);
        return 0;
    }
    write_file(options.file, text);
    print_text(env, options.file + "\n");
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_named(parser, options->selection);
    parser.add_option("--run", options->run, "of this run (default: the last one)")->type_name("N");
    add_value(parser, "-o,--output", options->form, "svg|html|text|json", "default: as the file is called, else text")
        ->check(CLI::IsMember({"svg", "html", "text", "json"}));
    add_value(parser, "--file", options->file, "FILE", "write it there instead of printing it");
    return [options](Env& env) { return show(env, *options); };
}

}  // namespace

void register_canary_plot(Commands& commands) {
    commands.push_back({
        .path = "canary plot",
        .summary = "Draw a run: the weight, every metric with its limit, and the decisions.",
        .examples = "gitopsctl canary plot yield-predictor\n"
                    "gitopsctl canary plot yield-predictor --file run.svg\n"
                    "gitopsctl canary plot yield-predictor --run 2 -o html > run.html",
        .exits = "0  drawn\n"
                 "2  there is no such canary or run",
        .declare = declare,
    });
}

}  // namespace gitops::cli
