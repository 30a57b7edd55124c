//! What scikit-learn 1.9 computes on the same values. The call that made each number stands beside it.

use super::*;
use crate::base::Seed;

/// x = [[0.5], [3], [nan], [12], [7.25], [3], [1], [nan], [40], [3.5]]
const X: [f64; 10] = [0.5, 3.0, f64::NAN, 12.0, 7.25, 3.0, 1.0, f64::NAN, 40.0, 3.5];

/// c = [["a"], ["b"], ["a"], ["c"], ["b"], ["a"], [None], ["c"], ["a"], ["b"]]
const C: [u32; 10] = [0, 1, 0, 2, 1, 0, Column::NO_LEVEL, 2, 0, 1];

const ALL: [usize; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

fn table() -> Table {
    let schema = Schema::new(vec![
        Field::new("x", ColumnType::Number).with_missing(),
        Field::category("c", ["a", "b", "c"]).with_missing(),
    ]);
    let columns = vec![Column::Number(X.to_vec()), Column::Category(C.to_vec())];
    Table::new(Arc::new(schema.unwrap()), columns).unwrap()
}

fn fitted(toml: &str, kind: &TargetKind, targets: &[f32]) -> FittedFeatures {
    let spec: FeatureSpec = toml::from_str(toml).unwrap();
    let table = table();
    let mut fitter = Fitter::new(&spec, table.schema(), &[], kind, Seed::new(1)).unwrap();
    fitter.see(&table, &ALL, Some(targets)).unwrap();
    fitter.finish().unwrap()
}

fn plain(toml: &str) -> FittedFeatures {
    fitted(toml, &TargetKind::Number, &[0.0; 10])
}

/// The fitted state of the encoder at `step`, of this kind.
fn state(fitted: &FittedFeatures, step: usize, kind: &str) -> serde_json::Value {
    serde_json::to_value(fitted).unwrap()["encoders"][step]["encoder"][kind].clone()
}

#[track_caller]
fn near(found: &serde_json::Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
}

#[track_caller]
fn all_near(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (f64::from(*found) - expected).abs() < 1e-6,
            "{found}, not {expected}"
        );
    }
}

#[test]
fn imputation_is_simple_imputers() {
    // SimpleImputer(strategy=…, fill_value=100).fit(x).statistics_
    for (impute, expected) in [
        ("\"median\"", 3.25),
        ("\"mean\"", 8.78125),
        ("\"most_frequent\"", 3.0),
        ("{ constant = 100 }", 100.0),
    ] {
        let fitted = plain(&format!("numeric = {{ impute = {impute}, indicator = true }}"));
        near(&state(&fitted, 0, "number")["impute"], expected);
        // SimpleImputer(add_indicator=True).fit(x).get_feature_names_out(["x"])
        assert_eq!(names(&fitted)[..2], ["x", "missingindicator_x"]);
        let encode = |cell| encoded(&fitted, &[cell, Cell::text("a")]).unwrap();
        assert_eq!(encode(Cell::Missing)[..2], [expected as f32, 1.0]);
        assert_eq!(encode(Cell::Number(7.5))[..2], [7.5, 0.0]);
    }
}

#[test]
fn scales_are_standard_min_max_and_robust_scalers() {
    // z = SimpleImputer(strategy=…).fit_transform(x), or numpy.log1p of it;
    // StandardScaler().fit(z).mean_, .scale_; MinMaxScaler().fit(z).data_min_, .data_range_;
    // RobustScaler().fit(z).center_, .scale_
    for (impute, transform, scale, shift, divisor) in [
        ("median", "none", "standard", 7.675, 11.225_556_779_064_457),
        ("median", "none", "minmax", 0.5, 39.5),
        ("median", "none", "robust", 3.25, 3.3125),
        (
            "median",
            "log",
            "standard",
            1.665_785_099_806_925,
            0.895_101_080_632_317_9,
        ),
        (
            "median",
            "log",
            "minmax",
            0.405_465_108_108_164_4,
            3.308_106_958_596_143_3,
        ),
        (
            "median",
            "log",
            "robust",
            1.446_918_982_936_325_4,
            0.572_384_888_334_12,
        ),
        ("mean", "none", "standard", 8.781_25, 11.005_360_909_574_934),
        ("mean", "none", "robust", 5.375, 5.781_25),
        (
            "mean",
            "log",
            "standard",
            1.832_494_760_767_745,
            0.916_187_860_922_208_4,
        ),
        (
            "mean",
            "log",
            "robust",
            1.807_145_298_561_431_8,
            0.894_172_926_620_536_3,
        ),
        ("most_frequent", "none", "standard", 7.625, 11.245_693_620_226_367),
        (
            "most_frequent",
            "log",
            "robust",
            1.386_294_361_119_890_6,
            0.572_384_888_334_12,
        ),
    ] {
        let fitted = plain(&format!(
            "numeric = {{ impute = \"{impute}\", transform = \"{transform}\", scale = \"{scale}\" }}"
        ));
        let scaling = &state(&fitted, 0, "number")["scaling"];
        near(&scaling["shift"], shift);
        near(&scaling["divisor"], divisor);
        let out = encoded(&fitted, &[Cell::Number(12.0), Cell::Missing]).unwrap();
        let value: f64 = if transform == "log" { 13_f64.ln() } else { 12.0 };
        all_near(&out[..1], &[(value - shift) / divisor]);
    }
}

#[test]
fn quantiles_are_quantile_transformers() {
    // q = QuantileTransformer(n_quantiles=5, output_distribution=…).fit(x without nan);
    // q.transform([[-1], [0.5], [0.75], [2], [3], [3.25], [5], [20], [40], [41]])
    let values = [-1.0, 0.5, 0.75, 2.0, 3.0, 3.25, 5.0, 20.0, 40.0, 41.0];
    let uniform = [
        0.0,
        0.0,
        0.031_25,
        0.1875,
        0.416_666_666_666_666_63,
        0.5,
        0.584_337_349_397_590_3,
        0.841_584_158_415_841_6,
        1.0,
        1.0,
    ];
    let normal = [
        -5.199_337_582_605_575,
        -5.199_337_582_605_575,
        -1.862_731_867_421_651_5,
        -0.887_146_559_018_876,
        -0.210_428_394_247_924_84,
        0.0,
        0.213_002_130_130_938_55,
        1.000_989_916_881_881_2,
        5.199_337_582_703_42,
        5.199_337_582_703_42,
    ];
    for (distribution, expected) in [("uniform", uniform), ("normal", normal)] {
        let fitted = plain(&format!(
            "numeric.transform = {{ quantile = {{ n_quantiles = 5, output_distribution = \"{distribution}\" }} }}"
        ));
        let state = state(&fitted, 0, "number");
        let quantiles = state["transform"]["quantile"]["quantiles"].as_array().unwrap();
        assert_eq!(quantiles.len(), 5);
        // q.quantiles_
        for (found, expected) in quantiles.iter().zip([0.5, 2.5, 3.25, 8.4375, 40.0]) {
            near(found, expected);
        }
        let of = |value| encoded(&fitted, &[Cell::Number(value), Cell::Missing]).unwrap()[0];
        all_near(&values.map(of), &expected);
        assert!(encoded(&fitted, &[Cell::Missing, Cell::Missing]).unwrap()[0].is_nan());
    }
}

#[test]
fn encoding_by_the_target_is_target_encoders() {
    let binary = [1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0];
    let classes = [0.0, 1.0, 2.0, 0.0, 1.0, 1.0, 2.0, 2.0, 0.0, 1.0];
    let numbers = [1.5, 2.0, -3.0, 8.0, 0.25, 4.0, 9.0, -1.0, 2.5, 6.0];
    let three = TargetKind::Classes(["0", "1", "2"].map(str::to_owned).to_vec());
    // t = TargetEncoder(smooth=…, target_type=…).fit(c, y); t.encodings_ of a, b, c and None, t.target_mean_;
    // one column a class
    type Expected<'a> = &'a [[f64; 5]];
    let cases: [(&TargetKind, &[f32], &str, Expected<'_>); 6] = [
        (
            &TargetKind::Binary,
            &binary,
            "\"auto\"",
            &[[0.710_526_315_789_473_7, 0.0, 0.5, 1.0, 0.5]],
        ),
        (
            &TargetKind::Binary,
            &binary,
            "2.5",
            &[[
                0.653_846_153_846_153_9,
                0.227_272_727_272_727_27,
                0.5,
                0.642_857_142_857_142_9,
                0.5,
            ]],
        ),
        (
            &three,
            &classes,
            "\"auto\"",
            &[
                [0.454_128_440_366_972_5, 0.0, 0.425_373_134_328_358_2, 0.0, 0.3],
                [0.274_509_803_921_568_65, 1.0, 0.0, 0.0, 0.4],
                [0.259_124_087_591_240_9, 0.0, 0.425_373_134_328_358_2, 1.0, 0.3],
            ],
        ),
        (
            &three,
            &classes,
            "2.5",
            &[
                [
                    0.423_076_923_076_923_1,
                    0.136_363_636_363_636_35,
                    0.388_888_888_888_888_9,
                    0.214_285_714_285_714_27,
                    0.3,
                ],
                [
                    0.307_692_307_692_307_7,
                    0.727_272_727_272_727_3,
                    0.222_222_222_222_222_2,
                    0.285_714_285_714_285_7,
                    0.4,
                ],
                [
                    0.269_230_769_230_769_2,
                    0.136_363_636_363_636_35,
                    0.388_888_888_888_888_9,
                    0.5,
                    0.3,
                ],
            ],
        ),
        (
            &TargetKind::Number,
            &numbers,
            "\"auto\"",
            &[[
                1.438_875_900_024_828_3,
                2.772_036_608_400_636,
                3.252_530_485_374_99,
                9.0,
                2.925,
            ]],
        ),
        (
            &TargetKind::Number,
            &numbers,
            "2.5",
            &[[
                1.894_230_769_230_769_2,
                2.829_545_454_545_454_6,
                3.180_555_555_555_555_4,
                4.660_714_285_714_286,
                2.925,
            ]],
        ),
    ];
    for (kind, targets, smooth, expected) in cases {
        let toml = format!("categorical = {{ encode = \"target\", smooth = {smooth} }}\ndrop = [\"x\"]");
        let fitted = fitted(&toml, kind, targets);
        // t.get_feature_names_out(["c"])
        let due: &[&str] = if expected.len() == 3 {
            &["c_0", "c_1", "c_2"]
        } else {
            &["c"]
        };
        assert_eq!(names(&fitted), due);
        let state = state(&fitted, 0, "values");
        for (class, expected) in expected.iter().enumerate() {
            for level in 0..3 {
                near(&state["values"][level * due.len() + class], expected[level]);
            }
            near(&state["missing"][class], expected[3]);
            near(&state["unknown"][class], expected[4]);
        }
        let column = |cell| encoded(&fitted, &[cell]).unwrap();
        let unknown: Vec<f64> = expected.iter().map(|class| class[4]).collect();
        all_near(&column(Cell::text("never heard of")), &unknown);
        let missing: Vec<f64> = expected.iter().map(|class| class[3]).collect();
        all_near(&column(Cell::Missing), &missing);
    }
}

#[test]
fn an_order_is_ordinal_encoders() {
    // OrdinalEncoder(categories=[["c", "a", "b"]], handle_unknown="use_encoded_value", unknown_value=-1)
    // .fit([["a"], ["b"], ["c"]]).transform([["a"], ["b"], ["c"], ["zzz"]])
    let toml = "drop = [\"x\"]\n[[rules]]\ncolumns = [\"c\"]\nencode = \"ordinal\"\nlevels = [\"c\", \"a\", \"b\"]\nunknown = \"other\"";
    let fitted = plain(toml);
    let of = |level| encoded(&fitted, &[Cell::text(level)]).unwrap()[0];
    assert_eq!(["a", "b", "c", "zzz"].map(of), [1.0, 2.0, 0.0, -1.0]);
    assert!(encoded(&fitted, &[Cell::Missing]).unwrap()[0].is_nan());
    // OrdinalEncoder() orders levels by themselves.
    let fitted = plain("drop = [\"x\"]\ncategorical.encode = \"ordinal\"");
    let of = |level| encoded(&fitted, &[Cell::text(level)]).unwrap()[0];
    assert_eq!(["a", "b", "c"].map(of), [0.0, 1.0, 2.0]);
}

#[test]
fn rare_levels_are_joined_as_one_hot_encoder_joins_them() {
    // OneHotEncoder(min_frequency=3, handle_unknown="infrequent_if_exist").fit(c without None)
    // .transform([["c"], ["a"], ["zz"]])
    let fitted = plain("drop = [\"x\"]\ncategorical = { encode = \"onehot\", min_count = 3 }");
    assert_eq!(names(&fitted), ["c=a", "c=b", "c=(other)"]);
    let of = |level| encoded(&fitted, &[Cell::text(level)]).unwrap();
    assert_eq!(of("c"), [0.0, 0.0, 1.0]);
    assert_eq!(of("a"), [1.0, 0.0, 0.0]);
    assert_eq!(of("zz"), [0.0, 0.0, 1.0]);
}

#[test]
fn a_frequency_is_a_share_of_the_rows() {
    // c.value_counts(normalize=True) of pandas: without None
    let fitted = plain("drop = [\"x\"]\ncategorical.encode = \"frequency\"");
    let of = |cell| encoded(&fitted, &[cell]).unwrap()[0];
    all_near(
        &["a", "b", "c", "zz"].map(|level| of(Cell::text(level))),
        &[4.0 / 9.0, 3.0 / 9.0, 2.0 / 9.0, 0.0],
    );
    assert!(of(Cell::Missing).is_nan());
    let fitted =
        plain("drop = [\"x\"]\ncategorical = { encode = \"frequency\", impute = \"most_frequent\" }");
    assert_eq!(encoded(&fitted, &[Cell::Missing]).unwrap(), [0.5]);
}
