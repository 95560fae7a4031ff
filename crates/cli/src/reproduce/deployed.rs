//! A network as it is deployed: its file, whether it computes what was trained, what it costs.

use std::path::Path;

use anyhow::Result;
use orthant_data::Images;
use orthant_kernels::Kernels;
use orthant_model::LayerCost;
use serde::Serialize;

use super::networks::Network;
use crate::bench::Latency;
use crate::compare::{Side, compare};
use crate::folder;
use crate::progress;
use crate::subject::Subject;

/// What a deployed network is like.
#[derive(Debug, Clone, Serialize)]
pub struct Deployed {
    /// Bytes of the model file.
    pub bytes: usize,
    /// Whether it computes what the trained network does.
    pub verify: Verified,
    /// Time of one image on one thread.
    pub latency: Latency,
    /// Weights.
    pub weights: u64,
    /// Multiply-accumulates of an image.
    pub macs: u64,
    /// Bytes that an image reads and writes, each once.
    pub access_bytes: u64,
    /// Energy of an image, by Horowitz's table (ISSCC 2014).
    pub energy_uj: f64,
}

/// Images that went through the trained network and through the packed one.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Verified {
    /// Images.
    pub images: usize,
    /// Images with another label.
    pub differing: usize,
    /// Whether every bit, sum and logit is the same.
    pub equal: bool,
}

impl Deployed {
    /// Packs a network into `models`, verifies it on all test images and measures it.
    pub fn new(
        network: &Network,
        kernels: Kernels,
        images: &Images,
        models: &Path,
    ) -> Result<Self> {
        let name = format!("{}.orth", network.kind.name());
        let packed = network.trained.pack(kernels)?;
        let bytes = packed.to_bytes()?;
        folder::write(models, &name, &bytes)?;
        let trained = Subject::open(&network.directory)?;
        let model = Subject::open(&models.join(name))?;
        let bar = progress::bar("verify", images.len());
        let mut sides = [Side::new(kernels, &trained)?, Side::new(kernels, &model)?];
        let [a, b] = &mut sides;
        let report = compare(a, b, images, &mut |done| bar.set_position(done as u64))?;
        bar.finish_and_clear();
        let cost = packed.network().cost()?;
        let energy = cost.total(|layer| layer.energy);
        Ok(Self {
            bytes: bytes.len(),
            verify: Verified {
                images: report.images,
                differing: report.labels_differ,
                equal: report.is_equal(),
            },
            latency: Latency::of(&packed, kernels)?,
            weights: cost.count(|layer| layer.plan.weights() as u64),
            macs: cost.total(|layer| layer.macs).total(),
            access_bytes: cost.total(LayerCost::access_bytes).packed,
            energy_uj: energy.packed.total_pj() / 1e6,
        })
    }
}
