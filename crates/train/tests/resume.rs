//! A run that was interrupted comes to the bits of one that was not.

mod runs;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use orthant_data::{Dataset, Images};
use orthant_kernels::Kernels;
use orthant_kernels::oracle::Random;
use orthant_train::{Changes, Ended, Error, Evaluator, Event, Recipe, Run, Summary, Trained};
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
            // One that only evaluated took no step.
            let kept = Summary::read(&out).unwrap().stamp.sittings.len();
            assert!((2..=sittings).contains(&kept), "{name}");
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
    // A rate so high that the last epoch is not the best.
    let schedule = "training.schedule={ name = \"constant\", rate = 0.5 }";
    let settings = ["width=0.1", "epochs=6", "data.validation=100", schedule];
    let settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    let recipe = Recipe::find("binarynet-digits", &settings).unwrap();
    create(&out, &recipe).unwrap().train(&mut |_| {}).unwrap();
    let lines = Summary::read(&out).unwrap().metrics;
    let mut best = &lines[0];
    for line in &lines {
        let by = |line: &orthant_train::EpochMetrics| {
            (line.valid_accuracy.unwrap(), -line.valid_loss.unwrap())
        };
        if by(line) > by(best) {
            best = line;
        }
    }
    assert!(best.epoch < 6, "the best epoch is not the last");
    let trained = Trained::read(&out.join("best.safetensors")).unwrap();
    assert_eq!(trained.header.epoch, best.epoch);
    assert_eq!(trained.header.best, best.best());
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

#[test]
fn a_recipe_that_was_edited_in_the_directory_is_a_change() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let mut run = create(&out, &recipe(0, 2)).unwrap();
    assert_eq!(sit(&mut run, 5), Ended::Stopped);
    drop(run);
    let path = out.join("recipe.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("weight-clip = 1.0", "weight-clip = 0.5"),
    )
    .unwrap();
    let edited = Recipe::read(&path, &[]).unwrap();
    let error = resume(&out, &edited, Changes::Refused).err().unwrap();
    let text = error.to_string();
    assert!(
        text.contains("training.weight-clip: 1.0 in the run, 0.5 now"),
        "{text}"
    );
}

#[test]
fn forced_changes_begin_the_epoch_again_and_forget_what_was_best() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let own = recipe(0, 3);
    let mut run = create(&out, &own).unwrap();
    // An epoch of 28 steps and 2 batches of validation, and then some.
    assert_eq!(sit(&mut run, 40), Ended::Stopped);
    assert_eq!(run.position(), (1, 10));
    drop(run);
    assert!(out.join("best.safetensors").exists());
    let mut other = own.clone();
    other.training.batch = 500;
    other.data.validation = 50;
    // Other pixels in the same bytes: -8 to 8 becomes 0 to 16.
    other.data.contract = Some(orthant_train::ContractRecipe {
        a: 1,
        b: vec![0],
        unit: 8,
    });
    let mut run = resume(&out, &other, Changes::Forced).unwrap();
    assert_eq!(run.position(), (1, 0));
    assert!(!out.join("best.safetensors").exists());
    assert_eq!(sit(&mut run, 1), Ended::Stopped);
    drop(run);
    // From now on it is the run's own.
    let mut run = resume(&out, &other, Changes::Refused).unwrap();
    let Ended::Finished(Some(last)) = run.train(&mut |_| {}).unwrap() else {
        panic!("it is not finished");
    };
    drop(run);
    let summary = Summary::read(&out).unwrap();
    assert_eq!(summary.stamp.forced.len(), 5, "{:?}", summary.stamp.forced);
    let trained = Trained::read(&out).unwrap();
    assert_eq!(trained.header.contract.b, [0]);
    let evaluator = Evaluator::new(Kernels::detect().unwrap(), &trained.model).unwrap();
    let loss = trained.recipe.training.loss.into();
    let go_on = &mut |_| ControlFlow::Continue(());
    let score = evaluator
        .score(digits().test(), loss, go_on)
        .unwrap()
        .unwrap();
    assert_eq!(last.test_accuracy, Some(score.accuracy()));
}

#[test]
fn more_epochs_go_on_and_fewer_than_were_begun_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let mut run = create(&out, &recipe(0, 3)).unwrap();
    assert_eq!(sit(&mut run, 40), Ended::Stopped);
    drop(run);
    let error = resume(&out, &recipe(0, 1), Changes::Forced).err().unwrap();
    assert_eq!(
        error.to_string(),
        "training.epochs is 1, expected at least 2, which the run has begun"
    );
    let run = resume(&out, &recipe(0, 5), Changes::Forced).unwrap();
    assert_eq!(run.position(), (1, 10), "the epoch goes on where it was");
    drop(run);
    assert!(resume(&out, &recipe(0, 3), Changes::Refused).is_err());
}

#[test]
fn sittings_without_a_step_leave_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let own = recipe(0, 2);
    let mut run = create(&out, &own).unwrap();
    assert_eq!(sit(&mut run, 5), Ended::Stopped);
    drop(run);
    for _ in 0..5 {
        drop(resume(&out, &own, Changes::Refused).unwrap());
    }
    let sittings = Summary::read(&out).unwrap().stamp.sittings;
    let steps: Vec<_> = sittings.iter().map(|one| one.from_step).collect();
    assert_eq!(steps, [0, 5]);
}
