//! A run that was interrupted comes to the bits of one that was not.

mod runs;

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use orthant_data::{Dataset, Images};
use orthant_kernels::Kernels;
use orthant_kernels::oracle::Random;
use orthant_train::{Changes, Ended, Error, Event, Recipe, Run, Summary, Trained};
use runs::{RUNS, create, digits, recipe, resume, with_threads};

/// All that a run leaves and that does not depend on the clock.
fn left(out: &Path) -> (Vec<u8>, Option<Vec<u8>>, Vec<String>, String) {
    let summary = Summary::read(out).unwrap();
    let lines = summary.metrics.into_iter().map(|mut line| {
        (line.seconds, line.images_per_second) = (0.0, 0.0);
        format!("{line:?}")
    });
    let result = summary.stamp.result.expect("the run is finished");
    let best = fs::read(out.join("best.safetensors")).ok();
    let last = fs::read(out.join("checkpoint.safetensors")).unwrap();
    (last, best, lines.collect(), result.weights_hash)
}

/// Trains up to `events` steps and evaluated batches, counted together.
fn sit(run: &mut Run, events: usize) -> Ended {
    let stop = run.stop_flag();
    let mut seen = 0;
    let done = run.train(&mut |event| {
        seen += usize::from(matches!(
            event,
            Event::Step { .. } | Event::Evaluated { .. }
        ));
        stop.store(seen >= events, Ordering::Relaxed);
    });
    done.unwrap()
}

#[test]
fn a_run_interrupted_anywhere_comes_to_the_same_bits_at_any_number_of_threads() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = Random::new(5);
    for (kind, (name, _)) in RUNS.into_iter().enumerate() {
        let recipe = recipe(kind, 3);
        let whole = directory.path().join(format!("{kind}"));
        create(&whole, &recipe).unwrap().train(&mut |_| {}).unwrap();
        for round in 0..3 {
            let out = directory.path().join(format!("{kind}-{round}"));
            let mut run = create(&out, &recipe).unwrap();
            let mut sittings = 0;
            loop {
                sittings += 1;
                let (threads, events) = (1 + random.below(3), 1 + random.below(40));
                let ended = with_threads(threads, || sit(&mut run, events));
                drop(run);
                if ended != Ended::Stopped {
                    break;
                }
                run = resume(&out, &recipe, Changes::Refused).unwrap();
            }
            assert!(sittings > 2, "{name} was interrupted");
            let kept = Summary::read(&out).unwrap().stamp.sittings.len();
            assert_eq!(kept, sittings, "{name}");
            assert!(left(&out) == left(&whole), "{name}, round {round}");
        }
    }
}

#[test]
fn a_run_killed_after_any_checkpoint_comes_to_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    let recipe = recipe(0, 2);
    let whole = directory.path().join("whole");
    let mut run = create(&whole, &recipe).unwrap();
    run.checkpoint_every(Duration::ZERO);
    // What a kill leaves: the files as they are after some step.
    let mut killed = Vec::new();
    run.train(&mut |event| {
        if matches!(event, Event::Step { .. } | Event::Line(_)) {
            let copy = directory.path().join(format!("{}", killed.len()));
            fs::create_dir(&copy).unwrap();
            for entry in fs::read_dir(&whole).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
            }
            killed.push(copy);
        }
    })
    .unwrap();
    drop(run);
    assert!(killed.len() > 50);
    for copy in killed.iter().step_by(7) {
        let mut run = resume(copy, &recipe, Changes::Refused).unwrap();
        run.train(&mut |_| {}).unwrap();
        assert!(left(copy) == left(&whole), "{}", copy.display());
    }
}

#[test]
fn a_finished_run_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let recipe = recipe(0, 1);
    let out = directory.path().join("run");
    create(&out, &recipe).unwrap().train(&mut |_| {}).unwrap();
    let stamp = fs::read(out.join("run.json")).unwrap();
    let before = left(&out);
    let mut run = resume(&out, &recipe, Changes::Refused).unwrap();
    assert_eq!(run.train(&mut |_| {}).unwrap(), Ended::Finished(None));
    assert!(left(&out) == before);
    assert!(fs::read(out.join("run.json")).unwrap() == stamp);
}

#[test]
fn the_best_epoch_is_kept_beside_the_last() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    // A rate so high that later epochs may be worse.
    let settings = ["width=0.1", "epochs=6", "data.validation=100"];
    let settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    let recipe = Recipe::find("binarynet-digits", &settings).unwrap();
    create(&out, &recipe).unwrap().train(&mut |_| {}).unwrap();
    let lines = Summary::read(&out).unwrap().metrics;
    let of = |line: &orthant_train::EpochMetrics| {
        (line.valid_accuracy.unwrap(), -line.valid_loss.unwrap())
    };
    let mut best = &lines[0];
    for line in &lines {
        if of(line) > of(best) {
            best = line;
        }
    }
    let trained = Trained::read(&out.join("best.safetensors")).unwrap();
    assert_eq!(trained.header.epoch, best.epoch);
    assert_eq!(trained.header.best.unwrap().accuracy, of(best).0);
    assert_eq!(Trained::read(&out).unwrap().header.epoch, 6);
}

#[test]
fn a_changed_recipe_or_changed_data_are_refused_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let own = recipe(0, 2);
    let mut run = create(&out, &own).unwrap();
    assert_eq!(sit(&mut run, 5), Ended::Stopped);
    drop(run);
    let before = fs::read(out.join("checkpoint.safetensors")).unwrap();

    let mut other = own.clone();
    other.training.seed = 9;
    other.training.weight_clip = None;
    let error = resume(&out, &other, Changes::Refused).err().unwrap();
    let text = error.to_string();
    for part in [
        "holds another run: ",
        "training.seed: 0 in the run, 9 now",
        "training.weight-clip: 1.0 in the run, left out now",
        "--force",
    ] {
        assert!(text.contains(part), "{text}");
    }
    // Other pixels under the same name.
    let data = digits();
    let (classes, largest) = (data.classes().to_vec(), data.largest());
    let (train, test) = data.into_splits();
    let mut pixels = train.pixels().to_vec();
    pixels[77] ^= 1;
    let train = Images::try_new(train.shape(), pixels, train.labels().to_vec()).unwrap();
    let data = || {
        Dataset::try_new(
            "digits",
            classes.clone(),
            largest,
            train.clone(),
            test.clone(),
        )
    };
    let kernels = Kernels::detect().unwrap();
    let go_on = |changes| Run::resume(&out, own.clone(), data().unwrap(), kernels, changes);
    let error = go_on(Changes::Refused).err().unwrap();
    assert!(error.to_string().contains("the data's hash: "), "{error}");
    assert!(fs::read(out.join("checkpoint.safetensors")).unwrap() == before);

    let mut run = go_on(Changes::Forced).unwrap();
    assert!(matches!(
        run.train(&mut |_| {}).unwrap(),
        Ended::Finished(Some(_))
    ));
    let stamp = Summary::read(&out).unwrap().stamp;
    assert_eq!(stamp.forced.len(), 1);
    assert!(
        stamp.forced[0].starts_with("the data's hash: "),
        "{stamp:?}"
    );
}

#[test]
fn where_the_data_lie_is_no_change() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let own = recipe(0, 1);
    drop(create(&out, &own).unwrap());
    let mut moved = own;
    moved.data.source = "mnist:somewhere/else".to_owned();
    assert!(resume(&out, &moved, Changes::Refused).is_ok());
}

#[test]
fn two_processes_do_not_train_one_run() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let recipe = recipe(0, 1);
    let run = create(&out, &recipe).unwrap();
    let error = resume(&out, &recipe, Changes::Refused).err().unwrap();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    assert!(Summary::read(&out).unwrap().is_running);
    drop(run);
    assert!(!Summary::read(&out).unwrap().is_running);
    assert!(resume(&out, &recipe, Changes::Refused).is_ok());
}

#[test]
fn a_run_that_diverged_keeps_its_last_good_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let settings = [
        "width=0.1",
        "epochs=3",
        "training.schedule={ name = \"exponential\", start = 1e-3, end = 1e34 }",
        "training.weight-clip=1e30",
    ];
    let settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    let recipe = Recipe::find("binarynet-digits", &settings).unwrap();
    let mut run = create(&out, &recipe).unwrap();
    run.checkpoint_every(Duration::ZERO);
    let error = run.train(&mut |_| {}).unwrap_err();
    drop(run);
    let Error::Diverged { step, .. } = error else {
        panic!("{error}");
    };
    let kept = Trained::read(&out).expect("it loads");
    assert!(kept.header.step > 0 && kept.header.step <= step);
}
