// SvgCanvas writes the shapes of one SVG. It knows nothing of what they mean; looks come from classes of a style sheet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gitops::rollout {

struct Spot {
    double x = 0, y = 0;
};

enum class Anchor { start, middle, end };

/// Text for XML and HTML, in content and in quoted attributes: cleaned (see clean_text) and escaped.
std::string markup_text(std::string_view text, std::size_t most = 4096);

class SvgCanvas {
  public:
    void text(Spot at, std::string_view text, std::string_view css_class, Anchor anchor = Anchor::start);
    void line(Spot from, Spot to, std::string_view css_class);
    void lines(const std::vector<Spot>& spots, std::string_view css_class);
    /// Closed and filled.
    void area(const std::vector<Spot>& spots, std::string_view css_class);
    void box(Spot corner, double width, double height, std::string_view css_class, double radius = 0);
    void circle(Spot center, double radius, std::string_view css_class);
    void cross(Spot center, double radius, std::string_view css_class);
    void diamond(Spot center, double radius, std::string_view css_class);

    /// What follows belongs together, with a text that is shown when it is pointed at; until end_group().
    void begin_group(std::string_view hint);
    void end_group();
    /// Adds what was drawn on `other`, above.
    void append(const SvgCanvas& other) { m_shapes += other.m_shapes; }

    /// The whole of it: with its size, a title for those who do not see it, and the style sheet.
    std::string finish(double width, double height, std::string_view title, std::string_view style) const;

  private:
    std::string m_shapes;
};

}  // namespace gitops::rollout
