//! The figures of a run: all of them as JSON, and its charts as one SVG picture.

use epitome_model::{RunReport, Sample, ServiceLevel};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::ExportError;

const WIDTH: u32 = 1000;
const CHART_HEIGHT: u32 = 210;
const HEAD_HEIGHT: u32 = 110;

const INK: RGBColor = RGBColor(29, 28, 26);
const INK_2: RGBColor = RGBColor(93, 90, 84);
const LINE: RGBColor = RGBColor(228, 224, 216);
const COLOURS: [RGBColor; 3] = [RGBColor(31, 111, 99), RGBColor(74, 95, 176), RGBColor(164, 104, 42)];

/// A line of a chart: its name, and its value of a sample.
type Series = (&'static str, fn(&Sample) -> Option<f64>);

/// The same figures as the window's charts show.
const CHARTS: [(&str, &[Series]); 6] = [
    ("Tokens written a second", &[("written", |sample| Some(sample.tokens_out_per_s.into()))]),
    ("Tokens read a second", &[("read", |sample| Some(sample.tokens_in_per_s.into()))]),
    (
        "Queue depth",
        &[
            ("summary queue", |sample| Some(sample.summary_queue.into())),
            ("write queue", |sample| Some(sample.write_queue.into())),
        ],
    ),
    (
        "Utilisation in percent",
        &[
            ("calls in flight", |sample| share(sample.in_flight, sample.in_flight_most)),
            ("workers", |sample| share(sample.workers_busy, sample.workers)),
        ],
    ),
    (
        "Call latency in seconds",
        &[
            ("p50", |sample| Some(f64::from(sample.call_p50) / 1e3)),
            ("p95", |sample| Some(f64::from(sample.call_p95) / 1e3)),
            ("p99", |sample| Some(f64::from(sample.call_p99) / 1e3)),
        ],
    ),
    (
        "GPU and CPU in percent",
        &[
            ("GPU", |sample| sample.gpu.map(|share| f64::from(share) * 100.0)),
            ("CPU", |sample| sample.cpu.map(|share| f64::from(share) * 100.0)),
        ],
    ),
];

fn share(value: u32, bound: u32) -> Option<f64> {
    (bound > 0).then(|| f64::from(value) * 100.0 / f64::from(bound))
}

/// Everything that was measured, for programs.
pub fn figures(report: &RunReport) -> Result<String, ExportError> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// The charts of a run under one another over the same time, in minutes since its beginning.
pub fn charts(report: &RunReport) -> Result<String, ExportError> {
    let height = HEAD_HEIGHT + CHART_HEIGHT * u32::try_from(CHARTS.len()).unwrap_or_default();
    let mut picture = String::new();
    {
        let area = SVGBackend::with_string(&mut picture, (WIDTH, height)).into_drawing_area();
        draw(report, &area).map_err(|error| ExportError::NotDrawn { reason: error.to_string() })?;
    }
    Ok(picture)
}

type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

fn draw(report: &RunReport, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Drawn {
    area.fill(&WHITE)?;
    let (head, below) = area.split_vertically(HEAD_HEIGHT);
    titles(report, &head)?;
    let samples = &report.history.samples;
    let begin = samples.first().map_or(0, |sample| sample.at_ms);
    let minutes = |sample: &Sample| (sample.at_ms - begin) as f64 / 60e3;
    let last = samples.last().map_or(1.0, minutes).max(0.1);
    for ((title, series), area) in CHARTS.iter().zip(below.split_evenly((CHARTS.len(), 1))) {
        let values = |of: fn(&Sample) -> Option<f64>| {
            samples.iter().filter_map(move |sample| Some((minutes(sample), of(sample)?))).collect::<Vec<_>>()
        };
        let lines: Vec<_> = series.iter().map(|(name, of)| (*name, values(*of))).collect();
        let most = lines.iter().flat_map(|(_, line)| line).map(|(_, value)| *value).fold(0.0_f64, f64::max);
        let top = if most > 0.0 { most * 1.08 } else { 1.0 };
        let mut chart = ChartBuilder::on(&area)
            .caption(*title, ("sans-serif", 15).into_font().color(&INK))
            .margin(8)
            .x_label_area_size(26)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..last, 0.0..top)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(WHITE)
            .bold_line_style(LINE)
            .axis_style(INK_2)
            .label_style(("sans-serif", 12).into_font().color(&INK_2))
            .x_labels(10)
            .y_labels(4)
            .x_label_formatter(&|minutes| format!("{minutes:.1} min"))
            .draw()?;
        for ((name, line), colour) in lines.into_iter().zip(COLOURS) {
            let key = move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2));
            chart.draw_series(LineSeries::new(line, colour.stroke_width(1)))?.label(name).legend(key);
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .label_font(("sans-serif", 12).into_font().color(&INK_2))
            .background_style(WHITE.mix(0.8))
            .draw()?;
    }
    area.present()
}

fn titles(report: &RunReport, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Drawn {
    let (head, vitals) = (&report.head, &report.vitals);
    let style = |size: u32, colour: &RGBColor| ("sans-serif", size).into_font().color(colour);
    area.draw(&Text::new(head.book_title.clone(), (14, 14), style(20, &INK)))?;
    let model = if head.model.is_empty() { "built-in summariser" } else { &head.model };
    let said = format!(
        "{model} \u{b7} {} of {} chapters, {} failed \u{b7} {} calls, {} errors, {} time-outs \u{b7} {}",
        vitals.chapters_done,
        vitals.chapters_all,
        vitals.chapters_failed,
        vitals.calls,
        vitals.errors,
        vitals.timeouts,
        seconds(vitals.elapsed_ms),
    );
    area.draw(&Text::new(said, (14, 46), style(13, &INK_2)))?;
    let levels = report.levels.iter().map(level).collect::<Vec<_>>().join("  \u{b7}  ");
    area.draw(&Text::new(levels, (14, 72), style(13, &INK_2)))
}

fn level(level: &ServiceLevel) -> String {
    let verdict = match level.met {
        Some(true) => ", met",
        Some(false) => ", missed",
        None => "",
    };
    format!("{}: {} of {}{verdict}", level.name, seconds(level.measured_ms), seconds(level.goal_ms))
}

/// Seconds up to two minutes, minutes beyond.
fn seconds(ms: u64) -> String {
    if ms < 120_000 { format!("{:.1} s", ms as f64 / 1e3) } else { format!("{:.1} min", ms as f64 / 60e3) }
}
