//! A runner allocates when it is made, and not while it runs.

use std::alloc::System;

use orthant_infer::Runner;
use orthant_kernels::Kernels;
use orthant_train::pack;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

mod networks;

use networks::{Random, labels, model, network, pixels};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// One test, since every thread's memory counts.
#[test]
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
        let before = runner.memory().activations;
        let region = Region::new(ALLOCATOR);
        runner = runner.with_images(3).unwrap();
        assert!(region.change().bytes_allocated >= runner.memory().activations);
        assert!(runner.memory().activations >= before);
    }
}
