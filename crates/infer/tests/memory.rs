//! A runner allocates when it is made, and not while it runs.

use std::alloc::System;

use orthant_infer::{Runner, Watch};
use orthant_kernels::Kernels;
use orthant_model::{LayerInput, Tap};
use orthant_train::pack;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

mod networks;

use networks::{Random, labels, model, network, pixels};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    a_run_on_one_thread_allocates_nothing();
    println!("a run on one thread allocates nothing");
}

fn a_run_on_one_thread_allocates_nothing() {
    let kernels = Kernels::detect().unwrap();
    for seed in 0..40 {
        let model = model(&network(&mut Random::new(seed)), seed);
        let packed = pack(kernels, &model, labels(4)).unwrap();
        let mut runner = Runner::new(kernels, &packed).unwrap();
        let (pixels, mut logits) = (pixels(3, seed), [0.0; 12]);
        let region = Region::new(ALLOCATOR);
        runner.run(&pixels, &mut logits).unwrap();
        let change = region.change();
        assert_eq!(change.allocations + change.reallocations, 0, "{seed}");
        let mut look = |_: usize, _: LayerInput| {};
        let region = Region::new(ALLOCATOR);
        let watch = Watch::Inputs(&mut look);
        runner.run_watched(&pixels, &mut logits, watch).unwrap();
        assert_eq!(region.change().allocations, 0, "{seed}, inputs watched");
        // The first look at sums makes room for them.
        let mut tap = |_: Tap| {};
        for expected in [true, false] {
            let region = Region::new(ALLOCATOR);
            let watch = Watch::Sums(&mut tap);
            runner.run_watched(&pixels, &mut logits, watch).unwrap();
            assert!(
                expected || region.change().allocations == 0,
                "{seed}, sums watched"
            );
        }
    }
}
