//! Times training steps of a CIFAR-10 recipe on random images.
//!
//! ```text
//! cargo run --release -p orthant-train --example steps -- RECIPE STEPS THREADS [SETTING…]
//! ```
//!
//! Prints milliseconds per image: the median of the steps, the least and the most; the first step,
//! which warms memory up, does not count.

use std::error::Error;
use std::time::Instant;

use orthant_data::{Batch, Dataset, Images};
use orthant_kernels::Kernels;
use orthant_train::{Recipe, Trainer};

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |default: &str| arguments.next().unwrap_or(default.to_owned());
    let (recipe, steps, threads) = (next("binarynet-cifar10"), next("10"), next("1"));
    let settings: Vec<String> = arguments.collect();
    let recipe = Recipe::find(&recipe, &settings)?;
    let batch = recipe.training.batch;
    let noise = |len: usize| -> Vec<u8> {
        let words = (0..len as u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        words.map(|word| (word >> 56) as u8).collect()
    };
    let labels: Vec<u8> = (0..batch).map(|image| (image % 10) as u8).collect();
    let images = Images::try_new([32, 32, 3], noise(batch * 3072), labels.clone())?;
    let classes = (0..10).map(|class| class.to_string()).collect();
    let data = Dataset::try_new("noise", classes, 255, images.clone(), images)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.parse()?)
        .build()?;
    pool.install(|| -> Result<(), Box<dyn Error + Send + Sync>> {
        let model = recipe.model(&data)?;
        let mut trainer = Trainer::new(Kernels::detect()?, recipe, model)?;
        let mut times = Vec::new();
        for step in 0..=steps.parse::<usize>()? {
            let pixels = data.train().pixels().to_vec();
            let start = Instant::now();
            trainer.step(
                Batch {
                    pixels,
                    labels: labels.clone(),
                },
                1e-3,
            )?;
            if step > 0 {
                times.push(start.elapsed().as_secs_f64() * 1e3 / batch as f64);
            }
        }
        times.sort_by(f64::total_cmp);
        let (least, most) = (times[0], times[times.len() - 1]);
        println!(
            "{:.2} ms an image ({least:.2} to {most:.2})",
            times[times.len() / 2]
        );
        Ok(())
    })
}
