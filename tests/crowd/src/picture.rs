//! The server's load as a picture: SVG, for light and dark pages.

use std::fmt::Write as _;

use sessionkeeper::{Monotonic, Span};

use crate::day::{Day, at};
use crate::world::BEGINNING;

/// A part of the day, and how many seconds one point stands for.
struct Panel {
    title: &'static str,
    from: Monotonic,
    span: Span,
    step_secs: usize,
    /// The hours between two marks of the time.
    mark: f64,
}

const PANELS: [Panel; 3] = [
    Panel {
        title: "The whole day",
        from: BEGINNING,
        span: Span::from_hours(24),
        step_secs: 900,
        mark: 3.0,
    },
    Panel {
        title: "A quarter of all sign in within 30 s, at 8:00, and renew together ever after",
        from: Monotonic::from_millis((8 * 60 - 10) * 60_000),
        span: Span::from_mins(160),
        step_secs: 20,
        mark: 0.5,
    },
    Panel {
        title: "The server is down from 18:00 to 18:10",
        from: Monotonic::from_millis((18 * 60 - 10) * 60_000),
        span: Span::from_mins(70),
        step_secs: 10,
        mark: 0.25,
    },
];

const WIDTH: f64 = 860.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 20.0;
const HEADER: f64 = 92.0;
const PANEL: f64 = 214.0;
const PLOT: f64 = 150.0;
/// The powers of ten that the load is drawn between.
const DECADES: [i32; 2] = [2, 6];

const STYLE: &str = "\
    .paper { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .grid { stroke: #d1d9e0 }\n\
    .one { stroke: #0550ae } .two { stroke: #bc4c00 } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round }\n\
    text { font: 13px system-ui, sans-serif } .title { font-weight: 600; font-size: 16px } .small { font-size: 12px }\n\
    @media (prefers-color-scheme: dark) {\n\
      .paper { fill: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .grid { stroke: #3d444d }\n\
      .one { stroke: #58a6ff } .two { stroke: #f0883e }\n\
    }";

/// Draws the days of two kinds of clients above one another.
pub fn draw(ours: (&str, &Day), other: (&str, &Day)) -> String {
    let height = HEADER + PANEL * PANELS.len() as f64;
    let mut svg = String::new();
    let clients = grouped(ours.1.traffic.clients());
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">Requests in a second of {clients} clients over a day</title>\n\
         <desc id=\"desc\">{}</desc>\n<style>\n{STYLE}\n</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text class=\"ink title\" x=\"20\" y=\"30\">Requests in a second, of {clients} clients</text>",
        described(ours, other)
    );
    for (place, (class, name)) in [("one", ours.0), ("two", other.0)].into_iter().enumerate() {
        let x = 20.0 + place as f64 * 300.0;
        let _ = writeln!(
            svg,
            "<path class=\"line {class}\" d=\"M{x} 52h24\"/><text class=\"ink\" x=\"{}\" y=\"56\">{name}</text>",
            x + 32.0
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"faint small\" x=\"20\" y=\"78\">The fullest second of each step, on a logarithmic scale</text>"
    );
    for (row, panel) in PANELS.iter().enumerate() {
        draw_panel(
            &mut svg,
            panel,
            HEADER + PANEL * row as f64,
            ours.1,
            other.1,
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn described(ours: (&str, &Day), other: (&str, &Day)) -> String {
    [ours, other]
        .map(|(name, day)| {
            format!(
                "{name}: {:.0} in a second when nothing happens, {} at most eight renewals after the storm of sign-ins, \
                 {} at most after the outage.",
                day.steady().0,
                day.storm_again(8),
                day.returned()
            )
        })
        .join(" ")
}

fn draw_panel(svg: &mut String, panel: &Panel, top: f64, ours: &Day, other: &Day) {
    let (top, width) = (top + 28.0, WIDTH - LEFT - RIGHT);
    let bottom = top + PLOT;
    let _ = writeln!(
        svg,
        "<text class=\"ink\" x=\"{LEFT}\" y=\"{}\">{}</text>",
        top - 10.0,
        panel.title
    );
    for decade in DECADES[0]..=DECADES[1] {
        let y = height_of(10_f64.powi(decade), bottom);
        let _ = writeln!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}h{width}\"/>\
             <text class=\"faint small\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            y + 4.0,
            grouped(10_u64.pow(decade as u32))
        );
    }
    let hours = |span: Span| span.as_millis() as f64 / 3_600_000.0;
    let from = hours(panel.from - at(0));
    let mut mark = (from / panel.mark).ceil() * panel.mark;
    while mark <= from + hours(panel.span) {
        let x = LEFT + width * (mark - from) / hours(panel.span);
        let minutes = (mark * 60.0).round() as u64;
        let _ = writeln!(
            svg,
            "<text class=\"faint small\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}:{:02}</text>",
            bottom + 18.0,
            minutes / 60,
            minutes % 60
        );
        mark += panel.mark;
    }
    for (class, day) in [("two", other), ("one", ours)] {
        let seconds = day.traffic.between(panel.from, panel.span);
        let steps = seconds.chunks(panel.step_secs);
        let count = steps.len() as f64;
        let points: Vec<String> = steps
            .enumerate()
            .map(|(step, seconds)| {
                let most = seconds.iter().copied().max().unwrap_or(0) as f64;
                let x = LEFT + width * (step as f64 + 0.5) / count;
                format!("{x:.1} {:.1}", height_of(most, bottom))
            })
            .collect();
        let _ = writeln!(
            svg,
            "<path class=\"line {class}\" d=\"M{}\"/>",
            points.join("L")
        );
    }
}

fn height_of(load: f64, bottom: f64) -> f64 {
    let [least, most] = DECADES.map(f64::from);
    let share = (load.max(1.0).log10() - least) / (most - least);
    bottom - PLOT * share.clamp(0.0, 1.0)
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
