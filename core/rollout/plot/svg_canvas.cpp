#include "core/rollout/plot/svg_canvas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/rollout/check_text.hpp"

namespace gitops::rollout {

namespace {

/// Tenths of a pixel, without ".0" and "-0": the same text on every machine.
std::string pixels(double number) {
    const auto tenths = std::llround(number * 10);
    if (tenths % 10 == 0) return std::to_string(tenths / 10);
    return fmt::format("{}{}.{}", tenths < 0 ? "-" : "", std::llabs(tenths) / 10, std::llabs(tenths) % 10);
}

std::string path_of(const std::vector<Spot>& spots) {
    std::string path;
    for (const auto& spot : spots) path += (path.empty() ? "M" : " L") + pixels(spot.x) + " " + pixels(spot.y);
    return path;
}

std::string_view anchor_attribute(Anchor anchor) {
    switch (anchor) {
        case Anchor::start: return "";
        case Anchor::middle: return " text-anchor=\"middle\"";
        case Anchor::end: return " text-anchor=\"end\"";
    }
    return "";
}

}  // namespace

std::string markup_text(std::string_view text, std::size_t most) {
    std::string escaped;
    for (const char c : clean_text(text, most)) {
        switch (c) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&quot;"; break;
            case '\'': escaped += "&#39;"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

void SvgCanvas::text(Spot at, std::string_view text, std::string_view css_class, Anchor anchor) {
    fmt::format_to(std::back_inserter(m_shapes), "<text x=\"{}\" y=\"{}\" class=\"{}\"{}>{}</text>\n", pixels(at.x), pixels(at.y),
                   css_class, anchor_attribute(anchor), markup_text(text));
}

void SvgCanvas::line(Spot from, Spot to, std::string_view css_class) {
    fmt::format_to(std::back_inserter(m_shapes), "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{}\"/>\n", pixels(from.x),
                   pixels(from.y), pixels(to.x), pixels(to.y), css_class);
}

void SvgCanvas::lines(const std::vector<Spot>& spots, std::string_view css_class) {
    fmt::format_to(std::back_inserter(m_shapes), "<path d=\"{}\" class=\"{}\"/>\n", path_of(spots), css_class);
}

void SvgCanvas::area(const std::vector<Spot>& spots, std::string_view css_class) {
    fmt::format_to(std::back_inserter(m_shapes), "<path d=\"{} Z\" class=\"{}\"/>\n", path_of(spots), css_class);
}

void SvgCanvas::box(Spot corner, double width, double height, std::string_view css_class, double radius) {
    const auto round = radius > 0 ? fmt::format(" rx=\"{}\"", pixels(radius)) : std::string();
    fmt::format_to(std::back_inserter(m_shapes), "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{} class=\"{}\"/>\n", pixels(corner.x),
                   pixels(corner.y), pixels(width), pixels(height), round, css_class);
}

void SvgCanvas::circle(Spot center, double radius, std::string_view css_class) {
    fmt::format_to(std::back_inserter(m_shapes), "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"{}\"/>\n", pixels(center.x), pixels(center.y),
                   pixels(radius), css_class);
}

void SvgCanvas::cross(Spot center, double radius, std::string_view css_class) {
    const auto left = pixels(center.x - radius), right = pixels(center.x + radius);
    const auto top = pixels(center.y - radius), bottom = pixels(center.y + radius);
    fmt::format_to(std::back_inserter(m_shapes), "<path d=\"M{} {} L{} {} M{} {} L{} {}\" class=\"{}\"/>\n", left, top, right, bottom, left,
                   bottom, right, top, css_class);
}

void SvgCanvas::diamond(Spot center, double radius, std::string_view css_class) {
    area({{center.x, center.y - radius}, {center.x + radius, center.y}, {center.x, center.y + radius}, {center.x - radius, center.y}},
         css_class);
}

void SvgCanvas::begin_group(std::string_view hint) {
    fmt::format_to(std::back_inserter(m_shapes), "<g><title>{}</title>\n", markup_text(hint));
}

void SvgCanvas::end_group() { m_shapes += "</g>\n"; }

std::string SvgCanvas::finish(double width, double height, std::string_view title, std::string_view style) const {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"run\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\">\n"
        "<title>{2}</title>\n<style>\n{3}</style>\n{4}</svg>\n",
        pixels(width), pixels(height), markup_text(title), style, m_shapes);
}

}  // namespace gitops::rollout
