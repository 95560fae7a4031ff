//! An inspection for people: tables, totals, sentences.

use std::fmt::Write;

use orthant_bits::PoolShape;
use orthant_model::{Cost, Ending, Layer, LayerCost, Macs, Op, Twin};

use super::Report;
use super::on_disk::OnDisk;
use crate::figures::{extent, grouped, rounded, significant, times};
use crate::table::table;

/// Everything.
pub fn text(report: &Report) -> String {
    let (network, cost) = (report.subject.network(), &report.cost);
    let mut text = format!(
        "{}: {} in, {} classes out, {} layer(s)\n",
        report.subject.name(),
        extent(&network.input),
        network.classes,
        network.layers.len()
    );
    text += report.subject.about();
    let mut section = |title: &str, body: String| {
        write!(text, "\n{title}\n\n{body}\n").expect("a string takes any text");
    };
    section("Operations of one image", operations(&network.layers, cost));
    section("Bytes that one image reads and writes", bytes(cost));
    section("Energy of one image, µJ", energy(cost));
    if let Some(on_disk) = &report.on_disk {
        section(&format!("Bytes of {}", on_disk.file), stored(on_disk));
    }
    section("Totals", totals(cost));
    let notes: Vec<String> = report
        .notes
        .iter()
        .map(|note| format!("- {note}"))
        .collect();
    section("What is truly 1-bit, and what is not", notes.join("\n"));
    text
}

/// A kind of multiply-accumulates by its name.
type MacColumn = (&'static str, fn(&Macs) -> u64);

/// A column for each kind of multiply-accumulate that there is.
fn operations(layers: &[Layer], cost: &Cost) -> String {
    let total = cost.total(|layer| layer.macs);
    let columns: [MacColumn; 4] = [
        ("1-bit MACs", |macs| macs.binary),
        ("ternary MACs", |macs| macs.ternary),
        ("8-bit MACs", |macs| macs.pixels),
        ("float MACs", |macs| macs.float),
    ];
    let columns = columns.iter().filter(|(_, of)| of(&total) > 0);
    let mut header = vec!["layer", "operation", "output", "input × weights", "ends in"];
    header.push("weights");
    header.extend(columns.clone().map(|(name, _)| name));
    let cells = |macs: &Macs| {
        columns
            .clone()
            .map(|(_, of)| grouped(of(macs)))
            .collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    for (layer, counted) in layers.iter().zip(&cost.layers) {
        let mut row = vec![
            layer.name.clone(),
            operation(layers, layer),
            extent(&counted.plan.output),
            operands(counted),
            ends_in(counted).to_owned(),
            grouped(counted.plan.weights() as u64),
        ];
        row.extend(cells(&counted.macs));
        rows.push(row);
    }
    let weights = cost.count(|layer| layer.plan.weights() as u64);
    let mut row = vec!["total".to_owned()];
    row.extend([const { String::new() }; 4]);
    row.push(grouped(weights));
    row.extend(cells(&total));
    rows.push(row);
    table(&header, |column| column > 4, rows)
}

/// `conv 11/4, pool 3/2`: sides and steps, and what else is not plain.
pub fn operation(layers: &[Layer], layer: &Layer) -> String {
    let side = |[height, width]: [usize; 2]| match height == width {
        true => height.to_string(),
        false => format!("{height}x{width}"),
    };
    let step = |of: [usize; 2], plain: [usize; 2]| match of == plain {
        true => String::new(),
        false => format!("/{}", side(of)),
    };
    let mut text = match layer.op {
        Op::Dense { .. } => "dense".to_owned(),
        Op::MeanPool => "mean of pixels".to_owned(),
        Op::Conv(op) => {
            let mut text = format!("conv {}{}", side(op.kernel), step(op.stride, [1, 1]));
            if op.dilation != [1, 1] {
                text += &format!(" dilated {}", side(op.dilation));
            }
            if op.groups > 1 {
                text += &format!(" in {} groups", op.groups);
            }
            text
        }
    };
    if let Some(PoolShape { window, stride }) = layer.pool {
        text += &format!(", pool {}{}", side(window), step(stride, window));
    }
    if let Some(source) = layer.shortcut {
        text += &format!(" + {}", layers[source].name);
    }
    text
}

/// `8-bit × 1-bit`; without weights, the input alone.
fn operands(layer: &LayerCost) -> String {
    let input = format!("{}-bit", layer.plan.values.bits());
    match layer.bits_per_weight() {
        Some(bits) => format!("{input} × {bits}-bit"),
        None => input,
    }
}

/// What becomes of the sums.
pub fn ends_in(layer: &LayerCost) -> &'static str {
    match layer.ending {
        Ending::Comparisons => "comparison",
        Ending::Real => "float32",
    }
}

fn bytes(cost: &Cost) -> String {
    let header = [
        "layer",
        "weights",
        "as float32",
        "norm",
        "as float32",
        "activations",
        "as float32",
        "all",
        "as float32",
        "times",
        "alive",
        "as float32",
    ];
    let row = |name: &str, parts: [Twin<u64>; 4], alive: Twin<u64>| {
        let [.., all] = parts;
        let mut row = vec![name.to_owned()];
        row.extend(
            parts
                .iter()
                .flat_map(|twin| [grouped(twin.packed), grouped(twin.float32)]),
        );
        row.push(times(all.float32 as f64, all.packed as f64));
        row.extend([grouped(alive.packed), grouped(alive.float32)]);
        row
    };
    let parts: [fn(&LayerCost) -> Twin<u64>; 4] = [
        |layer| layer.weight_bytes,
        |layer| layer.constant_bytes,
        LayerCost::activation_bytes,
        LayerCost::access_bytes,
    ];
    let layers = cost.layers.iter();
    let layers = layers.map(|layer| row(&layer.name, parts.map(|of| of(layer)), layer.live_bytes));
    let total = row("total", parts.map(|of| cost.total(of)), cost.peak_bytes());
    table(
        &header,
        |column| column > 0,
        layers.chain([total]).collect(),
    )
}

fn energy(cost: &Cost) -> String {
    let header = [
        "layer",
        "arithmetic",
        "memory",
        "both",
        "float32's arithmetic",
        "memory",
        "both",
        "times",
    ];
    let micro = |pj: f64| significant(pj / 1e6);
    let row = |name: &str, energy: Twin<orthant_model::Energy>| {
        let mut row = vec![name.to_owned()];
        for one in [energy.packed, energy.float32] {
            row.extend([one.arithmetic_pj, one.memory_pj, one.total_pj()].map(micro));
        }
        row.push(times(energy.float32.total_pj(), energy.packed.total_pj()));
        row
    };
    let layers = cost.layers.iter();
    let layers = layers.map(|layer| row(&layer.name, layer.energy));
    let total = row("total", cost.total(|layer| layer.energy));
    table(
        &header,
        |column| column > 0,
        layers.chain([total]).collect(),
    )
}

fn stored(on_disk: &OnDisk) -> String {
    let cell = |bytes: Option<u64>| bytes.map_or_else(|| "-".to_owned(), grouped);
    let sections = &on_disk.sections;
    let rows = sections.iter().map(|section| {
        vec![
            section.name.clone(),
            grouped(section.bytes),
            cell(section.packed),
            cell(section.float32),
        ]
    });
    let packed: u64 = sections.iter().filter_map(|section| section.packed).sum();
    let float32: u64 = sections.iter().filter_map(|section| section.float32).sum();
    let total = vec![
        "total".to_owned(),
        grouped(on_disk.bytes),
        grouped(packed),
        grouped(float32),
    ];
    table(
        &["section", "on disk", "packed", "as float32"],
        |column| column > 0,
        rows.chain([total]).collect(),
    )
}

fn totals(cost: &Cost) -> String {
    let weights = cost.count(|layer| layer.plan.weights() as u64);
    let learnt = cost.count(|layer| layer.learnt as u64);
    let running = cost.count(|layer| layer.running as u64);
    let parameters = match learnt + running {
        0 => format!("{}, all of them weights", grouped(weights)),
        _ => format!(
            "{}: {} weights and {} numbers that batch norm learns, beside {} running moments",
            grouped(weights + learnt),
            grouped(weights),
            grouped(learnt),
            grouped(running)
        ),
    };
    let macs = cost.total(|layer| layer.macs).total();
    let twin = |bytes: Twin<u64>| {
        let (packed, float32) = (grouped(bytes.packed), grouped(bytes.float32));
        let times = times(bytes.float32 as f64, bytes.packed as f64);
        format!("{packed} bytes; {float32} as float32, {times} times as many")
    };
    let energy = cost.total(|layer| layer.energy);
    let [packed, float32] = [energy.packed, energy.float32].map(|energy| energy.total_pj());
    let lines = [
        ("parameters", parameters),
        (
            "operations",
            format!(
                "{}, two to each of {} multiply-accumulates; {} for each of {} pixels",
                grouped(macs.saturating_mul(2)),
                grouped(macs),
                rounded(cost.operations_per_pixel()),
                extent(&cost.input[..2])
            ),
        ),
        (
            "OPs",
            format!(
                "{}: float multiply-accumulates + {} 1-bit operations / 64",
                rounded(cost.total(LayerCost::ops)),
                grouped(cost.count(|layer| layer.bops))
            ),
        ),
        ("weights", twin(cost.total(|layer| layer.weight_bytes))),
        ("peak activations", twin(cost.peak_bytes())),
        ("memory accesses", twin(cost.total(LayerCost::access_bytes))),
        (
            "energy",
            format!(
                "{} µJ; {} as float32, {} times as much; weights lie in {}, float32's in {}",
                significant(packed / 1e6),
                significant(float32 / 1e6),
                times(float32, packed),
                cost.memory.packed.name(),
                cost.memory.float32.name()
            ),
        ),
    ];
    let lines = lines.map(|(name, text)| format!("{name:<18}{text}"));
    lines.join("\n")
}
