//! What a run leaves behind can be read again, and what is damaged is refused.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_train::{Checkpoint, Ended, Error, Evaluator, Limits, Optimizer, Recipe, Run, Trained};

fn train(out: &Path, settings: &[&str]) -> Result<Run, Error> {
    let settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    let recipe = Recipe::find("binarynet-digits", &settings)?;
    let data = Dataset::open(&Source::Digits)?;
    let mut run = Run::create(out, recipe, data, Kernels::detect().unwrap())?;
    run.train(&mut |_| {})?;
    Ok(run)
}

#[test]
fn a_run_that_is_read_again_is_the_same_model() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let run = train(&out, &["width=0.1", "epochs=1"]).unwrap();
    let trained = Trained::read(&out).unwrap();
    assert_eq!(trained.model.parameters, run.model().parameters);
    assert_eq!((trained.header.epoch, trained.header.step), (1, 29));
    assert_eq!(trained.header.classes.len(), 10);
    let contract = trained.header.contract;
    assert_eq!((contract.a, contract.b, contract.unit), (1, vec![8], 8));

    let data = Dataset::open(&Source::Digits).unwrap();
    let evaluator = Evaluator::new(Kernels::detect().unwrap(), &trained.model).unwrap();
    let loss = trained.recipe.training.loss.into();
    let go_on = &mut |_| ControlFlow::Continue(());
    let score = evaluator.score(data.test(), loss, go_on).unwrap().unwrap();
    let metrics = fs::read_to_string(out.join("metrics.jsonl")).unwrap();
    let last: serde_json::Value = serde_json::from_str(metrics.lines().last().unwrap()).unwrap();
    assert_eq!(last["test_accuracy"], score.accuracy());
    assert_eq!(last["layers"].as_array().unwrap().len(), 9);
    let files = fs::read_dir(&out).unwrap().count();
    assert_eq!(files, 5, "no part of a file is left behind");
}

#[test]
fn a_directory_that_holds_something_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let note = directory.path().join("thesis.tex");
    fs::write(&note, "years of work").unwrap();
    let error = train(directory.path(), &["width=0.05", "epochs=0"])
        .err()
        .unwrap();
    assert!(matches!(error, Error::RunExists { .. }), "{error}");
    assert_eq!(fs::read_to_string(note).unwrap(), "years of work");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_trained_leaves_no_directory() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    for settings in [
        ["batch=2000", "epochs=1"],
        ["data.validation=1437", "epochs=1"],
        ["data.augment.crop=9", "epochs=1"],
    ] {
        assert!(train(&out, &settings).is_err());
        assert!(!out.exists(), "{settings:?}");
    }
}

#[test]
fn no_epoch_writes_the_initial_weights() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let run = train(&out, &["width=0.05", "epochs=0"]).unwrap();
    assert_eq!(
        Trained::read(&out).unwrap().model.parameters,
        run.model().parameters
    );
    assert!(!out.join("metrics.jsonl").exists());
}

#[test]
fn damaged_checkpoints_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    train(&out, &["width=0.02", "epochs=0"]).unwrap();
    let path = out.join("checkpoint.safetensors");
    let whole = fs::read(&path).unwrap();
    let message = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Trained::read(&out)
            .err()
            .unwrap_or_else(|| panic!("{} bytes", bytes.len()))
            .to_string()
    };
    let cuts = (0..200)
        .chain((200..whole.len()).step_by(997))
        .chain([whole.len() - 1]);
    for len in cuts {
        let text = message(&whole[..len]);
        assert!(
            text.contains("not a whole safetensors file"),
            "{len}: {text}"
        );
    }
    let mut other = whole.clone();
    let at = other
        .windows(9)
        .position(|window| window == b"orthant-c")
        .unwrap();
    other[at] = b'x';
    assert!(message(&other).contains("format is xrthant-checkpoint-1, expected orthant-ch"));
    fs::write(&path, &whole).unwrap();
    assert!(Checkpoint::read(&path).is_ok());
    // A checkpoint of another network.
    let recipe = fs::read_to_string(out.join("recipe.toml")).unwrap();
    fs::write(
        out.join("recipe.toml"),
        recipe.replace("width = 0.02", "width = 0.03"),
    )
    .unwrap();
    let text = Trained::read(&out).err().unwrap().to_string();
    assert!(
        text.contains("conv1.weight is F32 [3, 3, 3, 1], expected F32 [4, 3, 3, 1]"),
        "{text}"
    );
    fs::remove_file(&path).unwrap();
    let text = Trained::read(&out).err().unwrap().to_string();
    assert!(
        text.contains("is no run: it holds no checkpoint.safetensors"),
        "{text}"
    );
}

#[test]
fn an_optimizer_that_is_restored_goes_on_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let mut run = train(&out, &["width=0.05", "epochs=1"]).unwrap();
    let again = run.train(&mut |_| {}).unwrap();
    assert_eq!(again, Ended::Finished(None), "no epoch is left");
    let trained = Trained::read(&out).unwrap();
    let mut model = trained.model.clone();
    let rule = trained.recipe.training.optimizer;
    let mut optimizer = Optimizer::new(rule, Limits::default(), &model);
    let checkpoint = Checkpoint::read(&out.join("checkpoint.safetensors")).unwrap();
    checkpoint
        .restore(&mut model, Some(&mut optimizer))
        .unwrap();
    assert_eq!(optimizer.steps, 29);
    assert!(
        optimizer
            .moments
            .iter()
            .all(|layer| layer.weight.second.iter().any(|v| *v > 0.0))
    );
}
