// Events of one errand among several, with the name of its application or cluster before what they are about.
#pragma once

#include <string>
#include <utility>

#include "core/base/event.hpp"

namespace gitops::app {

class ErrandEvents final : public base::EventSink {
  public:
    /// `field` is what programs find the name under: "application" or "cluster".
    ErrandEvents(base::EventSink& sink, std::string field, std::string name)
        : m_sink(sink), m_field(std::move(field)), m_name(std::move(name)) {}

    void emit(const base::Event& event) override {
        auto told = event;
        if (event.subject != m_name) told.subject = event.subject.empty() ? m_name : m_name + ": " + event.subject;
        told.fields.emplace_back(m_field, m_name);
        m_sink.emit(told);
    }

  private:
    base::EventSink& m_sink;
    std::string m_field;
    std::string m_name;
};

}  // namespace gitops::app
