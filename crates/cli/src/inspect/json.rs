//! An inspection for programs: what the tables print, exactly.

use orthant_model::{Energy, Layer, LayerCost, Macs, Twin};
use serde_json::{Value, json};

use super::Report;
use super::tables::{ends_in, operation};

/// Everything.
pub fn json(report: &Report) -> Value {
    let (network, cost) = (report.subject.network(), &report.cost);
    let layers = network.layers.iter().zip(&cost.layers);
    let layers: Vec<Value> = layers
        .map(|(layer, cost)| layer_json(&network.layers, layer, cost))
        .collect();
    let macs = cost.total(|layer| layer.macs);
    let mut all = json!({
        "kind": report.subject.kind(),
        "name": report.subject.name(),
        "about": report.subject.about(),
        "input": network.input,
        "classes": network.classes,
        "layers": layers,
        "total": {
            "parameters": cost.count(|layer| layer.parameters() as u64),
            "weights": cost.count(|layer| layer.plan.weights() as u64),
            "norm_learnt": cost.count(|layer| layer.learnt as u64),
            "norm_running": cost.count(|layer| layer.running as u64),
            "macs": macs_json(&macs),
            "operations": macs.total().saturating_mul(2),
            "operations_per_pixel": cost.operations_per_pixel(),
            "bops": cost.count(|layer| layer.bops),
            "ops": cost.total(LayerCost::ops),
            "weight_bytes": twin(cost.total(|layer| layer.weight_bytes)),
            "norm_bytes": twin(cost.total(|layer| layer.constant_bytes)),
            "activation_bytes": twin(cost.total(LayerCost::activation_bytes)),
            "access_bytes": twin(cost.total(LayerCost::access_bytes)),
            "peak_activation_bytes": twin(cost.peak_bytes()),
            "energy_pj": energy(cost.total(|layer| layer.energy)),
            "weights_lie_in": {
                "packed": cost.memory.packed.name(),
                "float32": cost.memory.float32.name(),
            },
        },
    });
    if let Some(on_disk) = &report.on_disk {
        let sections = on_disk.sections.iter().map(|section| {
            json!({
                "name": section.name,
                "bytes": section.bytes,
                "packed": section.packed,
                "float32": section.float32,
            })
        });
        all["on_disk"] = json!({
            "file": on_disk.file,
            "bytes": on_disk.bytes,
            "sections": sections.collect::<Vec<_>>(),
        });
    }
    all["notes"] = json!(report.notes);
    all
}

fn layer_json(layers: &[Layer], layer: &Layer, cost: &LayerCost) -> Value {
    json!({
        "name": layer.name,
        "operation": operation(layers, layer),
        "input": cost.plan.input,
        "output": cost.plan.output,
        "input_bits": cost.plan.values.bits(),
        "weight_bits": cost.bits_per_weight(),
        "ends_in": ends_in(cost),
        "truly_1_bit": cost.is_one_bit(),
        "weights": cost.plan.weights(),
        "norm_learnt": cost.learnt,
        "norm_running": cost.running,
        "macs": macs_json(&cost.macs),
        "bops": cost.bops,
        "ops": cost.ops(),
        "weight_bytes": twin(cost.weight_bytes),
        "norm_bytes": twin(cost.constant_bytes),
        "input_bytes": twin(cost.input_bytes),
        "output_bytes": twin(cost.output_bytes),
        "shortcut_bytes": twin(cost.shortcut_bytes),
        "access_bytes": twin(cost.access_bytes()),
        "alive_bytes": twin(cost.live_bytes),
        "energy_pj": energy(cost.energy),
    })
}

fn macs_json(macs: &Macs) -> Value {
    json!({
        "binary": macs.binary,
        "ternary": macs.ternary,
        "pixels": macs.pixels,
        "float": macs.float,
        "total": macs.total(),
    })
}

fn twin(bytes: Twin<u64>) -> Value {
    json!({ "packed": bytes.packed, "float32": bytes.float32 })
}

fn energy(energy: Twin<Energy>) -> Value {
    let one =
        |energy: Energy| json!({ "arithmetic": energy.arithmetic_pj, "memory": energy.memory_pj });
    json!({ "packed": one(energy.packed), "float32": one(energy.float32) })
}
