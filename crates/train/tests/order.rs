//! Data whose order would spoil a run, refused before anything is written.

use orthant_data::{Dataset, Images, Source};
use orthant_kernels::Kernels;
use orthant_train::{Error, Recipe, Run};

/// The digits, all of a class side by side.
fn sorted() -> Dataset {
    let digits = Dataset::open(&Source::Digits).unwrap();
    let of = |images: &Images| {
        let mut order: Vec<usize> = (0..images.len()).collect();
        order.sort_by_key(|&index| images.labels()[index]);
        let pixels = order.iter().flat_map(|&index| images.image(index).to_vec());
        let labels = order.iter().map(|&index| images.labels()[index]);
        Images::try_new(images.shape(), pixels.collect(), labels.collect()).unwrap()
    };
    let (train, test) = (of(digits.train()), of(digits.test()));
    let classes = digits.classes().to_vec();
    Dataset::try_new("sorted", classes, digits.largest(), train, test).unwrap()
}

#[test]
fn images_in_the_order_of_their_classes_are_mixed_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let create = |settings: [&str; 3]| {
        let recipe = Recipe::find("binarynet-digits", &settings.map(str::to_owned)).unwrap();
        Run::create(&out, recipe, sorted(), Kernels::detect().unwrap())
    };
    for refused in [
        ["width=0.05", "shuffle=false", "data.validation=0"],
        ["width=0.05", "shuffle=true", "data.validation=200"],
    ] {
        let error = create(refused).map(drop).unwrap_err();
        let Error::Data(source) = &error else {
            panic!("{error}");
        };
        let expected = orthant_data::Error::Sorted {
            images: 1437,
            classes: 10,
            changes: 9,
        };
        assert_eq!(source.to_string(), expected.to_string(), "{refused:?}");
        assert!(!out.exists());
    }
    create(["width=0.05", "shuffle=true", "data.validation=0"]).unwrap();
}
